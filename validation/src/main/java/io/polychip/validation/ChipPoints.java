package io.polychip.validation;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.Csv;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.EngineRelease;
import io.polychip.fleet.Layout;
import io.polychip.fleet.Model;
import io.polychip.fleet.Precision;
import io.polychip.performance.Memory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads the published measurements of a folder: MLPerf Inference, InferenceX, and the vendors' own of TPU, Gaudi and
 * Neuron chips. Left out are rows that no replica of one model on equal chips explains (several chips mixed,
 * disaggregated prefill, expert or attention parallelism, speculation), and those that do not tell how long the prompts
 * were.
 */
final class ChipPoints {
    /** Chips of a system that still runs whole replicas side by side. */
    private static final int MOST_CHIPS = 16;

    private static final int[] TENSORS = {1, 2, 4, 8};

    /** As tables write chips, the longer name first. */
    private static final List<Map.Entry<String, String>> CHIPS = List.of(
            Map.entry("GB300", "nvidia/gb300"),
            Map.entry("GB200", "nvidia/gb200"),
            Map.entry("B300", "nvidia/b300"),
            Map.entry("B200", "nvidia/b200"),
            Map.entry("H200-NVL", ""),
            Map.entry("H200", "nvidia/h200-sxm"),
            Map.entry("H100-NVL", ""),
            Map.entry("H100-PCIe", ""),
            Map.entry("GH200", ""),
            Map.entry("H100", "nvidia/h100-sxm"),
            Map.entry("RTX PRO 6000", "nvidia/rtx-pro-6000"),
            Map.entry("L40S", "nvidia/l40s"),
            Map.entry("MI300X", "amd/mi300x"),
            Map.entry("MI325X", "amd/mi325x"),
            Map.entry("MI350X", "amd/mi350x"),
            Map.entry("MI355X", "amd/mi355x"),
            Map.entry("TPU v6e", "google/tpu-v6e"),
            Map.entry("TPU v7x", "google/tpu-v7x"),
            Map.entry("Gaudi3", "intel/gaudi3"),
            Map.entry("Trainium1", "aws/trainium1"),
            Map.entry("Trainium2", "aws/trainium2"),
            Map.entry("Inferentia2", "aws/inferentia2"));

    /** As tables write models, without the parts that are no other shape. */
    private static final Map<String, String> MODELS = Map.ofEntries(
            Map.entry("llama2-70b", "meta-llama/Llama-2-70b-chat-hf"),
            Map.entry("Llama-2-7b", "meta-llama/Llama-2-7b-chat-hf"),
            Map.entry("Llama-2-13b", "meta-llama/Llama-2-13b-chat-hf"),
            Map.entry("Llama-2-70b", "meta-llama/Llama-2-70b-chat-hf"),
            Map.entry("llama3.1-8b", "meta-llama/Llama-3.1-8B-Instruct"),
            Map.entry("Llama-3-8B", "meta-llama/Llama-3.1-8B-Instruct"),
            Map.entry("Llama-3-70B", "meta-llama/Llama-3.1-70B-Instruct"),
            Map.entry("meta-llama/Llama-3.1-70B", "meta-llama/Llama-3.1-70B-Instruct"),
            Map.entry("Llama-3.3-70B", "meta-llama/Llama-3.1-70B-Instruct"),
            Map.entry("Llama-3.3-70B-Instruct", "meta-llama/Llama-3.1-70B-Instruct"),
            Map.entry("llama3.1-405b", "meta-llama/Llama-3.1-405B-Instruct"),
            Map.entry("Llama-3.1-405B", "meta-llama/Llama-3.1-405B-Instruct"),
            Map.entry("mixtral-8x7b", "mistralai/Mixtral-8x7B-Instruct-v0.1"),
            Map.entry("deepseek-r1", "deepseek-ai/DeepSeek-R1"),
            Map.entry("deepseek-ai/DeepSeek-V3", "deepseek-ai/DeepSeek-R1"),
            Map.entry("DeepSeek-R1-0528", "deepseek-ai/DeepSeek-R1"),
            Map.entry("gpt-oss-120b", "openai/gpt-oss-120b"),
            Map.entry("Qwen/Qwen3-235B-A22B-FP8", "Qwen/Qwen3-235B-A22B"),
            Map.entry("Qwen3-32B", "Qwen/Qwen3-32B"),
            Map.entry("Qwen3-Coder-480B-A35B-Instruct-FP8", "Qwen/Qwen3-Coder-480B-A35B-Instruct"),
            Map.entry("Qwen3.5-397B-A17B-FP8", "Qwen/Qwen3.5-397B-A17B"),
            Map.entry("Qwen3.5-397B", "Qwen/Qwen3.5-397B-A17B"),
            Map.entry("moonshotai/Kimi-K2.5", "moonshotai/Kimi-K2-Instruct"),
            Map.entry("zhipuai/GLM-5", "zai-org/GLM-5"),
            Map.entry("GLM-4.7", "zai-org/GLM-4.7"),
            Map.entry("Mistral-7B-Instruct-v0.2", "mistralai/Mistral-7B-Instruct-v0.2"),
            Map.entry("CodeLlama-13b-hf", "codellama/CodeLlama-13b-hf"));

