package io.polychip.fleet;

/** Limits of a hosted pool; {@link #NONE} marks what is not limited. */
public record Quota(long requestsPerMinute, long tokensPerMinute, long requestsPerDay, long tokensPerDay) {
    public static final long NONE = Long.MAX_VALUE;
    public static final Quota UNLIMITED = new Quota(NONE, NONE, NONE, NONE);
}
