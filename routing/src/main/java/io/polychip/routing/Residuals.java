package io.polychip.routing;

/**
 * What live traffic says about a prediction: the median of {@code log(actual / predicted)} and the spread around it.
 *
 * <p>Stochastic approximation (Robbins and Monro 1951): each sample moves the median by at most a step whose size
 * follows the spread seen, so that one wild answer cannot move it far. A short and a long median drifting apart widen
 * the band. How far below an objective a prediction must lie is {@link Margin}'s matter. O(1), no allocation,
 * deterministic ({@link StrictMath}).
 */
final class Residuals {
    /** Samples after which the correction counts as shown. */
    static final int PROVEN = 32;

    private static final double FADE_SECONDS = 60;
    private static final double MOST = StrictMath.log(20);

    private final double startBand;
    private double median;
    private double recentMedian;
    private double spread;
    private long samples;
    private long samplesAtTick;
    private double factor = 1;

    Residuals(double band) {
        this.startBand = Math.max(0.02, Math.min(band, 1));
        this.spread = startBand;
    }

    void learn(double actualNanos, double predictedNanos) {
        if (!(actualNanos > 0) || !(predictedNanos > 0)) {
            return;
        }
        double ratio = Math.clamp(StrictMath.log(actualNanos / predictedNanos), -MOST, MOST);
        samples++;
        double step = spread * Math.max(0.008, 1.5 / (1 + samples));
        double deviation = Math.abs(ratio - median);
        median += Math.clamp(ratio - median, -step, step);
        recentMedian += Math.clamp(ratio - recentMedian, -0.3 * spread, 0.3 * spread);
        double weight = Math.max(0.02, 1.0 / (2 + samples));
        spread = Math.max(0.02, spread + weight * (Math.min(deviation * 1.25, 4 * spread) - spread));
        factor = StrictMath.exp(median);
    }

    /**
     * Time without samples: a correction nobody confirms any more fades, or a pool that once looked bad would never be
     * asked again and never look better.
     */
    void tick(double seconds) {
        if (samples == samplesAtTick && seconds > 0) {
            median *= FADE_SECONDS / (FADE_SECONDS + seconds);
            recentMedian = median;
            factor = StrictMath.exp(median);
        }
        samplesAtTick = samples;
    }

    /** Multiply a prediction by this to get the middle of what will happen. */
    double factor() {
        return factor;
    }

    /** One-sigma relative band around it; wider while the recent past disagrees with the long one. */
    double band() {
        double drift = Math.abs(recentMedian - median);
        return drift > 2 * spread ? spread + drift : spread;
    }

    boolean drifting() {
        return samples > PROVEN && Math.abs(recentMedian - median) > 2 * spread;
    }

    boolean proven() {
        return samples >= PROVEN && !drifting();
    }

    long samples() {
        return samples;
    }
}