    private static final Map<String, String> ENGINES =
            Map.of("trtllm", "tensorrt-llm", "trt", "tensorrt-llm", "vllm", "vllm", "sglang", "sglang", "atom", "atom");

    private final Path folder;
    private final Catalogue catalogue;
    private final Map<String, ChipPoint> points = new LinkedHashMap<>();
    private int rows;

    private ChipPoints(Path folder, Catalogue catalogue) {
        this.folder = folder;
        this.catalogue = catalogue;
    }

    /** All points of a folder; of equal ones in a table the last, which is the newest. */
    static List<ChipPoint> read(Path folder, Catalogue catalogue, List<String> notes) {
        ChipPoints read = new ChipPoints(folder, catalogue);
        read.inferenceX();
        read.best();
        read.mlperf();
        read.tpu();
        read.gaudi();
        read.neuron();
        List<ChipPoint> points = List.copyOf(read.points.values());
        notes.add("Across vendors: %d points out of %d rows of %s".formatted(points.size(), read.rows, folder));
        return points;
    }

    private List<Csv.Row> table(String name) {
        List<Csv.Row> table = Csv.file(folder.resolve(name));
        rows += table.size();
        return table;
    }

    private void inferenceX() {
        for (Csv.Row row : table("inferencex_nvidia_ttft_tpot.csv")) {
            boolean plain = row.text("scenario").equals("agg")
                    && row.count("pp") == 1
                    && row.count("attention_dp") <= 1
                    && row.count("moe_ep") <= 1
                    && row.count("tp") == row.count("chips")
                    && row.count("tp") <= 8;
            boolean rated = row.text("model").equals("nvidia/Llama-3.1-8B-Instruct-FP8"); // a rate, no concurrency
            if (plain && !rated && row.number("tpot_ms") > 0) {
                Precision precision = row.text("precision").isEmpty() ? Precision.BF16 : precision(row, "precision");
                timed(row, ENGINES.getOrDefault(row.text("backend"), "vllm"), precision, row.count("tp"), "tpot_ms");
            }
        }
    }

    /** Chips of other vendors beside NVIDIA's; how many one replica had follows from its rate. */
    private void best() {
        for (Csv.Row row : table("inferencex_best_per_gpu_2026-04-06.csv")) {
            String engine = ENGINES.get(row.text("framework"));
            if (engine == null || !row.text("chip").startsWith("MI")) {
                continue;
            }
            double seconds =
                    row.number("ttft_p50_ms") / 1e3 + row.number("output_len") * row.number("tpot_p50_ms") / 1e3;
            timed(row, engine, precision(row, "precision"), tensor(row, seconds), "tpot_p50_ms");
        }
    }

    /** Tensor ranks of a replica from its rate per chip over prompts and answers. */
    private static int tensor(Csv.Row row, double secondsPerRequest) {
        String column = row.columns().containsKey("total_tokens_per_s_per_chip")
                ? "total_tokens_per_s_per_chip"
                : "tokens_per_s_per_chip";
        double chips = row.number("concurrency")
                * (row.number("input_len") + row.number("output_len"))
                / secondsPerRequest
                / row.number(column);
        int nearest = 1;
        for (int tensor : TENSORS) {
            if (Math.abs(StrictMath.log(tensor / chips)) < Math.abs(StrictMath.log(nearest / chips))) {
                nearest = tensor;
            }
        }
        return nearest;
    }

    private void timed(Csv.Row row, String engine, Precision precision, int tensor, String column) {
        Deployment deployment = deployment(row, engine, precision, tensor);
        if (deployment != null) {
            enter(new ChipPoint(
                    row.table(),
                    List.of(deployment),
                    ChipPoint.Kind.CLOSED,
                    row.count("concurrency"),
                    row.number("input_len"),
                    digits(row.text("output_len")),
                    0,
                    row.number(column) / 1e3));
        }
    }

