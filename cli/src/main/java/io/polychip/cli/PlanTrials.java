package io.polychip.cli;

import io.polychip.planner.Demand;
import io.polychip.planner.Planner;
import io.polychip.planner.Stop;
import io.polychip.planner.Trial;
import io.polychip.simulator.Report;
import io.polychip.simulator.Scenario;
import io.polychip.simulator.Simulation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Simulates a plan's trials, as many at once as there are processors; each a pure function of plan, demand and seed.
 */
final class PlanTrials implements Planner.Trials {
    private static final int SLICES = 200;
    private static final double HOUR_NANOS = 3600e9;

    private final PlanDemand demand;
    private final Demand typical;
    private final long seed;
    private final Stop abandon;
    private final Terminal terminal;
    private final AtomicLong doneNanos = new AtomicLong();

    /** @param abandon when stopped, trials are given up and the plan stays unverified */
    PlanTrials(PlanDemand demand, Demand typical, long seed, Stop abandon, Terminal terminal) {
        this.demand = demand;
        this.typical = typical;
        this.seed = seed;
        this.abandon = abandon;
        this.terminal = terminal;
    }

    @Override
    public List<Trial.Outcome> run(List<Trial> wanted) {
        doneNanos.set(0);
        double all = Math.max(
                1,
                wanted.stream()
                        .mapToDouble(trial -> demand.spanNanos(hour(trial)))
                        .sum());
        try (ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            List<Future<Report>> waiting = new ArrayList<>();
            wanted.forEach(trial -> waiting.add(threads.submit(() -> simulate(trial))));
            List<Trial.Outcome> outcomes = new ArrayList<>();
            try {
                for (int i = 0; i < wanted.size(); i++) {
                    Trial trial = wanted.get(i);
                    outcomes.add(
                            trial.outcome(await(waiting.get(i), wanted.size(), all), parts(trial), sampled(trial)));
                }
                return outcomes;
            } catch (AbandonedException given) {
                return List.of();
            } finally {
                threads.shutdownNow();
                terminal.clear();
            }
        }
    }

    /** A run stands for a typical hour, or for all of a longer trace. */
    private double sampled(Trial trial) {
        return Math.max(1, HOUR_NANOS / demand.spanNanos(hour(trial)));
    }

    private Report await(Future<Report> one, int trials, double allNanos) {
        while (true) {
            try {
                return one.get(200, TimeUnit.MILLISECONDS);
            } catch (TimeoutException running) {
                terminal.bar(doneNanos.get() / allNanos, "simulating %d runs of the plan".formatted(trials));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AbandonedException();
            } catch (ExecutionException failed) {
                throw told(failed.getCause() == null ? failed : failed.getCause());
            }
        }
    }

    private static RuntimeException told(Throwable cause) {
        return cause instanceof RuntimeException known
                ? known
                : new IllegalStateException("A simulation broke off: " + cause.getMessage(), cause);
    }

    private Report simulate(Trial trial) {
        long span = demand.spanNanos(hour(trial));
        int parts = parts(trial);
        return demand.use(period(trial), hour(trial), parts, trial.batch(), seed, traffic -> {
            Scenario scenario = trial.scenario(span, seed);
            Simulation simulation = new Simulation(parts == 1 ? scenario : scenario.cell(0, parts), traffic);
            long slice = Math.max(1, span / SLICES);
            for (long until = slice; simulation.run(until); until += slice) {
                if (abandon.stopped() || Thread.currentThread().isInterrupted()) {
                    throw new AbandonedException();
                }
                if (until <= span) {
                    doneNanos.addAndGet(slice);
                }
            }
            return simulation.report();
        });
    }

    private Demand.Period period(Trial trial) {
        return typical.periods().get(trial.period());
    }

    private int hour(Trial trial) {
        return typical.original(trial.hour());
    }

    private int parts(Trial trial) {
        return Math.min(demand.parts(period(trial), hour(trial)), smallest(trial));
    }

    /** Replicas of the smallest pool: cut finer, some cells would not have it. */
    private static int smallest(Trial trial) {
        return trial.fleet().fleet().pools().stream()
                .filter(pool -> pool.hosted() == null)
                .mapToInt(pool -> pool.replicas().size())
                .min()
                .orElse(1);
    }

    private static final class AbandonedException extends RuntimeException {
        private static final long serialVersionUID = 1;
    }
}
