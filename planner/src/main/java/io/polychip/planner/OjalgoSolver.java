package io.polychip.planner;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.ojalgo.optimisation.Expression;
import org.ojalgo.optimisation.ExpressionsBasedModel;
import org.ojalgo.optimisation.Optimisation;
import org.ojalgo.optimisation.Variable;

/**
 * ojAlgo: pure Java, for machines on which no native solver loads. Slower, and on large programmes it ends some percent
 * above the best; the bound says how far. Its bound is the relaxation's, unless it proved its incumbent the best.
 */
final class OjalgoSolver implements Solver {
    private static final Optimisation.Result NOTHING = Optimisation.Result.of(Optimisation.State.UNEXPLORED);

    @Override
    public String name() {
        return "ojAlgo";
    }

    @Override
    public Solution solve(Milp milp, double[] start, Effort effort, Stop stop) {
        Relaxation relaxed = relax(milp, effort, stop);
        if (!relaxed.solution().found()) {
            return ScipSolver.started(milp, start, relaxed.solution());
        }
        double bound = relaxed.solution().bound();
        return read(milp, start, bound, minimised(load(milp, true, effort), stop));
    }

    /** On a thread of its own, since ojAlgo cannot be interrupted: stopped, it is left to end by itself. */
    private static Optimisation.Result minimised(ExpressionsBasedModel model, Stop stop) {
        CompletableFuture<Optimisation.Result> result = new CompletableFuture<>();
        Thread worker = Thread.ofPlatform().daemon().name("ojalgo").unstarted(() -> {
            try {
                result.complete(model.minimise());
            } catch (RuntimeException failed) {
                result.completeExceptionally(failed);
            }
        });
        stop.ends(() -> result.complete(NOTHING));
        worker.start();
        try {
            return result.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return NOTHING;
        } catch (ExecutionException failed) {
            return NOTHING;
        } finally {
            stop.ends(null);
        }
    }

    private Solution read(Milp milp, double[] start, double bound, Optimisation.Result result) {
        Optimisation.State state = result.getState();
        if (state == Optimisation.State.INFEASIBLE) {
            return Solution.none(Solution.Status.INFEASIBLE, Double.POSITIVE_INFINITY);
        }
        if (!state.isFeasible()) {
            return ScipSolver.started(milp, start, Solution.none(Solution.Status.UNKNOWN, bound));
        }
        double[] values = new double[milp.columns()];
        for (int column = 0; column < values.length; column++) {
            values[column] = result.doubleValue(column);
        }
        Relaxation around = relax(milp.fixed(values), new Effort(60, 0));
        if (!around.solution().found()) {
            return ScipSolver.started(milp, start, Solution.none(Solution.Status.UNKNOWN, bound));
        }
        double[] exact = around.solution().values();
        double objective = milp.objective(exact);
        boolean proven = state.isOptimal();
        return ScipSolver.started(
                milp,
                start,
                new Solution(
                        proven ? Solution.Status.OPTIMAL : Solution.Status.FEASIBLE,
                        exact,
                        objective,
                        proven ? objective : Math.min(bound, objective)));
    }

    @Override
    public Relaxation relax(Milp milp, Effort effort, Stop stop) {
        Optimisation.Result result = stop.stopped() ? NOTHING : minimised(load(milp, false, effort), stop);
        double[] prices = new double[milp.rows()];
        double[] reduced = new double[milp.columns()];
        Optimisation.State state = result.getState();
        if (!state.isFeasible()) {
            Solution none = switch (state) {
                case INFEASIBLE -> Solution.none(Solution.Status.INFEASIBLE, Double.POSITIVE_INFINITY);
                case UNBOUNDED -> Solution.none(Solution.Status.UNBOUNDED, Double.NEGATIVE_INFINITY);
                default -> Solution.none(Solution.Status.UNKNOWN, Double.NEGATIVE_INFINITY);
            };
            return new Relaxation(none, prices, reduced);
        }
        double[] values = new double[milp.columns()];
        for (int column = 0; column < values.length; column++) {
            values[column] = result.doubleValue(column);
        }
        double objective = milp.objective(values);
        boolean proven = state.isOptimal();
        Solution found = new Solution(
                proven ? Solution.Status.OPTIMAL : Solution.Status.FEASIBLE,
                values,
                objective,
                proven ? objective : Double.NEGATIVE_INFINITY);
        return new Relaxation(found, prices, reduced);
    }

    private static ExpressionsBasedModel load(Milp milp, boolean whole, Effort effort) {
        ExpressionsBasedModel model = new ExpressionsBasedModel();
        model.options.time_abort = Math.max(1, Math.round(effort.seconds() * 1000));
        model.options.time_suffice = model.options.time_abort;
        Variable[] variables = new Variable[milp.columns()];
        for (int column = 0; column < variables.length; column++) {
            Variable variable = model.addVariable("x" + column);
            if (Double.isFinite(milp.lower(column))) {
                variable.lower(milp.lower(column));
            }
            if (Double.isFinite(milp.upper(column))) {
                variable.upper(milp.upper(column));
            }
            variable.integer(whole && milp.whole(column)).weight(milp.cost(column));
            variables[column] = variable;
        }
        for (int row = 0; row < milp.rows(); row++) {
            Expression expression = model.addExpression("r" + row);
            for (int entry = milp.rowStart(row); entry < milp.rowStart(row + 1); entry++) {
                expression.set(variables[milp.entryColumn(entry)], milp.entryValue(entry));
            }
            if (Double.isFinite(milp.rowLower(row))) {
                expression.lower(milp.rowLower(row));
            }
            if (Double.isFinite(milp.rowUpper(row))) {
                expression.upper(milp.rowUpper(row));
            }
        }
        return model;
    }
}
