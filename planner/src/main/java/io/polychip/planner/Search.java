package io.polychip.planner;

import java.util.Comparator;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/**
 * Solves a programme so that something is known early: first the best with fractions (a bound), then whole numbers
 * rounded around it (an incumbent), then the solver, begun from that and asked for ever smaller gaps. Whoever stops it,
 * or whenever time ends, the best so far is the answer.
 *
 * <p>Small programmes go to the solver at once. Not for several threads at a time.
 */
public final class Search {
    /** Programmes with fewer columns are solved whole faster than step by step. */
    private static final int SMALL = 1500;

    /** Loose first, so that there is a plan early. */
    private static final double[] GAPS = {0.2, 0.02, 0.005};

    /**
     * Of the time there is, how much at most goes into deals alone, all else as fractions: rounded up, a minimum beyond
     * any need would be paid in the first plan, and their steps leave the bound far off.
     */
    private static final double CHOOSING = 0.25;

    /** Of the time there is, how much at most goes into making choices one after another for a first plan. */
    private static final double MAKING = 0.1;

    private final Solver solver;

    public Search(Solver solver) {
        this.solver = solver;
    }

    /** With SCIP where its native code loads (1 to 3 seconds, the first time), else with ojAlgo. */
    public static Search best() {
        try {
            return new Search(new ScipSolver());
        } catch (LinkageError | RuntimeException noNatives) {
            return new Search(new OjalgoSolver());
        }
    }

    /** By name, {@code scip} or {@code ojalgo}. */
    public static Search named(String name) {
        return switch (name) {
            case "scip" -> new Search(new ScipSolver());
            case "ojalgo" -> new Search(new OjalgoSolver());
            default -> throw new PlanException("There is no solver \"%s\"; there are scip and ojalgo.".formatted(name));
        };
    }

    public String solver() {
        return solver.name();
    }

    public Relaxation relax(Milp milp) {
        return solver.relax(milp, new Solver.Effort(600, 0));
    }

    public Solution run(Milp milp, Solver.Effort effort) {
        return run(milp, new double[0], effort, new Stop(), Solver.Progress.SILENT);
    }

    /** These whole numbers, rounded, with the best of the rest; not found where they satisfy the programme no more. */
    Solution completed(Milp milp, double[] wholes) {
        long now = System.nanoTime();
        Time time = new Time(new Solver.Effort(MOST_SECONDS, 0), new Stop(), now, now);
        return around(milp, wholes, x -> x, Double.NEGATIVE_INFINITY, time);
    }

    /** @param start values of an earlier answer to begin from, empty: none */
    public Solution run(Milp milp, double[] start, Solver.Effort effort, Stop stop, Solver.Progress progress) {
        if (milp.columns() < SMALL) {
            return solver.solve(milp, start, effort, stop);
        }
        long began = System.nanoTime();
        Relaxation relaxed = solver.relax(milp, new Solver.Effort(effort.seconds(), 0), stop);
        Milp rounded = !relaxed.solution().found() ? milp : Knapsacks.in(milp, relaxed);
        Solution fractions = relaxed.solution();
        Solution kept = ScipSolver.started(milp, start, Solution.none(Solution.Status.UNKNOWN, fractions.bound()));
        Chosen chosen = fractions.found() && rounded.choices().hasWhole()
                ? chosen(rounded, fractions, kept, new Time(effort, stop, began, System.nanoTime()), progress)
                : new Chosen(rounded, fractions, kept);
        Time time = new Time(effort, stop, began, System.nanoTime());
        Solution best = first(chosen.milp(), chosen.fractions(), chosen.early(), start, time, progress);
        if (best.status() == Solution.Status.INFEASIBLE || best.status() == Solution.Status.UNBOUNDED) {
            return best;
        }
        if (fractions.found() && best.gap() > effort.gap() && !time.over(1)) {
            Milp around = chosen.milp();
            Partwise.Found found = new Partwise(solver, time, progress).in(rounded, around, best);
            rounded = found.milp();
            best = found.best();
        }
        for (int i = 0; i <= GAPS.length; i++) {
            double gap = i < GAPS.length ? Math.max(GAPS[i], effort.gap()) : effort.gap();
            double left = effort.seconds() - seconds(began);
            if (best.gap() <= effort.gap() || stop.stopped() || left <= 0.05) {
                break;
            }
            if (best.gap() <= gap) {
                continue;
            }
            best = better(best, solver.solve(rounded, best.values(), new Solver.Effort(left, gap), stop));
            progress.update(seconds(began), solver.name(), best.objective(), best.bound());
            if (best.status() == Solution.Status.INFEASIBLE) {
                break;
            }
        }
        return best;
    }

