package io.polychip.validation;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.Csv;
import io.polychip.fleet.Model;
import io.polychip.fleet.Precision;
import io.polychip.fleet.Source;
import io.polychip.fleet.TrainingRate;
import io.polychip.performance.ProfileException;
import io.polychip.performance.TrainingJob;
import io.polychip.performance.TrainingModel;
import io.polychip.performance.TrainingSpeed;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Training times against MLPerf Training's runs. Each run's minutes are predicted from its chip, number of chips and
 * tokens, twice: from vendors' published speeds alone, and from those and the rounds before the run's own. No run is
 * predicted from its own round or a later one.
 *
 * <p>Results do not tell their precision: Blackwell from v5.1 on is taken to train in FP4, A100 in BF16, TPU in INT8 on
 * GPT-3, all others and DeepSeek-V3 in FP8, as submitters said of those rounds.
 */
public final class TrainingCheck {
    /** Largest median error allowed. */
    public static final double ALLOWED = 0.10;

    private static final Map<String, String> CHIPS = Map.ofEntries(
            Map.entry("A100", "nvidia/a100-80gb"),
            Map.entry("H100", "nvidia/h100-sxm"),
            Map.entry("H200", "nvidia/h200-sxm"),
            Map.entry("B200", "nvidia/b200"),
            Map.entry("GB200", "nvidia/gb200"),
            Map.entry("B300", "nvidia/b300"),
            Map.entry("GB300", "nvidia/gb300"),
            Map.entry("NVIDIA L40S", "nvidia/l40s"),
            Map.entry("MI300X", "amd/mi300x"),
            Map.entry("MI325X", "amd/mi325x"),
            Map.entry("MI350X", "amd/mi350x"),
            Map.entry("MI355X", "amd/mi355x"),
            Map.entry("TPU v5e", "google/tpu-v5e"),
            Map.entry("TPU v5p", "google/tpu-v5p"),
            Map.entry("TPU v6e", "google/tpu-v6e"));

    private static final Pattern SAMPLES = Pattern.compile("([0-9,]+) samples");

    /** Of Brown et al. 2020 (GPT-3), 175 billion parameters; MLPerf trained it on sequences of 2,048. */
    private static final Model GPT3 = new Model(
            "GPT-3 175B",
            96,
            12_288,
            96,
            96,
            128,
            49_152,
            1,
            1,
            174_600_000_000L,
            174_600_000_000L,
            51_200,
            2_359_296,
            2048,
            new Source("arXiv 2005.14165", "2020-05", Source.Confidence.HIGH));

    private final Catalogue catalogue;
    private final TrainingModel model;

    public TrainingCheck(Catalogue catalogue) {
        this.catalogue = catalogue;
        this.model = new TrainingModel(catalogue);
    }

    /**
     * One run.
     *
     * @param minutes as MLPerf has them, without its convergence factor
     * @param fromVendors minutes predicted from vendors' speeds alone
     * @param predicted minutes predicted from those and earlier rounds
     */
    public record Run(
            String round,
            String benchmark,
            String chip,
            int chips,
            double minutes,
            double fromVendors,
            double predicted,
            TrainingSpeed.Evidence evidence) {
        public double vendorError() {
            return fromVendors / minutes - 1;
        }

        public double error() {
            return predicted / minutes - 1;
        }
    }

    /** @param skipped chips of which the catalogue knows nothing, with how many runs they have */
    public record Result(List<Run> runs, Map<String, Integer> skipped) {
        /** Median of the errors' sizes. */
        public double median(Predicate<Run> which) {
            return middle(runs.stream()
                    .filter(which)
                    .mapToDouble(run -> Math.abs(run.error()))
                    .toArray());
        }

        public double vendorMedian(Predicate<Run> which) {
            return middle(runs.stream()
                    .filter(which)
                    .mapToDouble(run -> Math.abs(run.vendorError()))
                    .toArray());
        }

        public List<String> benchmarks() {
            return runs.stream().map(Run::benchmark).distinct().sorted().toList();
        }

        public boolean passed() {
            return median(_ -> true) <= ALLOWED;
        }

        private static double middle(double[] errors) {
            Arrays.sort(errors);
            int n = errors.length;
            return n == 0 ? Double.NaN : n % 2 == 1 ? errors[n / 2] : (errors[n / 2 - 1] + errors[n / 2]) / 2;
        }
    }

    /** @param data the folder with {@code training/mlperf_training_llm.csv} and the v6.0 file beside it */
    public Result run(Path data) {
        List<Run> runs = new ArrayList<>();
        Map<String, Integer> skipped = new TreeMap<>();
        List<Csv.Row> rows = Csv.file(data.resolve("training/mlperf_training_llm.csv"));
        for (Csv.Row row : rows) {
            double tokens = row.number("tokens_mean");
            if (tokens > 0) {
                add(row, tokens, row.number("minutes_unscaled"), row.count("seq_len"), runs, skipped);
            }
        }
        for (Csv.Row row : Csv.file(data.resolve("training/mlperf_training_v6.0_subset.csv"))) {
            double tokens = tokens(row, rows);
            if (tokens > 0) {
                add(row, tokens, row.number("minutes_to_train"), sequence(row.text("benchmark")), runs, skipped);
            }
        }
        return new Result(List.copyOf(runs), skipped);
    }

