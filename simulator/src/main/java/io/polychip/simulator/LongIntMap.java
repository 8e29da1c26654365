package io.polychip.simulator;

import java.util.Arrays;

/**
 * From {@code long} to non-negative {@code int}. Open addressing with linear probing, deletion by shifting back: no
 * tombstones, no boxing, at most half full.
 */
final class LongIntMap {
    /** Returned for a key that is not there. */
    static final int NONE = -1;

    private long[] keys = new long[64];
    private int[] values = new int[64];
    private int size;

    LongIntMap() {
        Arrays.fill(values, NONE);
    }

    int size() {
        return size;
    }

    int get(long key) {
        int at = find(key);
        return values[at];
    }

    /** @return what the key stood for before */
    int put(long key, int value) {
        int at = find(key);
        int before = values[at];
        keys[at] = key;
        values[at] = value;
        if (before == NONE && ++size * 2 > keys.length) {
            grow();
        }
        return before;
    }

    /** @return what the key stood for */
    int remove(long key) {
        int hole = find(key);
        int before = values[hole];
        if (before == NONE) {
            return NONE;
        }
        size--;
        int mask = keys.length - 1;
        for (int at = (hole + 1) & mask; values[at] != NONE; at = (at + 1) & mask) {
            int home = slot(keys[at]);
            if (((at - home) & mask) >= ((at - hole) & mask)) {
                keys[hole] = keys[at];
                values[hole] = values[at];
                hole = at;
            }
        }
        values[hole] = NONE;
        return before;
    }

    private int find(long key) {
        int mask = keys.length - 1;
        int at = slot(key);
        while (values[at] != NONE && keys[at] != key) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private int slot(long key) {
        long mixed = key * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32) & (keys.length - 1);
    }

    private void grow() {
        long[] oldKeys = keys;
        int[] oldValues = values;
        keys = new long[oldKeys.length * 2];
        values = new int[keys.length];
        Arrays.fill(values, NONE);
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldValues[i] != NONE) {
                int at = find(oldKeys[i]);
                keys[at] = oldKeys[i];
                values[at] = oldValues[i];
            }
        }
    }
}
