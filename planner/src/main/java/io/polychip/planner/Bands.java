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
 * <p>Each search begins from the plan: of faster chips it is a plan as well. A mix whose cost is nearer to the plan's
 * than the plan's own search left open wins nothing.
 *
 * @param slowUsd best plan where all chips are slower by their bands, never below the plan's cost; infinite where there
 *     is none
 * @param fastUsd likewise faster, never above it
 */
public record Bands(double slowUsd, double fastUsd, List<Flip> flips) {
    /** Share of the tokens by which a mix must differ to be another one. */
    private static final double ANOTHER = 0.1;

    /** Chip-hours that differ by less than this share are the same. */
    private static final double NEARLY = 0.01;

    /** A saving below this share of the cost is a rounding error. */
    private static final double NOTHING = 1e-6;

    public Bands {
        flips = List.copyOf(flips);
    }

    /**
     * A chip whose band decides.
     *
     * @param band one sigma of its timing
     * @param faster whether it is in being faster, or slower, that another mix wins
     * @param share of the tokens it carries in this plan @param otherShare and then
     * @param savesUsd by which the plan for the other speed costs less than this one does now; below 0: more
     */
    public record Flip(String chip, double band, boolean faster, double share, double otherShare, double savesUsd) {}

    /**
     * Solves once for each end, and once or twice for each chip; a stop leaves out the chips still to come.
     *
     * @param sigmas of the logarithm of each deployment's speed, by its name; 0 where it is not there
     */
    public static Bands of(
            Problem problem, Map<String, Double> sigmas, Plan plan, Search search, Solver.Effort effort, Stop stop) {
        Look look = new Look(problem, sigmas, plan, search, effort, stop);
        Solution slow = look.solve(new Programme(look.scaled(Set.of(), -1)));
        Solution fast = look.solve(new Programme(look.scaled(Set.of(), 1)));
        List<Flip> flips = new ArrayList<>();
        Map<String, Double> shares = shares(problem, plan);
        Set<String> chips = new LinkedHashSet<>();
        problem.capacities().stream().filter(each -> each.chips() > 0).forEach(each -> chips.add(each.chip()));
        for (String chip : chips) {
            double now = shares.getOrDefault(chip, 0.0);
            if (now < 1 - ANOTHER) {
                look.flip(chip, true, now, flips);
            }
            if (now > ANOTHER) {
                look.flip(chip, false, now, flips);
            }
        }
        return new Bands(Math.max(plan.usd(), slow.objective()), Math.min(plan.usd(), fast.objective()), flips);
    }

    /** Solves with other speeds. */
    private record Look(
            Problem problem, Map<String, Double> sigmas, Plan plan, Search search, Solver.Effort effort, Stop stop) {
        Solution solve(Programme programme) {
            double[] start = Start.of(programme, plan, search);
            return search.run(programme.milp(), start, effort, stop, Solver.Progress.SILENT);
        }

        void flip(String chip, boolean faster, double now, List<Flip> flips) {
            if (stop.stopped()) {
                return;
            }
            Problem other = scaled(Set.of(chip), faster ? 1 : -1);
            Programme programme = new Programme(other);
            double sigma = problem.capacities().stream()
                    .filter(each -> each.chip().equals(chip))
                    .mapToDouble(each -> sigmas.getOrDefault(each.name(), 0.0))
                    .max()
                    .orElse(0);
            double[] start = Start.of(programme, plan, search);
            if (start.length == 0) {
                start = Start.of(programme, more(chip, StrictMath.exp(sigma)), search);
            }
            Solution solution = search.run(programme.milp(), start, effort, stop, Solver.Progress.SILENT);
            if (!solution.found()) {
                return;
            }
            Plan best = Plan.of(programme, solution);
            double then = shares(other, best).getOrDefault(chip, 0.0);
            boolean another = Math.abs(then - now) >= ANOTHER && faster == then > now;
            // A split that differs on the same chips is no other decision.
            boolean onOthers = Math.abs(chipHours(chip, best) - chipHours(chip, plan)) > NEARLY * chipHours(chip, plan);
            double kept = start.length > 0
                    ? programme.milp().objective(start)
                    : faster ? plan.usd() : Double.POSITIVE_INFINITY;
            boolean wins = kept - best.usd() > Math.max(NOTHING * plan.usd(), plan.usd() - plan.boundUsd());
            if (another && onOthers && wins) {
                flips.add(new Flip(chip, sigma, faster, now, then, plan.usd() - best.usd()));
            }
        }

        /** The same mix with as many more of a chip as make up for its being slower. */
        private Plan more(String chip, double factor) {
            Set<String> lots = new LinkedHashSet<>();
            problem.lots().stream().filter(lot -> lot.chip().equals(chip)).forEach(lot -> lots.add(lot.name()));
            return new Plan(
                    plan.usd(),
                    plan.boundUsd(),
                    plan.commitments().stream()
                            .map(each -> lots.contains(each.lot())
                                    ? new Plan.Commitment(each.lot(), each.period(), units(each, factor))
                                    : each)
                            .toList(),
                    plan.replicas().stream()
                            .map(each -> lots.contains(each.lot())
                                    ? new Plan.Replicas(
                                            each.capacity(),
                                            each.lot(),
                                            each.period(),
                                            each.hour(),
                                            (long) Math.ceil(each.count() * factor - NOTHING),
                                            each.chips())
                                    : each)
                            .toList(),
                    plan.routes(),
                    plan.spendUsd(),
                    plan.trainings());
        }

        /** Chips of a commitment, as many more, in the multiple they come in. */
        private double units(Plan.Commitment bound, double factor) {
            double multiple = problem.lots().stream()
                    .filter(lot -> lot.name().equals(bound.lot()) && lot instanceof Lot.Chips)
                    .mapToDouble(lot -> ((Lot.Chips) lot).multiple())
                    .max()
                    .orElse(1);
            return Math.ceil(bound.chips() * factor / multiple - NOTHING) * multiple;
        }

        private double chipHours(String chip, Plan of) {
            Demand demand = problem.demand().merged();
            Set<String> capacities = new LinkedHashSet<>();
            problem.capacities().stream()
                    .filter(each -> each.chip().equals(chip))
                    .forEach(each -> capacities.add(each.name()));
            return of.replicas().stream()
                    .filter(each -> capacities.contains(each.capacity()))
                    .mapToDouble(each -> each.count() * each.chips() * demand.hours(each.period(), each.hour()))
                    .sum();
        }

        /** @param chips whose timing moves; empty: all @param way 1 faster, -1 slower */
        Problem scaled(Set<String> chips, int way) {
            return problem.withCapacities(problem.capacities().stream()
                    .map(capacity -> chips.isEmpty() || chips.contains(capacity.chip())
                            ? capacity.scaled(StrictMath.exp(way * sigmas.getOrDefault(capacity.name(), 0.0)))
                            : capacity)
                    .toList());
        }
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
