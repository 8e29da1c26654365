package io.polychip.validation;

import io.polychip.fleet.Csv;
import io.polychip.performance.Batching;
import io.polychip.performance.LeastSquares;
import io.polychip.performance.StepTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Kernel times of one transformer layer, as LLMServingSim's profiler measures them, put together to a step time: dense
 * layers by tokens in the step, attention by what it reads, the output layer by sequences. The form is linear where the
 * tables are not, so it is drawn along them where the engine works.
 *
 * <p>The tables know batches whose sequences have all read as much. One whose sequences differ takes longer by a share
 * of the way to one of its longest only, if the profile says that this was measured (its {@code skew_fit}).
 */
final class LayerTimings {
    private static final double PICOS_PER_MICRO = 1e6;
    private static final int USUAL_CHUNK = 1024;

    /** Kernels that are not run once per layer. */
    private static final Set<String> ONCE = Set.of("embedding", "final_layernorm");

    private static final String TWICE_PER_LAYER = "layernorm";

    private static final Pattern SKEW =
            Pattern.compile("skew_fit:\\s+enabled: true.*?alpha_default: ([0-9.]+)", Pattern.DOTALL);
    private static final Pattern BOUND = Pattern.compile("[a-zA-Z]+(<=|=|>)([0-9]+)([k%]?)");

    /**
     * What decodes at one time.
     *
     * @param reach tokens one sequence has in its cache on average; {@code shortest} and {@code longest} of them
     */
    record Look(double sequences, double reach, double shortest, double longest) {}

    /**
     * What decodes on average.
     *
     * @param longer how many times as long attention takes as it would if all reached equally far
     * @param longerBeside the same in a step that carries a prompt
     */
    private record Usual(double sequences, double reach, double longer, double longerBeside) {}

    private final NavigableMap<Double, Double> denseMicros = new TreeMap<>();
    private final NavigableMap<Double, Double> sequenceMicros = new TreeMap<>();

    /** By tokens of a prompt, sequences that decode beside it, tokens before the prompt's, tokens the others reach. */
    private final NavigableMap<Double, NavigableMap<Double, NavigableMap<Double, NavigableMap<Double, Double>>>>
            attention = new TreeMap<>();

    /**
     * Share of the way to the longest, of decoding alone by upper bounds: sequences, how many are long, the longest.
     */
    private final NavigableMap<Double, NavigableMap<Double, NavigableMap<Double, Double>>> skew = new TreeMap<>();

    private final double shareBesidePrompt;
    private final double pairMicros;
    private final int layers;

    /**
     * @param folder the tables for one number of tensor ranks; {@code meta.yaml} lies above
     * @param exchangeMicros what a layer takes besides, by tokens in the step: tensor ranks send one another results
     */
    LayerTimings(Path folder, int layers, DoubleUnaryOperator exchangeMicros) throws IOException {
        this.layers = layers;
        for (Csv.Row row : Csv.file(folder.resolve("dense.csv"))) {
            String kernel = row.text("layer");
            double times = ONCE.contains(kernel) ? 1 : kernel.equals(TWICE_PER_LAYER) ? 2 * layers : layers;
            denseMicros.merge(row.number("tokens"), times * row.number("time_us"), Double::sum);
        }
        denseMicros.replaceAll((tokens, micros) -> micros + layers * exchangeMicros.applyAsDouble(tokens));
        for (Csv.Row row : Csv.file(folder.resolve("per_sequence.csv"))) {
            sequenceMicros.merge(row.number("sequences"), row.number("time_us"), Double::sum);
        }
        LeastSquares prefill = new LeastSquares(3);
        for (Csv.Row row : Csv.file(folder.resolve("attention.csv"))) {
            double chunk = row.number("prefill_chunk");
            double before = row.number("kv_prefill");
            double micros = row.number("time_us");
            attention
                    .computeIfAbsent(chunk, key -> new TreeMap<>())
                    .computeIfAbsent(row.number("n_decode"), key -> new TreeMap<>())
                    .computeIfAbsent(before, key -> new TreeMap<>())
                    .put(row.number("kv_decode"), micros);
            if (row.number("n_decode") == 0 && chunk >= 128 && before <= 4096) {
                prefill.add(new double[] {1, chunk, chunk * (before + chunk / 2)}, micros, 0.05 * micros);
            }
        }
        this.pairMicros = prefill.solve()[2];
        Matcher fitted = SKEW.matcher(Files.readString(folder.resolveSibling("meta.yaml")));
        this.shareBesidePrompt = fitted.find() ? Double.parseDouble(fitted.group(1)) : 0;
        if (shareBesidePrompt > 0) {
            readSkew(folder.resolve("skew_fit.csv"));
        }
    }

    private void readSkew(Path file) {
        for (Csv.Row row : Csv.file(file)) {
            if (row.number("pc") == 0 && row.text("kp_label").equals("kp=0")) {
                skew.computeIfAbsent(bound(row.text("n_label")), key -> new TreeMap<>())
                        .computeIfAbsent(bound(row.text("skew_rate_label")), key -> new TreeMap<>())
                        .put(bound(row.text("kv_big_label")), row.number("alpha"));
            }
        }
    }

