package io.polychip.planner;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Looks for better whole numbers part by part: first what the parts chose alone, then with what they share (chips bound
 * for a term, deals) chosen for all of them at once, then one part anew at a time with the others as they are, dearest
 * first, then what differs from the best with fractions, and then the same with two neighbours at a time.
 */
final class Partwise {
    /** Of the time there is, how much goes at most into solving the parts alone. */
    private static final double ALONE = 0.3;

    /** Into one of the steps after that. */
    private static final double STEP = 0.1;

    /** Into all; what is left is the solver's. */
    private static final double ALL = 0.8;

    /** A round that gains less than this share is the last of its kind. */
    private static final double LEAST_GAIN = 1e-3;

    /** A whole number within this of its fraction is left as it is (relaxation induced neighbourhood, Danna 2005). */
    private static final double NEAR = 0.1;

    private static final double[] NO_START = {};

    private final Solver solver;
    private final Search.Time time;
    private final Solver.Progress progress;

    Partwise(Solver solver, Search.Time time, Solver.Progress progress) {
        this.solver = solver;
        this.time = time;
        this.progress = progress;
    }

    /** @param milp with rows of its parts */
    record Found(Milp milp, Solution best) {}

    /**
     * Never worse than it was.
     *
     * @param around the programme with its choices made; its prices are the parts'
     */
    Found in(Milp milp, Milp around, Solution before) {
        Relaxation relaxed = solver.relax(around, time.step(), time.stop());
        Parts parts = new Parts(milp, relaxed);
        if (!relaxed.solution().found() || parts.all().isEmpty() || !priced(relaxed)) {
            return new Found(milp, before);
        }
        Parts.Tight tight = parts.tightened(solver, time.effort().seconds() * ALONE, time.stop());
        Solution fractions =
                solver.relax(tight.milp(), time.step(), time.stop()).solution();
        Solution best = proven(before, fractions);
        progress.update(time.past(), "parts", best.objective(), best.bound());
        if (tight.chosen().length > 0) {
            best = better(best, tight.milp().held(tight.chosen(), parts::own), NO_START, "joined");
        }
        if (!done(best)) {
            best = shared(parts, tight, best);
        }
        return new Found(tight.milp(), anew(parts, tight, fractions, best));
    }

    /** Without prices the parts cost nothing. */
    private static boolean priced(Relaxation relaxed) {
        for (double price : relaxed.rowPrices()) {
            if (price != 0) {
                return true;
            }
        }
        return false;
    }

    private boolean done(Solution best) {
        return best.gap() <= time.effort().gap() || time.over(ALL);
    }

    /** What several parts share, with the rest as fractions, whose cost the parts' rows know; then the rest. */
    private Solution shared(Parts parts, Parts.Tight tight, Solution best) {
        IntPredicate shared = column -> !parts.own(column);
        Solution coarse = solver.solve(tight.milp().onlyWhole(shared), NO_START, step(), time.stop());
        Solution proven = proven(best, coarse);
        double[] chosen =
                coarse.found() ? parts.chosen(solver, coarse.values(), step().seconds(), time.stop()) : NO_START;
        return chosen.length > 0
                ? better(proven, tight.milp().held(chosen, column -> true), NO_START, "shared")
                : proven;
    }

    /** Some parts chosen anew, then all that differs from the best with fractions; over again while that helps. */
    private Solution anew(Parts parts, Parts.Tight tight, Solution fractions, Solution first) {
        Solution best = first;
        for (int width = 1; width <= Math.min(2, parts.all().size()); width++) {
            double before = Double.POSITIVE_INFINITY;
            while (best.found() && best.objective() < before * (1 - LEAST_GAIN)) {
                before = best.objective();
                for (int from : dearest(parts, tight, best, width)) {
                    Set<Integer> open = new HashSet<>();
                    parts.all().subList(from, from + width).forEach(part -> open.addAll(part.columns()));
                    best = done(best) ? best : open(best, tight, open::contains, "anew");
                }
                double[] whole = best.values();
                double[] parted = fractions.values();
                best = done(best) || !fractions.found()
                        ? best
                        : open(best, tight, column -> Math.abs(whole[column] - parted[column]) > NEAR, "near");
            }
        }
        return best;
    }

    private Solution open(Solution best, Parts.Tight tight, IntPredicate open, String name) {
        return better(best, tight.milp().held(best.values(), open.negate()), best.values(), name);
    }

    private static List<Integer> dearest(Parts parts, Parts.Tight tight, Solution best, int width) {
        double[] slack = IntStream.range(0, parts.all().size())
                .mapToDouble(part -> tight.slack(part, best.values()))
                .toArray();
        return IntStream.rangeClosed(0, slack.length - width)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer from) -> IntStream.range(from, from + width)
                                .mapToDouble(part -> slack[part])
                                .sum())
                        .reversed())
                .toList();
    }

    private Solver.Effort step() {
        double left = time.effort().seconds() - time.past();
        return new Solver.Effort(
                Math.clamp(time.effort().seconds() * STEP, 0.05, Math.max(0.05, left)),
                time.effort().gap() / 10);
    }

    /** What is best when some is held proves nothing of the rest. */
    private Solution better(Solution best, Milp held, double[] start, String name) {
        Solution found = solver.solve(held, start, step(), time.stop());
        if (found.objective() >= best.objective()) {
            return best;
        }
        progress.update(time.past(), name, found.objective(), best.bound());
        return new Solution(
                Solution.Status.FEASIBLE, found.values(), found.objective(), Math.min(best.bound(), found.objective()));
    }

    private static Solution proven(Solution best, Solution relaxed) {
        double bound = Double.isFinite(relaxed.bound()) ? Math.max(best.bound(), relaxed.bound()) : best.bound();
        return new Solution(best.status(), best.values(), best.objective(), Math.min(bound, best.objective()));
    }
}
