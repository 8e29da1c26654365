package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

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

    private static String resource(String name) throws IOException {
        try (InputStream in = FleetReaderTest.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
