package io.polychip.planner;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What would change a plan: the worth of one more of each scarce thing, and the price at which an offer enters that is
 * not taken. Both from the programme with fractions allowed, so exact where counts are large.
 */
public final class Worth {
    private Worth() {}

    /** @param usd by which the plan is cheaper with one more of it, over all periods */
    public record Scarce(Promise.Kind kind, String subject, String unit, double usd) {}

    /** @param usdPerChipHour at or below which the offer is taken @param asked what it costs now */
    public record Entry(String lot, double usdPerChipHour, double asked) {}

    /** The dearest first; what is plentiful is left out. */
    public static List<Scarce> scarce(Programme programme, Relaxation relaxed) {
        Map<String, Scarce> sums = new LinkedHashMap<>();
        for (Promise promise : programme.promises()) {
            double usd = -relaxed.rowPrices()[promise.row()] / promise.perUnit();
            if (Math.abs(usd) > 1e-6 && promise.kind() != Promise.Kind.DEMAND) {
                sums.merge(
                        promise.kind() + promise.subject(),
                        new Scarce(promise.kind(), promise.subject(), promise.unit(), usd),
                        (one, other) -> new Scarce(one.kind(), one.subject(), one.unit(), one.usd() + other.usd()));
            }
        }
        return sums.values().stream()
                .sorted((one, other) -> Double.compare(Math.abs(other.usd()), Math.abs(one.usd())))
                .toList();
    }

    /** For each lot of chips that the plan leaves: where its price would have to be. Found by bisection. */
    public static List<Entry> entries(Problem problem, Plan plan, Search search) {
        List<Entry> found = new ArrayList<>();
        for (Lot lot : problem.lots()) {
            double[] spent = plan.spendUsd().getOrDefault(lot.name(), new double[0]);
            if (lot instanceof Lot.Chips chips && java.util.Arrays.stream(spent).sum() <= 1e-6) {
                found.add(new Entry(lot.name(), entry(problem, chips, search), chips.usdPerChipHour()));
            }
        }
        return found;
    }

    private static double entry(Problem problem, Lot.Chips chips, Search search) {
        double low = 0;
        double high = chips.usdPerChipHour();
        for (int i = 0; i < 12; i++) {
            double middle = (low + high) / 2;
            if (taken(problem, chips.priced(middle), search)) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static boolean taken(Problem problem, Lot.Chips repriced, Search search) {
        List<Lot> lots = problem.lots().stream()
                .map(lot -> lot.name().equals(repriced.name()) ? repriced : lot)
                .toList();
        Programme programme = new Programme(problem.withLots(lots));
        Solution solution = search.relax(programme.milp()).solution();
        int index = lots.indexOf(repriced);
        double used = 0;
        for (int period = 0; period < programme.demand.periods().size() && solution.found(); period++) {
            used += programme.bound(index, period).value(solution.values());
            for (int hour = 0; hour < programme.demand.hours().size(); hour++) {
                used += programme.chips(index, period, hour).value(solution.values());
            }
        }
        return used > 1e-6;
    }

    /** One point of the frontier. @param cap largest share of any one value @param usd infinite where no plan exists */
    public record Point(double cap, double usd, double boundUsd) {}

    /** Cost against the largest share of the tokens that any value of a label may have. */
    public static List<Point> frontier(
            Problem problem, String label, double[] caps, Search search, Solver.Effort effort) {
        List<Point> points = new ArrayList<>();
        for (double cap : caps) {
            List<Rules.Share> shares = new ArrayList<>(problem.rules().shares());
            shares.add(new Rules.Share(label, Rules.Share.ANY, Rules.Basis.TOKENS, 0, cap, false));
            Problem capped =
                    problem.with(problem.rules().with(shares, problem.rules().survivals()));
            Solution solution = search.run(new Programme(capped).milp(), effort);
            points.add(new Point(cap, solution.objective(), solution.bound()));
        }
        return points;
    }
}
