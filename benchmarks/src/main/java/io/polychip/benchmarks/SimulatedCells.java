package io.polychip.benchmarks;

import io.polychip.simulator.RecordedTraffic;
import io.polychip.simulator.Report;
import io.polychip.simulator.Scenario;
import io.polychip.simulator.Simulation;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A world of 8,500 replicas that answers 2.5 billion prompts a day, cut into 85 cells of 100 replicas which share
 * nothing and are simulated side by side. Each cell meets Azure's conversations at 60 times their rate, with its own
 * seed.
 */
final class SimulatedCells {
    static final double DAY_REQUESTS = 2.5e9;
    static final int CELLS = 85;
    private static final int HOURS = 24;
    private static final int THREADS = 2;
    private static final int SCALING_CELLS = 2;
    private static final int SCALING_ROUNDS = 3;

    private final Scenario world;
    private final RecordedTraffic trace;
    private final int times;

    /**
     * What an hour of the day came to.
     *
     * @param processorSeconds of each of the threads, on average
     * @param liveEarly bytes that live after a tenth of the cells
     */
    record Hour(Report report, double seconds, double processorSeconds, long liveEarly, long liveLate) {}

    private SimulatedCells(RecordedTraffic trace) throws IOException {
        this.world = BenchmarkWorlds.azure(CELLS);
        this.trace = trace;
        this.times = (int) Math.ceil(DAY_REQUESTS / HOURS / CELLS / trace.size());
    }

    /** Work per second of two threads over that of one, the median of three pairs; the first cells warm up. */
    static double twoCoresOverOne(RecordedTraffic trace) throws IOException, InterruptedException {
        SimulatedCells cells = new SimulatedCells(trace);
        cells.seconds(1, 1);
        double[] ratios = new double[SCALING_ROUNDS];
        for (int round = 0; round < SCALING_ROUNDS; round++) {
            double one = cells.seconds(SCALING_CELLS, 1);
            double two = cells.seconds(SCALING_CELLS * THREADS, THREADS);
            ratios[round] = THREADS * one / two;
            System.out.printf("cells, round %d: two threads do %.2f times as much as one%n", round, ratios[round]);
        }
        return BenchmarkWorlds.median(ratios);
    }

    /** One hour of the day on two threads: a hundred million requests in all {@link #CELLS}, or a part of them. */
    static Hour hour(RecordedTraffic trace, int some) throws IOException, InterruptedException {
        SimulatedCells cells = new SimulatedCells(trace);
        long start = System.nanoTime();
        Sum sum = cells.run(some, THREADS);
        double seconds = (System.nanoTime() - start) / 1e9;
        double processorSeconds = sum.processorNanos / 1e9 / THREADS;
        return new Hour(Objects.requireNonNull(sum.report), seconds, processorSeconds, sum.liveEarly, live());
    }

    private double seconds(int cells, int threads) throws InterruptedException {
        long start = System.nanoTime();
        run(cells, threads);
        return (System.nanoTime() - start) / 1e9;
    }

    /** Of all cells done so far. */
    private static final class Sum {
        private @Nullable Report report;
        private long liveEarly;
        private final int early;
        private long processorNanos;
        private int done;

        Sum(int cells) {
            early = Math.ceilDiv(cells, 10);
        }

        synchronized void add(Report cell, long nanos) {
            processorNanos += nanos;
            report = report == null ? cell : Report.merge(List.of(report, cell));
            if (++done == early) {
                liveEarly = live();
            }
        }
    }

    private Sum run(int cells, int threads) throws InterruptedException {
        Sum sum = new Sum(cells);
        AtomicInteger next = new AtomicInteger();
        try (ExecutorService workers = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> all = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                all.add(workers.submit(() -> {
                    for (int cell = next.getAndIncrement(); cell < cells; cell = next.getAndIncrement()) {
                        long before = BenchmarkWorlds.processorNanos();
                        Report report = Simulation.run(
                                world.cell(cell, CELLS), trace.repeated(times).scaled(BenchmarkWorlds.AZURE_SCALE));
                        sum.add(report, BenchmarkWorlds.processorNanos() - before);
                    }
                }));
            }
            for (Future<?> each : all) {
                each.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("A cell could not be simulated: " + e.getCause(), e);
        }
        return sum;
    }

    private static long live() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
