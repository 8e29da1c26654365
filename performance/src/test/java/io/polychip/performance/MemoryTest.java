package io.polychip.performance;

import static io.polychip.performance.Samples.H100;
import static io.polychip.performance.Samples.LLAMA_70B;
import static io.polychip.performance.Samples.LLAMA_8B;
import static io.polychip.performance.Samples.TRAINIUM2;
import static io.polychip.performance.Samples.deployment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Model;
import io.polychip.fleet.Precision;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class MemoryTest {
    @Test
    void cacheCapacityIsWholeBlocksOfExactBytes() {
        Memory memory = Memory.of(deployment(LLAMA_8B, Precision.BF16, "vllm", H100, 1));
        assertThat(memory.kvTokenBytes()).isEqualTo(131_072);
        assertThat(memory.weightBytes()).isEqualTo(16_060_522_496L);
        assertThat(memory.kvTokens() % 16).isZero();
        long free = memory.totalBytes() - memory.overheadBytes() - memory.weightBytes();
        assertThat(free - memory.kvTokens() * 131_072).isBetween(0L, 16 * 131_072L - 1);
        // vLLM on an 80 GB H100 reports about 0.42 million tokens for this model
        assertThat(memory.kvTokens()).isBetween(380_000L, 480_000L);
    }

    @Test
    void tensorRanksShareWeightsAndHeads() {
        Memory one = Memory.of(deployment(LLAMA_8B, Precision.BF16, "vllm", H100, 1));
        Memory four = Memory.of(deployment(LLAMA_8B, Precision.BF16, "vllm", H100, 4));
        Memory sixteen = Memory.of(deployment(LLAMA_8B, Precision.BF16, "vllm", H100, 16));
        assertThat(four.weightBytes()).isEqualTo(one.weightBytes() / 4);
        assertThat(four.kvTokenBytes()).isEqualTo(one.kvTokenBytes() / 4);
        assertThat(sixteen.kvTokenBytes()).as("8 heads on 16 ranks").isEqualTo(one.kvTokenBytes() / 8);
    }

    /**
     * Found as Inferentia2's errors that grew with the cache: 8 heads lie on its 24 cores three times, not 1.5 times.
     */
    @Test
    void coresOfOneChipEachHoldAHeadOfTheirOwn() {
        Memory chip = Memory.of(deployment(LLAMA_8B, Precision.BF16, "vllm-neuron", TRAINIUM2, 1));
        Memory four = Memory.of(deployment(LLAMA_8B, Precision.BF16, "vllm-neuron", TRAINIUM2, 4));
        assertThat(chip.kvTokenBytes()).as("8 heads on 4 cores").isEqualTo(131_072);
        assertThat(four.kvTokenBytes()).as("8 heads on 16 cores").isEqualTo(131_072 / 8 * 4);
        long copies = 2L * 32 * 4096 * 128 * (16 - 8) * 2 / 4;
        assertThat(four.weightBytes()).isEqualTo(chip.weightBytes() / 4 + copies);
    }

    /** As in the comments of gqa.py: on 32 ranks 56 query heads become 64, and 8 heads of keys one on each rank. */
    @Test
    void headsThatDoNotDivideAreFilledUp() {
        Memory three = Memory.of(deployment(LLAMA_8B, Precision.BF16, "vllm-neuron", TRAINIUM2, 3));
        assertThat(three.kvTokenBytes())
                .as("32 query heads on 12 cores, each with keys of its own: 3 a core")
                .isEqualTo(131_072 / 8 * 3 * 4);
    }

    /** Heads had been repeated in all 60 layers of Qwen3.5, of which 15 have any. */
    @Test
    void headsAreRepeatedInThoseLayersOnlyThatHaveThem() {
        assertThat(repeatedOnSixteenCores("Qwen/Qwen3.5-397B-A17B"))
                .as("2 heads of keys on 16 cores, 14 more in each of 15 layers")
                .isEqualTo(2L * 15 * 4096 * 256 * (16 - 2) * 2);
        assertThat(repeatedOnSixteenCores("openai/gpt-oss-120b"))
                .as("8 on 16, windows or not")
                .isEqualTo(2L * 36 * 2880 * 64 * (16 - 8) * 2);
    }

    /** Bytes, over all four chips. */
    private static long repeatedOnSixteenCores(String id) {
        Model model = Objects.requireNonNull(CatalogueReader.shipped().models().get(id));
        return 4 * Memory.weightBytes(deployment(model, Precision.BF16, "vllm-neuron", TRAINIUM2, 4))
                - 2 * model.parameters();
    }

    /** Gemma 3 keeps all tokens in one layer of six: small, yet cut over ranks by heads, not whole on each. */
    @Test
    void aCacheOfFewLayersIsCutOverRanksLikeAnyOther() {
        Model gemma = Objects.requireNonNull(CatalogueReader.shipped().models().get("google/gemma-3-27b-it"));
        Model deepseek =
                Objects.requireNonNull(CatalogueReader.shipped().models().get("deepseek-ai/DeepSeek-V3"));
        assertThat(Memory.kvTokenBytes(deployment(gemma, Precision.BF16, "vllm", H100, 4)))
                .isEqualTo(gemma.kvValuesPerToken() * 2 / 4);
        assertThat(Memory.kvTokenBytes(deployment(deepseek, Precision.BF16, "vllm", H100, 4)))
                .isEqualTo(deepseek.kvValuesPerToken() * 2);
    }

    @Test
    void whatDoesNotFitSaysByHowMuchAndWhatToTry() {
        Memory memory = Memory.of(deployment(LLAMA_70B, Precision.BF16, "vllm", H100, 1));
        assertThat(memory.fits()).isFalse();
        assertThat(memory.kvTokens()).isZero();
        assertThat(memory.explanation())
                .contains("131.4 weights")
                .contains("lacks")
                .contains("2 times the chips");
    }

    @Test
    void embeddingsStayWideWhenTheRestIsQuantised() {
        long fp8 = Memory.weightBytes(deployment(LLAMA_8B, Precision.FP8, "vllm", H100, 1));
        assertThat(fp8).isEqualTo(8_030_261_248L + 2L * 128_256 * 4096);
    }

    @Test
    void powerRisesFromIdleOverDecodeToPrefill() {
        Energy energy = Energy.of(deployment(LLAMA_70B, Precision.FP8, "vllm", H100, 8));
        assertThat(energy.fullWatts()).isEqualTo(5600);
        assertThat(energy.watts(0, 0)).isEqualTo(energy.idleWatts());
        assertThat(energy.watts(1, 0)).isCloseTo(energy.decodeWatts(), within(1e-9));
        assertThat(energy.watts(0.3, 0.7)).isBetween(energy.decodeWatts(), energy.fullWatts());
        assertThat(energy.joulesPerToken(1, 0, 1000)).isCloseTo(3.08, within(0.01));
        assertThat(energy.joulesPerToken(1, 0, 0)).isInfinite();
    }

    @Test
    void powerThatFallsUnderLoadIsRefused() {
        assertThatThrownBy(() -> new Energy(100, 50, 200)).isInstanceOf(ProfileException.class);
    }
}
