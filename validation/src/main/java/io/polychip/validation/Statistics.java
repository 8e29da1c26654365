package io.polychip.validation;

import java.util.Arrays;

/** Means and quantiles of small samples. */
final class Statistics {
    private Statistics() {}

    static double mean(double[] values) {
        return Arrays.stream(values).filter(v -> !Double.isNaN(v)).average().orElse(Double.NaN);
    }

    /** Linear between the order statistics, as NumPy does; NaN are left out. */
    static double quantile(double[] values, double share) {
        double[] sorted =
                Arrays.stream(values).filter(v -> !Double.isNaN(v)).sorted().toArray();
        if (sorted.length == 0) {
            return Double.NaN;
        }
        double at = share * (sorted.length - 1);
        int left = (int) at;
        int right = Math.min(left + 1, sorted.length - 1);
        return sorted[left] + (at - left) * (sorted[right] - sorted[left]);
    }

    static double median(double[] values) {
        return quantile(values, 0.5);
    }
}
