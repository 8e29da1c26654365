package io.polychip.cli;

import io.polychip.simulator.Report;
import io.polychip.simulator.Series;

/** A series of a report as it is drawn: equal parts of time and a value for each. */
@SuppressWarnings("ArrayRecordComponent") // hundreds of values, compared by nobody
record Buckets(double widthSeconds, double[] values) {
    /** What was there at a typical moment of each part. */
    static Buckets mean(Report report, Series sampled) {
        long width = Math.max(sampled.widthNanos(), report.whole().samples().widthNanos());
        return new Buckets(width / 1e9, report.mean(sampled));
    }

    /**
     * Of parts in which both what is sampled and what is counted can be told: the last token may come after the last
     * look.
     */
    static long width(Report report, Series counted) {
        return Math.max(counted.widthNanos(), report.whole().samples().widthNanos());
    }

    /** What was counted in each part, by the second, in parts at least that wide. */
    static Buckets perSecond(Series counted, double leastSeconds) {
        Series series = counted.coarsened(Math.round(leastSeconds * 1e9));
        double seconds = series.widthNanos() / 1e9;
        double[] values = series.values();
        for (int i = 0; i < values.length; i++) {
            values[i] /= seconds;
        }
        return new Buckets(seconds, values);
    }

    double at(int index) {
        return index < values.length ? values[index] : 0;
    }

    /** Beginning of each part. */
    double[] seconds(int count) {
        double[] seconds = new double[count];
        for (int i = 0; i < count; i++) {
            seconds[i] = i * widthSeconds;
        }
        return seconds;
    }

    /** Padded with zeros, so that several can be stacked. */
    double[] values(int count) {
        double[] padded = new double[count];
        System.arraycopy(values, 0, padded, 0, Math.min(count, values.length));
        return padded;
    }
}