    private void add(
            Csv.Row row, double tokens, double minutes, int sequence, List<Run> runs, Map<String, Integer> skipped) {
        String id = CHIPS.getOrDefault(row.text("chip"), "");
        Chip chip = catalogue.chips().get(id);
        if (chip == null) {
            skipped.merge(row.text("chip"), 1, Integer::sum);
            return;
        }
        String round = row.text("round");
        TrainingJob job = job(row.text("benchmark"), chip, round, tokens, sequence);
        LocalDate date = LocalDate.parse(row.text("date"));
        int chips = row.count("chips");
        try {
            TrainingSpeed vendors = model.speed(job, chip, chips, date, rate -> !rate.wholeRun());
            TrainingSpeed all = model.speed(job, chip, chips, date, rate -> !rate.wholeRun() || before(rate, date));
            runs.add(new Run(
                    round,
                    row.text("benchmark"),
                    row.text("chip"),
                    chips,
                    minutes,
                    minutes(tokens, chips, vendors),
                    minutes(tokens, chips, all),
                    all.evidence()));
        } catch (ProfileException unknown) {
            skipped.merge(row.text("chip"), 1, Integer::sum);
        }
    }

    private static boolean before(TrainingRate rate, LocalDate date) {
        return TrainingModel.day(rate).isBefore(date);
    }

    private static double minutes(double tokens, int chips, TrainingSpeed speed) {
        return tokens / chips / speed.tokensPerSecondPerChip() / 60;
    }

    private TrainingJob job(String benchmark, Chip chip, String round, double tokens, int sequence) {
        return switch (benchmark) {
            case "gpt3" -> of(GPT3, TrainingJob.Scaling.FIXED_BATCH, chip, round, tokens, sequence);
            case "llama31_405b" ->
                of(
                        shape("meta-llama/Llama-3.1-405B-Instruct"),
                        TrainingJob.Scaling.FIXED_BATCH,
                        chip,
                        round,
                        tokens,
                        sequence);
            case "llama31_8b" ->
                of(shape("meta-llama/Llama-3.1-8B-Instruct"), TrainingJob.Scaling.SMALL, chip, round, tokens, sequence);
            case "deepseekv3_671b" ->
                of(shape("deepseek-ai/DeepSeek-V3"), TrainingJob.Scaling.EXPERTS, chip, round, tokens, sequence)
                        .with(Precision.FP8);
            case "gpt_oss_20b" ->
                of(shape("openai/gpt-oss-20b"), TrainingJob.Scaling.SMALL, chip, round, tokens, sequence);
            case "llama2_70b_lora" ->
                new TrainingJob(
                        benchmark,
                        shape("meta-llama/Llama-2-70b-chat-hf"),
                        TrainingJob.Task.LORA,
                        TrainingJob.Scaling.SMALL,
                        precision(chip, round),
                        tokens,
                        sequence);
            default -> throw new IllegalArgumentException("MLPerf's " + benchmark + " has no shape here.");
        };
    }

    private static TrainingJob of(
            Model model, TrainingJob.Scaling scaling, Chip chip, String round, double tokens, int sequence) {
        return new TrainingJob(
                model.id(), model, TrainingJob.Task.PRETRAIN, scaling, precision(chip, round), tokens, sequence);
    }

    private Model shape(String id) {
        Model shape = catalogue.models().get(id);
        if (shape == null) {
            throw new IllegalStateException("The catalogue lacks " + id + ".");
        }
        return shape;
    }

    private static Precision precision(Chip chip, String round) {
        boolean blackwell = chip.id().matches("nvidia/g?b[23]00");
        if (blackwell && round.compareTo("v5.1") >= 0) {
            return Precision.FP4;
        }
        return switch (chip.vendor()) {
            case "google" -> Precision.INT8;
            case "nvidia" -> chip.id().contains("a100") ? Precision.BF16 : Precision.FP8;
            default -> Precision.FP8;
        };
    }

    private static int sequence(String benchmark) {
        return benchmark.equals("deepseekv3_671b") ? 4096 : 8192;
    }

    /**
     * Of v6.0 only minutes were published: the samples where the note has them, else those of v5.1 on as many chips.
     */
    private static double tokens(Csv.Row row, List<Csv.Row> before) {
        Matcher samples = SAMPLES.matcher(row.text("notes"));
        String benchmark = row.text("benchmark");
        if (samples.find()) {
            double steps = benchmark.equals("deepseekv3_671b") ? 50 : 1;
            return Double.parseDouble(samples.group(1).replace(",", "")) * steps * sequence(benchmark);
        }
        return before.stream()
                .filter(other -> other.text("benchmark").equals(benchmark)
                        && other.text("round").equals("v5.1")
                        && other.count("chips") == row.count("chips"))
                .map(other -> other.number("tokens_mean"))
                .collect(Collectors.collectingAndThen(
                        Collectors.toList(), all -> all.isEmpty() ? 0.0 : all.get(all.size() / 2)));
    }

    /** The run that is predicted worst; null without runs. */
    public static @Nullable Run worst(Result result) {
        return result.runs().stream()
                .max((one, other) -> Double.compare(Math.abs(one.error()), Math.abs(other.error())))
                .orElse(null);
    }
}
