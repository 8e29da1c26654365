package io.polychip.routing;

/**
 * How far below its objective a prediction must lie: the promised quantile of the pool's residuals, trimmed
 * closed-loop.
 *
 * <p>The quantile follows the spread that residuals show ({@link Residuals#band}), so a few answers from a pool that is
 * better known than its profile's band are enough to bring it into the running; a wide band alone must not keep it out,
 * since nobody would ever find out. Every outcome moves the trim: a missed objective raises it by almost a step, a met
 * one lowers it by a little, and the two balance exactly where the attained share equals the promised percentile
 * (adaptive conformal inference, Gibbs and Candès 2021). O(1).
 */
final class Margin {
    private static final double STEP = 0.05;
    private static final double LEAST = 0.9;
    private static final double MOST = 3.3;
    private static final double MOST_QUANTILE = 0.6;

    private final double afterHit;
    private final double afterMiss;
    private final double deviations;
    private double trim = 1;

    /** The last band and its quantile: asked for many times between two outcomes of a pool. */
    private double lastBand = Double.NaN;

    private double lastQuantile;

    /** @param percentile share that must meet the objective, 0 to 100 */
    Margin(double percentile) {
        double missShare = Math.clamp(1 - percentile / 100, 0.001, 0.5);
        this.afterHit = StrictMath.exp(-STEP * missShare);
        this.afterMiss = StrictMath.exp(STEP * (1 - missShare));
        this.deviations = quantileOfNormal(missShare);
    }

    void learn(boolean met) {
        trim = Math.clamp(trim * (met ? afterHit : afterMiss), 1 / MOST, MOST);
    }

    /**
     * Multiply a corrected prediction by this before comparing it with the objective.
     *
     * @param band the pool's, {@link Residuals#band}
     */
    double multiplier(double band) {
        if (band != lastBand) {
            lastBand = band;
            lastQuantile = StrictMath.exp(Math.min(deviations * band, MOST_QUANTILE));
        }
        return Math.clamp(lastQuantile * trim, LEAST, MOST);
    }

    /**
     * Upper quantile of the standard normal; Hastings' approximation, error below 0.003 (Abramowitz, Stegun 26.2.22).
     */
    static double quantileOfNormal(double upperTail) {
        double t = StrictMath.sqrt(-2 * StrictMath.log(Math.min(upperTail, 0.5)));
        return Math.max(0, t - (2.30753 + 0.27061 * t) / (1 + 0.99229 * t + 0.04481 * t * t));
    }
}
