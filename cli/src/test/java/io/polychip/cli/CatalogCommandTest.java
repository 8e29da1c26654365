package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CatalogCommandTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chips",
                "models",
                "offers",
                "profiles",
                "providers",
                "prices",
                "cold-starts",
                "powers",
                "regions",
                "training",
                "deals"
            })
    void everyListIsAnAlignedTable(String kind) {
        assertThat(run("catalog", kind)).isZero();
        assertThat(out.toString().lines()).hasSizeGreaterThan(4);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chips",
                "models",
                "offers",
                "profiles",
                "providers",
                "prices",
                "cold-starts",
                "powers",
                "regions",
                "training",
                "deals"
            })
    void everyListIsJsonForMachines(String kind) {
        assertThat(run("catalog", kind, "--json")).isZero();
        JsonNode entries = JsonMapper.shared().readTree(out.toString());

        assertThat(entries.isArray()).isTrue();
        assertThat(entries.size()).isGreaterThan(3);
    }

    @Test
    void aChipIsExplainedWithItsOffersProfilesAndSources() {
        assertThat(run("catalog", "chips", "nvidia/h100-sxm")).isZero();
        assertThat(out.toString())
                .contains(
                        "80 GiB", "3350 GB/s", "aiconfigurator@095f58a", "2.95", "Llama-3.1-8B-Instruct", "InferenceX");
    }

    @Test
    void aNameAloneIsEnough() {
        assertThat(run("catalog", "mi300x")).isZero();
        assertThat(out.toString()).startsWith("amd/mi300x: MI300X");
    }

    @Test
    void anUnknownNameGetsTheNearest() {
        assertThat(run("catalog", "chips", "nvidia/h100-smx")).isEqualTo(2);
        assertThat(err.toString()).contains("No chip is named \"nvidia/h100-smx\". Maybe nvidia/h100-sxm.");
    }

    @Test
    void estimatedProfilesAreMarked() {
        assertThat(run("catalog", "profiles", "trainium2")).isZero();
        assertThat(out.toString()).contains("estimated");
    }

    @Test
    void aDealIsExplainedWithItsTermsAndSource() {
        assertThat(run("catalog", "openai-amd-2025-10")).isZero();
        assertThat(out.toString())
                .contains("OpenAI and AMD", "160M", "step rebate", "nasdaq.com", "confidence high", "6 GW");
    }

    @Test
    void dealsAreFoundByTheirChip() {
        assertThat(run("catalog", "deals", "trainium")).isZero();
        assertThat(out.toString()).contains("openai-aws-2026-02", "anthropic-amazon-2026-04");
    }

    private int run(String... arguments) {
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }
}
