package io.polychip.simulator;

import java.util.Arrays;

/**
 * When calls want to be woken. Nearly all of these times are void before they come (a timeout of 30 seconds on an
 * answer that takes three), so they lie unsorted in buckets of a quarter second and only what is still wanted when its
 * bucket is opened is sorted. What was added first comes first among equals. Constant time for a void one.
 */
final class Alarms {
    static final long NOBODY = -1;

    private static final int BUCKET_SHIFT = 28;
    private static final int BUCKETS = 256;

    private final EventHeap near = new EventHeap();
    private final EventHeap far = new EventHeap();
    private final long[][] at = new long[BUCKETS][16];
    private final long[][] name = new long[BUCKETS][16];
    private final int[] size = new int[BUCKETS];
    private int inBuckets;
    private long opened;

    /** When to look again: the next alarm is not before that. */
    long nextAt() {
        long next = near.nextAt();
        return inBuckets == 0 && far.isEmpty() ? next : Math.min(next, (opened + 1) << BUCKET_SHIFT);
    }

    void add(long time, long who, long now) {
        if (inBuckets == 0 && far.isEmpty()) {
            opened = Math.max(opened, now >> BUCKET_SHIFT);
        }
        long bucket = time >> BUCKET_SHIFT;
        if (bucket <= opened) {
            near.add(time, who);
        } else if (bucket < opened + BUCKETS) {
            keep((int) bucket & (BUCKETS - 1), time, who);
        } else {
            far.add(time, who);
        }
    }

    /**
     * Moves on to that time, which {@link #nextAt} gave.
     *
     * @return whose alarm it is; {@link #NOBODY} when only a bucket was opened
     */
    long poll(long time, Wanted wanted) {
        if (near.nextAt() <= time) {
            return near.poll();
        }
        opened++;
        while (!far.isEmpty() && far.nextAt() >> BUCKET_SHIFT < opened + BUCKETS) {
            long when = far.nextAt();
            keep((int) (when >> BUCKET_SHIFT) & (BUCKETS - 1), when, far.poll());
        }
        int bucket = (int) opened & (BUCKETS - 1);
        for (int i = 0; i < size[bucket]; i++) {
            if (wanted.by(name[bucket][i])) {
                near.add(at[bucket][i], name[bucket][i]);
            }
        }
        inBuckets -= size[bucket];
        size[bucket] = 0;
        return NOBODY;
    }

    /** Whether an alarm is still wanted. */
    @FunctionalInterface
    interface Wanted {
        boolean by(long who);
    }

    private void keep(int bucket, long time, long who) {
        int index = size[bucket]++;
        if (index == at[bucket].length) {
            at[bucket] = Arrays.copyOf(at[bucket], 2 * index);
            name[bucket] = Arrays.copyOf(name[bucket], 2 * index);
        }
        at[bucket][index] = time;
        name[bucket][index] = who;
        inBuckets++;
    }
}
