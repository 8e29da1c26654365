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
    static final int NONE = -1;

    /** The entry that is none. */
    private static final int END = 0;

    private final long total;

    /** Blocks of one shared entry. */
    private final int unit;

    private long used;
    private long idle;

    /** First entry of each hash bucket, at least two buckets an entry; {@link #END} ends a bucket's chain. */
    private int[] buckets = new int[128];

    private int[] chain = new int[64];

    private long[] hash = new long[64];
    private int[] users = new int[64];

    /** Idle entries in a ring by their last use, which begins and ends at {@link #END}: no link is ever missing. */
    private int[] newer = new int[64];

    private int[] older = new int[64];
    private int unusedEntry = END;
    private int entries = 1;

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
        int entry = buckets[bucket(contentHash)];
        while (entry != END && hash[entry] != contentHash) {
            entry = chain[entry];
        }
        return entry == END ? NONE : entry;
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
        int entry = find(contentHash);
        if (entry != NONE && users[entry] == 0) {
            unlink(entry);
            link(entry);
        }
    }

    /** Makes one private run of the caller's a shared one; {@link #NONE} (it stays private) if another has it. */
    int publish(long contentHash) {
        if (find(contentHash) != NONE) {
            return NONE;
        }
        int entry = newEntry();
        hash[entry] = contentHash;
        users[entry] = 1;
        enter(entry);
        return entry;
    }

    private void evict() {
        int entry = newer[END];
        unlink(entry);
        int bucket = bucket(hash[entry]);
        if (buckets[bucket] == entry) {
            buckets[bucket] = chain[entry];
        } else {
            int before = buckets[bucket];
            while (chain[before] != entry) {
                before = chain[before];
            }
            chain[before] = chain[entry];
        }
        chain[entry] = unusedEntry;
        unusedEntry = entry;
    }

    private int newEntry() {
        if (unusedEntry != END) {
            int entry = unusedEntry;
            unusedEntry = chain[entry];
            return entry;
        }
        if (entries == hash.length) {
            int capacity = entries * 2;
            hash = Arrays.copyOf(hash, capacity);
            users = Arrays.copyOf(users, capacity);
            newer = Arrays.copyOf(newer, capacity);
            older = Arrays.copyOf(older, capacity);
            chain = Arrays.copyOf(chain, capacity);
            buckets = new int[2 * capacity];
            for (int entry = 1; entry < entries; entry++) { // all are in use, or there would have been an unused one
                enter(entry);
            }
        }
        return entries++;
    }

    private void enter(int entry) {
        int bucket = bucket(hash[entry]);
        chain[entry] = buckets[bucket];
        buckets[bucket] = entry;
    }

    private int bucket(long contentHash) {
        return (int) ((contentHash * 0x9E3779B97F4A7C15L) >>> 32) & (buckets.length - 1);
    }

    private void link(int entry) {
        int newest = older[END];
        newer[newest] = entry;
        older[entry] = newest;
        newer[entry] = END;
        older[END] = entry;
        idle += unit;
    }

    private void unlink(int entry) {
        newer[older[entry]] = newer[entry];
        older[newer[entry]] = older[entry];
        idle -= unit;
    }
}
