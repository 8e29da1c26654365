package io.polychip.benchmarks;

import io.polychip.routing.Policy;
import io.polychip.simulator.RecordedTraffic;
import io.polychip.simulator.Report;
import io.polychip.simulator.Scenario;
import io.polychip.simulator.Simulation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Requests simulated per second of wall time, dispatcher and observation channel on.
 *
 * <p>{@code ./bench Simulation TRACES-FOLDER} prints the whole table; {@code ./bench Simulation speed|hour
 * TRACES-FOLDER} a part of it: <i>speed</i> one core on each trace and two cores against one (about two minutes),
 * <i>hour</i> the hundred million requests of one hour of a day of 2.5 billion (about three), or of as many of its 85
 * cells as are named behind the folder. {@code ./bench Simulation mooncake|azure TRACE [SCALE [REQUESTS [POLICY]]]}
 * shows one trace round by round.
 *
 * <p>A trace is read once into flat arrays and streamed from them again in each repetition, which the figure includes;
 * reading the file it does not. The first rounds warm the compiler up. Where others use the machine, too, the
 * simulation's own processor time beside the wall time tells how much they took.
 */
public final class SimulationBench {
    private static final int WARM_UP = 4;
    private static final int ROUNDS = 3;
    private static final long ROUND_REQUESTS = 400_000;
    private static final String MOONCAKE = "mooncake/conversation_trace.jsonl";
    private static final String AZURE = "azure-2023/AzureLLMInferenceTrace_conv.csv";
    private static final int MIB = 1 << 20;

