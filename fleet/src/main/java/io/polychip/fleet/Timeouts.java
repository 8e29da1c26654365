package io.polychip.fleet;

/**
 * Patience with an upstream.
 *
 * @param stallNanos longest silence between tokens while we are reading
 */
public record Timeouts(long connectNanos, long firstTokenNanos, long stallNanos, long requestNanos) {
    public static final Timeouts DEFAULT =
            new Timeouts(2_000_000_000L, 30_000_000_000L, 15_000_000_000L, 1_800_000_000_000L);
}
