package io.polychip.planner;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a plan would cost were chips as fast, or as slow, as their profiles' bands allow (one sigma), and whether
 * another mix wins inside one chip's band.
 *
 * @param slowUsd best plan where all chips are slower by their bands; infinite where there is none
 * @param fastUsd likewise faster
 */
public record Bands(double slowUsd, double fastUsd, List<Flip> flips) {
    /** Share of the tokens by which a mix must differ to be another one. */
    private static final double ANOTHER = 0.1;

    public Bands {
        flips = List.copyOf(flips);
    }

    /**
     * A chip whose band decides.
     *
     * @param band one sigma of its timing
     * @param faster whether it is in being faster, or slower, that another mix wins
     * @param share of the tokens it carries in this plan @param otherShare and then
     * @param savesUsd by which the plan for the other speed is cheaper, or less dear, than this mix kept
     */
    public record Flip(String chip, double band, boolean faster, double share, double otherShare, double savesUsd) {}

    /** Solves once for each end, and once or twice for each chip. */
    public static Bands of(
            Problem problem, List<Candidate> candidates, Plan plan, Search search, Solver.Effort effort) {
        Map<String, Double> bands = new LinkedHashMap<>();
        candidates.forEach(candidate -> bands.put(
                candidate.name(), candidate.hosted() ? 0 : candidate.profile().band()));
        double slow = cost(scaled(problem, bands, new LinkedHashSet<>(), -1), search, effort);
        double fast = cost(scaled(problem, bands, new LinkedHashSet<>(), 1), search, effort);
        List<Flip> flips = new ArrayList<>();
        Map<String, Double> shares = shares(problem, plan);
        Set<String> chips = new LinkedHashSet<>();
        problem.capacities().stream().filter(each -> each.chips() > 0).forEach(each -> chips.add(each.chip()));
        for (String chip : chips) {
            double now = shares.getOrDefault(chip, 0.0);
            if (now < 1 - ANOTHER) {
                flip(problem, bands, chip, true, now, plan, search, effort, flips);
            }
            if (now > ANOTHER) {
                flip(problem, bands, chip, false, now, plan, search, effort, flips);
            }
        }
        return new Bands(slow, fast, flips);
    }

    private static void flip(
            Problem problem,
            Map<String, Double> bands,
            String chip,
            boolean faster,
            double now,
            Plan plan,
            Search search,
            Solver.Effort effort,
            List<Flip> flips) {
        Problem other = scaled(problem, bands, Set.of(chip), faster ? 1 : -1);
        Programme programme = new Programme(other);
        Solution solution = search.run(programme.milp(), effort);
        if (!solution.found()) {
            return;
        }
        Plan best = Plan.of(programme, solution);
        double then = shares(other, best).getOrDefault(chip, 0.0);
        if (Math.abs(then - now) >= ANOTHER && (faster == then > now)) {
            double band = problem.capacities().stream()
                    .filter(each -> each.chip().equals(chip))
                    .mapToDouble(each -> bands.getOrDefault(each.name(), 0.0))
                    .max()
                    .orElse(0);
            flips.add(new Flip(chip, band, faster, now, then, plan.usd() - best.usd()));
        }
    }

    /** @param chips whose timing moves; empty: all @param way 1 faster, -1 slower */
    private static Problem scaled(Problem problem, Map<String, Double> bands, Set<String> chips, int way) {
        return problem.withCapacities(problem.capacities().stream()
                .map(capacity -> chips.isEmpty() || chips.contains(capacity.chip())
                        ? capacity.scaled(StrictMath.exp(way * bands.getOrDefault(capacity.name(), 0.0)))
                        : capacity)
                .toList());
    }

    private static double cost(Problem problem, Search search, Solver.Effort effort) {
        return search.run(new Programme(problem).milp(), effort).objective();
    }

    /** Share of the tokens by chip, over all periods. */
    public static Map<String, Double> shares(Problem problem, Plan plan) {
        Demand demand = problem.demand().merged();
        Map<String, String> chips = new LinkedHashMap<>();
        problem.capacities().forEach(capacity -> chips.put(capacity.name(), capacity.chip()));
        Map<String, Double> tokens = new TreeMap<>();
        double all = 0;
        for (Plan.Route route : plan.routes()) {
            double of = route.perSecond()
                    * demand.buckets().get(route.bucket()).tokens()
                    * demand.hours(route.period(), route.hour());
            tokens.merge(chips.getOrDefault(route.capacity(), ""), of, Double::sum);
            all += of;
        }
        double total = all;
        tokens.replaceAll((chip, of) -> of / total);
        return tokens;
    }
}
