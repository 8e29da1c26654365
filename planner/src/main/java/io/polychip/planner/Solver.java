package io.polychip.planner;

/** The port to a solver of linear programmes with whole numbers. Adapters may be used by one thread at a time. */
public interface Solver {
    String name();

    /**
     * Minimises. Returns the best found when time ends or {@code stop} is called for, never less than the
     * {@code start}.
     *
     * @param start values to begin from, feasible or nearly; empty: none
     */
    Solution solve(Milp milp, double[] start, Effort effort, Stop stop);

    /** Minimises with fractions allowed. Stopped or out of time it has proven nothing, and may have found nothing. */
    Relaxation relax(Milp milp, Effort effort, Stop stop);

    /** The same where nobody stops it. */
    default Relaxation relax(Milp milp, Effort effort) {
        return relax(milp, effort, new Stop());
    }

    /**
     * How long and how exactly.
     *
     * @param gap stop when the incumbent is proven that near, a share of its cost
     */
    record Effort(double seconds, double gap) {
        public Effort {
            if (!(seconds > 0) || !(gap >= 0)) {
                throw new PlanException(
                        "An effort of %s seconds to a gap of %s makes no sense; allowed are above 0 and from 0."
                                .formatted(seconds, gap));
            }
        }
    }

    /** Hears how a search goes; called from the thread that searches. */
    @FunctionalInterface
    interface Progress {
        Progress SILENT = (seconds, step, incumbent, bound) -> {};

        /** @param incumbent infinite while there is none @param bound minus infinite while nothing is proven */
        void update(double seconds, String step, double incumbent, double bound);
    }
}