    /** The two accuracies of a benchmark are one run told twice, so is what one system gave in several divisions. */
    private void mlperf() {
        Map<String, List<Csv.Row>> systems = new LinkedHashMap<>();
        Map<String, Csv.Row> benchmarks = new HashMap<>();
        for (Csv.Row row : table("mlperf_inference_llm_datacenter.csv")) {
            String benchmark = benchmark(row);
            if (row.number("input_len_mean") > 0) {
                benchmarks.putIfAbsent(benchmark, row);
            }
            boolean known = row.number("input_len_mean") > 0 && row.number("tokens_per_s_per_chip") > 0;
            boolean plain = row.text("division").equals("closed")
                    && row.count("chips") <= MOST_CHIPS
                    && !row.text("chip").contains("Power Cap")
                    && !row.text("chip").contains("Virtual");
            if (known && plain) {
                String system =
                        String.join("|", benchmark, row.text("source"), row.text("submitter"), row.text("system"));
                systems.computeIfAbsent(system, s -> new ArrayList<>()).add(row);
            }
        }
        systems.values().forEach(same -> throughput(same.getFirst(), same.getFirst(), median(same)));
        for (Csv.Row row : table("mlperf_v6.1_subset.csv")) {
            Csv.Row shape = benchmarks.get(benchmark(row));
            if (shape != null && row.text("division").equals("closed") && row.count("chips") <= MOST_CHIPS) {
                throughput(row, shape, row.number("tokens_per_s_per_chip"));
            }
        }
    }

    private static String benchmark(Csv.Row row) {
        String model = row.text("model").replace("-99.9", "").replace("-99", "").replace('_', '.');
        return model + "|" + row.text("scenario").toLowerCase(Locale.ROOT);
    }

    private static double median(List<Csv.Row> same) {
        return Statistics.median(same.stream()
                .mapToDouble(row -> row.number("tokens_per_s_per_chip"))
                .toArray());
    }

    private void throughput(Csv.Row row, Csv.Row shape, double rate) {
        Chip chip = chip(row.text("chip"));
        Model model = model(benchmark(row).substring(0, benchmark(row).indexOf('|')));
        if (chip == null || model == null) {
            return;
        }
        // Rows of v4.1 do not tell: NVIDIA's and AMD's entries of that round were in the narrowest format of the chip.
        Precision narrowest = chip.computesIn(Precision.FP4) ? Precision.FP4 : Precision.FP8;
        Precision precision = row.text("precision").isEmpty() ? narrowest : precision(row, "precision");
        String engine = row.text("framework").contains("TensorRT") ? "tensorrt-llm" : "vllm";
        double prompt = shape.number("input_len_mean");
        double answer = shape.number("output_len_mean");
        List<Deployment> layouts = new ArrayList<>();
        for (int tensor : TENSORS) {
            Deployment layout =
                    new Deployment(model, precision, new EngineRelease(engine, ""), chip, new Layout(tensor, 1, 1));
            if (Memory.of(layout).kvTokens() >= 4 * (prompt + answer / 2)) {
                layouts.add(layout);
            }
        }
        if (!layouts.isEmpty()) {
            String scenario = shape.text("scenario").toUpperCase(Locale.ROOT);
            enter(new ChipPoint(
                    row.text("source") + " " + row.text("submitter") + " " + row.text("system"),
                    layouts,
                    ChipPoint.Kind.valueOf(scenario),
                    0,
                    prompt,
                    answer,
                    shape.number("slo_tpot_ms") / 1e3,
                    rate));
        }
    }

    private void tpu() {
        for (Csv.Row row : table("tpu_measured.csv")) {
            if (!row.text("chip").startsWith("TPU")) {
                continue;
            }
            Precision precision = row.text("precision").startsWith("fp8") ? Precision.FP8 : Precision.BF16;
            if (row.number("tpot_mean_ms") > 0) {
                timed(row, "vllm-tpu", precision, row.count("chips"), "tpot_mean_ms");
                continue;
            }
            boolean preview = row.number("tokens_per_s") == 0; // prompts and answers together, at 20 tokens/s a user
            double seconds = row.number("ttft_mean_ms") / 1e3 + row.number("output_len") / 20;
            int tensor = preview ? tensor(row, seconds) : row.count("chips");
            double answers = row.number("output_len") / (row.number("input_len") + row.number("output_len"));
            Deployment deployment = deployment(row, "vllm-tpu", precision, tensor);
            if (deployment != null) {
                enter(new ChipPoint(
                        row.text("source"),
                        List.of(deployment),
                        ChipPoint.Kind.CLOSED_RATE,
                        Math.min(row.count("concurrency"), mostSequences(row)),
                        row.number("input_len"),
                        row.number("output_len"),
                        0,
                        row.number("tokens_per_s_per_chip") * (preview ? answers : 1)));
            }
        }
    }

