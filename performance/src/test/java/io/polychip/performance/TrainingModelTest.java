package io.polychip.performance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Chip;
import io.polychip.fleet.Model;
import io.polychip.fleet.Precision;
import io.polychip.performance.TrainingJob.Scaling;
import io.polychip.performance.TrainingJob.Task;
import io.polychip.performance.TrainingModel.Estimate;
import io.polychip.performance.TrainingSpeed.Evidence;
import java.time.LocalDate;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class TrainingModelTest {
    private static final Catalogue CATALOGUE = CatalogueReader.shipped();
    private static final Chip H100 = chip("nvidia/h100-sxm");
    private static final Model LLAMA_70B = model("meta-llama/Llama-3.1-70B-Instruct");
    private static final LocalDate DAY = LocalDate.of(2026, 11, 24);

    private final TrainingModel training = new TrainingModel(CATALOGUE);

    /** NVIDIA counts 4 to 5 % above 6 N at 8,192 tokens; Google 2.2 times 6 N at 131,072 on 70 billion parameters. */
    @Test
    void attentionCountsMoreTheLongerTheSequence() {
        Model large = model("meta-llama/Llama-3.1-405B-Instruct");

        assertThat(TrainingJob.flops(large, Task.PRETRAIN, 8192) / (6.0 * large.parameters()))
                .isCloseTo(1.04, within(0.01));
        assertThat(TrainingJob.flops(LLAMA_70B, Task.PRETRAIN, 131_072) / (6.0 * LLAMA_70B.parameters()))
                .isCloseTo(2.2, within(0.05));
    }

    @Test
    void aPublishedSpeedIsTakenAsItIsLessWhatEvaluationTakes() {
        TrainingSpeed speed = training.speed(job(Precision.FP8), H100, 64, DAY, _ -> true);

        assertThat(speed.evidence()).isEqualTo(Evidence.PUBLISHED);
        assertThat(speed.tokensPerSecondPerChip()).isCloseTo(1664 * 0.93, within(35.0));
        assertThat(speed.low()).isLessThan(speed.tokensPerSecondPerChip());
        assertThat(speed.high()).isGreaterThan(speed.tokensPerSecondPerChip());
        assertThat(speed.origin()).contains("Megatron-Bridge");
    }

    @Test
    void chipHoursAreTokensOverSpeed() {
        Estimate estimate = training.estimate(job(Precision.FP8), H100, 1024, DAY, 1.15);

        assertThat(estimate.chipHours())
                .isCloseTo(1e12 / 3600 / estimate.speed().tokensPerSecondPerChip(), within(1.0));
        assertThat(estimate.hours() * 1024).isCloseTo(estimate.chipHours(), within(1e-6));
        assertThat(estimate.kWh())
                .as("890 W were measured")
                .isCloseTo(estimate.chipHours() * 0.890 * 1.15, within(1.0));
        assertThat(estimate.usd(2.0, 0.9)).isCloseTo(estimate.chipHours() * 2 / 0.9, within(1e-3));
    }

    @Test
    void aFixedBatchLosesAsTheChipsGrow() {
        Model large = model("meta-llama/Llama-3.1-405B-Instruct");
        TrainingJob fixed =
                new TrainingJob("405b", large, Task.PRETRAIN, Scaling.FIXED_BATCH, Precision.FP8, 1e12, 8192);

        double few =
                training.speed(fixed, H100, 512, DAY, rate -> !rate.wholeRun()).tokensPerSecondPerChip();
        double many =
                training.speed(fixed, H100, 8192, DAY, rate -> !rate.wholeRun()).tokensPerSecondPerChip();

        assertThat(many / few).isBetween(0.8, 0.95);
    }

    @Test
    void theDeadlinePicksTheChips() {
        TrainingJob job = job(Precision.FP8);

        Estimate month = Objects.requireNonNull(training.inTime(job, H100, 720, 0.95, DAY, 1));
        Estimate week = Objects.requireNonNull(training.inTime(job, H100, 168, 0.95, DAY, 1));

        assertThat(month.hours() / 0.95).isLessThanOrEqualTo(720);
        assertThat(week.chips()).isGreaterThan(month.chips() * 3);
        assertThat(month.chips() % H100.scaleUpDomain()).isZero();
        assertThat(month.chips()).isGreaterThanOrEqualTo(job.minimumChips(H100));
        assertThat(training.inTime(job, H100, 0.001, 1, DAY, 1))
                .as("a second's work for nobody")
                .isNull();
    }

    @Test
    void memorySetsTheFewestChips() {
        assertThat(job(Precision.FP8).minimumChips(H100)).isEqualTo(24);
        assertThat(new TrainingJob("lora", LLAMA_70B, Task.LORA, Scaling.SMALL, Precision.FP8, 1e9, 8192)
                        .minimumChips(chip("amd/mi300x")))
                .isEqualTo(1);
    }

    @Test
    void whereNothingWasPublishedItSaysSo() {
        TrainingSpeed trainium = training.speed(job(Precision.BF16), chip("aws/trainium2"), 64, DAY, _ -> true);

        assertThat(trainium.evidence()).isEqualTo(Evidence.NONE);
        assertThat(trainium.origin()).contains("an assumption");
        assertThat(trainium.high() / trainium.low()).isGreaterThan(3);
    }

    @Test
    void anotherPrecisionIsScaledByPairsOfThatChip() {
        TrainingJob eight = new TrainingJob(
                "8b",
                model("meta-llama/Llama-3.1-8B-Instruct"),
                Task.PRETRAIN,
                Scaling.SMALL,
                Precision.FP4,
                1e9,
                8192);
        TrainingSpeed narrow = training.speed(eight, chip("nvidia/gb200"), 8, DAY, rate -> !rate.wholeRun());

        assertThat(narrow.evidence()).isEqualTo(Evidence.OTHER_PRECISION);
        assertThat(narrow.tokensPerSecondPerChip()).isBetween(31_500 * 0.93 * 1.1, 31_500 * 0.93 * 1.4);
    }

    /** At 2.235 dollars an hour Trainium2 equals H100 at 6.88 on 70 billion parameters in BF16 near a share of 0.23. */
    @Test
    void aVendorWithoutARateIsToldWhichShareOfItsPeakBreaksEven() {
        TrainingJob job = job(Precision.BF16);
        Estimate rival = training.estimate(job, H100, 1024, LocalDate.of(2025, 6, 1), 1);

        assertThat(TrainingModel.breakEvenShare(job, chip("aws/trainium2"), 2.235, rival.usd(6.88, 1) / job.tokens()))
                .isCloseTo(0.24, within(0.015));
    }

    @Test
    void aJobOfNothingIsRefused() {
        assertThatThrownBy(
                        () -> new TrainingJob("none", LLAMA_70B, Task.PRETRAIN, Scaling.SMALL, Precision.FP8, 0, 8192))
                .isInstanceOf(ProfileException.class)
                .hasMessageContaining("above 0");
    }

    private static TrainingJob job(Precision precision) {
        return new TrainingJob("70b", LLAMA_70B, Task.PRETRAIN, Scaling.GROWING_BATCH, precision, 1e12, 8192);
    }

    private static Chip chip(String id) {
        return Objects.requireNonNull(CATALOGUE.chips().get(id));
    }

    private static Model model(String id) {
        return Objects.requireNonNull(CATALOGUE.models().get(id));
    }
}
