package io.polychip.cli;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Pool;
import io.polychip.routing.Mix;
import io.polychip.routing.Policy;
import io.polychip.routing.Roster;
import io.polychip.simulator.Report;
import io.polychip.simulator.Scenario;
import io.polychip.simulator.Simulation;
import io.polychip.simulator.Traffic;
import io.polychip.simulator.Truth;
import io.polychip.simulator.Where;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Runs every variant, every pair and every cell, as many at once as there are processors; each is a pure function of
 * its scenario and its traffic, so the results do not depend on how they were spread.
 */
final class SimulationRuns {
    private static final int PAIR_DRAW = 0x5eed;
    private static final double LEAST_FACTOR = 0.2;
    private static final double MOST_FACTOR = 5;
    private static final int SLICES = 400;

    private final TrafficSource source;
    private final TrafficSource.Size size;
    private final int cells;
    private final int pairs;
    private final long seed;
    private final AtomicLong doneNanos = new AtomicLong();

    SimulationRuns(TrafficSource source, TrafficSource.Size size, int cells, int pairs, long seed) {
        this.source = source;
        this.size = size;
        this.cells = cells;
        this.pairs = pairs;
        this.seed = seed;
    }

    /** What is to be compared. */
    record Plan(String name, Fleet fleet, Policy policy, Scenario scenario) {}

    List<Variant> run(List<Plan> plans, Terminal terminal) throws InterruptedException, ExecutionException {
        try (ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
            List<List<List<Future<Report>>>> waiting = new ArrayList<>();
            for (Plan plan : plans) {
                List<List<Future<Report>>> ofPlan = new ArrayList<>();
                for (int pair = 0; pair <= pairs; pair++) {
                    List<Future<Report>> ofPair = new ArrayList<>();
                    for (int cell = 0; cell < cells; cell++) {
                        int wantedPair = pair;
                        int wantedCell = cell;
                        ofPair.add(threads.submit(() -> one(plan, wantedPair, wantedCell)));
                    }
                    ofPlan.add(ofPair);
                }
                waiting.add(ofPlan);
            }
            try {
                List<Variant> variants = new ArrayList<>();
                long tasks = plans.size() * (pairs + 1L) * cells;
                long start = System.nanoTime();
                for (int i = 0; i < plans.size(); i++) {
                    List<Report> reports = new ArrayList<>();
                    for (List<Future<Report>> ofPair : waiting.get(i)) {
                        List<Report> parts = new ArrayList<>();
                        for (Future<Report> part : ofPair) {
                            parts.add(watch(part, tasks, start, terminal));
                        }
                        reports.add(Report.merge(parts));
                    }
                    Plan plan = plans.get(i);
                    variants.add(new Variant(
                            plan.name,
                            plan.fleet,
                            Roster.of(plan.fleet),
                            plan.policy,
                            reports.getFirst(),
                            reports.subList(1, reports.size())));
                }
                return variants;
            } finally {
                threads.shutdownNow();
                terminal.clear();
            }
        }
    }

    private Report watch(Future<Report> part, long tasks, long start, Terminal terminal)
            throws InterruptedException, ExecutionException {
        while (true) {
            try {
                return part.get(200, TimeUnit.MILLISECONDS);
            } catch (TimeoutException running) {
                double done = Math.min(1, doneNanos.get() / (double) Math.max(1, tasks * size.spanNanos()));
                double elapsed = (System.nanoTime() - start) / 1e9;
                terminal.bar(
                        done,
                        "%.0f %% of %d runs of %,d requests%s"
                                .formatted(
                                        done * 100,
                                        tasks,
                                        size.requests(),
                                        done == 0 ? "" : ", %.0f s left".formatted(elapsed / done - elapsed)));
            }
        }
    }

    private Report one(Plan plan, int pair, int cell) {
        long runSeed = pair == 0 ? seed : Mix.scramble(seed + pair);
        Scenario scenario = plan.scenario.withSeed(runSeed);
        if (pair > 0 && scenario.truths().isEmpty()) {
            scenario = scenario.withTruths(drawn(scenario.roster(), runSeed));
        }
        Scenario mine = cells == 1 ? scenario : scenario.cell(cell, cells);
        return source.use(all -> simulate(mine, cells == 1 ? all : all.cell(cell, cells)));
    }

    private Report simulate(Scenario scenario, Traffic traffic) {
        Simulation simulation = new Simulation(scenario, traffic);
        long slice = Math.max(1, size.spanNanos() / SLICES);
        long told = 0;
        for (long until = slice; simulation.run(until); until += slice) {
            if (Thread.currentThread().isInterrupted()) {
                throw new CommandException("Interrupted.");
            }
            long now = Math.min(size.spanNanos(), until);
            doneNanos.addAndGet(now - told);
            told = now;
        }
        doneNanos.addAndGet(size.spanNanos() - told);
        return simulation.report();
    }

    /** Chips as they may be: each pool's times off by a draw from its profile's band, the same for every variant. */
    private static List<Truth> drawn(Roster roster, long runSeed) {
        List<Truth> truths = new ArrayList<>();
        for (Roster.Target target : roster.targets()) {
            String pool = target.pool().name();
            long draws = Mix.scramble(runSeed ^ pool.hashCode());
            double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - Mix.unit(draws, PAIR_DRAW)));
            double normal = radius * StrictMath.cos(2 * StrictMath.PI * Mix.unit(draws, PAIR_DRAW + 1));
            double factor = StrictMath.exp(target.profile().band() * normal);
            truths.add(Truth.factor(Where.pool(pool), Math.clamp(factor, LEAST_FACTOR, MOST_FACTOR)));
        }
        return truths;
    }

    /** Why a fleet cannot be cut into that many cells; null if it can. */
    static @Nullable String uncuttable(Fleet fleet, int cells) {
        for (Pool pool : fleet.pools()) {
            if (pool.hosted() == null && pool.replicas().size() < cells) {
                return "pool %s has %d replicas; expected at most as many cells as the smallest pool has replicas."
                        .formatted(pool.name(), pool.replicas().size());
            }
        }
        return null;
    }
}
