package io.polychip.simulator;

import java.util.Arrays;

/**
 * How often which duration occurred: counts over logarithmic buckets, 128 to an octave, so that a quantile is off by at
 * most 0.4 % whatever the range. The sum is exact. Of fixed size once the largest value has been seen; adds in constant
 * time; two are merged by adding. Not thread-safe.
 */
public final class Histogram {
    private static final int SUB_BITS = 7;
    private static final int SUB = 1 << SUB_BITS;

    private long[] counts = new long[16 * SUB];
    private long count;
    private long sum;
    private long most;

    /** One more; a negative one counts as 0. */
    public void add(long value) {
        long each = Math.max(0, value);
        int bucket = bucket(each);
        if (bucket >= counts.length) {
            counts = Arrays.copyOf(counts, Math.max(bucket + 1, Math.min(64 * SUB, counts.length * 2)));
        }
        counts[bucket]++;
        count++;
        sum += each;
        most = Math.max(most, each);
    }

    /** All that another one counted, too. */
    public void add(Histogram other) {
        if (other.counts.length > counts.length) {
            counts = Arrays.copyOf(counts, other.counts.length);
        }
        for (int i = 0; i < other.counts.length; i++) {
            counts[i] += other.counts[i];
        }
        count += other.count;
        sum += other.sum;
        most = Math.max(most, other.most);
    }

    public Histogram copy() {
        Histogram same = new Histogram();
        same.add(this);
        return same;
    }

    public long count() {
        return count;
    }

    /** Exact; 0 without values. */
    public double mean() {
        return count == 0 ? 0 : sum / (double) count;
    }

    /** The largest, exact. */
    public long max() {
        return most;
    }

    /** The value that a share {@code q} of all do not exceed; 0 without values. */
    public long quantile(double q) {
        long wanted = Math.max(1, (long) Math.ceil(q * count));
        long seen = 0;
        for (int bucket = 0; bucket < counts.length; bucket++) {
            seen += counts[bucket];
            if (seen >= wanted) {
                return Math.min(most, middle(bucket));
            }
        }
        return most;
    }

    /** Share of all that do not exceed that value, to within its bucket; 1 without values. */
    public double shareUpTo(long value) {
        long seen = 0;
        for (int bucket = 0; bucket < counts.length && bucket <= bucket(value); bucket++) {
            seen += counts[bucket];
        }
        return count == 0 ? 1 : seen / (double) count;
    }

    /** Equal when everything that was added was, up to the buckets' width. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Histogram histogram
                && count == histogram.count
                && sum == histogram.sum
                && most == histogram.most
                && Arrays.equals(counts, 0, bucket(most) + 1, histogram.counts, 0, bucket(most) + 1);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(31 * (31 * count + sum) + most);
    }

    @Override
    public String toString() {
        return "Histogram[count=%d, sum=%d, max=%d]".formatted(count, sum, most);
    }

    private static int bucket(long value) {
        if (value < SUB) {
            return (int) value;
        }
        int shift = 63 - SUB_BITS - Long.numberOfLeadingZeros(value);
        return (shift << SUB_BITS) + (int) (value >>> shift);
    }

    private static long middle(int bucket) {
        if (bucket < 2 * SUB) {
            return bucket;
        }
        int shift = (bucket >>> SUB_BITS) - 1;
        long low = (long) (bucket - (shift << SUB_BITS)) << shift;
        return low + ((1L << shift) >>> 1);
    }
}
