package io.polychip.validation;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.Csv;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.EngineRelease;
import io.polychip.fleet.Layout;
import io.polychip.fleet.Model;
import io.polychip.fleet.Precision;
import io.polychip.performance.Batching;
import io.polychip.performance.Memory;
import io.polychip.performance.StepTime;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * One measured run of vLLM 0.15 under inference-perf's {@code shared_prefix} load: requests come as a Poisson process
 * of fixed count, and go round 10 groups x 10 prompts (that tool's defaults, which the runs' resolved configurations
 * show in place of the keys it did not know); answers always run to their full length.
 *
 * @param rates requests per second of each stage
 * @param measured milliseconds by {@code stage/metric}; stage -1 is the whole run
 */
record VllmRun(
        String name,
        VllmForm.Served served,
        Batching batching,
        long kvTokens,
        int promptTokens,
        int systemTokens,
        int outputTokens,
        double[] rates,
        double[] seconds,
        Map<String, Double> measured,
        Map<String, Map<String, Double>> rivals) {
    /** Decoding and encoding random tokens again gives so many for one: prompt lengths of the runs that report them. */
    private static final double RETOKENISED = 1.047;

    /**
     * Tokens that the load generator counts in an answer's text for each that was asked for: the training runs' median.
     */
    private static final double RECOUNTED = 0.994;

    private static final int PROMPTS = 100;
    private static final int GROUPS = 10;

    /** vLLM's max_num_seqs in all of these runs. */
    private static final int SEQUENCES = 128;

    private static final Map<String, String> CHIPS = Map.of(
            "H100", "nvidia/h100-sxm",
            "H200", "nvidia/h200-sxm",
            "B200", "nvidia/b200",
            "A100-80GB", "nvidia/a100-80gb",
            "L40S", "nvidia/l40s");

    /** The catalogue names the variant that was published for chats, or an earlier one; its shape is the same. */
    private static final Map<String, String> MODELS = Map.of(
            "meta-llama/Llama-2-7b-hf", "meta-llama/Llama-2-7b-chat-hf",
            "meta-llama/Llama-2-70b-hf", "meta-llama/Llama-2-70b-chat-hf",
            "zai-org/GLM-5.2-FP8", "zai-org/GLM-5",
            "mistralai/Mixtral-8x7B-v0.1", "mistralai/Mixtral-8x7B-Instruct-v0.1",
            "RedHatAI/Llama-4-Scout-17B-16E-Instruct-FP8-dynamic", "meta-llama/Llama-4-Scout-17B-16E-Instruct");

    /** Attention that a checkpoint of 8 bits keeps at 16, as its config.json says: one byte more for each weight. */
    private static final Map<String, Double> WIDE_BYTES =
            Map.of("RedHatAI/Llama-4-Scout-17B-16E-Instruct-FP8-dynamic", 48.0 * 5120 * (40 + 8 + 8 + 40) * 128);

    /** Makers whose models come without settings for sampling; all others here ask for top-p. */
    private static final List<String> PLAIN = List.of("mistralai/", "codellama/");

    /** Shape of a workload where a table does not state it: system, question and answer tokens, rates. */
    private static final Map<String, double[]> WORKLOADS = Map.of(
            "general", new double[] {100, 447, 248, 8, 20},
            "general-lite", new double[] {100, 447, 248, 2.5, 6},
            "codegen", new double[] {100, 466, 247, 5, 10},
            "roleplay", new double[] {150, 600, 251, 6},
            "reasoning", new double[] {100, 934, 1448, 4},
            "reasoning-lite", new double[] {100, 934, 1448, 1.2});

    /** Reads a table of one row per run, stage and metric. */
    static List<VllmRun> read(Path file, Catalogue catalogue) {
        Map<String, List<Csv.Row>> byRun = new LinkedHashMap<>();
        for (Csv.Row row : Csv.file(file)) {
            byRun.computeIfAbsent(row.text("experiment"), name -> new ArrayList<>())
                    .add(row);
        }
        return byRun.entrySet().stream()
                .map(run -> of(run.getKey(), run.getValue(), catalogue))
                .toList();
    }

    private static VllmRun of(String name, List<Csv.Row> rows, Catalogue catalogue) {
        Csv.Row first = rows.getFirst();
        Chip chip = known(catalogue.chips(), CHIPS.getOrDefault(first.text("hardware"), first.text("hardware")), first);
        String modelName = first.text("model");
        Model model = known(catalogue.models(), MODELS.getOrDefault(modelName, modelName), first);
        Deployment deployment = new Deployment(
                model,
                Precision.valueOf(first.text("precision").toUpperCase(Locale.ROOT)),
                EngineRelease.of("vllm@0.15.1"),
                chip,
                new Layout(first.count("tp"), 1, 1));
        boolean states = first.columns().containsKey("stages_rps");
        String workload = workload(first, name);
        double[] shape = WORKLOADS.getOrDefault(workload, new double[0]);
        if (states) {
            shape = stated(first);
        }
        double[] rates = Arrays.copyOfRange(shape, 3, shape.length);
        double[] seconds = new double[rates.length];
        Arrays.fill(seconds, rates.length == 1 ? 1200 : 600);
        Map<String, Double> measured = new LinkedHashMap<>();
        Map<String, Map<String, Double>> rivals = new LinkedHashMap<>();
        for (Csv.Row row : rows) {
            String key = row.text("stage") + "/" + row.text("metric");
            measured.put(key, row.number("measured"));
            for (String column : row.columns().keySet()) {
                if (column.startsWith("pred_") && !row.text(column).isEmpty()) {
                    rivals.computeIfAbsent(column.substring(5), rival -> new LinkedHashMap<>())
                            .put(key, row.number(column));
                }
            }
        }
        double share = states ? first.number("gpu_mem_util") : 0.9;
        Memory memory = Memory.of(deployment);
        double wide = WIDE_BYTES.getOrDefault(modelName, 0.0);
        double moreBytes = (share - 0.9) * memory.totalBytes() - wide / first.count("tp");
        long more = Math.round(moreBytes / memory.kvTokenBytes());
        return new VllmRun(
                name,
                new VllmForm.Served(deployment, wide, PLAIN.stream().noneMatch(modelName::startsWith)),
                new Batching(SEQUENCES, first.count("max_num_batched_tokens"), 16, true, false, true, 0, true),
                memory.kvTokens() + more / 16 * 16,
                (int) Math.round(RETOKENISED * (shape[0] + shape[1])),
                (int) shape[0],
                (int) shape[2],
                rates,
                seconds,
                measured,
                rivals);
    }

    /** One run's folder says codegen where its table says general; its two rates are codegen's. */
    private static String workload(Csv.Row row, String name) {
        String workload = name.contains("codegen") ? "codegen" : row.text("workload");
        return name.contains("-lite-") && !workload.endsWith("-lite") ? workload + "-lite" : workload;
    }

    private static double[] stated(Csv.Row row) {
        String[] stages = row.text("stages_rps").split(",", -1);
        double[] shape = new double[3 + stages.length];
        shape[0] = row.number("system_prompt_len");
        shape[1] = row.number("question_len");
        shape[2] = row.number("output_len");
        for (int i = 0; i < stages.length; i++) {
            shape[3 + i] = Double.parseDouble(stages[i].substring(0, stages[i].indexOf('@')));
        }
        return shape;
    }

    private static <T> T known(Map<String, T> entries, String name, Csv.Row row) {
        T entry = entries.get(name);
        if (entry == null) {
            throw new ValidationException("%s:%d: the catalogue has no \"%s\". Maybe add it to models.csv or chips.csv."
                    .formatted(row.table(), row.line(), name));
        }
        return entry;
    }

    int stages() {
        return rates.length;
    }

    double measured(int stage, String metric) {
        return measured.getOrDefault(stage + "/" + metric, Double.NaN) / 1e3;
    }

    /**
     * What one simulation of the run gave: seconds by {@code stage/metric}, and mean uncached prompt tokens by stage.
     */
    record Simulated(Map<String, Double> metrics, double[] uncached) {}

    Deployment deployment() {
        return served.deployment();
    }

    StepTime stepTime(double[] coefficients) {
        return new VllmForm(served, coefficients).stepTime(batching);
    }

    Simulated simulate(StepTime time, long seed) {
        List<Replay.Request> requests = new ArrayList<>();
        int[] ends = new int[stages()];
        Random random = new Random(seed);
        double from = 0;
        for (int stage = 0; stage < stages(); stage++) {
            int count = (int) (rates[stage] * seconds[stage]);
            double[] at = new double[count];
            double sum = 0;
            for (int i = 0; i < count; i++) {
                sum -= StrictMath.log(1 - random.nextDouble());
                at[i] = sum;
            }
            for (int i = 0; i < count; i++) {
                long picos = Math.round((from + at[i] / sum * seconds[stage]) * 1e12);
                requests.add(request(requests.size(), i, picos));
            }
            ends[stage] = requests.size();
            from += seconds[stage] + 30;
        }
        Replay.Result result = Replay.run(time, batching, kvTokens, requests);
        Map<String, Double> metrics = new LinkedHashMap<>();
        double[] uncached = new double[stages()];
        enter(metrics, -1, result, 0, requests.size());
        for (int stage = 0; stage < stages(); stage++) {
            int begin = stage == 0 ? 0 : ends[stage - 1];
            enter(metrics, stage, result, begin, ends[stage]);
            double cached =
                    Arrays.stream(result.cached(), begin, ends[stage]).average().orElse(0);
            uncached[stage] = promptTokens - cached;
        }
        return new Simulated(metrics, uncached);
    }

    private Replay.Request request(int id, int index, long atPicos) {
        int prompt = index % PROMPTS;
        int blocks = (promptTokens + outputTokens) / 16;
        long[] hashes = new long[blocks];
        for (int block = 0; block < blocks; block++) {
            int end = (block + 1) * 16;
            long owner = end <= systemTokens ? prompt % GROUPS : end <= promptTokens ? 1000 + prompt : 10_000L + id;
            hashes[block] = owner * 4096 + block;
        }
        return new Replay.Request(atPicos, promptTokens, outputTokens, hashes);
    }

    private void enter(Map<String, Double> metrics, int stage, Replay.Result result, int from, int to) {
        double[] ttft = Arrays.copyOfRange(result.ttft(), from, to);
        double[] latency = Arrays.copyOfRange(result.latency(), from, to);
        metrics.put(stage + "/e2e_mean", Statistics.mean(latency));
        metrics.put(stage + "/e2e_p90", Statistics.quantile(latency, 0.90));
        metrics.put(stage + "/e2e_p99", Statistics.quantile(latency, 0.99));
        metrics.put(stage + "/ttft_mean", Statistics.mean(ttft));
        metrics.put(stage + "/ttft_p90", Statistics.quantile(ttft, 0.90));
        metrics.put(stage + "/ttft_p99", Statistics.quantile(ttft, 0.99));
        metrics.put(
                stage + "/itl_mean",
                (Statistics.mean(latency) - Statistics.mean(ttft)) / (RECOUNTED * outputTokens - 1));
    }
}
