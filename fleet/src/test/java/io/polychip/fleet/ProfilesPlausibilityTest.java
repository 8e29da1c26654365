package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the shipped profiles against the chips' own limits and against throughput that others published. */
class ProfilesPlausibilityTest {
    private static final Catalogue CATALOGUE = CatalogueReader.shipped();
    private static final double PICOS = 1e12;

    static List<ProfileEntry> owned() {
        return CATALOGUE.profiles().stream()
                .filter(profile ->
                        !List.of("groq", "cerebras").contains(profile.engine().name()))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("owned")
    void noChipDecodesFasterThanItReadsItsWeights(ProfileEntry profile) {
        Model model = model(profile);
        Chip chip = chip(profile);
        double bandwidth = chip.bandwidthGbps() * 1e9 * profile.layout().tensor();
        double active = model.activeParameters() * profile.precision().bytesPerParameter() / bandwidth;

        double alone = profile.stepPicos().getFirst() / PICOS;
        // Parts of a mixture of experts and tied embeddings are not read for each token: a fifth may be missing.
        assertThat(alone).isBetween(0.8 * active, 40 * active + 0.03);
    }

    @ParameterizedTest
    @MethodSource("owned")
    void noChipReadsPromptsFasterThanItMultiplies(ProfileEntry profile) {
        double flops = chip(profile).teraflops(profile.precision())
                * 1e12
                * profile.layout().tensor();
        if (flops > 0) {
            double least = 2.0 * model(profile).activeParameters() / flops;
            assertThat(profile.prefillTokenPicos() / PICOS).isBetween(0.9 * least, 60 * least);
        }
    }

    @ParameterizedTest
    @MethodSource("owned")
    void stepsGrowWithTheBatchAndWithTheCache(ProfileEntry profile) {
        assertThat(profile.batchSizes()).isSorted();
        assertThat(profile.stepPicos()).isSorted().hasSameSizeAs(profile.batchSizes());
        assertThat(profile.kvTokenPicos()).isPositive();
        assertThat(profile.band()).isBetween(0.05, 0.6);
    }

    @ParameterizedTest
    @MethodSource("owned")
    void whatWasNotMeasuredHasAWideBand(ProfileEntry profile) {
        if (profile.source().confidence() == Source.Confidence.ESTIMATED) {
            assertThat(profile.band()).isGreaterThanOrEqualTo(0.35);
        }
    }

    /**
     * Output tokens per second and chip of MLPerf Inference's Offline and Server runs (v4.1 to v6.0, best submitter),
     * met within a factor of two. Llama-2-70B's runs stand for the newer model of the same shape.
     */
    @ParameterizedTest
    @CsvSource({
        "meta-llama/Llama-3.1-70B-Instruct, amd/mi300x,      FP8, 1,  512,  294,  294,  3475",
        "meta-llama/Llama-3.1-70B-Instruct, amd/mi325x,      FP8, 1,  512,  294,  294,  4310",
        "meta-llama/Llama-3.1-70B-Instruct, nvidia/h200-sxm, FP8, 1,  512,  294,  294,  4400",
        "meta-llama/Llama-3.1-70B-Instruct, nvidia/h100-sxm, FP8, 2,  512,  294,  294,  3900",
        "meta-llama/Llama-3.1-70B-Instruct, nvidia/b200,     FP4, 1, 1024,  294,  294, 13072",
        "meta-llama/Llama-3.1-8B-Instruct,  nvidia/h200-sxm, FP8, 1,  256,  871,  129,  8114",
        "meta-llama/Llama-3.1-8B-Instruct,  nvidia/l40s,     FP8, 1,   64,  871,  129,  1207",
        "openai/gpt-oss-120b,               nvidia/h200-sxm, FP4, 1,  256, 1000, 1379,  3585",
    })
    void throughputIsNearWhatWasPublished(
            String model, String chip, Precision precision, int tensor, int batch, int in, int out, double published) {
        ProfileEntry profile = CATALOGUE.profiles().stream()
                .filter(entry -> entry.model().equals(model)
                        && entry.chip().equals(chip)
                        && entry.precision() == precision
                        && entry.layout().tensor() == tensor
                        && entry.engine().name().equals("vllm"))
                .findFirst()
                .orElseThrow();

        double prompt = (double) in * profile.prefillTokenPicos() + in / 2.0 * in * profile.pairPicos();
        double step = profile.stepPicosAt(batch) + batch * (in + out / 2.0) * profile.kvTokenPicos();
        double perToken = step / batch + prompt / out;
        assertThat(PICOS / perToken / tensor).isBetween(published / 2, published * 2);
    }

    private static Model model(ProfileEntry profile) {
        return Objects.requireNonNull(CATALOGUE.models().get(profile.model()));
    }

    private static Chip chip(ProfileEntry profile) {
        return Objects.requireNonNull(CATALOGUE.chips().get(profile.chip()));
    }
}
