package io.polychip.routing;

/**
 * How much load there is for each unit of ours: about the number of gateways, if they are alike. One for all pools, so
 * that a pool nobody uses yet is not taken for ours alone.
 */
final class Crowd {
    private static final double WEIGHT = 0.005;
    private static final double MOST = 64;

    private double ours;
    private double outside;
    private double factor = 1;

    /** A scrape: what this process and what others had on one replica. */
    void learn(double oursThere, double outsideThere) {
        ours += WEIGHT * (oursThere - ours);
        outside += WEIGHT * (outsideThere - outside);
        factor = ours <= 0 ? 1 : Math.clamp(1 + outside / ours, 1, MOST);
    }

    /** All load over ours, at least 1. */
    double factor() {
        return factor;
    }
}
