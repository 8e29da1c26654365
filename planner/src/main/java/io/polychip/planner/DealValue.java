package io.polychip.planner;

import io.polychip.fleet.Deal;
import io.polychip.fleet.Deals;
import io.polychip.fleet.Supply;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a deal is worth: the cost of the best plan without it less the cost of the best plan that takes it, in dollars
 * of now, all other deals free to be taken or left in both. Worths do not add up: two deals that fill the same capacity
 * are worth less together, see {@link #pairs}.
 *
 * <p>Each worth takes two searches, each turning point some twenty. Searches end at a gap, so a worth is known to
 * within {@link Worth#doubtUsd}.
 */
public final class DealValue {
    /** Halvings between the ends of a knob, after which its turning point is known to a thousandth of its range. */
    private static final int HALVINGS = 10;

    private final Search search;
    private final Solver.Effort effort;

    public DealValue(Search search, Solver.Effort effort) {
        this.search = search;
        this.effort = effort;
    }

    /**
     * The best plan of a problem, as far as a deal cares.
     *
     * @param usd cost in dollars of now, infinite where nothing serves the demand
     * @param doubtUsd how far below that the best may be; infinite where none was found and none was proven not to be
     * @param tokenShares by vendor
     * @param concentration Herfindahl's index of those
     * @param taken what each deal that is taken pays by part; less than 0 comes in
     */
    public record Standing(
            double usd,
            double doubtUsd,
            Map<String, Double> tokenShares,
            double concentration,
            Map<String, Map<String, Double>> taken,
            @Nullable Plan plan) {
        public boolean possible() {
            return Double.isFinite(usd);
        }

        /** Proven to serve nothing, not merely not found. */
        public boolean impossible() {
            return !possible() && doubtUsd == 0;
        }
    }

    /** A deal's worth. @param usd above 0: take it */
    public record Worth(String deal, double usd, double doubtUsd, Standing without, Standing with) {
        /** How much of the tokens a vendor gains or loses by the deal. */
        public double shift(String vendor) {
            return with.tokenShares().getOrDefault(vendor, 0.0)
                    - without.tokenShares().getOrDefault(vendor, 0.0);
        }
    }

    /**
     * Two deals: what both are worth, and how much that is beyond the sum of each alone; below 0 they get in each
     * other's way.
     */
    public record Pair(String one, String other, double usd, double beyondSumUsd) {}

    /**
     * Where a worth turns on either side of where its knob stands.
     *
     * @param below the setting below now at which the deal is worth nothing; NaN where it keeps its sign down to the
     *     low end
     * @param above the same above now
     * @param lowUsd its worth at the knob's low end
     */
    public record Turn(
            String knob, String unit, double below, double above, double lowUsd, double highUsd, double nowAt) {
        public boolean turns() {
            return Double.isFinite(below) || Double.isFinite(above);
        }

        /** The turning point below now, else the one above. */
        public double at() {
            return Double.isFinite(below) ? below : above;
        }
    }

    public Standing standing(Problem problem) {
        Programme programme = new Programme(problem);
        Solution solution = search.run(programme.milp(), effort);
        if (!solution.found()) {
            boolean proven = solution.status() == Solution.Status.INFEASIBLE;
            return new Standing(
                    Double.POSITIVE_INFINITY, proven ? 0 : Double.POSITIVE_INFINITY, Map.of(), 0, Map.of(), null);
        }
        Plan plan = Plan.of(programme, solution);
        Map<String, Double> shares = plan.tokenShares(problem, "vendor");
        Map<String, Map<String, Double>> taken = new LinkedHashMap<>();
        for (Contract contract : programme.contracts) {
            if (contract.isTaken(solution.values())) {
                taken.put(contract.deal.name(), contract.paid(solution.values()));
            }
        }
        return new Standing(
                plan.usd(), Math.max(0, plan.usd() - plan.boundUsd()), shares, Plan.concentration(shares), taken, plan);
    }

    public Worth worth(Problem problem, String deal) {
        return worth(problem, deal, standing(without(problem, deal)));
    }

    private Worth worth(Problem problem, String deal, Standing without) {
        Standing with = standing(taking(problem, deal));
        double usd = !with.possible()
                ? Double.NEGATIVE_INFINITY
                : without.possible() ? without.usd() - with.usd() : Double.POSITIVE_INFINITY;
        return new Worth(deal, usd, doubt(without) + doubt(with), without, with);
    }

    /** Every two deals of the problem together. */
    public List<Pair> pairs(Problem problem) {
        List<String> names = problem.deals().deals().stream().map(Deal::name).toList();
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            for (int j = i + 1; j < names.size(); j++) {
                pairs.add(pair(problem, names.get(i), names.get(j)));
            }
        }
        return List.copyOf(pairs);
    }

    private Pair pair(Problem problem, String one, String other) {
        Problem neither = without(without(problem, one), other);
        double base = standing(neither).usd();
        double first = base - standing(taking(without(problem, other), one)).usd();
        double second = base - standing(taking(without(problem, one), other)).usd();
        double both = base - standing(taking(taking(problem, one), other)).usd();
        return new Pair(one, other, both, both - first - second);
    }

    /**
     * The settings of a knob at which the deal's worth is 0, by halving from now towards each end that has another
     * sign.
     */
    public Turn turn(Problem problem, String deal, Knob knob) {
        boolean now = at(problem, deal, knob, knob.now()) >= 0;
        double atLow = at(problem, deal, knob, knob.low());
        double atHigh = at(problem, deal, knob, knob.high());
        return new Turn(
                knob.name(),
                knob.unit(),
                atLow >= 0 == now ? Double.NaN : between(problem, deal, knob, knob.low(), now),
                atHigh >= 0 == now ? Double.NaN : between(problem, deal, knob, knob.high(), now),
                atLow,
                atHigh,
                knob.now());
    }

    /** @param now the worth's sign where the knob stands, which it has no more at {@code end} */
    private double between(Problem problem, String deal, Knob knob, double end, boolean now) {
        double same = knob.now();
        double other = end;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (same + other) / 2;
            if (at(problem, deal, knob, middle) >= 0 == now) {
                same = middle;
            } else {
                other = middle;
            }
        }
        return (same + other) / 2;
    }

    private double at(Problem problem, String deal, Knob knob, double setting) {
        return worth(knob.turned().apply(problem, setting), deal).usd();
    }

    /** The problem without a deal and without the lots that come with it only. */
    public static Problem without(Problem problem, String deal) {
        known(problem, deal);
        Deals deals = problem.deals();
        List<Lot> lots = problem.lots().stream()
                .filter(lot -> {
                    Supply offer = deals.offer(lot.name());
                    return offer == null || !offer.onlyWith().equals(deal);
                })
                .toList();
        return problem.withLots(lots).with(deals.without(deal));
    }

    /** The problem in which a deal is signed. */
    public static Problem taking(Problem problem, String deal) {
        return problem.with(problem.deals().with(known(problem, deal).withTaken(true)));
    }

    private static Deal known(Problem problem, String deal) {
        return Objects.requireNonNull(problem.deals().deal(deal), () -> "No deal is named \"%s\".".formatted(deal));
    }

    private static double doubt(Standing standing) {
        return standing.possible() ? standing.doubtUsd() : 0;
    }
}
