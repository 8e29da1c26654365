package io.polychip.simulator;

import java.util.Arrays;

/**
 * What is to happen, by time; what was added first comes first among equals, so that a run depends on nothing but its
 * input. Binary heap of primitives: an event is one {@code long} that its owner packs. Logarithmic, allocates only to
 * grow.
 */
public final class EventHeap {
    private long[] at = new long[64];
    private long[] order = new long[64];
    private long[] event = new long[64];
    private int size;
    private long added;

    public boolean isEmpty() {
        return size == 0;
    }

    public int size() {
        return size;
    }

    /** Time of the next event; {@link Long#MAX_VALUE} when there is none. */
    public long nextAt() {
        return size == 0 ? Long.MAX_VALUE : at[0];
    }

    public void add(long time, long what) {
        if (size == at.length) {
            at = Arrays.copyOf(at, size * 2);
            order = Arrays.copyOf(order, size * 2);
            event = Arrays.copyOf(event, size * 2);
        }
        long number = added++;
        int hole = size++;
        while (hole > 0 && time < at[(hole - 1) / 2]) {
            move((hole - 1) / 2, hole);
            hole = (hole - 1) / 2;
        }
        put(hole, time, number, what);
    }

    /** Takes the next event; there must be one. */
    public long poll() {
        long first = event[0];
        int last = --size;
        long time = at[last];
        long number = order[last];
        int hole = 0;
        while (2 * hole + 1 < last) {
            int child = 2 * hole + 1;
            if (child + 1 < last && before(at[child + 1], order[child + 1], child)) {
                child++;
            }
            if (before(time, number, child)) {
                break;
            }
            move(child, hole);
            hole = child;
        }
        put(hole, time, number, event[last]);
        return first;
    }

    private boolean before(long time, long number, int other) {
        return time < at[other] || (time == at[other] && number < order[other]);
    }

    private void move(int from, int to) {
        put(to, at[from], order[from], event[from]);
    }

    private void put(int index, long time, long number, long what) {
        at[index] = time;
        order[index] = number;
        event[index] = what;
    }
}