    /**
     * The form where the engine works: exact for any number of sequences that reach as far as usual.
     *
     * @param looks what decodes together, at times that are evenly spread
     * @param prompts lengths; they are charged what they add to steps in which others decode, each in steps of its own
     */
    StepTime stepTime(Batching batching, List<Look> looks, int[] prompts) {
        Usual usual = usual(looks);
        double step = attention(0, 0, usual.sequences(), 1.25 * usual.reach())
                - attention(0, 0, usual.sequences(), 0.75 * usual.reach());
        double kvMicros = usual.longer() * step / (0.5 * usual.sequences() * usual.reach());
        long[] alpha = new long[batching.maxSequences() + 1];
        for (int n = 0; n < alpha.length; n++) {
            int tokens = Math.max(1, n);
            double own = n == 0 ? 0 : usual.longer() * attention(0, 0, n, usual.reach()) - kvMicros * n * usual.reach();
            double others = interpolated(denseMicros, tokens) + interpolated(sequenceMicros, tokens);
            alpha[n] = picos(others + layers * Math.max(0, own));
        }
        return new StepTime(
                alpha,
                picos(promptMicros(batching.stepTokens() - (int) usual.sequences(), usual, prompts)),
                picos(layers * pairMicros),
                picos(layers * kvMicros),
                0,
                0);
    }

    /** Of a prompt's token, on average over all, without what it pays for each it attends to. */
    private double promptMicros(int room, Usual usual, int[] prompts) {
        double sequences = usual.sequences();
        double alone = usual.longer() * attention(0, 0, sequences, usual.reach());
        double micros = 0;
        double tokens = 0;
        for (int prompt : prompts) {
            for (int done = 0; done < prompt; done += room) {
                int chunk = Math.min(room, prompt - done);
                double beside = usual.longerBeside() * attention(chunk, done, sequences, usual.reach());
                double pairs = chunk * (done + chunk / 2.0);
                micros += interpolated(denseMicros, sequences + chunk) - interpolated(denseMicros, sequences);
                micros += layers * (beside - alone - pairMicros * pairs);
                tokens += chunk;
            }
        }
        return Math.max(0, micros / tokens);
    }

    private Usual usual(List<Look> looks) {
        double sequences = 0;
        double reach = 0;
        double[] even = new double[2];
        double[] uneven = new double[2];
        for (Look look : looks) {
            sequences += look.sequences();
            reach += look.sequences() * look.reach();
            for (int i = 0; i < 2; i++) {
                int chunk = i * USUAL_CHUNK;
                double share = i == 0 ? share(look) : shareBesidePrompt;
                double mean = attention(chunk, 0, look.sequences(), look.reach());
                double most = attention(chunk, 0, look.sequences(), look.longest());
                even[i] += mean;
                uneven[i] += mean + share * Math.max(0, most - mean);
            }
        }
        return new Usual(sequences / looks.size(), reach / sequences, uneven[0] / even[0], uneven[1] / even[1]);
    }

    private double share(Look look) {
        if (skew.isEmpty() || look.longest() <= look.shortest()) {
            return 0;
        }
        double rate = 100 * (look.reach() - look.shortest()) / (look.longest() - look.shortest());
        return above(above(above(skew, look.sequences()), rate), look.longest());
    }

    private double attention(double chunk, double before, double sequences, double reach) {
        return between(
                attention,
                chunk,
                bySequences -> between(
                        bySequences,
                        sequences,
                        byBefore -> between(byBefore, before, byReach -> interpolated(byReach, reach))));
    }

    private static double interpolated(NavigableMap<Double, Double> table, double x) {
        return between(table, x, value -> value);
    }

    /** Linear between the two neighbours of x, or the last one. */
    private static <T> double between(NavigableMap<Double, T> table, double x, ToDoubleFunction<T> value) {
        var left = table.floorEntry(x);
        var right = table.ceilingEntry(x);
        if (left == null || right == null) {
            return value.applyAsDouble((left == null ? table.firstEntry() : table.lastEntry()).getValue());
        }
        double low = value.applyAsDouble(left.getValue());
        double span = right.getKey() - left.getKey();
        return span == 0 ? low : low + (x - left.getKey()) / span * (value.applyAsDouble(right.getValue()) - low);
    }

    private static <T> T above(NavigableMap<Double, T> table, double x) {
        var right = table.ceilingEntry(x);
        return (right == null ? table.lastEntry() : right).getValue();
    }

    /** Upper bound of a label, {@code kvB<=4k}; a label that has none is above all. */
    private static double bound(String label) {
        Matcher parts = BOUND.matcher(label);
        if (!parts.matches()) {
            throw new ValidationException(
                    "\"%s\" is no bound; expected for example n<=128 or kvB>16k.".formatted(label));
        }
        double number = Double.parseDouble(parts.group(2)) * (parts.group(3).equals("k") ? 1024 : 1);
        return parts.group(1).equals(">") ? Double.POSITIVE_INFINITY : number;
    }

    private static long picos(double micros) {
        return Math.round(micros * PICOS_PER_MICRO);
    }
}
