package io.polychip.simulator;

import java.util.Arrays;

/**
 * Something over the time of a run, in at most {@value #MOST_BUCKETS} buckets of equal width, which doubles as the run
 * goes on: memory is a constant.
 */
public final class Series {
    /** More are never kept. */
    public static final int MOST_BUCKETS = 240;

    /** A bucket of 1.07 seconds. */
    private static final int FIRST_SHIFT = 30;

    private final double[] values = new double[MOST_BUCKETS];
    private int shift = FIRST_SHIFT;
    private int used;

    /** Adds to the bucket of that time. */
    public void add(long atNanos, double amount) {
        long bucket = atNanos >> shift;
        while (bucket >= MOST_BUCKETS) {
            halve();
            bucket = atNanos >> shift;
        }
        values[(int) bucket] += amount;
        used = Math.max(used, (int) bucket + 1);
    }

    /** Width of a bucket. */
    public long widthNanos() {
        return 1L << shift;
    }

    /** What was added in each bucket, up to the last that got anything. */
    public double[] values() {
        return Arrays.copyOf(values, used);
    }

    /** Everything together. */
    public double sum() {
        double sum = 0;
        for (int i = 0; i < used; i++) {
            sum += values[i];
        }
        return sum;
    }

    /** The same in buckets of that width, a power of two times the present one. */
    public Series coarsened(long toWidthNanos) {
        Series coarser = new Series();
        coarser.shift = shift;
        coarser.used = used;
        System.arraycopy(values, 0, coarser.values, 0, used);
        while (coarser.widthNanos() < toWidthNanos) {
            coarser.halve();
        }
        return coarser;
    }

    /** Bucket by bucket, in the wider of both widths. */
    public Series plus(Series other) {
        long width = Math.max(widthNanos(), other.widthNanos());
        Series sum = coarsened(width);
        Series more = other.coarsened(width);
        for (int i = 0; i < more.used; i++) {
            sum.values[i] += more.values[i];
        }
        sum.used = Math.max(sum.used, more.used);
        return sum;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Series series && shift == series.shift && Arrays.equals(values(), series.values());
    }

    @Override
    public int hashCode() {
        return 31 * shift + Arrays.hashCode(values());
    }

    @Override
    public String toString() {
        return "Series[%d ns, %s]".formatted(widthNanos(), Arrays.toString(values()));
    }

    private void halve() {
        int half = (used + 1) / 2;
        for (int i = 0; i < half; i++) {
            double second = 2 * i + 1 < used ? values[2 * i + 1] : 0;
            values[i] = values[2 * i] + second;
        }
        Arrays.fill(values, half, used, 0);
        used = half;
        shift++;
    }
}
