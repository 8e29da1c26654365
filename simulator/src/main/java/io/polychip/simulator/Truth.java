package io.polychip.simulator;

import io.polychip.performance.StepTime;

/**
 * How the chips there really are, which no router is told: factors on the profile's coefficients.
 *
 * @param step on the time of a step and on arrival
 * @param prefill on the cost of prompt tokens
 * @param kv on the cost of reading the cache
 * @param driftPerMinute everything grows by this share of itself each minute, not compounded; may be negative
 * @param batchBucket a step takes as long as one of the next multiple of so many sequences; 1: as long as its own
 */
public record Truth(Where where, double step, double prefill, double kv, double driftPerMinute, int batchBucket) {
    private static final double LEAST_GROWTH = 0.01;

    public Truth {
        for (double factor : new double[] {step, prefill, kv}) {
            if (!(factor >= 0.01 && factor <= 100)) {
                throw new ScenarioException(
                        "A factor of %s on a coefficient is outside 0.01 to 100; 1.4 means 40 %% slower."
                                .formatted(factor));
            }
        }
        if (!(Math.abs(driftPerMinute) <= 1)) {
            throw new ScenarioException(
                    "A drift of %s per minute is outside -1 to 1; 0.02 means 2 %% a minute.".formatted(driftPerMinute));
        }
        if (batchBucket < 1 || batchBucket > 1 << 16) {
            throw new ScenarioException(
                    "A batch bucket of %d is outside 1 to 65536; 1 means none.".formatted(batchBucket));
        }
    }

    /** The same factor on everything. */
    public static Truth factor(Where where, double factor) {
        return new Truth(where, factor, factor, factor, 0, 1);
    }

    /** The same somewhere else. */
    Truth at(Where other) {
        return new Truth(other, step, prefill, kv, driftPerMinute, batchBucket);
    }

    /** What is true after that long, of a profile's timing. Growth never takes anything below a hundredth. */
    public StepTime of(StepTime profiled, double minutes) {
        double growth = Math.max(LEAST_GROWTH, 1 + driftPerMinute * minutes);
        return profiled.inBuckets(batchBucket).scaled(step * growth, prefill * growth, kv * growth);
    }
}
