package io.polychip.benchmarks;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.FleetReader;
import io.polychip.simulator.RecordedTraffic;
import io.polychip.simulator.Scenario;
import io.polychip.simulator.Trace;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The worlds that simulations are timed in: Mooncake's conversations on 8 H100 at their own rate, with their 512-token
 * block ids for router and engines, and Azure's on replicas of five vendors, 100 of which bear 60 times its rate.
 */
final class BenchmarkWorlds {
    static final double AZURE_SCALE = 60;
    private static final int REPLICAS_OF_EACH = 20;

    private BenchmarkWorlds() {}

    static RecordedTraffic trace(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return RecordedTraffic.of(Trace.read(file.toString(), lines.iterator()));
        }
    }

    static Scenario mooncake() throws IOException {
        return scenario(pool("h100", "nvidia/h100-sxm", "vllm@0.15.1", 2.95, 8));
    }

    /** @param hundreds of replicas */
    static Scenario azure(int hundreds) throws IOException {
        int each = REPLICAS_OF_EACH * hundreds;
        return scenario(pool("h100", "nvidia/h100-sxm", "vllm@0.15.1", 2.95, each)
                + pool("mi300x", "amd/mi300x", "vllm@0.15.1", 1.99, each)
                + pool("trainium2", "aws/trainium2", "vllm-neuron@0.11", 2.235, each)
                + pool("v6e", "google/tpu-v6e", "vllm-tpu@0.11", 2.70, each)
                + pool("gaudi3", "intel/gaudi3", "vllm@0.15.1", 1.50, each));
    }

    /** What the calling thread has used so far. */
    static long processorNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static Scenario scenario(String pools) throws IOException {
        String fleet = """
            models:
              - {name: llama, is: meta-llama/Llama-3.1-8B-Instruct}
            pools:
            """ + pools + """
            objectives:
              default: {ttft: 2 s + 100 ms/1k, itl: 100 ms, percentile: 99}
            """;
        return Scenario.of(new FleetReader(CatalogueReader.shipped(), Map.of()).read("benchmark", fleet));
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
}
