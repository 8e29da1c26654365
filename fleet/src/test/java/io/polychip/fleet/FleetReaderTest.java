package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetReaderTest {
    private static final Map<String, String> ENVIRONMENT =
            Map.of("POLYCHIP_KEY", "0123456789abcdef0123", "GROQ_API_KEY", "gsk-0123456789abcdef");

    private final FleetReader reader = new FleetReader(CatalogueReader.shipped(), ENVIRONMENT);

    @Test
    void readsAFleetOfThreeVendors() throws IOException {
        Fleet fleet = reader.read("mixed.yaml", resource("mixed.yaml"));

        assertThat(fleet.listen().getPort()).isEqualTo(8080);
        assertThat(fleet.keys()).singleElement().satisfies(key -> {
            assertThat(key.secret()).isEqualTo("0123456789abcdef0123");
            assertThat(key.tenant()).isEqualTo("acme");
            assertThat(key.toString()).doesNotContain("0123456789abcdef0123");
        });
        assertThat(fleet.timeouts())
                .isEqualTo(new Timeouts(2_000_000_000L, 30_000_000_000L, 15_000_000_000L, 1_800_000_000_000L));
        assertThat(fleet.models()).containsOnlyKeys("llama-3.1-8b");
        assertThat(fleet.pools()).extracting(Pool::name).containsExactly("h100", "trainium", "groq");
        Pool h100 = fleet.pools().getFirst();
        assertThat(h100.deployment().precision()).isEqualTo(Precision.FP8);
        assertThat(h100.deployment().engine()).isEqualTo(new EngineRelease("vllm", "0.15.1"));
        assertThat(h100.price()).isEqualTo(new Price.PerChipHour(2.95, true));
        assertThat(h100.labels()).containsEntry("region", "us-east");
        assertThat(h100.replicas())
                .containsExactly(URI.create("http://10.0.0.1:8000"), URI.create("http://10.0.0.2:8000"));
        assertThat(h100.contextTokens()).isEqualTo(131_072);
        Pool groq = fleet.pools().getLast();
        assertThat(groq.hosted()).isEqualTo(new Hosted("groq", "llama-3.1-8b-instant", "gsk-0123456789abcdef"));
        assertThat(groq.replicas()).containsExactly(URI.create("https://api.groq.com/openai/v1"));
        assertThat(groq.price()).isEqualTo(new Price.PerToken(0.05, 0.05, 0.08));
        assertThat(groq.quota()).isEqualTo(new Quota(1000, 250_000, Quota.NONE, Quota.NONE));
        assertThat(fleet.objective(RequestClass.PRIORITY))
                .isEqualTo(new Objective(450_000_000L, 50_000_000L, 40_000_000L, 99));
        assertThat(fleet.objective(RequestClass.FLEX).itlNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(fleet.independence())
                .isEqualTo(new Independence(Map.of("nvidia", 0.6), Map.of("aws", 0.05), "vendor"));
    }

    @Test
    void readsAFleetThatIsEmulatedOnThisMachine() throws IOException {
        Fleet fleet = reader.read("emulated.yaml", resource("emulated.yaml"));

        assertThat(fleet.pools())
                .extracting(Pool::vendor)
                .containsExactly("nvidia", "amd", "aws", "google", "groq", "cpu");
        assertThat(fleet.pools())
                .extracting(pool -> pool.deployment().engine().name())
                .containsExactly("vllm", "vllm", "vllm-neuron", "vllm-tpu", "groq", "llama.cpp");
        assertThat(fleet.pools().get(4).replicas()).isEqualTo(List.of(URI.create("http://127.0.0.1:9006/openai/v1")));
        assertThat(fleet.keys()).isEmpty();
    }

    @Test
    void readsEveryKeyThereIs() throws IOException {
        Fleet fleet = reader.read("everything.yaml", resource("everything.yaml"));

        assertThat(fleet.listen().getPort()).isZero();
        assertThat(fleet.keys().getFirst().requestClass()).isEqualTo(RequestClass.PRIORITY);
        assertThat(fleet.keys().getFirst().weight()).isEqualTo(3);
        assertThat(fleet.keys().getLast().secret()).isEqualTo("fedcba9876543210");
        assertThat(fleet.limits())
                .isEqualTo(new Fleet.Limits(32 << 10, 8 << 20, 1000, 30_000_000_000L, 0, 5_000_000_000L));
        assertThat(fleet.disclosure()).isEqualTo(new Fleet.Disclosure(true, 0.005));
        ServedModel inHouse = Objects.requireNonNull(fleet.models().get("in-house"));
        assertThat(inHouse.shape().parameters()).isEqualTo(8_000_000_000L);
        assertThat(inHouse.shape().published()).isEqualTo(Precision.FP16);
        Pool h100 = fleet.pools().getFirst();
        assertThat(h100.discovery()).isEqualTo(new Discovery.Dns("http", "vllm.default.svc", 8000));
        assertThat(h100.contextTokens()).isEqualTo(32_768);
        assertThat(h100.access().key()).isEqualTo("gsk-0123456789abcdef");
        assertThat(h100.access().toString()).doesNotContain("gsk-");
        ProfileEntry profile = Objects.requireNonNull(h100.profile());
        assertThat(profile.batchSizes()).containsExactly(0, 1, 64);
        assertThat(profile.maxSequences()).isEqualTo(128);
        assertThat(profile.stepPicos()).containsExactly(2_000_000_000L, 6_000_000_000L, 12_000_000_000L);
        assertThat(profile.pairPicos()).isEqualTo(700);
        assertThat(fleet.pools().get(1).discovery()).isEqualTo(new Discovery.Kubernetes("vllm", "models", 8000));
        Pool bedrock = fleet.pools().getLast();
        assertThat(bedrock.replicas())
                .containsExactly(URI.create("https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1"));
        assertThat(bedrock.quota()).isEqualTo(new Quota(1000, 250_000, 14_400, 10_000_000));
        assertThat(fleet.independence().survive()).isEqualTo("provider");
    }

    @Test
    void aWatchedFileIsReadAtOnceAndRelativeToTheFleet(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("replicas.txt"), "http://10.0.0.1:8000 # the first\n\nhttp://10.0.0.2:8000\n");
        Path file = Files.writeString(folder.resolve("fleet.yaml"), """
            models: [{name: llama, is: meta-llama/Llama-3.1-8B-Instruct}]
            pools:
              - name: h100
                model: llama
                chip: nvidia/h100-sxm
                price: {usd-per-chip-hour: 2.95}
                replicas: file:replicas.txt
            """);

        Pool pool = reader.read(file).pools().getFirst();

        assertThat(pool.replicas())
                .containsExactly(URI.create("http://10.0.0.1:8000"), URI.create("http://10.0.0.2:8000"));
        assertThat(pool.discovery())
                .isEqualTo(
                        new Discovery.WatchedFile(folder.resolve("replicas.txt").toString()));
    }

    @Test
    void replicasFoundByNameOverHttpsMustShowThatName() {
        Pool pool = reader.read("fleet.yaml", """
            models: [{name: llama, is: meta-llama/Llama-3.1-8B-Instruct}]
            pools:
              - name: h100
                model: llama
                chip: nvidia/h100-sxm
                price: {usd-per-chip-hour: 2.95}
                replicas: dns+https:vllm.internal:8443
            """).pools().getFirst();

        assertThat(pool.discovery()).isEqualTo(new Discovery.Dns("https", "vllm.internal", 8443));
        assertThat(pool.access().serverName()).isEqualTo("vllm.internal");
    }

    /** AWS's own figures are of all 12 chips of an inf2.48xlarge: 24 cores, which no model's heads divide. */
    @Test
    void neuronMayUseAllChipsOfAnInstance() {
        Fleet fleet = reader.read("inferentia.yaml", """
            models: [{name: llama, is: meta-llama/Llama-3.1-8B-Instruct}]
            pools:
              - name: a
                model: llama
                chip: aws/inferentia2
                price: {usd-per-chip-hour: 1.08}
                replicas: [http://10.0.0.1:8000]
                layout: {tensor: 12}
            """);
        assertThat(fleet.pools().getFirst().deployment().layout().chips()).isEqualTo(12);
    }

    @Test
    void aFileThatIsNotThereIsSaidSo() {
        assertThatThrownBy(() -> reader.read(Path.of("no-such-fleet.yaml")))
                .isInstanceOf(FleetException.class)
                .hasMessageStartingWith("no-such-fleet.yaml: does not exist");
    }

    @Test
    void eightPoolsOf128ReplicasAreReadInWellUnderATenthOfASecond() {
        StringBuilder yaml =
                new StringBuilder("models: [{name: llama, is: meta-llama/Llama-3.1-8B-Instruct}]\npools:\n");
        for (int pool = 0; pool < 8; pool++) {
            yaml.append(
                    "  - {name: p%d, model: llama, chip: nvidia/h100-sxm, price: {usd-per-chip-hour: 1}, replicas: ["
                            .formatted(pool));
            for (int replica = 0; replica < 128; replica++) {
                yaml.append(replica == 0 ? "" : ", ").append("http://10.%d.0.%d:8000".formatted(pool, replica));
            }
            yaml.append("]}\n");
        }
        ThreadMXBean threads = ManagementFactory.getThreadMXBean(); // a busy machine must not fail this test
        long fastest = Long.MAX_VALUE;
        for (int i = 0; i < 20; i++) {
            long start = threads.getCurrentThreadCpuTime();
            assertThat(reader.read("large.yaml", yaml.toString()).pools()).hasSize(8);
            fastest = Math.min(fastest, threads.getCurrentThreadCpuTime() - start);
        }

        assertThat(fastest).isLessThan(100_000_000L);
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = FleetReaderTest.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
