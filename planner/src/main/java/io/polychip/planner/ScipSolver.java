package io.polychip.planner;

import com.google.ortools.Loader;
import com.google.ortools.linearsolver.MPConstraint;
import com.google.ortools.linearsolver.MPObjective;
import com.google.ortools.linearsolver.MPSolver;
import com.google.ortools.linearsolver.MPSolverParameters;
import com.google.ortools.linearsolver.MPVariable;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * SCIP for whole numbers and GLOP for fractions, both through OR-Tools. One thread. Stopped by time or by hand, SCIP
 * keeps its incumbent and its bound.
 *
 * <p>HiGHS through the same library loses its incumbent at a time limit (google/or-tools#5372), hence SCIP.
 */
final class ScipSolver implements Solver {
    /** Largest cost of a column as the solver sees it, so that its absolute tolerances mean the same at any scale. */
    private static final double LARGEST_COST = 1e4;

    /** Left alone, SCIP counts processor seconds: on a busy machine 30 of these took 100 of everybody else's. */
    private static final String WALL_CLOCK = "timing/clocktype = 2\n";

    /** Left alone, SCIP takes Ctrl-C for itself while it solves, writes to standard output and tells nobody. */
    private static final String NO_SIGNALS = "misc/catchctrlc = FALSE\n";

    /** Whole numbers within this of a fraction's end are taken as whole. */
    private static final double WHOLE = 1e-5;

    /** A solution is taken when no row is missed by more, relative to its terms. */
    private static final double TOLERANCE = 1e-5;

    /** @throws LinkageError where this machine has no native code of it */
    ScipSolver() {
        Loader.loadNativeLibraries();
    }

    @Override
    public String name() {
        return "SCIP";
    }

    @Override
    public Solution solve(Milp milp, double[] start, Effort effort, Stop stop) {
        if (stop.stopped()) {
            return started(milp, start, Solution.none(Solution.Status.UNKNOWN, Double.NEGATIVE_INFINITY));
        }
        MPSolver solver = create("SCIP");
        try {
            MPVariable[] variables = load(solver, milp, scale(milp));
            if (start.length > 0) {
                solver.setHint(variables, start);
            }
            solver.setTimeLimit(Math.max(1, Math.round(effort.seconds() * 1000)));
            solver.setSolverSpecificParametersAsString(WALL_CLOCK + NO_SIGNALS);
            MPSolverParameters parameters = new MPSolverParameters();
            parameters.setDoubleParam(MPSolverParameters.DoubleParam.RELATIVE_MIP_GAP, effort.gap());
            return read(milp, solver, variables, run(solver, parameters, stop), start);
        } finally {
            solver.delete();
        }
    }

    private static MPSolver.ResultStatus run(MPSolver solver, MPSolverParameters parameters, Stop stop) {
        Interruption interruption = new Interruption(solver);
        stop.ends(interruption::begin);
        try {
            return solver.solve(parameters);
        } finally {
            stop.ends(null);
            interruption.end();
        }
    }

    /** A solver forgets an interruption that comes before it has begun, so it is told again until it has ended. */
    private static final class Interruption {
        private static final long AGAIN_MILLIS = 20;
        private final MPSolver solver;
        private final CountDownLatch ended = new CountDownLatch(1);

        Interruption(MPSolver solver) {
            this.solver = solver;
        }

        void begin() {
            Thread.ofPlatform().daemon().name("scip-stop").start(() -> {
                try {
                    while (!ended.await(AGAIN_MILLIS, TimeUnit.MILLISECONDS)) {
                        interrupt();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
        }

        private synchronized void interrupt() {
            if (ended.getCount() > 0) {
                solver.interruptSolve();
            }
        }

        synchronized void end() {
            ended.countDown();
        }
    }

    private Solution read(
            Milp milp, MPSolver solver, MPVariable[] variables, MPSolver.ResultStatus status, double[] start) {
        double bound = solver.objective().bestBound() / scale(milp);
        return switch (status) {
            case OPTIMAL, FEASIBLE -> {
                double[] values = values(variables);
                for (int column = 0; column < values.length; column++) {
                    if (milp.whole(column)) {
                        values[column] = Math.rint(values[column]);
                    }
                }
                if (milp.violation(values) > TOLERANCE) {
                    values = repaired(milp, values);
                }
                double objective = milp.objective(values);
                Solution found = new Solution(
                        status == MPSolver.ResultStatus.OPTIMAL ? Solution.Status.OPTIMAL : Solution.Status.FEASIBLE,
                        values,
                        objective,
                        Math.min(bound, objective));
                yield started(milp, start, found);
            }
            case INFEASIBLE -> Solution.none(Solution.Status.INFEASIBLE, Double.POSITIVE_INFINITY);
            case UNBOUNDED -> Solution.none(Solution.Status.UNBOUNDED, Double.NEGATIVE_INFINITY);
            case ABNORMAL, MODEL_INVALID, NOT_SOLVED ->
                started(
                        milp,
                        start,
                        Solution.none(
                                Solution.Status.UNKNOWN, Double.isFinite(bound) ? bound : Double.NEGATIVE_INFINITY));
        };
    }

    /** Whole numbers that were only nearly whole: the rest is computed again around them. */
    private double[] repaired(Milp milp, double[] values) {
        Relaxation again = relax(milp.fixed(values), new Effort(60, 0));
        return again.solution().found() ? again.solution().values() : values;
    }

    /** The start itself when it is feasible and better: a stop must never lose it. */
    static Solution started(Milp milp, double[] start, Solution found) {
        if (start.length == 0 || milp.violation(start) > TOLERANCE) {
            return found;
        }
        double cost = milp.objective(start);
        if (cost >= found.objective()) {
            return found;
        }
        return new Solution(Solution.Status.FEASIBLE, start.clone(), cost, Math.min(found.bound(), cost));
    }

    @Override
    public Relaxation relax(Milp milp, Effort effort, Stop stop) {
        if (stop.stopped()) {
            return nothing(milp, Solution.Status.UNKNOWN);
        }
        MPSolver solver = create("GLOP");
        try {
            double scale = scale(milp);
            MPVariable[] variables = load(solver, milp.relaxed(), scale);
            solver.setTimeLimit(Math.max(1, Math.round(effort.seconds() * 1000)));
            MPSolver.ResultStatus status = run(solver, new MPSolverParameters(), stop);
            if (status != MPSolver.ResultStatus.OPTIMAL && status != MPSolver.ResultStatus.FEASIBLE) {
                return nothing(
                        milp,
                        switch (status) {
                            case INFEASIBLE -> Solution.Status.INFEASIBLE;
                            case UNBOUNDED -> Solution.Status.UNBOUNDED;
                            case OPTIMAL, FEASIBLE, ABNORMAL, MODEL_INVALID, NOT_SOLVED -> Solution.Status.UNKNOWN;
                        });
            }
            double[] values = values(variables);
            double objective = milp.objective(values);
            boolean proven = status == MPSolver.ResultStatus.OPTIMAL;
            Solution found = new Solution(
                    proven ? Solution.Status.OPTIMAL : Solution.Status.FEASIBLE,
                    values,
                    objective,
                    proven ? objective : Double.NEGATIVE_INFINITY);
            double[] prices = new double[milp.rows()];
            double[] reduced = new double[milp.columns()];
            if (proven) {
                MPConstraint[] rows = solver.constraints();
                Arrays.setAll(prices, row -> rows[row].dualValue() / scale);
                Arrays.setAll(reduced, column -> variables[column].reducedCost() / scale);
            }
            return new Relaxation(found, prices, reduced);
        } finally {
            solver.delete();
        }
    }

    private static Relaxation nothing(Milp milp, Solution.Status status) {
        double bound = status == Solution.Status.INFEASIBLE ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
        return new Relaxation(Solution.none(status, bound), new double[milp.rows()], new double[milp.columns()]);
    }

    private static MPSolver create(String id) {
        MPSolver solver = MPSolver.createSolver(id);
        if (solver == null) {
            throw new PlanException("This OR-Tools was built without " + id + ".");
        }
        return solver;
    }

    /** A power of two, so that nothing is lost by it. */
    private static double scale(Milp milp) {
        double largest = 0;
        for (int column = 0; column < milp.columns(); column++) {
            largest = Math.max(largest, Math.abs(milp.cost(column)));
        }
        return largest <= LARGEST_COST ? 1 : Math.scalb(1.0, -Math.getExponent(largest / LARGEST_COST) - 1);
    }

    private static MPVariable[] load(MPSolver solver, Milp milp, double scale) {
        MPVariable[] variables = new MPVariable[milp.columns()];
        MPObjective objective = solver.objective();
        for (int column = 0; column < variables.length; column++) {
            variables[column] = solver.makeVar(milp.lower(column), milp.upper(column), milp.whole(column), "");
            if (milp.cost(column) != 0) {
                objective.setCoefficient(variables[column], milp.cost(column) * scale);
            }
        }
        objective.setMinimization();
        for (int row = 0; row < milp.rows(); row++) {
            MPConstraint constraint = solver.makeConstraint(milp.rowLower(row), milp.rowUpper(row), "");
            for (int entry = milp.rowStart(row); entry < milp.rowStart(row + 1); entry++) {
                constraint.setCoefficient(variables[milp.entryColumn(entry)], milp.entryValue(entry));
            }
        }
        return variables;
    }

    private static double[] values(MPVariable[] variables) {
        double[] values = new double[variables.length];
        for (int column = 0; column < values.length; column++) {
            double value = variables[column].solutionValue();
            double nearest = Math.rint(value);
            values[column] = Math.abs(value - nearest) < WHOLE * 1e-4 ? nearest : value;
        }
        return values;
    }
}
