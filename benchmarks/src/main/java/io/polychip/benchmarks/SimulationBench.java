package io.polychip.benchmarks;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.routing.Policy;
import io.polychip.simulator.RecordedTraffic;
import io.polychip.simulator.Report;
import io.polychip.simulator.Scenario;
import io.polychip.simulator.Simulation;
import io.polychip.simulator.Trace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Requests simulated per second of wall time on one core, dispatcher and observation channel on.
 *
 * <p>Run: {@code ./bench Simulation mooncake|azure TRACE [SCALE [REQUESTS [POLICY]]]}. The trace is read once into flat
 * arrays and streamed from them again in each repetition, which the figure includes; reading the file it does not. The
 * first rounds warm the compiler up. Mooncake: 8 H100, its own rate, its 512-token block ids for router and engines;
 * Azure: 100 replicas of five vendors at 60 times its rate.
 */
public final class SimulationBench {
    private static final int ROUNDS = 6;
    private static final int MIB = 1 << 20;

    private SimulationBench() {}

    public static void main(String[] arguments) throws IOException {
        boolean mooncake = arguments[0].equals("mooncake");
        double scale = arguments.length > 2 ? Double.parseDouble(arguments[2]) : mooncake ? 1 : 60;
        long requests = arguments.length > 3 ? Long.parseLong(arguments[3]) : 400_000;
        Policy policy = arguments.length > 4 ? Policy.valueOf(arguments[4]) : Policy.POLYCHIP;
        RecordedTraffic trace;
        try (Stream<String> lines = Files.lines(Path.of(arguments[1]))) {
            trace = RecordedTraffic.of(Trace.read(arguments[1], lines.iterator()));
        }
        Fleet fleet = new FleetReader(CatalogueReader.shipped(), Map.of())
                .read("benchmark", mooncake ? mooncakeFleet() : azureFleet());
        Scenario scenario = Scenario.of(fleet).with(policy);
        int times = Math.toIntExact(Math.ceilDiv(requests, trace.size()));
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            Report report = Simulation.run(
                    scenario.withSeed(round), trace.repeated(times).scaled(scale));
            double seconds = (System.nanoTime() - start) / 1e9;
            print(round, report, seconds);
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

    private static String mooncakeFleet() {
        return head() + pool("h100", "nvidia/h100-sxm", "vllm@0.15.1", 2.95, 8) + objectives();
    }

    private static String azureFleet() {
        return head()
                + pool("h100", "nvidia/h100-sxm", "vllm@0.15.1", 2.95, 20)
                + pool("mi300x", "amd/mi300x", "vllm@0.15.1", 1.99, 20)
                + pool("trainium2", "aws/trainium2", "vllm-neuron@0.11", 2.235, 20)
                + pool("v6e", "google/tpu-v6e", "vllm-tpu@0.11", 2.70, 20)
                + pool("gaudi3", "intel/gaudi3", "vllm@0.15.1", 1.50, 20)
                + objectives();
    }

    private static String head() {
        return """
            models:
              - {name: llama, is: meta-llama/Llama-3.1-8B-Instruct}
            pools:
            """;
    }

    private static String pool(String name, String chip, String engine, double usd, int replicas) {
        StringBuilder urls = new StringBuilder();
        for (int i = 0; i < replicas; i++) {
            urls.append(i == 0 ? "" : ", ")
                    .append("http://")
                    .append(name)
                    .append('-')
                    .append(i)
                    .append(":8000");
        }
        return """
              - name: %s
                model: llama
                chip: %s
                precision: bf16
                engine: %s
                price: {usd-per-chip-hour: %s}
                replicas: [%s]
            """.formatted(name, chip, engine, usd, urls);
    }

    private static String objectives() {
        return """
            objectives:
              default: {ttft: 2 s + 100 ms/1k, itl: 100 ms, percentile: 99}
            """;
    }
}
