package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CatalogueTest {
    private static final Catalogue CATALOGUE = CatalogueReader.shipped();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nvidia/a100-80gb",
                "nvidia/h100-sxm",
                "nvidia/h200-sxm",
                "nvidia/b200",
                "nvidia/gb200",
                "nvidia/b300",
                "nvidia/gb300",
                "nvidia/l4",
                "nvidia/l40s",
                "nvidia/a10g",
                "nvidia/rtx-pro-6000",
                "nvidia/groq-3-lpu",
                "amd/mi300x",
                "amd/mi325x",
                "amd/mi350x",
                "amd/mi355x",
                "aws/trainium1",
                "aws/trainium2",
                "aws/trainium3",
                "aws/inferentia2",
                "google/tpu-v5e",
                "google/tpu-v5p",
                "google/tpu-v6e",
                "google/tpu-v7x",
                "groq/lpu",
                "cerebras/wse-3",
                "intel/gaudi3",
                "cpu/xeon-6980p",
                "cpu/x86-64"
            })
    void knowsTheChip(String id) {
        assertThat(CATALOGUE.chips()).containsKey(id);
        Chip chip = Objects.requireNonNull(CATALOGUE.chips().get(id));

        assertThat(chip.vendor()).isEqualTo(id.substring(0, id.indexOf('/')));
        assertThat(chip.memoryGib()).isPositive();
        assertThat(chip.bandwidthGbps()).isPositive();
        assertThat(chip.source().origin()).isNotBlank();
        assertThat(chip.source().date()).isNotBlank();
    }

    @ParameterizedTest
    @MethodSource("models")
    void aModelsShapeAddsUpToItsParameters(Model model) {
        long vocabulary = 2L * model.vocabulary() * model.hidden();
        long width = (long) model.heads() * model.headDim();
        long attention = model.layers() * 2L * model.hidden() * (width + (long) model.kvHeads() * model.headDim());
        long experts = model.layers() * 3L * model.hidden() * model.feedForward() * model.experts();

        // Ties, biases, shared experts, vision towers and compressed attention make up the rest.
        assertThat(model.parameters())
                .isBetween((long) (0.70 * (attention + experts)), (long) (1.35 * (vocabulary + attention + experts)));
        assertThat(model.activeParameters()).isLessThanOrEqualTo(model.parameters());
        assertThat(model.kvValuesPerToken()).isBetween(1L, 2L * model.layers() * model.kvHeads() * model.headDim());
        assertThat(model.activeExperts()).isBetween(1, model.experts());
    }

    static List<Model> models() {
        return List.copyOf(CATALOGUE.models().values());
    }

    @Test
    void listsTheModelsAnOperatorMeetsFirst() {
        assertThat(CATALOGUE.models())
                .containsKeys(
                        "meta-llama/Llama-2-7b-chat-hf",
                        "meta-llama/Llama-2-13b-chat-hf",
                        "meta-llama/Llama-2-70b-chat-hf",
                        "meta-llama/Llama-3.1-8B-Instruct",
                        "meta-llama/Llama-3.1-70B-Instruct",
                        "meta-llama/Llama-3.1-405B-Instruct",
                        "meta-llama/Llama-3.3-70B-Instruct",
                        "openai/gpt-oss-20b",
                        "openai/gpt-oss-120b",
                        "Qwen/Qwen3-8B",
                        "Qwen/Qwen3-32B",
                        "Qwen/Qwen3-30B-A3B",
                        "Qwen/Qwen3-235B-A22B",
                        "mistralai/Mixtral-8x7B-Instruct-v0.1",
                        "deepseek-ai/DeepSeek-V3",
                        "deepseek-ai/DeepSeek-R1",
                        "google/gemma-3-27b-it",
                        "HuggingFaceTB/SmolLM2-135M-Instruct",
                        "moonshotai/Kimi-K2-Instruct");
    }

    @Test
    void everyOfferPriceAndProfileIsForSomethingInTheCatalogue() {
        assertThat(CATALOGUE.offers())
                .extracting(Offer::chip)
                .isSubsetOf(CATALOGUE.chips().keySet());
        assertThat(CATALOGUE.offers())
                .allSatisfy(offer -> assertThat(offer.usdPerChipHour()).isPositive());
        assertThat(CATALOGUE.tokenPrices())
                .extracting(TokenPrice::provider)
                .isSubsetOf(CATALOGUE.providers().keySet());
        assertThat(CATALOGUE.tokenPrices())
                .extracting(TokenPrice::shape)
                .filteredOn(shape -> !shape.isEmpty())
                .isSubsetOf(CATALOGUE.models().keySet());
        assertThat(CATALOGUE.profiles())
                .extracting(ProfileEntry::chip)
                .isSubsetOf(CATALOGUE.chips().keySet());
        assertThat(CATALOGUE.profiles())
                .extracting(ProfileEntry::model)
                .isSubsetOf(CATALOGUE.models().keySet());
        assertThat(CATALOGUE.profiles())
                .extracting(profile -> profile.engine().name())
                .isSubsetOf(PoolReader.ENGINES);
    }

    @Test
    void noDeploymentHasTwoProfiles() {
        Map<List<Object>, Long> counts = CATALOGUE.profiles().stream()
                .collect(Collectors.groupingBy(
                        profile -> List.of(
                                profile.model(),
                                profile.chip(),
                                profile.precision(),
                                profile.engine(),
                                profile.layout()),
                        Collectors.counting()));

        assertThat(counts).allSatisfy((key, count) -> assertThat(count).isEqualTo(1));
    }

    @Test
    void everyChipPeopleRentHasAProfile() {
        Set<String> profiled =
                CATALOGUE.profiles().stream().map(ProfileEntry::chip).collect(Collectors.toSet());

        assertThat(profiled)
                .contains(
                        "nvidia/h100-sxm",
                        "nvidia/h200-sxm",
                        "nvidia/b200",
                        "nvidia/gb200",
                        "nvidia/a100-80gb",
                        "nvidia/l40s",
                        "amd/mi300x",
                        "amd/mi325x",
                        "amd/mi355x",
                        "aws/trainium2",
                        "aws/trainium3",
                        "aws/inferentia2",
                        "google/tpu-v5e",
                        "google/tpu-v6e",
                        "google/tpu-v7x",
                        "groq/lpu",
                        "cerebras/wse-3",
                        "cpu/x86-64");
    }

    @Test
    void aProviderSaysWhatItRefuses() {
        Provider groq = Objects.requireNonNull(CATALOGUE.providers().get("groq"));

        assertThat(groq.baseUrl()).isEqualTo("https://api.groq.com/openai/v1");
        assertThat(groq.unsupported()).contains("logprobs", "logit_bias", "n");
        assertThat(groq.notes()).containsKeys("usage", "limits");
    }
}
