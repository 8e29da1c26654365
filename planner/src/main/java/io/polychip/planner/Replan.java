package io.polychip.planner;

import java.util.List;

/**
 * A plan under the demand there is now: what is bound stays bound, all else is chosen anew.
 *
 * @param wanted the best plan for it
 * @param keptUsd what the planned counts cost under it, in dollars of now; infinite where they serve it no more
 */
public record Replan(Plan wanted, double keptUsd) {
    /** Counts that cost no more than this share above the best are left as they are. */
    public static final double LEFT = 0.02;

    /** Whether it is worth changing counts. */
    public boolean drifts() {
        return keptUsd > wanted.usd() * (1 + LEFT);
    }

    /**
     * Solves again, begun from the planned counts.
     *
     * @param present as it was asked, with the present demand and the head-room the plan took
     * @param kept of the plan's commitments those that have begun
     * @throws PlanException where nothing that is offered serves the present demand
     */
    public static Replan of(
            Problem present, Plan planned, List<Plan.Commitment> kept, Search search, Solver.Effort effort) {
        Programme programme = new Programme(present);
        Milp milp = bound(programme, kept);
        double[] start = Start.of(programme, planned, search);
        Solution solution = search.run(milp, start, effort, new Stop(), Solver.Progress.SILENT);
        if (!solution.found()) {
            throw new PlanException(
                    "Nothing that is offered serves the present demand under what was asked. Maybe plan again without"
                            + " --replan, which says what has to give way.");
        }
        return new Replan(
                Plan.of(programme, solution),
                start.length == 0 ? Double.POSITIVE_INFINITY : programme.milp().objective(start));
    }

    /** Chips that are bound are paid in any case, from the period on in which they were. */
    private static Milp bound(Programme programme, List<Plan.Commitment> kept) {
        Milp milp = programme.milp();
        for (int lot = 0; lot < programme.lots.size(); lot++) {
            for (Plan.Commitment each : kept) {
                int column =
                        each.lot().equals(programme.lots.get(lot).name()) ? programme.bought[lot][each.period()] : -1;
                if (column >= 0 && programme.lots.get(lot) instanceof Lot.Chips chips) {
                    double units = Math.max(milp.lower(column), each.chips() / chips.multiple());
                    milp = milp.bounded(column, Math.min(units, milp.upper(column)), milp.upper(column));
                }
            }
        }
        return milp;
    }

    /** Rates of each bucket by a factor, in all hours and periods. */
    public static Demand scaled(Demand demand, double[] factors) {
        List<Demand.Hour> hours = demand.hours().stream()
                .map(hour -> {
                    double[] rates = hour.perSecond().clone();
                    for (int bucket = 0; bucket < rates.length; bucket++) {
                        rates[bucket] *= factors[bucket];
                    }
                    return new Demand.Hour(hour.name(), hour.weight(), rates);
                })
                .toList();
        return new Demand(demand.buckets(), hours, demand.periods(), demand.trainings());
    }
}