    private SimulationBench() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "mooncake", "azure" -> rounds(arguments);
            case "speed" -> print(speed(folder(arguments, 1)));
            case "hour" -> {
                int cells = arguments.length > 2 ? Integer.parseInt(arguments[2]) : SimulatedCells.CELLS;
                print(hour(folder(arguments, 1), cells));
            }
            default -> {
                List<Line> all = new ArrayList<>(speed(folder(arguments, 0)));
                all.addAll(hour(folder(arguments, 0), SimulatedCells.CELLS));
                print(all);
            }
        }
    }

    private static Path folder(String[] arguments, int at) {
        if (arguments.length <= at) {
            throw new IllegalArgumentException("Expected [speed|hour] TRACES-FOLDER or mooncake|azure TRACE."
                    + " Maybe ./bench Simulation data/traces");
        }
        return Path.of(arguments[at]);
    }

    /** A figure beside what is wanted. @param less the smaller the better */
    private record Line(String what, double measured, double wanted, double aim, boolean less) {
        double ratio() {
            return less ? wanted / measured : measured / wanted;
        }
    }

    private static List<Line> speed(Path traces) throws IOException, InterruptedException {
        RecordedTraffic mooncake = BenchmarkWorlds.trace(traces.resolve(MOONCAKE));
        RecordedTraffic azure = BenchmarkWorlds.trace(traces.resolve(AZURE));
        List<Line> lines = new ArrayList<>();
        lines.add(new Line(
                "Mooncake conversations, 8 replicas, requests/s",
                oneCore("mooncake", BenchmarkWorlds.mooncake(), mooncake, 1),
                200_000,
                500_000,
                false));
        lines.add(new Line(
                "Azure conversations, 100 replicas of 5 vendors, requests/s",
                oneCore("azure", BenchmarkWorlds.azure(1), azure, BenchmarkWorlds.AZURE_SCALE),
                300_000,
                700_000,
                false));
        lines.add(new Line("Two cores over one", SimulatedCells.twoCoresOverOne(azure), 1.8, 2, false));
        return lines;
    }

    private static List<Line> hour(Path traces, int cells) throws IOException, InterruptedException {
        SimulatedCells.Hour hour = SimulatedCells.hour(BenchmarkWorlds.trace(traces.resolve(AZURE)), cells);
        double heapMib = Runtime.getRuntime().maxMemory() / (double) MIB;
        System.out.printf(
                Locale.ROOT,
                "hour: %,d requests in %d cells in %.1f s (%.1f s of two processors' time), attainment %.4f; live"
                        + " heap %d MiB after a tenth, %d at the end%n",
                hour.report().work().requests(),
                cells,
                hour.seconds(),
                hour.processorSeconds(),
                hour.report().attainment(),
                hour.liveEarly() / MIB,
                hour.liveLate() / MIB);
        return List.of(
                new Line(
                        "Heap of %d million requests, MiB"
                                .formatted(hour.report().work().requests() / 1_000_000),
                        heapMib,
                        1024,
                        1024,
                        true),
                new Line(
                        "A day of 2.5 billion prompts on two cores, minutes",
                        hour.seconds()
                                * SimulatedCells.DAY_REQUESTS
                                / hour.report().work().requests()
                                / 60,
                        60,
                        30,
                        true));
    }

    private static void print(List<Line> lines) {
        System.out.printf("%-60s %12s %10s %6s %10s%n", "", "measured", "wanted", "ratio", "aim");
        for (Line line : lines) {
            System.out.printf(
                    Locale.ROOT,
                    line.wanted < 100 ? "%-60s %12.2f %10.2f %6.2f %10.2f%n" : "%-60s %,12.0f %,10.0f %6.2f %,10.0f%n",
                    line.what,
                    line.measured,
                    line.wanted,
                    line.ratio(),
                    line.aim);
        }
    }

    /** The median of three rounds. */
    private static double oneCore(String name, Scenario scenario, RecordedTraffic trace, double scale) {
        double[] perSecond = new double[ROUNDS];
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            long start = System.nanoTime();
            long processor = BenchmarkWorlds.processorNanos();
            Report report = run(scenario, trace, scale, ROUND_REQUESTS, round);
            double requests = report.work().requests() * 1e9;
            double each = requests / (System.nanoTime() - start);
            if (round >= 0) {
                perSecond[round] = each;
                System.out.printf(
                        Locale.ROOT,
                        "%s, round %d: %,.0f requests/s of wall time, %,.0f of its own processor time%n",
                        name,
                        round,
                        each,
                        requests / (BenchmarkWorlds.processorNanos() - processor));
            }
        }
        return BenchmarkWorlds.median(perSecond);
    }

    private static Report run(Scenario scenario, RecordedTraffic trace, double scale, long requests, long seed) {
        int times = Math.toIntExact(Math.ceilDiv(requests, trace.size()));
        return Simulation.run(scenario.withSeed(seed), trace.repeated(times).scaled(scale));
    }

    private static void rounds(String[] arguments) throws IOException {
        boolean mooncake = arguments[0].equals("mooncake");
        RecordedTraffic trace = BenchmarkWorlds.trace(Path.of(arguments[1]));
        double scale =
                arguments.length > 2 ? Double.parseDouble(arguments[2]) : mooncake ? 1 : BenchmarkWorlds.AZURE_SCALE;
        long requests = arguments.length > 3 ? Long.parseLong(arguments[3]) : ROUND_REQUESTS;
        Policy policy = arguments.length > 4 ? Policy.valueOf(arguments[4]) : Policy.POLYCHIP;
        Scenario scenario = (mooncake ? BenchmarkWorlds.mooncake() : BenchmarkWorlds.azure(1)).with(policy);
        for (int round = 0; round < WARM_UP + ROUNDS; round++) {
            long start = System.nanoTime();
            Report report = run(scenario, trace, scale, requests, round);
            print(round, report, (System.nanoTime() - start) / 1e9);
        }
    }

    private static void print(int round, Report report, double seconds) {
        Report.Work work = report.work();
        Runtime runtime = Runtime.getRuntime();
        System.out.printf(
                Locale.ROOT,
                "round %d: %,.0f requests/s (%,d in %.2f s; %.1f events, %.1f steps a request; %.1f virtual hours;"
                        + " attainment %.4f; $%.3f a million; busy %.2f; heap %d MiB)%n",
                round,
                work.requests() / seconds,
                work.requests(),
                seconds,
                work.events() / (double) work.requests(),
                work.engineSteps() / (double) work.requests(),
                report.spanNanos() / 3600e9,
                report.attainment(),
                report.usdPerMillionGood(),
                report.pools().stream()
                        .mapToDouble(Report.OfPool::busyShare)
                        .average()
                        .orElse(0),
                (runtime.totalMemory() - runtime.freeMemory()) / MIB);
        if (round == 0) {
            for (Report.OfPool pool : report.pools()) {
                System.out.printf(
                        Locale.ROOT,
                        "  %s: %,d sent, %,d failed, %d%% of prompts cached, busy %.2f, %,d preemptions%n",
                        pool.pool(),
                        pool.sent(),
                        pool.failed(),
                        100 * pool.cachedTokens() / Math.max(1, pool.promptTokens()),
                        pool.busyShare(),
                        pool.preemptions());
            }
            System.out.println("  refusals " + report.refusals());
        }
    }
}
