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
 * 300 requests of ShareGPT against vLLM 0.19 on two cards, request by request: the profile is made of the cards' layer
 * timings, nothing is fitted to the runs. The runs overload the cards; on the smaller one vLLM preempts.
 */
final class LayerCheck {
    private static final Map<String, String> CHIPS = Map.of("RTXPRO6000", "nvidia/rtx-pro-6000");

    private static final int ROUNDS = 4;
    private static final int LOOKS = 500;
    private static final String MODEL = "Llama-3.1-8B";
    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\": *(-?[0-9.eE+]+)");

    private LayerCheck() {}

    static List<Figure> check(Path folder, Catalogue catalogue) {
        List<Figure> figures = new ArrayList<>();
        Path bench = folder.resolve("bench");
        try (var cards = Files.list(bench)) {
            for (Path card : cards.sorted().toList()) {
                figures.addAll(run(folder, card, catalogue));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list " + bench, e);
        }
        return figures;
    }

    private static List<Figure> run(Path folder, Path card, Catalogue catalogue) throws IOException {
        String name = card.getFileName().toString();
        Path vllm = card.resolve(MODEL).resolve("vllm");
        Map<String, Double> meta = numbers(Files.readString(vllm.resolve("meta.json")));
        int sequences = meta.getOrDefault("max_num_seqs", 256.0).intValue();
        int budget = meta.getOrDefault("max_num_batched_tokens", 2048.0).intValue();
        Batching batching = new Batching(sequences, budget, 16, true, false, true, 0, true);
        long kvTokens = meta.containsKey("num_kv_tokens")
                ? meta.getOrDefault("num_kv_tokens", 0.0).longValue()
                : kvTokens(name, catalogue);
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
        Path perf = folder.resolve("profiler/perf")
                .resolve(name)
                .resolve("meta-llama")
                .resolve(MODEL);
        LayerTimings timings = new LayerTimings(perf.resolve("bf16/tp1"), 32);
        int[] prompts = requests.stream().mapToInt(Replay.Request::promptTokens).toArray();
        List<LayerTimings.Look> looks = List.of(new LayerTimings.Look(1, 1024, 1024, 1024));
        Replay.Result result = Replay.run(timings.stepTime(batching, looks, prompts), batching, kvTokens, requests);
        for (int round = 0;
                round < ROUNDS;
                round++) { // the form depends on what decodes together, and that on the form
            looks = looks(requests, result);
            result = Replay.run(timings.stepTime(batching, looks, prompts), batching, kvTokens, requests);
        }
        double[] tpot = new double[requests.size()];
        for (int i = 0; i < tpot.length; i++) {
            tpot[i] = (result.latency()[i] - result.ttft()[i])
                    / Math.max(1, requests.get(i).outputTokens() - 1);
        }
        String check = "vLLM 0.19, 300 requests on " + name;
        Map<String, double[]> others = name.equals("RTX4090")
                ? Map.of("sim", new double[] {0.6, 0.2, 0.5})
                : Map.of("sim", new double[] {4.0, 1.0, 1.8});
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
            Map<String, double[]> others) {
        double truth = Statistics.mean(
                measured.stream().mapToDouble(row -> row[column]).toArray());
        Map<String, Double> theirs = new TreeMap<>();
        others.forEach((rival, errors) -> theirs.put("llmservingsim", errors[column]));
        return new Figure(check, name + ", error", 100 * Math.abs(Statistics.mean(ours) / truth - 1), most, theirs);
    }

    private static long kvTokens(String card, Catalogue catalogue) {
        Chip chip = catalogue.chips().get(CHIPS.getOrDefault(card, card));
        Model model = catalogue.models().get("meta-llama/Llama-3.1-8B-Instruct");
        if (chip == null || model == null) {
            throw new ValidationException(
                    "%s: the catalogue knows no such chip and meta.json no num_kv_tokens.".formatted(card));
        }
        return Memory.of(new Deployment(model, Precision.BF16, EngineRelease.of("vllm"), chip, Layout.SINGLE))
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
