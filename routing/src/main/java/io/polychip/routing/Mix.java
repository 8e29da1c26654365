package io.polychip.routing;

/**
 * Randomness as a pure function, so that one decision replays alone: the same (seed, shard, decision, draw) gives the
 * same bits on any machine.
 *
 * <p>Source: the 64-bit finaliser of SplitMix (Steele, Lea, Flood, OOPSLA 2014), applied once per part. Not for
 * secrets.
 */
public final class Mix {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private Mix() {}

    /** Start of a decision's draws. */
    public static long decision(long seed, int shard, long decision) {
        return scramble(scramble(seed + GOLDEN * (shard + 1L)) + GOLDEN * (decision + 1));
    }

    /** One draw of a decision. */
    public static long draw(long decisionSeed, int draw) {
        return scramble(decisionSeed + GOLDEN * (draw + 1L));
    }

    /** The same as a number in [0, 1). */
    public static double unit(long decisionSeed, int draw) {
        return (draw(decisionSeed, draw) >>> 11) * 0x1.0p-53;
    }

    /** The same as an index below {@code bound}, for bounds far below 2^31 (bias under bound / 2^32). */
    public static int below(int bound, long decisionSeed, int draw) {
        return (int) (((draw(decisionSeed, draw) >>> 32) * bound) >>> 32);
    }

    /** Spreads the bits of any number, such as a hash before its low bits are used. */
    public static long scramble(long bits) {
        long z = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
