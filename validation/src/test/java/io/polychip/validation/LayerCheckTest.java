package io.polychip.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.CatalogueReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LayerCheckTest {
    private static final String MODEL = "Qwen/Qwen3-32B";

    /** One request of 100 tokens and an answer of 11, whose kernels take 1 ms a layer whatever they do. */
    private static void write(Path folder, String model, int ranks, int copies, double firstMillis, double stepMillis)
            throws IOException {
        Path run = Files.createDirectories(folder.resolve("bench/RTXPRO6000/any/vllm"));
        Files.writeString(run.resolve("meta.json"), """
            {"model": "%s", "engine_kwargs": {"tensor_parallel_size": %d, "data_parallel_size": %d,
             "max_num_seqs": 8, "max_num_batched_tokens": 2048}}
            """.formatted(model, ranks, copies));
        Files.writeString(
                run.resolve("requests.jsonl"),
                """
                {"request_id": "0", "input_toks": 100, "output_toks": 11, "arrival_time": 1e9, "queued_ts": 5.0,
                """.strip().replace("\n", "")
                        + " \"first_token_ts\": %s, \"last_token_ts\": %s}\n"
                                .formatted(5 + firstMillis / 1e3, 5 + (firstMillis + 10 * stepMillis) / 1e3));
        Files.writeString(run.resolveSibling("config.json"), "{\"link_bw\": 16, \"link_latency\": 1000}");
        Files.writeString(
                Files.createDirectories(run.resolveSibling("validation")).resolve("summary.txt"), """
                TTFT Mean                          2.0         2.1     +5.0%
                TPOT Mean                          2.0         1.9     -2.5%
                """);
        Path shape = Files.createDirectories(folder.resolve("configs/model/Qwen"));
        Files.writeString(shape.resolve("Qwen3-32B.json"), """
            {"hidden_size": 5120, "num_hidden_layers": 2, "rms_norm_eps": 1e-06}
            """);
        Path tables =
                Files.createDirectories(folder.resolve("profiler/perf/RTXPRO6000/Qwen/Qwen3-32B/bf16/tp" + ranks));
        Files.writeString(tables.resolveSibling("meta.yaml"), "skew_fit:\n  enabled: false\n");
        Files.writeString(tables.resolve("dense.csv"), """
            layer,tokens,time_us
            qk_norm,1,600
            qk_norm,2048,600
            layernorm,1,100
            layernorm,2048,100
            final_layernorm,1,0
            final_layernorm,2048,0
            """);
        Files.writeString(tables.resolve("per_sequence.csv"), "layer,sequences,time_us\nsampler,1,0\n");
        Files.writeString(tables.resolve("attention.csv"), """
            prefill_chunk,kv_prefill,n_decode,kv_decode,time_us
            0,0,1,16,200
            0,0,1,4096,200
            2048,0,0,0,200
            2048,0,1,16,200
            2048,0,1,4096,200
            """);
    }

    private static List<Figure> check(Path folder, List<String> notes) {
        return LayerCheck.check(folder, CatalogueReader.shipped(), notes);
    }

    @Test
    void aRunOfAnyModelIsPutTogetherFromItsOwnTables(@TempDir Path folder) throws IOException {
        write(folder, MODEL, 1, 1, 2, 2);
        List<String> notes = new ArrayList<>();
        List<Figure> figures = check(folder, notes);
        assertThat(notes).isEmpty();
        assertThat(figures)
                .extracting(Figure::check)
                .containsOnly("vLLM 0.19, 1 requests of Qwen/Qwen3-32B on RTXPRO6000");
        assertThat(figures.get(1).ours()).isCloseTo(0, within(1e-6));
        assertThat(figures.get(0).others()).isEqualTo(Map.of("llmservingsim", 5.0));
        assertThat(figures.get(1).others()).isEqualTo(Map.of("llmservingsim", 2.5));
        assertThat(figures.get(2).others()).isEmpty();
    }

    @Test
    void tensorRanksExchangeOverTheLinkThatTheRunTellsOf(@TempDir Path folder) throws IOException {
        assertThat(LayerCheck.ringMicros(1, 1e6, 16, 1000)).isZero();
        assertThat(LayerCheck.ringMicros(2, 1e6, 16, 1000)).isCloseTo(1e3 / 16 + 2, within(1e-9));
        assertThat(LayerCheck.ringMicros(4, 1e6, 16, 1000)).isCloseTo(6 * (1e3 / 64 + 1), within(1e-9));
        double exchange = 2 * 2 * (10_240 / 16e3 + 2) / 1e3; // two layers, twice each, in milliseconds
        write(folder, MODEL, 2, 1, 2, 2 + exchange);
        assertThat(check(folder, new ArrayList<>()).get(1).ours()).isCloseTo(0, within(1e-6));
    }

    @Test
    void copiesOfAReplicaAreNotCheckedAndThatIsSaid(@TempDir Path folder) throws IOException {
        write(folder, MODEL, 1, 2, 2, 2);
        List<String> notes = new ArrayList<>();
        assertThat(check(folder, notes)).isEmpty();
        assertThat(notes).singleElement().asString().contains("Qwen/Qwen3-32B on RTXPRO6000 is not checked");
    }

    @Test
    void aModelThatTheCatalogueDoesNotKnowIsNamed(@TempDir Path folder) throws IOException {
        write(folder, "no/such", 1, 1, 2, 2);
        assertThatThrownBy(() -> check(folder, new ArrayList<>()))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("no/such on RTXPRO6000 has no num_kv_tokens")
                .hasMessageContaining("Maybe add");
    }
}
