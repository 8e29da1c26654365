package io.polychip.validation;

import io.polychip.fleet.Catalogue;
import io.polychip.performance.LeastSquares;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whole runs of vLLM 0.15: one form is fitted to the training runs alone, then each open run is simulated once.
 *
 * <p>A stage gives two rows: its time between tokens at the batch that Little's law tells, and its time to first token:
 * arrival, two and a half steps (vLLM schedules a step ahead) and the prompt tokens that the simulated cache did not
 * hold. Every coefficient is also drawn to what is expected of it. {@link VllmForm} and the weights here were chosen by
 * leaving out whole models among the training runs, never by the open ones.
 */
final class VllmCheck {
    static final List<String> METRICS = List.of("e2e_mean", "ttft_mean", "itl_mean", "ttft_p99", "e2e_p99", "ttft_p90");
    private static final Map<String, Double> TARGETS =
            Map.of("e2e_mean", 6.0, "ttft_mean", 15.0, "itl_mean", 6.0, "ttft_p99", 25.0);
    private static final double STEPS_BEFORE_FIRST_TOKEN = 2.5;

    private static final int ROUNDS = 4;

    /** What a time between tokens is off by, relative: each stage for itself, and all of one model together. */
    private static final double STAGE_SIGMA = 0.03;

    private static final double MODEL_SIGMA = 0.08;

    /** What a time to first token is off by, relative. One further away counts less, see Huber's weights. */
    private static final double FIRST_SIGMA = 0.08;

    private static final double MOST_SIGMAS = 2;

    private static final long SEED = 15;

    private record Stage(VllmRun run, int number) {}

    private VllmCheck() {}

    /** Coefficients from so many training stages, drawn at random; all of them when it is negative. */
    static double[] fit(List<VllmRun> training, int points) {
        List<Stage> stages = new ArrayList<>();
        for (VllmRun run : training) {
            for (int stage = 0; stage < run.stages(); stage++) {
                stages.add(new Stage(run, stage));
            }
        }
        Collections.shuffle(stages, new Random(SEED));
        List<Stage> chosen = points < 0 ? stages : stages.subList(0, Math.min(points, stages.size()));
        double[] coefficients = VllmForm.expected();
        for (int round = 0; round < ROUNDS && !chosen.isEmpty(); round++) {
            coefficients = fitOnce(chosen, coefficients);
        }
        return coefficients;
    }

    private static double[] fitOnce(List<Stage> stages, double[] before) {
        VllmForm.Term[] terms = VllmForm.Term.values();
        LeastSquares squares = new LeastSquares(terms.length);
        Map<String, double[]> uncached = new TreeMap<>();
        Map<String, List<double[]>> between = new TreeMap<>();
        for (Stage stage : stages) {
            VllmRun run = stage.run();
            int s = stage.number();
            double tokens = uncached.computeIfAbsent(
                            run.name(),
                            name -> run.simulate(run.stepTime(before), SEED).uncached())[s];
            double ttft = run.measured(s, "ttft_mean");
            double itl = (run.measured(s, "e2e_mean") - ttft) / (run.outputTokens() - 1);
            double batch = 1 + run.rates()[s] * itl * (run.outputTokens() - 1);
            double reach = batch * (run.promptTokens() + run.outputTokens() / 2.0);
            double[] step = VllmForm.stepTerms(run.served(), batch, reach);
            double[] prompt =
                    VllmForm.promptTerms(run.deployment(), tokens, tokens * (run.promptTokens() - tokens / 2));
            double[] row = new double[step.length];
            double[] first = new double[step.length];
            double predicted = before[VllmForm.Term.ARRIVAL.ordinal()];
            for (int i = 0; i < step.length; i++) {
                row[i] = (step[i] + run.rates()[s] * itl * prompt[i]) / itl;
                first[i] = (STEPS_BEFORE_FIRST_TOKEN * step[i] + prompt[i]) / ttft;
                predicted += first[i] * ttft * before[i];
            }
            first[VllmForm.Term.ARRIVAL.ordinal()] = 1 / ttft;
            double off = Math.abs(predicted / ttft - 1) / FIRST_SIGMA;
            squares.add(first, 1, FIRST_SIGMA * StrictMath.sqrt(Math.max(1, off / MOST_SIGMAS)));
            between.computeIfAbsent(run.deployment().model().id(), model -> new ArrayList<>())
                    .add(row);
        }
        between.values().forEach(rows -> addCorrelated(squares, rows));
        for (VllmForm.Term term : terms) {
            double[] row = new double[terms.length];
            row[term.ordinal()] = 1;
            squares.add(row, term.expected, term.sigma);
        }
        return squares.solve();
    }

