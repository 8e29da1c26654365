package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keeps the schema of demand files that editors use true to the reader. */
class DemandSchemaTest {
    private static final Map<String, Keys> SECTIONS = Map.ofEntries(
            Map.entry("", WorkloadReader.FILE),
            Map.entry("/$defs/traffic", WorkloadReader.TRAFFIC),
            Map.entry("/$defs/percentiles", WorkloadReader.LENGTHS),
            Map.entry("/$defs/count", WorkloadReader.COUNT),
            Map.entry("/$defs/independence", WorkloadReader.INDEPENDENCE),
            Map.entry("/$defs/energy", WorkloadReader.ENERGY),
            Map.entry("/$defs/region", WorkloadReader.REGION),
            Map.entry("/$defs/training", StudyReader.TRAINING),
            Map.entry("/$defs/model", Keys.MODEL),
            Map.entry("/$defs/objective", Keys.OBJECTIVE));

    private static final String GOOD = """
        from: 2027-01
        models: [{name: chat, is: meta-llama/Llama-3.1-8B-Instruct}]
        objectives: {default: {ttft: 2 s + 100 ms/1k, itl: 100 ms}}
        hours: {night: 8, day: 16}
        traffic:
          - name: talk
            input: {p50: 800, p99: 6000}
            output: [{up-to: 100, share: 25 %}, {up-to: 500, share: 75 %}]
            requests-per-second: {night: 0, day: 8.5}
            growth: 50 %
        training:
          - {name: next, model: meta-llama/Llama-3.1-70B-Instruct, tokens: 2e12, by: 2027-12}
        energy: {usd-per-tonne-co2: 85, tonnes-co2-per-year: 120, regions: {us-east-1: {usd-per-kwh: 0.09, megawatts: 2}}}
        independence: {max-share: {nvidia: 60 %}, survive: any vendor}
        """;

    private static final YamlSchema SCHEMA = new YamlSchema("demand.schema.json");

    static List<Map.Entry<String, Keys>> sections() {
        return List.copyOf(SECTIONS.entrySet());
    }

    @ParameterizedTest
    @MethodSource("sections")
    void knowsExactlyTheReadersKeys(Map.Entry<String, Keys> section) {
        SCHEMA.hasExactly(section.getKey(), section.getValue());
    }

    @Test
    void acceptsWhatTheReaderAccepts() {
        assertThat(new WorkloadReader(CatalogueReader.shipped(), Map.of())
                        .read("demand.yaml", GOOD)
                        .training())
                .hasSize(1);
        assertThat(SCHEMA.problems(GOOD)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"from: 2027-01", "p50: 800", "growth: 50 %", "share: 25 %", "any vendor", "night: 8", "year: 120"
            })
    void refusesWhatTheReaderRefuses(String part) {
        Map<String, String> wrong = Map.of(
                "from: 2027-01", "begin: 2027-01",
                "p50: 800", "p50: -3",
                "growth: 50 %", "growth: 0.5",
                "share: 25 %", "share: 0.25",
                "any vendor", "all vendors",
                "night: 8", "night: 0",
                "year: 120", "year: -1");
        assertThat(SCHEMA.problems(GOOD.replace(part, Objects.requireNonNull(wrong.get(part)))))
                .isNotEmpty();
    }
}
