package io.polychip.load;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/**
 * How far predictions were off, as shares of what was measured, without sign.
 *
 * @param count of points; the rest is NaN without any
 * @param p90 nine points of ten are off by at most that
 */
public record Score(int count, double mean, double p90) {
    static Score of(DoubleStream errors) {
        double[] sorted = errors.map(Math::abs).sorted().toArray();
        if (sorted.length == 0) {
            return new Score(0, Double.NaN, Double.NaN);
        }
        int place = (int) Math.ceil(0.9 * sorted.length) - 1;
        return new Score(sorted.length, Arrays.stream(sorted).average().orElseThrow(), sorted[place]);
    }
}
