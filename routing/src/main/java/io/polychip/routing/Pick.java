package io.polychip.routing;

/**
 * The last step of a decision as pure functions of the candidates and one draw, so that an explanation can replay it.
 */
final class Pick {
    /** Prices this close count as equal: a part of the least one, or of the least price at the knee. */
    private static final double NEAR_PRICE = 0.03;

    private static final double NEAR_KNEE_PRICE = 0.05;
    private static final double NEAR_VIOLATION = 0.05;

    private Pick() {}

    /** Among those that meet the objective one of the cheapest, by weight; an index into {@code best}. */
    static int cheapest(Candidate[] all, int[] best, int count, double draw) {
        double least = Double.POSITIVE_INFINITY;
        double leastAtKnee = Double.POSITIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            Candidate candidate = all[best[i]];
            if (candidate.violation <= 1) {
                least = Math.min(least, candidate.usd);
                leastAtKnee = Math.min(leastAtKnee, candidate.usdAtKnee);
            }
        }
        double limit = least + Math.max(NEAR_PRICE * Math.abs(least), NEAR_KNEE_PRICE * leastAtKnee);
        double sum = 0;
        for (int i = 0; i < count; i++) {
            Candidate candidate = all[best[i]];
            sum += candidate.violation <= 1 && candidate.usd <= limit ? candidate.weight : 0;
        }
        double left = draw * sum;
        int last = 0;
        for (int i = 0; i < count; i++) {
            Candidate candidate = all[best[i]];
            if (candidate.violation <= 1 && candidate.usd <= limit) {
                last = i;
                left -= candidate.weight;
                if (left < 0) {
                    return i;
                }
            }
        }
        return last;
    }

    /** One of those that miss the objective least; an index into {@code best}. */
    static int leastViolation(Candidate[] all, int[] best, int count, double draw) {
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i < count; i++) {
            least = Math.min(least, all[best[i]].violation);
        }
        int near = 0;
        for (int i = 0; i < count; i++) {
            near += all[best[i]].violation <= least * (1 + NEAR_VIOLATION) ? 1 : 0;
        }
        int wanted = (int) (draw * near);
        for (int i = 0; i < count; i++) {
            if (all[best[i]].violation <= least * (1 + NEAR_VIOLATION) && wanted-- == 0) {
                return i;
            }
        }
        return 0;
    }
}
