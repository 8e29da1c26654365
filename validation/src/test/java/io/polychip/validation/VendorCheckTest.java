package io.polychip.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.EngineRelease;
import io.polychip.fleet.Layout;
import io.polychip.fleet.Precision;
import io.polychip.performance.Memory;
import io.polychip.performance.PooledForm;
import io.polychip.performance.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VendorCheckTest {
    private static final Catalogue CATALOGUE = CatalogueReader.shipped();
    private static final String LLAMA = "meta-llama/Llama-3.1-70B-Instruct";
    private static final String INFERENCEX = """
        scenario,model,precision,chip,chips,backend,input_len,output_len,concurrency,tp,pp,attention_dp,moe_ep,ttft_ms,tpot_ms
        agg,meta-llama/Llama-3.1-70B,fp8,H200,4,vllm,1024,1024,16,4,1,1,1,100,12.5
        agg,meta-llama/Llama-3.1-70B,fp8,H200,8,vllm,1024,1024,16,4,1,2,1,100,12.5
        agg,meta-llama/Llama-3.1-70B,fp8,H200,4,vllm,1024,1024,32,4,1,1,4,100,12.5
        agg,meta-llama/Llama-3.1-70B,bf16,H200,1,vllm,1024,1024,32,1,1,1,1,100,12.5
        disagg,meta-llama/Llama-3.1-70B,fp8,H200,4,vllm,1024,1024,64,4,1,1,1,100,12.5
        """;
    private static final String MLPERF = """
        source,division,submitter,system,model,scenario,chip,chips,precision,framework,input_len_mean,output_len_mean,tokens_per_s_per_chip,slo_tpot_ms
        MLPerf Inference v5.1,closed,AMD,one,llama2-70b-99,Server,AMD Instinct MI325X 256GB HBM3e,8,fp8,vLLM,294.45,294,3900,200
        MLPerf Inference v5.1,closed,AMD,one,llama2-70b-99.9,Server,AMD Instinct MI325X 256GB HBM3e,8,fp8,vLLM,294.45,294,4100,200
        MLPerf Inference v5.1,closed,AMD,mix,llama2-70b-99,Server,"AMD Instinct MI300X (x8), AMD Instinct MI325X (x8)",16,fp8,vLLM,294.45,294,3900,200
        MLPerf Inference v6.0,closed,AMD,two,gpt-oss-120b,Offline,AMD Instinct MI355X 288GB HBM3e,8,fp4,vLLM,,1373,11875,
        """;

    private static Deployment deployment(String chip, int tensor) {
        return new Deployment(
                known(CATALOGUE.models().get(LLAMA)),
                Precision.FP8,
                EngineRelease.of("vllm"),
                known(CATALOGUE.chips().get(chip)),
                new Layout(tensor, 1, 1));
    }

    private static <T> T known(@Nullable T entry) {
        return Objects.requireNonNull(entry);
    }

    private static ChipPoint closed(String chip, int concurrency, double measured) {
        return closed(chip, 4, concurrency, measured);
    }

    private static ChipPoint closed(String chip, int tensor, int concurrency, double measured) {
        return new ChipPoint(
                "test", List.of(deployment(chip, tensor)), ChipPoint.Kind.CLOSED, concurrency, 1024, 512, 0, measured);
    }

    @Test
    void rowsThatOneReplicaOnEqualChipsCannotExplainAreLeftOut(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("inferencex_nvidia_ttft_tpot.csv"), INFERENCEX);
        Files.writeString(folder.resolve("mlperf_inference_llm_datacenter.csv"), MLPERF);
        Files.createDirectory(folder.resolve("neuron-cc-by-sa-4.0"));
        for (String empty : List.of(
                "inferencex_best_per_gpu_2026-04-06.csv",
                "mlperf_v6.1_subset.csv",
                "tpu_measured.csv",
                "gaudi3_glm47.csv",
                "neuron-cc-by-sa-4.0/aws_neuron_inf2_trn1_trn2.csv")) {
            Files.writeString(folder.resolve(empty), "chip\n");
        }
        List<String> notes = new ArrayList<>();
        List<ChipPoint> points = ChipPoints.read(folder, CATALOGUE, notes);
        assertThat(points).hasSize(2);
        ChipPoint sweep = points.getFirst();
        assertThat(sweep.deployment()).isEqualTo(deployment("nvidia/h200-sxm", 4));
        assertThat(sweep.measured()).isCloseTo(0.0125, within(1e-12));
        ChipPoint server = points.getLast();
        assertThat(server.vendor()).isEqualTo("amd");
        assertThat(server.measured()).isEqualTo(4000); // one run told twice: the median of both
        assertThat(server.layouts().getFirst().layout().tensor()).isEqualTo(1);
        assertThat(notes).singleElement().asString().contains("2 points out of 9 rows");
    }

    @Test
    void aServerDecodesAsManyAsItsObjectiveAllows() {
        double[] coefficients = PooledForm.round();
        List<Deployment> layouts = List.of(deployment("nvidia/h200-sxm", 2), deployment("nvidia/h200-sxm", 4));
        ChipPoint offline = new ChipPoint("test", layouts, ChipPoint.Kind.OFFLINE, 0, 300, 300, 0, 1000);
        ChipPoint server = new ChipPoint("test", layouts, ChipPoint.Kind.INTERACTIVE, 0, 300, 300, 0.04, 1000);
        ChipPoint.Operating tight = server.operating(coefficients);
        assertThat(tight.seconds(coefficients)).isCloseTo(0.85 * 0.04, within(1e-5));
        assertThat(tight.sequences()).isLessThan(offline.operating(coefficients).sequences());
        assertThat(server.error(coefficients)).isGreaterThan(-3).isLessThan(3);
    }

    @Test
    void aClosedLoadDecodesNoMoreThanMemoryHolds() {
        ChipPoint few = closed("nvidia/h100-sxm", 8, 0.02);
        ChipPoint many = closed("nvidia/h100-sxm", 4096, 0.2);
        double[] coefficients = PooledForm.round();
        assertThat(few.operating(coefficients).sequences()).isBetween(6.0, 8.0);
        assertThat(many.operating(coefficients).sequences())
                .isLessThan(Memory.of(many.deployment()).kvTokens() / 1024.0);
    }

    @Test
    void whatAVendorAnswersChangesNothingOfWhatIsSaidBefore() {
        List<ChipPoint> points = new ArrayList<>();
        List<ChipPoint> slower = new ArrayList<>();
        for (String chip : List.of("nvidia/h100-sxm", "amd/mi300x", "nvidia/b200", "intel/gaudi3")) {
            for (int tensor : new int[] {2, 4}) {
                for (int concurrency : new int[] {1, 8, 64}) {
                    double factor = chip.startsWith("amd") ? 2 : 1;
                    points.add(closed(chip, tensor, concurrency, 0.02));
                    slower.add(closed(chip, tensor, concurrency, 0.02 * factor));
                }
            }
        }
        VendorCheck.Said said = VendorCheck.without("amd", points);
        VendorCheck.Said again = VendorCheck.without("amd", slower);
        assertThat(again.bands()).isEqualTo(said.bands());
        assertThat(said.trial().before()).hasSize(6);
        for (int i = 0; i < 6; i++) {
            Trial.Outcome one = said.trial().before().get(i);
            Trial.Outcome two = again.trial().before().get(i);
            assertThat(two.sigma()).isEqualTo(one.sigma());
            assertThat(two.off()).isCloseTo(one.off() - StrictMath.log(2), within(1e-9));
        }
    }

    @Test
    void noGroupHasMoreThanItsShare() {
        List<ChipPoint> points = new ArrayList<>();
        for (int concurrency = 1; concurrency <= 20; concurrency++) {
            points.add(closed("nvidia/h100-sxm", concurrency, 0.02));
        }
        points.add(closed("amd/mi300x", 1, 0.02));
        Map<String, Long> counts = ChipPoints.thinned(points, 5).stream()
                .collect(Collectors.groupingBy(ChipPoint::vendor, Collectors.counting()));
        assertThat(counts).isEqualTo(Map.of("nvidia", 5L, "amd", 1L));
    }
}