    /**
     * Rows of one model, each wanting 1: what they are off by together says little, however many they are. Dividing by
     * the root of the covariance {@code s^2 I + g^2 J} is to take from each a share of their mean.
     */
    static void addCorrelated(LeastSquares squares, List<double[]> rows) {
        int n = rows.size();
        double shared = MODEL_SIGMA * MODEL_SIGMA / (STAGE_SIGMA * STAGE_SIGMA);
        double share = 1 - 1 / StrictMath.sqrt(1 + n * shared);
        int terms = rows.getFirst().length;
        double[] mean = new double[terms];
        rows.forEach(row -> Arrays.setAll(mean, i -> mean[i] + row[i] / n));
        for (double[] row : rows) {
            double[] whitened = new double[terms];
            Arrays.setAll(whitened, i -> row[i] - share * mean[i]);
            squares.add(whitened, 1 - share, STAGE_SIGMA);
        }
    }

    /** Median absolute error in percent by metric over the whole runs; a rival's where named. */
    static Map<String, Double> errors(List<VllmRun> runs, double[] coefficients) {
        Map<String, List<Double>> errors = new TreeMap<>();
        for (VllmRun run : runs) {
            VllmRun.Simulated simulated = run.simulate(run.stepTime(coefficients), SEED);
            for (String metric : METRICS) {
                double measured = run.measured(-1, metric);
                double ours = simulated.metrics().getOrDefault("-1/" + metric, Double.NaN);
                errors.computeIfAbsent(metric, m -> new ArrayList<>()).add(100 * Math.abs(ours / measured - 1));
            }
        }
        return medians(errors);
    }

    private static Map<String, Double> rivalErrors(List<VllmRun> runs, String rival) {
        Map<String, List<Double>> errors = new TreeMap<>();
        for (VllmRun run : runs) {
            for (String metric : METRICS) {
                @Nullable
                Double predicted = run.rivals().getOrDefault(rival, Map.of()).get("-1/" + metric);
                if (predicted != null) {
                    errors.computeIfAbsent(metric, m -> new ArrayList<>())
                            .add(100 * Math.abs(predicted / 1e3 / run.measured(-1, metric) - 1));
                }
            }
        }
        return medians(errors);
    }

    private static Map<String, Double> medians(Map<String, List<Double>> errors) {
        Map<String, Double> medians = new TreeMap<>();
        errors.forEach((metric, values) -> medians.put(
                metric,
                Statistics.median(
                        values.stream().mapToDouble(Double::doubleValue).toArray())));
        return medians;
    }

    /** All figures of the check; {@code tell} hears which coefficients were frozen. */
    static List<Figure> check(Path folder, Catalogue catalogue, List<String> notes) {
        List<VllmRun> training = VllmRun.read(folder.resolve("training_15exp_measured.csv"), catalogue);
        double[] frozen = fit(training, -1);
        notes.add("vLLM 0.15: fitted to %d training runs, frozen as sha256 %s: %s"
                .formatted(training.size(), hash(frozen), text(frozen)));
        notes.add("vLLM 0.15: median error on the training runs themselves " + percents(errors(training, frozen)));
        notes.add("vLLM 0.15: these met the open runs once; b088584a487d5188, 67b2a18f6c276b5f and 5ae71651b78fb1c8 had"
                + " before");
        notes.add(
                "vLLM 0.15: what is expected of each term before any point was settled with the training runs in sight,"
                        + " so \"datasheet only\" is not blind to those");
        List<VllmRun> open = VllmRun.read(folder.resolve("validation_open.csv"), catalogue);
        Map<String, Map<String, Double>> columns = new TreeMap<>();
        for (String rival : List.of(
                "blis-trained-physics",
                "blis-roofline",
                "aiconfigurator-estimate",
                "llm-optimizer-estimate",
                "vidur")) {
            columns.put(rival, rivalErrors(open, rival));
        }
        for (int points : new int[] {0, 5, 20}) {
            String name = points == 0 ? "ours, datasheet only" : "ours, %d measured points".formatted(points);
            columns.put(name, errors(open, fit(training, points)));
        }
        Map<String, Double> ours = errors(open, frozen);
        List<Figure> figures = new ArrayList<>();
        for (String metric : METRICS) {
            Map<String, Double> others = new TreeMap<>();
            columns.forEach((name, errors) -> {
                if (errors.containsKey(metric)) {
                    others.put(name, errors.getOrDefault(metric, Double.NaN));
                }
            });
            figures.add(new Figure(
                    "vLLM 0.15, %d open runs".formatted(open.size()),
                    metric.replace('_', ' ') + ", median error",
                    ours.getOrDefault(metric, Double.NaN),
                    TARGETS.get(metric),
                    others));
        }
        return figures;
    }

    private static String percents(Map<String, Double> errors) {
        StringBuilder text = new StringBuilder();
        errors.forEach((metric, error) -> text.append("%s %.1f %%  ".formatted(metric, error)));
        return text.toString().strip();
    }

    private static String text(double[] coefficients) {
        StringBuilder text = new StringBuilder();
        for (VllmForm.Term term : VllmForm.Term.values()) {
            text.append("%s %.4g ".formatted(term.name().toLowerCase(Locale.ROOT), coefficients[term.ordinal()]));
        }
        return text.toString().strip();
    }

    private static String hash(double[] coefficients) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(text(coefficients).getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256.", e);
        }
    }
}
