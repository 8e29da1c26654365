package io.polychip.planner;

import java.util.ArrayList;
import java.util.List;

/**
 * A plan under the demand there is now: what is bound stays bound, all else is chosen anew.
 *
 * @param problem with the present demand and the commitments that are kept
 * @param wanted the best plan for it
 * @param keptUsd what the planned counts cost under it, in dollars of now; infinite where they serve it no more
 */
public record Replan(Problem problem, Plan wanted, double keptUsd) {
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
        Problem bound = present.withLots(bound(present.lots(), kept));
        Programme programme = new Programme(bound);
        double[] start = Start.of(programme, planned, search);
        Solution solution = search.run(programme.milp(), start, effort, new Stop(), Solver.Progress.SILENT);
        if (!solution.found()) {
            throw new PlanException(
                    "Nothing that is offered serves the present demand under what was asked. Maybe plan again without"
                            + " --replan, which says what has to give way.");
        }
        return new Replan(
                bound,
                Plan.of(programme, solution),
                start.length == 0 ? Double.POSITIVE_INFINITY : programme.milp().objective(start));
    }

    /** Chips that are bound are paid in any case from the lot's first period on. */
    private static List<Lot> bound(List<Lot> lots, List<Plan.Commitment> kept) {
        List<Lot> bound = new ArrayList<>();
        for (Lot lot : lots) {
            double owned = kept.stream()
                    .filter(each -> each.lot().equals(lot.name()))
                    .mapToDouble(Plan.Commitment::chips)
                    .sum();
            bound.add(lot instanceof Lot.Chips chips && owned > chips.ownedChips() ? chips.owned(owned) : lot);
        }
        return bound;
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
