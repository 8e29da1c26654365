package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.RoutingStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileSourceTest {
    private static final String POOL = """
        models:
          - {name: small, is: meta-llama/Llama-3.1-8B-Instruct}
        pools:
          - {name: %s, model: small, chip: nvidia/h100-sxm, precision: fp8, engine: vllm@0.15.1,
             price: {usd-per-chip-hour: 2.95}, replicas: [http://10.0.0.1:8000]}
        """;

    @TempDir
    private Path folder;

    private FileSource source() throws IOException {
        Files.writeString(folder.resolve("fleet.yaml"), POOL.formatted("h100"));
        RoutingOptions routing = new RoutingOptions();
        routing.file = folder.resolve("routing.json");
        return new FileSource(
                new FleetReader(CatalogueReader.shipped(), Map.of()), folder.resolve("fleet.yaml"), routing);
    }

    private void routing(String price) throws IOException {
        Files.writeString(folder.resolve("routing.json"), """
            {"starts": [{"period": "2027-01", "hour": "day", "usdPerChipHour": {"h100": %s}, "kinds": []}]}
            """.formatted(price));
    }

    @Test
    void aChangedPlanIsBegunFrom() throws IOException {
        FileSource source = source();
        routing("2.5");
        assertThat(source.load().start().usdPerChipHour()).containsEntry("h100", 2.5);
        String before = source.stamp();
        routing("1.75");
        assertThat(source.stamp()).isNotEqualTo(before);
        assertThat(source.load().start().usdPerChipHour()).containsEntry("h100", 1.75);
    }

    /** Its shares last for five minutes; without it no change of the fleet was taken any more. */
    @Test
    void aPlanTakenAwayHindersNoLaterReload() throws IOException {
        FileSource source = source();
        routing("2.5");
        RoutingStart start = source.load().start();
        Files.delete(folder.resolve("routing.json"));
        Files.writeString(folder.resolve("fleet.yaml"), POOL.formatted("other"));
        assertThat(source.load().pools().getFirst().name()).isEqualTo("other");
        assertThat(source.load().start()).isEqualTo(start);
    }

    @Test
    void aPlanThatWasNeverThereIsAMistake() throws IOException {
        assertThatThrownBy(source()::load).hasMessageContaining("routing.json");
    }
}
