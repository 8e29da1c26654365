package io.polychip.performance;

import io.polychip.fleet.Deployment;

/**
 * Power of one replica as a function of what it does.
 *
 * <p>Decoding is bound by memory and leaves arithmetic idle: Splitwise (ISCA 2024) measured 0.43 to 0.66 of the board's
 * rating while decoding and the full rating in prefill on eight A100; MLPerf power logs show 2.4 kW for an idle
 * eight-chip node against 6.2 busy. Between the three the shares of time are mixed linearly. Boards only: cooling and
 * the host's share are a matter of the site.
 *
 * @param idleWatts powered, model loaded, nothing to do
 * @param decodeWatts decoding all the time
 * @param fullWatts prefill all the time
 */
public record Energy(double idleWatts, double decodeWatts, double fullWatts) {
    private static final double IDLE_SHARE = 0.15;
    private static final double DECODE_SHARE = 0.55;

    public Energy {
        if (!(idleWatts >= 0) || !(decodeWatts >= idleWatts) || !(fullWatts >= decodeWatts)) {
            throw new ProfileException("Power must rise from idle (%s W) over decode (%s W) to full (%s W)."
                    .formatted(idleWatts, decodeWatts, fullWatts));
        }
    }

    /** From the chip's rating; all zero where its vendor publishes none. */
    public static Energy of(Deployment deployment) {
        double full = deployment.chip().powerWatts() * deployment.layout().chips();
        return new Energy(full * IDLE_SHARE, full * DECODE_SHARE, full);
    }

    /** @param decodeShare share of time spent decoding, @param prefillShare in prefill; the rest is idle */
    public double watts(double decodeShare, double prefillShare) {
        double decode = Math.clamp(decodeShare, 0, 1);
        double prefill = Math.clamp(prefillShare, 0, 1 - decode);
        return idleWatts + (decodeWatts - idleWatts) * decode + (fullWatts - idleWatts) * prefill;
    }

    /** Energy of that mix of work per token it yields; infinite without tokens. */
    public double joulesPerToken(double decodeShare, double prefillShare, double tokensPerSecond) {
        return tokensPerSecond > 0 ? watts(decodeShare, prefillShare) / tokensPerSecond : Double.POSITIVE_INFINITY;
    }
}
