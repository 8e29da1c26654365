package io.polychip.validation;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.CatalogueReader;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** On a handful of MLPerf's results; {@code polychip validate-plans} runs all of them. */
class TrainingCheckTest {
    private final TrainingCheck.Result result = new TrainingCheck(CatalogueReader.shipped()).run(data());

    @Test
    void everyRunOfAKnownChipIsPredicted() {
        assertThat(result.runs()).hasSizeGreaterThan(12).allSatisfy(run -> {
            assertThat(run.predicted()).isPositive();
            assertThat(Math.abs(run.error())).as(run.toString()).isLessThan(0.7);
        });
        assertThat(result.skipped()).containsKey("Gaudi2");
    }

    @Test
    void noRunKnowsItsOwnRound() {
        assertThat(result.runs())
                .filteredOn(run -> run.round().equals("v3.1"))
                .isNotEmpty()
                .allSatisfy(run -> assertThat(run.predicted())
                        .as("before the first round there are vendors only")
                        .isEqualTo(run.fromVendors()));
    }

    @Test
    void theMedianIsOfTheErrorsSizes() {
        double median = result.median(_ -> true);

        assertThat(result.runs().stream().filter(run -> Math.abs(run.error()) <= median))
                .hasSizeGreaterThanOrEqualTo(result.runs().size() / 2);
        assertThat(result.runs().stream().filter(run -> Math.abs(run.error()) >= median))
                .hasSizeGreaterThanOrEqualTo(result.runs().size() / 2);
        assertThat(result.passed()).isEqualTo(median <= TrainingCheck.ALLOWED);
    }

    private static Path data() {
        try {
            return Path.of(Objects.requireNonNull(TrainingCheckTest.class.getResource("data"))
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
