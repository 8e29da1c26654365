package io.polychip.planner;

/**
 * What a solver found. A solver that was stopped keeps the best it had.
 *
 * @param values one per column, whole numbers exactly whole; empty without an incumbent
 * @param objective cost of {@code values}; infinite without an incumbent
 * @param bound no choice costs less; minus infinity when nothing is proven
 */
public record Solution(Status status, double[] values, double objective, double bound) {
    /** What is known at the end. */
    public enum Status {
        /** Within the gap asked for. */
        OPTIMAL,
        /** Stopped with an incumbent. */
        FEASIBLE,
        /** Proven that nothing satisfies all rows. */
        INFEASIBLE,
        /** Costs can fall for ever: the programme lacks a row. */
        UNBOUNDED,
        /** Stopped before anything was found. */
        UNKNOWN
    }

    public static Solution none(Status status, double bound) {
        return new Solution(status, new double[0], Double.POSITIVE_INFINITY, bound);
    }

    public boolean found() {
        return values.length > 0;
    }

    /** How far the incumbent may be from the best, as a share of its own cost; infinite when unknown. */
    public double gap() {
        return gap(objective, bound);
    }

    public static double gap(double objective, double bound) {
        if (!Double.isFinite(objective) || !Double.isFinite(bound)) {
            return Double.POSITIVE_INFINITY;
        }
        return Math.max(0, objective - bound) / Math.max(1e-9, Math.abs(objective));
    }
}
