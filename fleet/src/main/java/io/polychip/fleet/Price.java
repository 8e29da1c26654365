package io.polychip.fleet;

/** What a pool costs now. */
public sealed interface Price {
    /**
     * Owned capacity.
     *
     * @param committed paid whether used or not
     */
    record PerChipHour(double usd, boolean committed) implements Price {}

    /** Hosted capacity, by the million tokens. */
    record PerToken(double usdPerMillionInput, double usdPerMillionCachedInput, double usdPerMillionOutput)
            implements Price {}
}
