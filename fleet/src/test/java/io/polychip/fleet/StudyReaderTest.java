package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;

class StudyReaderTest {
    private final StudyReader reader = new StudyReader(CatalogueReader.shipped(), Map.of());

    @Test
    void trafficSpeedsAndTrainingAreRead() {
        Study study = reader.read("study.yaml", """
            from: 2027-01
            years: 3
            traffic:
              - {name: chat, model: m, input: 900, output: 100, requests-per-second: 40_000, growth: 50 %}
            speeds:
              - {traffic: chat, chip: nvidia/b200, chips: 8, tokens-per-second-per-chip: 160, low: 100, source: MLPerf}
            training:
              - {name: next, model: meta-llama/Llama-3.1-405B-Instruct, precision: fp8, tokens: 15e12, by: 2028-06}
            """);

        assertThat(study.years()).isEqualTo(3);
        assertThat(study.traffic().getFirst().perSecond()).isEqualTo(40_000);
        assertThat(study.traffic().getFirst().yearlyGrowth()).isEqualTo(0.5);
        assertThat(study.speeds().getFirst().low()).isEqualTo(100);
        assertThat(study.speeds().getFirst().high()).isEqualTo(160);
        assertThat(study.training().getFirst().by()).hasToString("2028-06-30");
    }

    @Test
    void everyMistakeIsNamedAtOnce() {
        FleetException thrown = catchThrowableOfType(FleetException.class, () -> reader.read("study.yaml", """
            from: 2027
            years: 0
            traffic:
              - {name: chat, model: m, input: 900, output: 0, requests-per-second: 1, growth: 0.5}
            speeds:
              - {traffic: chatt, chip: nvidia/b2000, tokens-per-second-per-chip: 160, low: 200}
            """));

        assertThat(thrown.problems().stream().map(FleetException.Problem::toString))
                .anyMatch(text -> text.startsWith("study.yaml:1: from: \"2027\" is not a date"))
                .anyMatch(text -> text.startsWith("study.yaml:2: years: \"0\" is out of range"))
                .anyMatch(text -> text.contains("output: \"0\" is not above 0"))
                .anyMatch(text -> text.contains("growth: \"0.5\" has no unit"))
                .anyMatch(
                        text -> text.contains("\"chatt\" is not traffic of this file") && text.contains("Maybe chat."))
                .anyMatch(text -> text.contains("Maybe nvidia/b200."))
                .anyMatch(text -> text.contains("low: \"200\" is above tokens-per-second-per-chip, 160"))
                .anyMatch(text -> text.contains("source: is missing"))
                .allMatch(text -> text.endsWith("."));
    }
}
