package io.polychip.validation;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.EngineRelease;
import io.polychip.fleet.Layout;
import io.polychip.fleet.Model;
import io.polychip.fleet.Precision;
import io.polychip.performance.Batching;
import io.polychip.performance.Memory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Requests of ShareGPT against vLLM 0.19, request by request: the profile is made of the cards' layer timings, nothing
 * is fitted to the runs. The runs overload the cards; on a small one vLLM preempts.
 *
 * <p>Every folder {@code bench/CARD/MODEL} is a run, if one dense replica served it. What tensor ranks exchange is not
 * in the tables; it goes round a ring of links that the run's {@code config.json} describes.
 */
final class LayerCheck {
    private static final Map<String, String> CHIPS = Map.of("RTXPRO6000", "nvidia/rtx-pro-6000");

    private static final int ROUNDS = 4;
    private static final int LOOKS = 500;
    private static final int EXCHANGES_PER_LAYER = 2;
    private static final List<String> METRICS = List.of("TTFT Mean", "TPOT Mean", "Latency Mean");
    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\": *(-?[0-9]+(?:[.][0-9]+)?(?:[eE][-+]?[0-9]+)?)");
    private static final Pattern NAME = Pattern.compile("\"model\": *\"([^\"]+)\"");
    private static final Pattern PERCENT = Pattern.compile("([-+][0-9.]+)%");

    private LayerCheck() {}

    static List<Figure> check(Path folder, Catalogue catalogue, List<String> notes) {
        List<Figure> figures = new ArrayList<>();
        Path bench = folder.resolve("bench");
        try (var files = Files.walk(bench, 3)) {
            for (Path vllm :
                    files.filter(file -> file.endsWith("vllm")).sorted().toList()) {
                figures.addAll(run(folder, vllm, catalogue, notes));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the runs in " + bench, e);
        }
        return figures;
    }

    private static List<Figure> run(Path folder, Path vllm, Catalogue catalogue, List<String> notes)
            throws IOException {
        Path served = vllm.resolveSibling("config.json");
        String card = folder.resolve("bench").relativize(vllm).getName(0).toString();
        String text = Files.readString(vllm.resolve("meta.json"));
        Matcher named = NAME.matcher(text);
        String model = named.find() ? named.group(1) : "";
        Map<String, Double> meta = numbers(text);
        int ranks = meta.getOrDefault("tensor_parallel_size", 1.0).intValue();
        Path tables = folder.resolve("profiler/perf")
                .resolve(card)
                .resolve(model)
                .resolve("bf16")
                .resolve("tp" + ranks);
        Path shape = folder.resolve("configs/model").resolve(model + ".json");
        if (meta.getOrDefault("data_parallel_size", 1.0) > 1 || Files.exists(tables.resolve("moe.csv"))) {
            notes.add("vLLM 0.19: %s on %s is not checked: one dense replica is put together, not copies or experts."
                    .formatted(model, card));
            return List.of();
        }
        int sequences = meta.getOrDefault("max_num_seqs", 256.0).intValue();
        int budget = meta.getOrDefault("max_num_batched_tokens", 2048.0).intValue();
        Batching batching = new Batching(sequences, budget, 16, true, false, true, 0, true);
        long kvTokens = meta.containsKey("num_kv_tokens")
                ? meta.getOrDefault("num_kv_tokens", 0.0).longValue()
                : kvTokens(card, model, ranks, catalogue);
        List<Replay.Request> requests = new ArrayList<>();
        List<double[]> measured = new ArrayList<>();
        double start = Double.NaN;
        for (String line : Files.readAllLines(vllm.resolve("requests.jsonl"))) {
            Map<String, Double> request = numbers(line);
            double queued = request.getOrDefault("queued_ts", Double.NaN); // tokenizer and process hops lie before
            start = Double.isNaN(start) ? queued : start;
            int input = request.getOrDefault("input_toks", 1.0).intValue();
            int output = request.getOrDefault("output_toks", 1.0).intValue();
            requests.add(new Replay.Request(
                    Math.round((queued - start) * 1e12), input, output, contents(requests.size(), input + output)));
            double first = request.getOrDefault("first_token_ts", Double.NaN);
            double last = request.getOrDefault("last_token_ts", Double.NaN);
            measured.add(new double[] {first - queued, (last - first) / Math.max(1, output - 1), last - queued});
        }
        Map<String, Double> sizes = numbers(Files.readString(shape));
        Map<String, Double> link = numbers(Files.readString(served));
        double bytesPerToken = 2 * sizes.getOrDefault("hidden_size", 0.0);
        LayerTimings timings = new LayerTimings(
                tables,
                sizes.getOrDefault("num_hidden_layers", 0.0).intValue(),
                tokens -> EXCHANGES_PER_LAYER
                        * ringMicros(
                                ranks,
                                tokens * bytesPerToken,
                                link.getOrDefault("link_bw", 0.0),
                                link.getOrDefault("link_latency", 0.0)));
        int[] prompts = requests.stream().mapToInt(Replay.Request::promptTokens).toArray();
        List<LayerTimings.Look> looks = List.of(new LayerTimings.Look(1, 1024, 1024, 1024));
        Replay.Result result = Replay.run(timings.stepTime(batching, looks, prompts), batching, kvTokens, requests);
        // the form depends on what decodes together, and that on the form
        for (int round = 0; round < ROUNDS; round++) {
            looks = looks(requests, result);
            result = Replay.run(timings.stepTime(batching, looks, prompts), batching, kvTokens, requests);
        }
        double[] tpot = new double[requests.size()];
        for (int i = 0; i < tpot.length; i++) {
            tpot[i] = (result.latency()[i] - result.ttft()[i])
                    / Math.max(1, requests.get(i).outputTokens() - 1);
        }
        String check = "vLLM 0.19, %d requests of %s on %s".formatted(requests.size(), model, card);
        double[] others = rival(vllm.resolveSibling("validation").resolve("summary.txt"));
        return List.of(
                figure(check, "mean TTFT", result.ttft(), measured, 0, 4.0, others),
                figure(check, "mean TPOT", tpot, measured, 1, 1.0, others),
                figure(check, "mean latency", result.latency(), measured, 2, 1.0, others));
    }

    /** Nobody else's: what is found again is what a sequence computed before it was thrown out. */
    static long[] contents(int request, int tokens) {
        return LongStream.range(0, tokens / 16)
                .map(block -> request * 4096L + block)
                .toArray();
    }

    /** What decoded together, looked at {@value #LOOKS} times between the first arrival and the last token. */
    private static List<LayerTimings.Look> looks(List<Replay.Request> requests, Replay.Result result) {
        double end = 0;
        for (int i = 0; i < requests.size(); i++) {
            end = Math.max(end, requests.get(i).atPicos() / 1e12 + result.latency()[i]);
        }
        List<LayerTimings.Look> looks = new ArrayList<>();
        for (int look = 0; look < LOOKS; look++) {
            double[] reaches = reaches(requests, result, end * look / LOOKS);
            if (reaches.length > 0) {
                Arrays.sort(reaches);
                looks.add(new LayerTimings.Look(
                        reaches.length, Statistics.mean(reaches), reaches[0], reaches[reaches.length - 1]));
            }
        }
        return looks;
    }

    /** Tokens in the cache of each sequence that decoded at that time. */
    private static double[] reaches(List<Replay.Request> requests, Replay.Result result, double seconds) {
        return IntStream.range(0, requests.size())
                .mapToDouble(i -> {
                    Replay.Request request = requests.get(i);
                    double since = seconds - request.atPicos() / 1e12 - result.ttft()[i];
                    double whole = result.latency()[i] - result.ttft()[i];
                    return since < 0 || since >= whole
                            ? 0
                            : request.promptTokens() + request.outputTokens() * since / whole;
                })
                .filter(reach -> reach > 0)
                .toArray();
    }

    private static Figure figure(
            String check,
            String name,
            double[] ours,
            List<double[]> measured,
            int column,
            double most,
            double[] others) {
        double truth = Statistics.mean(
                measured.stream().mapToDouble(row -> row[column]).toArray());
        Map<String, Double> theirs = new TreeMap<>();
        if (!Double.isNaN(others[column])) {
            theirs.put("llmservingsim", others[column]);
        }
        return new Figure(check, name + ", error", 100 * Math.abs(Statistics.mean(ours) / truth - 1), most, theirs);
    }

    /** Each rank sends its share to the next, twice round but for one hop; 10^9 bytes and nanoseconds a hop. */
    static double ringMicros(int ranks, double bytes, double gigabytesPerSecond, double hopNanos) {
        return ranks == 1 ? 0 : 2 * (ranks - 1) * (bytes / ranks / gigabytesPerSecond + hopNanos) / 1e3;
    }

    /** What the rival's summary says of itself, in percent; NaN where it says nothing. */
    private static double[] rival(Path summary) throws IOException {
        double[] errors = {Double.NaN, Double.NaN, Double.NaN};
        for (String line : Files.exists(summary) ? Files.readAllLines(summary) : List.<String>of()) {
            Matcher percent = PERCENT.matcher(line);
            for (int i = 0; i < errors.length; i++) {
                if (line.startsWith(METRICS.get(i)) && percent.find()) {
                    errors[i] = Math.abs(Double.parseDouble(percent.group(1)));
                }
            }
        }
        return errors;
    }

    private static long kvTokens(String card, String name, int ranks, Catalogue catalogue) {
        Chip chip = catalogue.chips().get(CHIPS.getOrDefault(card, card));
        Model model = catalogue.models().getOrDefault(name, catalogue.models().get(name + "-Instruct"));
        if (chip == null || model == null) {
            throw new ValidationException(("meta.json of %s on %s has no num_kv_tokens, and the catalogue does not know"
                            + " both. Maybe add the missing one to chips.csv or models.csv.")
                    .formatted(name, card));
        }
        Layout layout = new Layout(ranks, 1, 1);
        return Memory.of(new Deployment(model, Precision.BF16, EngineRelease.of("vllm"), chip, layout))
                .kvTokens();
    }

    private static Map<String, Double> numbers(String json) {
        Map<String, Double> numbers = new TreeMap<>();
        Matcher matcher = FIELD.matcher(json);
        while (matcher.find()) {
            numbers.putIfAbsent(matcher.group(1), Double.parseDouble(matcher.group(2)));
        }
        return numbers;
    }
}
