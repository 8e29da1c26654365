package io.polychip.fleet;

/**
 * A dated price of a chip at a provider.
 *
 * @param term {@code on-demand}, {@code spot}, {@code capacity-block}, {@code committed-3y} and the like
 */
public record Offer(
        String chip,
        String provider,
        String instance,
        String region,
        String term,
        double usdPerChipHour,
        Source source) {}
