package io.polychip.performance;

/**
 * What was measured of steps in which sequences decoded and no prompt was computed.
 *
 * @param sequences that decoded
 * @param kvTokens in reach, all sequences together, on average
 * @param nanos mean time of such a step
 */
public record MeasuredStep(int sequences, double kvTokens, double nanos) {
    public MeasuredStep {
        if (sequences < 1 || !(kvTokens >= 0) || !(nanos > 0)) {
            throw new ProfileException(
                    "A measured step needs at least 1 sequence and a time above 0, not %d, %s tokens and %s ns."
                            .formatted(sequences, kvTokens, nanos));
        }
    }
}