    /**
     * A programme with its choices made.
     *
     * @param fractions its best with fractions, and what is proven of all choices
     * @param early a plan that was had on the way
     */
    private record Chosen(Milp milp, Solution fractions, Solution early) {}

    private Chosen chosen(Milp milp, Solution fractions, Solution kept, Time making, Solver.Progress progress) {
        progress.update(making.past(), "fractions", kept.objective(), kept.bound());
        Milp choices = milp.choices();
        Solution made = new Choices(solver, making).made(choices, fractions, MAKING);
        Milp within = made.found() ? milp.chosen(made.values()) : milp; // else poor, but there
        Time diving = new Time(making.effort(), making.stop(), making.began(), System.nanoTime());
        Solution early = better(kept, dived(within, made.found() ? made : fractions, diving, 0, DIVING));
        progress.update(diving.past(), "dived", early.objective(), early.bound());
        Solver.Effort effort = new Solver.Effort(
                making.effort().seconds() * CHOOSING, making.effort().gap() / 10);
        Solution best = solver.solve(choices, made.values(), effort, making.stop());
        double bound = Math.max(fractions.bound(), best.bound());
        return best.found()
                ? new Chosen(
                        milp.chosen(best.values()),
                        new Solution(best.status(), best.values(), best.objective(), bound),
                        early)
                : new Chosen(milp, fractions, early);
    }

    /** The relaxation's bound and the best of the start and of the ways to round. */
    private Solution first(
            Milp milp, Solution fractions, Solution early, double[] start, Time time, Solver.Progress progress) {
        if (!fractions.found()) {
            return early.found() ? early : fractions;
        }
        Solution best = better(early, Solution.none(Solution.Status.UNKNOWN, fractions.bound()));
        progress.update(time.past(), "fractions", best.objective(), best.bound());
        if (start.length > 0) {
            best = better(best, around(milp, start, x -> x, fractions.bound(), time));
        }
        best = better(best, dived(milp, fractions, time, DIVING, ROUNDING));
        if (!best.found()) {
            // What was raised first had left no way for the rest.
            best = better(best, dived(milp, fractions, time, 0, 2 * ROUNDING));
        }
        progress.update(time.past(), "dived", best.objective(), best.bound());
        if (!best.found() || !time.over(2 * ROUNDING)) {
            best = better(best, peeled(milp, fractions, time));
            progress.update(time.past(), "peeled", best.objective(), best.bound());
        }
        if (!best.found() || !time.over(2 * ROUNDING)) {
            best = better(best, raised(milp, fractions.values(), fractions.bound(), time));
            progress.update(time.past(), "rounded", best.objective(), best.bound());
        }
        for (DoubleUnaryOperator rounding : ROUNDINGS) {
            if (best.gap() <= time.effort().gap() || time.stop().stopped() || (best.found() && time.over(ROUNDING))) {
                break;
            }
            Solution rounded = around(milp, fractions.values(), rounding, fractions.bound(), time);
            if (rounded.objective() < best.objective()) {
                best = better(best, rounded);
                progress.update(time.past(), "rounded", best.objective(), best.bound());
            }
        }
        return best;
    }

    private static final DoubleUnaryOperator[] ROUNDINGS = {
        x -> Math.ceil(x - 1e-6), x -> Math.rint(x + 0.25), Math::rint
    };

    /**
     * The fractions nearest below a whole number are raised to it, a part of them at a time, and the rest chosen anew,
     * until all are whole, nothing is left to choose, or it was stopped.
     *
     * @param careful of the time there is, how much goes into a part at a time
     * @param all of the time there is, after how much what is left is rounded up
     */
    private Solution dived(Milp milp, Solution fractions, Time time, double careful, double all) {
        double[] least = new double[milp.columns()];
        double[] values = fractions.values();
        for (int round = 0; round < MOST_DIVES && !time.over(all); round++) {
            double[] now = values;
            List<Integer> open = IntStream.range(0, milp.columns())
                    .filter(column -> milp.whole(column) && Math.ceil(now[column] - 1e-6) - now[column] > 1e-6)
                    .boxed()
                    .sorted(Comparator.comparingDouble(column -> Math.ceil(now[column]) - now[column]))
                    .toList();
            if (open.isEmpty()) {
                break;
            }
            boolean few = round < CAREFUL_DIVES && !time.over(careful);
            int part = few ? Math.max(1, open.size() / DIVE_PART) : open.size();
            for (int column : open.subList(0, part)) {
                least[column] = Math.ceil(now[column]);
            }
            Solution rest =
                    solver.relax(milp.raised(least), time.step(), time.stop()).solution();
            if (!rest.found()) {
                break;
            }
            values = rest.values();
        }
        return around(milp, values, x -> Math.ceil(x - 1e-6), fractions.bound(), time);
    }