    /** The recipe for Qwen3-32B sends 320 requests to an engine of {@code max-num-seqs} 135. */
    private static int mostSequences(Csv.Row row) {
        return row.text("model").equals("Qwen3-32B") ? 135 : Integer.MAX_VALUE;
    }

    /** Its precision was not published; FP8 is what the chip is sold for. */
    private void gaudi() {
        for (Csv.Row row : table("gaudi3_glm47.csv")) {
            timed(row, "vllm", Precision.FP8, row.count("chips"), "tpot_mean_ms");
        }
    }

    private void neuron() {
        for (Csv.Row row : table("neuron-cc-by-sa-4.0/aws_neuron_inf2_trn1_trn2.csv")) {
            Precision precision = row.text("precision").contains("int8") ? Precision.INT8 : Precision.BF16;
            Deployment deployment = deployment(row, "vllm-neuron", precision, row.count("chips"));
            if (deployment != null && !row.text("scenario").startsWith("fused")) {
                enter(new ChipPoint(
                        row.text("source"),
                        List.of(deployment),
                        ChipPoint.Kind.COMPILED,
                        row.count("batch"),
                        row.number("input_len"),
                        row.number("output_len"),
                        0,
                        row.number("tpot_ms") / 1e3));
            }
        }
    }

    private void enter(ChipPoint point) {
        boolean fits = Memory.of(point.deployment()).kvTokens() > 2 * point.promptTokens();
        if (fits && point.measured() > 0) {
            String rate = point.kind().closed() ? "" : point.source();
            points.put(
                    String.join(
                            "|",
                            point.group(),
                            String.valueOf(point.concurrency()),
                            String.valueOf(point.promptTokens()),
                            String.valueOf(point.answerTokens()),
                            rate),
                    point);
        }
    }

    private @Nullable Deployment deployment(Csv.Row row, String engine, Precision precision, int tensor) {
        Chip chip = chip(row.text("chip"));
        Model model = model(row.text("model"));
        return chip == null || model == null
                ? null
                : new Deployment(model, precision, new EngineRelease(engine, ""), chip, new Layout(tensor, 1, 1));
    }

    private @Nullable Chip chip(String name) {
        if (name.contains(", AMD") || name.contains(" and ") || name.contains("MIXED") || name.contains("CTS")) {
            return null;
        }
        for (Map.Entry<String, String> chip : CHIPS) {
            if (name.contains(chip.getKey())) {
                return catalogue.chips().get(chip.getValue());
            }
        }
        return null;
    }

    private @Nullable Model model(String name) {
        return catalogue.models().get(MODELS.getOrDefault(name, name));
    }

    private static Precision precision(Csv.Row row, String column) {
        String format = row.text(column).toUpperCase(Locale.ROOT).replace("MXFP", "FP");
        for (Precision precision : Precision.values()) {
            if (precision.name().equals(format)) {
                return precision;
            }
        }
        throw new ValidationException("%s:%d: %s is \"%s\"; known are %s."
                .formatted(row.table(), row.line(), column, row.text(column), List.of(Precision.values())));
    }

    private static double digits(String text) {
        String digits = text.replaceAll("[^0-9]", "");
        return digits.isEmpty() ? 0 : Double.parseDouble(digits);
    }

    /** At most so many points of each group, evenly over its loads and lengths. */
    static List<ChipPoint> thinned(List<ChipPoint> points, int most) {
        Map<String, List<ChipPoint>> groups = new TreeMap<>();
        points.forEach(point ->
                groups.computeIfAbsent(point.group(), g -> new ArrayList<>()).add(point));
        List<ChipPoint> chosen = new ArrayList<>();
        for (List<ChipPoint> group : groups.values()) {
            int count = Math.min(most, group.size());
            for (int i = 0; i < count; i++) {
                chosen.add(group.get(count == 1 ? 0 : i * (group.size() - 1) / (count - 1)));
            }
        }
        return chosen;
    }
}
