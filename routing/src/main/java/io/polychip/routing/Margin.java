package io.polychip.routing;

/**
 * How far below its objective a prediction must lie: a quantile of the residuals of one pool and class, closed-loop.
 *
 * <p>Every outcome moves it: a missed objective raises it by almost a step, a met one lowers it by a little, and the
 * two balance exactly where the attained share equals the promised percentile (adaptive conformal inference, Gibbs and
 * Candès 2021). Starts at the profile's band. O(1).
 */
final class Margin {
    private static final double STEP = 0.05;
    private static final double MOST = 3.3;

    private final double afterHit;
    private final double afterMiss;
    private double multiplier;

    /** @param percentile share that must meet the objective, 0 to 100 */
    Margin(double percentile, double band) {
        double missShare = Math.clamp(1 - percentile / 100, 0.001, 0.5);
        this.afterHit = StrictMath.exp(-STEP * missShare);
        this.afterMiss = StrictMath.exp(STEP * (1 - missShare));
        this.multiplier = StrictMath.exp(Math.clamp(quantileOfNormal(missShare) * band, 0, 0.6));
    }

    void learn(boolean met) {
        multiplier = Math.clamp(multiplier * (met ? afterHit : afterMiss), 1, MOST);
    }

    /** Multiply a corrected prediction by this before comparing it with the objective. */
    double multiplier() {
        return multiplier;
    }

    /**
     * Upper quantile of the standard normal; Hastings' approximation, error below 0.003 (Abramowitz, Stegun 26.2.22).
     */
    static double quantileOfNormal(double upperTail) {
        double t = StrictMath.sqrt(-2 * StrictMath.log(Math.min(upperTail, 0.5)));
        return Math.max(0, t - (2.30753 + 0.27061 * t) / (1 + 0.99229 * t + 0.04481 * t * t));
    }
}
