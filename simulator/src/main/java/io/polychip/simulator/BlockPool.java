package io.polychip.simulator;

import java.util.Arrays;

/**
 * Cache blocks of one replica, counted exactly. A block is free, private to one sequence, or shared under the hash of
 * its content; a shared block nobody uses stays until its place is needed, least recently used first. Private blocks
 * have no identity and are only counted, so taking a thousand costs as much as taking one. Where content is known only
 * by runs of several blocks, a run is shared, kept and evicted as one.
 *
 * <p>Hashes are chained (one stands for everything before it, too) and sequences release, or touch where they had a
 * copy of their own, from the end. So a chain is evicted from its end, and whoever waits for room does not get it by
 * the loss of blocks it could have reused.
 */
final class BlockPool {
    /** No shared block of that content. */
    static final int NONE = LongIntMap.NONE;

    private final long total;

    /** Blocks of one shared entry. */
    private final int unit;

    private final LongIntMap byHash = new LongIntMap();
    private long used;
    private long idle;

    private long[] hash = new long[64];
    private int[] users = new int[64];
    private int[] newer = new int[64];
    private int[] older = new int[64];
    private int oldest = NONE;
    private int newest = NONE;
    private int unusedEntry = NONE;
    private int entries;

    /** @param unit blocks that are shared together under one hash */
    BlockPool(long total, int unit) {
        this.total = total;
        this.unit = unit;
    }

    long total() {
        return total;
    }

    /** Blocks that can be taken now, idle shared ones included. */
    long free() {
        return total - used;
    }

    /** Takes private blocks; the caller knows that so many are free. */
    void take(long blocks) {
        used += blocks;
        while (used + idle > total) {
            evict();
        }
    }

    void give(long blocks) {
        used -= blocks;
    }

    /** The shared block of that content, or {@link #NONE}. */
    int find(long contentHash) {
        return byHash.get(contentHash);
    }

    boolean isIdle(int entry) {
        return users[entry] == 0;
    }

    /** One more user of a shared block. */
    void acquire(int entry) {
        if (users[entry]++ == 0) {
            unlink(entry);
            used += unit;
        }
    }

    void release(int entry) {
        if (--users[entry] == 0) {
            link(entry);
            used -= unit;
        }
    }

    /** Content was used, though not this block of it: an idle one becomes the most recently used. */
    void touch(long contentHash) {
        int entry = byHash.get(contentHash);
        if (entry != NONE && users[entry] == 0) {
            unlink(entry);
            link(entry);
        }
    }

    /** Makes one private run of the caller's a shared one; {@link #NONE} (it stays private) if another has it. */
    int publish(long contentHash) {
        if (byHash.get(contentHash) != NONE) {
            return NONE;
        }
        int entry = newEntry();
        hash[entry] = contentHash;
        users[entry] = 1;
        byHash.put(contentHash, entry);
        return entry;
    }

    private void evict() {
        int entry = oldest;
        unlink(entry);
        byHash.remove(hash[entry]);
        older[entry] = unusedEntry;
        unusedEntry = entry;
    }

    private int newEntry() {
        if (unusedEntry != NONE) {
            int entry = unusedEntry;
            unusedEntry = older[entry];
            return entry;
        }
        if (entries == hash.length) {
            int capacity = entries * 2;
            hash = Arrays.copyOf(hash, capacity);
            users = Arrays.copyOf(users, capacity);
            newer = Arrays.copyOf(newer, capacity);
            older = Arrays.copyOf(older, capacity);
        }
        return entries++;
    }

    private void link(int entry) {
        older[entry] = newest;
        newer[entry] = NONE;
        if (newest == NONE) {
            oldest = entry;
        } else {
            newer[newest] = entry;
        }
        newest = entry;
        idle += unit;
    }

    private void unlink(int entry) {
        if (older[entry] == NONE) {
            oldest = newer[entry];
        } else {
            newer[older[entry]] = newer[entry];
        }
        if (newer[entry] == NONE) {
            newest = older[entry];
        } else {
            older[newer[entry]] = older[entry];
        }
        idle -= unit;
    }
}
