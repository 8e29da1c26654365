package io.polychip.planner;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.DoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What independence costs: the best plan under ever tighter limits on any one vendor's share of the tokens, and the
 * best plan that survives ever more. All else asked for stays as it is. Each point is solved from the tightest to the
 * loosest, begun from the point before: a plan for the tighter limit is one for the looser, so cost never falls as
 * independence grows, whatever the time a search had.
 *
 * @param caps from no limit to the tightest
 * @param losses for each label, from surviving nothing to serving all after any one loss
 */
public record Frontier(List<Point> caps, List<Point> losses) {
    public Frontier {
        caps = List.copyOf(caps);
        losses = List.copyOf(losses);
    }

    /** Which way independence is asked for. */
    public enum Way {
        /** No value of the label carries more than the level of the tokens. */
        CAP,
        /** Whichever value of the label is lost, the level of every class is served. */
        SURVIVE
    }

    /**
     * One point.
     *
     * @param level share, 0 to 1
     * @param status infeasible where it is proven that no plan exists, unknown where none was found in time
     * @param usd over all periods in dollars of now; infinite where there is no plan
     * @param boundUsd no plan at this level costs less
     * @param tokenShares of vendors
     * @param outcomes of its simulation; empty where there was no plan, or no time left to simulate it
     */
    public record Point(
            Way way,
            String label,
            double level,
            Solution.Status status,
            double usd,
            double boundUsd,
            Map<String, Double> tokenShares,
            List<Trial.Outcome> outcomes) {
        public Point {
            tokenShares = Map.copyOf(tokenShares);
            outcomes = List.copyOf(outcomes);
        }

        /** Whether all that this point promises held in simulation; false where it was not simulated. */
        public boolean kept() {
            return !outcomes.isEmpty() && outcomes.stream().allMatch(Trial.Outcome::kept);
        }

        public boolean possible() {
            return Double.isFinite(usd);
        }

        /** What it costs more than another point, as a share of that one's cost. */
        public double more(Point free) {
            return usd / free.usd - 1;
        }

        /** Least that can be, by what the searches proved. */
        public double leastMore(Point free) {
            return Math.max(0, boundUsd / free.usd - 1);
        }

        /** Most that can be. */
        public double mostMore(Point free) {
            return usd / free.boundUsd - 1;
        }
    }

    /** Simulates a point's plan. */
    @FunctionalInterface
    public interface Check {
        /** Outcomes of its trials; none where there is no time left. */
        List<Trial.Outcome> of(Problem problem, Plan plan);
    }

    /**
     * What is looked at.
     *
     * @param caps shares of the tokens, 1 for no limit
     * @param phis shares of every class that are served after a loss, 0 for none
     * @param labels whose loss is looked at
     */
    public record Levels(List<Double> caps, List<Double> phis, Set<String> labels) {
        public Levels {
            caps = caps.stream().sorted().toList();
            phis = phis.stream().sorted(java.util.Comparator.reverseOrder()).toList();
            labels = Set.copyOf(labels);
        }

        int points() {
            return caps.size() + phis.size() * labels.size();
        }
    }

    /**
     * Solves every point; each has its part of the seconds.
     *
     * @param asked the plan made for the rules as they are, to begin from
     * @param check hears of the plan of each point, the tightest first
     * @param heard each point as it is solved
     */
    public static Frontier of(
            Problem problem,
            Plan asked,
            Levels levels,
            Search search,
            Solver.Effort effort,
            Stop stop,
            Check check,
            Consumer<Point> heard) {
        Solver.Effort each = new Solver.Effort(effort.seconds() / levels.points(), effort.gap());
        Walk walk = new Walk(problem, asked, search, each, stop, check, heard);
        List<Point> caps =
                walk.points(Way.CAP, "vendor", levels.caps(), cap -> problem.with(capped(problem.rules(), cap)));
        List<Point> losses = new ArrayList<>();
        for (String label : levels.labels().stream().sorted().toList()) {
            losses.addAll(walk.points(
                    Way.SURVIVE, label, levels.phis(), phi -> problem.with(surviving(problem.rules(), label, phi))));
        }
        return new Frontier(caps, losses);
    }

    /** Limits on any one vendor's tokens instead of those asked for; floors stay, at most the limit. */
    static Rules capped(Rules rules, double cap) {
        List<Rules.Share> shares = new ArrayList<>();
        for (Rules.Share share : rules.shares()) {
            boolean ofVendors = share.label().equals("vendor") && share.basis() == Rules.Basis.TOKENS;
            shares.add(
                    ofVendors
                            ? new Rules.Share(
                                    share.label(), share.value(), share.basis(), share.floor(), 1, share.everyHour())
                            : share);
        }
        shares.add(new Rules.Share("vendor", Rules.Share.ANY, Rules.Basis.TOKENS, 0, cap, false));
        return rules.with(shares, rules.survivals());
    }

    /** What is to survive the loss of a label's values instead of what was asked for it. */
    static Rules surviving(Rules rules, String label, double phi) {
        List<Rules.Survival> survivals = new ArrayList<>(rules.survivals());
        survivals.removeIf(survival -> survival.label().equals(label));
        if (phi > 0) {
            survivals.add(Rules.Survival.any(label, phi));
        }
        return rules.with(rules.shares(), survivals);
    }

    /** Points in turn. */
    private record Walk(
            Problem problem,
            Plan asked,
            Search search,
            Solver.Effort effort,
            Stop stop,
            Check check,
            Consumer<Point> heard) {
        List<Point> points(Way way, String label, List<Double> tightest, DoubleFunction<Problem> at) {
            List<Point> points = new ArrayList<>();
            Plan before = null;
            for (double level : tightest) {
                if (stop.stopped()) {
                    break;
                }
                Problem here = at.apply(level);
                Programme programme = new Programme(here);
                Solution solution = solve(programme, before);
                Plan plan = solution.found() ? Plan.of(programme, solution) : null;
                Point point = new Point(
                        way,
                        label,
                        level,
                        solution.status(),
                        solution.objective(),
                        solution.bound(),
                        plan == null ? Map.of() : plan.tokenShares(here, "vendor"),
                        plan == null ? List.of() : check.of(here, plan));
                heard.accept(point);
                points.addFirst(point);
                before = plan == null ? before : plan;
            }
            return points;
        }

        /** From the tighter point's plan, or the one asked for where that is a cheaper one. */
        private Solution solve(Programme programme, @Nullable Plan before) {
            double[] best = new double[0];
            for (Plan from : before == null ? List.of(asked) : List.of(before, asked)) {
                double[] start = Start.of(programme, from, search);
                boolean better = start.length > 0
                        && (best.length == 0
                                || programme.milp().objective(start)
                                        < programme.milp().objective(best));
                best = better ? start : best;
            }
            Solution solution = search.run(programme.milp(), best, effort, stop, Solver.Progress.SILENT);
            return solution.found() || best.length == 0 ? solution : search.completed(programme.milp(), best);
        }
    }

    /** Labels that are looked at in any case and those that were asked for. */
    public static Set<String> labels(Rules rules) {
        Set<String> labels = new LinkedHashSet<>(Set.of("vendor"));
        rules.survivals().forEach(survival -> labels.add(survival.label()));
        return labels;
    }
}