    /** After these all that is left is raised at once, and what had to grow for that, until nothing has to. */
    private static final int CAREFUL_DIVES = 30;

    private static final int MOST_DIVES = 60;
    private static final int DIVE_PART = 6;

    /** Of the time there is, how much goes into diving a part at a time. */
    private static final double DIVING = 0.05;

    /** Of the time there is, how much goes into diving and then rounding; where little is found yet, twice as much. */
    private static final double ROUNDING = 0.25;

    /** For one relaxation. */
    private static final double MOST_SECONDS = 60;

    /** What is left of a search. */
    record Time(Solver.Effort effort, Stop stop, long began, long rounding) {
        double past() {
            return seconds(began);
        }

        /** Whether that part of the time has gone into rounding, or it was stopped. */
        boolean over(double part) {
            return stop.stopped() || seconds(rounding) >= effort.seconds() * part;
        }

        /** For the next relaxation; a second at least, since without any nothing would be found. */
        Solver.Effort step() {
            return new Solver.Effort(Math.clamp(effort.seconds() - past(), 1, MOST_SECONDS), 0);
        }
    }

    /**
     * What is hardly used is left out, more each time, as long as the rest can do without; what is left is rounded up.
     * Where chips come in eights, rounding up a little of everything would cost several times the best.
     */
    private Solution peeled(Milp milp, Solution fractions, Time time) {
        boolean[] out = new boolean[milp.columns()];
        double[] values = fractions.values();
        for (double least : PEELS) {
            if (time.over(2 * ROUNDING)) {
                break;
            }
            boolean[] more = out.clone();
            for (int column = 0; column < more.length; column++) {
                more[column] |= milp.whole(column) && values[column] < least;
            }
            Solution rest =
                    solver.relax(milp.without(more), time.step(), time.stop()).solution();
            if (rest.found()) {
                out = more;
                values = rest.values();
            }
        }
        return around(milp.without(out), values, x -> Math.ceil(x - 1e-6), fractions.bound(), time);
    }

    private static final double[] PEELS = {1e-6, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7};

    /** First nothing may fall below its next whole number; what had to grow for that is then rounded up in its turn. */
    private Solution raised(Milp milp, double[] fractions, double bound, Time time) {
        Solution grown =
                solver.relax(milp.raised(fractions), time.step(), time.stop()).solution();
        return grown.found()
                ? around(milp, grown.values(), x -> Math.ceil(x - 1e-6), bound, time)
                : Solution.none(Solution.Status.UNKNOWN, bound);
    }

    /** Not stopped: what was found so far would be lost. It is the fastest of all, with all whole numbers held. */
    private Solution around(Milp milp, double[] values, DoubleUnaryOperator rounding, double bound, Time time) {
        double[] rounded = values.clone();
        for (int column = 0; column < rounded.length; column++) {
            if (milp.whole(column)) {
                rounded[column] = rounding.applyAsDouble(rounded[column]);
            }
        }
        Solution rest = solver.relax(milp.fixed(rounded), time.step()).solution();
        return rest.found()
                ? new Solution(
                        Solution.Status.FEASIBLE, rest.values(), rest.objective(), Math.min(bound, rest.objective()))
                : Solution.none(Solution.Status.UNKNOWN, bound);
    }

    /** The cheaper incumbent with the higher bound. */
    static Solution better(Solution one, Solution other) {
        if (other.status() == Solution.Status.INFEASIBLE && !one.found()) {
            return other;
        }
        Solution cheaper = other.objective() <= one.objective() ? other : one;
        double bound =
                other.status() == Solution.Status.INFEASIBLE ? one.bound() : Math.max(one.bound(), other.bound());
        return new Solution(
                cheaper.status(), cheaper.values(), cheaper.objective(), Math.min(bound, cheaper.objective()));
    }

    static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }
}
