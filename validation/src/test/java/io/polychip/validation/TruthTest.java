package io.polychip.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.CatalogueReader;
import io.polychip.performance.Batching;
import io.polychip.performance.StepTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TruthTest {
    private static final Batching AHEAD = new Batching(4, 64, 16, true, false, true, 0, true);
    private static final StepTime TEN_MILLIS =
            new StepTime(new long[] {10_000_000_000L, 10_000_000_000L, 10_000_000_000L}, 0, 0, 0, 0, 0).withMaxBatch(4);

    @Test
    void aFolderWithoutMeasurementsSaysWhatItLacks(@TempDir Path folder) {
        assertThatThrownBy(() -> Truth.of(folder, CatalogueReader.shipped()))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("Maybe name the folder above them");
    }

    @Test
    void anUnknownModelIsNamedWithItsLine(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("runs.csv");
        Files.writeString(file, """
            experiment,model,hardware,tp,precision,max_num_batched_tokens,workload,stage,metric,measured
            1-general,no/such-model,H100,1,FP16,2048,general,0,e2e_mean,1
            """);
        assertThatThrownBy(() -> VllmRun.read(file, CatalogueReader.shipped()))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining(":2: the catalogue has no \"no/such-model\"");
    }

    @Test
    void anAnswerThatArrivesDuringAStepBeginsTwoStepsLater() {
        // the first step ends at 10 ms; the second is formed already, so the newcomer is in the third
        Replay.Result result = Replay.run(
                TEN_MILLIS,
                AHEAD,
                1024,
                List.of(
                        new Replay.Request(0, 16, 10, new long[0]),
                        new Replay.Request(5_000_000_000L, 16, 10, new long[0])));
        assertThat(result.ttft()[0]).isCloseTo(0.010, within(1e-12));
        assertThat(result.ttft()[1]).isCloseTo(0.025, within(1e-12));
    }

    @Test
    void aRepeatedPromptIsFoundInTheCache() {
        long[] hashes = {1, 2};
        Replay.Result result = Replay.run(
                TEN_MILLIS,
                AHEAD,
                1024,
                List.of(new Replay.Request(0, 40, 2, hashes), new Replay.Request(1_000_000_000_000L, 40, 2, hashes)));
        assertThat(result.cached()).containsExactly(0, 32);
    }

    @Test
    void aFigureFallsShortOnlyOfATargetItHas() {
        assertThat(new Figure("c", "n", 7, 6.0, Map.of()).fallsShort()).isTrue();
        assertThat(new Figure("c", "n", 6, 6.0, Map.of()).fallsShort()).isFalse();
        assertThat(new Figure("c", "n", Double.NaN, 6.0, Map.of()).fallsShort()).isTrue();
        assertThat(new Figure("c", "n", 7, null, Map.of()).fallsShort()).isFalse();
    }

    @Test
    void quantilesAreLinearBetweenOrderStatistics() {
        assertThat(Statistics.quantile(new double[] {4, 1, 3, 2, Double.NaN}, 0.5))
                .isEqualTo(2.5);
        assertThat(Statistics.mean(new double[] {1, Double.NaN, 3})).isEqualTo(2);
    }
}
