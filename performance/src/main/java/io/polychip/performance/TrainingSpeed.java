package io.polychip.performance;

/**
 * Tokens per second and chip of a job on a chip, and what says so.
 *
 * @param chips at which it holds
 * @param low of the band that the evidence allows
 * @param origin one line: the source, and what was made of it
 */
public record TrainingSpeed(
        double tokensPerSecondPerChip, int chips, double low, double high, Evidence evidence, String origin) {
    /** What a speed rests on, best first. */
    public enum Evidence {
        /** This model on this chip in this precision. */
        PUBLISHED,
        /** The same in another precision, by how precisions compare on that chip. */
        OTHER_PRECISION,
        /** Another model on this chip, by arithmetic per token. */
        OTHER_MODEL,
        /** Another task on this chip, by arithmetic per token. */
        OTHER_TASK,
        /** The usual share of the chip's peak. */
        USUAL_SHARE,
        /** No training figure of that chip or its kin was found: an assumption to be replaced by a measurement. */
        NONE
    }

    TrainingSpeed times(double factor) {
        return new TrainingSpeed(tokensPerSecondPerChip * factor, chips, low * factor, high * factor, evidence, origin);
    }
}
