package io.polychip.fleet;

/**
 * What a class of requests is promised.
 *
 * @param ttftNanos base allowance for the first token; {@link Long#MAX_VALUE}: none promised
 * @param ttftNanosPerKiloToken more of it for each 1,000 uncached prompt tokens
 * @param itlNanos mean time between tokens of one answer; {@link Long#MAX_VALUE}: none promised
 * @param percentile share of requests that must meet it, 0 to 100
 */
public record Objective(long ttftNanos, long ttftNanosPerKiloToken, long itlNanos, double percentile) {
    public static final Objective NONE = new Objective(Long.MAX_VALUE, 0, Long.MAX_VALUE, 99);

    /** Allowance for the first token of a prompt with that many tokens not in a cache. */
    public long ttftNanos(int uncachedTokens) {
        return ttftNanos == Long.MAX_VALUE ? Long.MAX_VALUE : ttftNanos + ttftNanosPerKiloToken * uncachedTokens / 1000;
    }
}
