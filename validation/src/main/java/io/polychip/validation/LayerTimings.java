package io.polychip.validation;

import io.polychip.fleet.Csv;
import io.polychip.performance.Batching;
import io.polychip.performance.LeastSquares;
import io.polychip.performance.StepTime;
import java.nio.file.Path;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Kernel times of one transformer layer, as LLMServingSim's profiler measures them, put together to a step time: dense
 * layers by tokens in the step, attention by what it reads, the output layer by sequences.
 */
final class LayerTimings {
    private static final double PICOS_PER_MICRO = 1e6;
    private static final int MIXED_CHUNK = 1024;
    private static final int MIXED_REACH = 1024;

    /** Each layer's kernels, and how often a layer runs them. */
    private static final Map<String, Integer> PER_LAYER = Map.of(
            "qkv_proj",
            1,
            "rotary_emb",
            1,
            "o_proj",
            1,
            "gate_up_proj",
            1,
            "act_fn",
            1,
            "down_proj",
            1,
            "layernorm",
            2);

    private final NavigableMap<Integer, Double> denseMicros = new TreeMap<>();
    private final NavigableMap<Integer, Double> sequenceMicros = new TreeMap<>();

    /** What decoding sequences cost more beside a prompt of {@value #MIXED_CHUNK} than alone, by their number. */
    private final NavigableMap<Integer, Double> mixedMicros = new TreeMap<>();

    private final double[] decode;
    private final double[] prompt;
    private final int layers;

    LayerTimings(Path folder, int layers) {
        this.layers = layers;
        for (Csv.Row row : Csv.file(folder.resolve("dense.csv"))) {
            String kernel = row.text("layer");
            double times = PER_LAYER.containsKey(kernel) ? PER_LAYER.getOrDefault(kernel, 1) * layers : 1;
            denseMicros.merge(row.count("tokens"), times * row.number("time_us"), Double::sum);
        }
        for (Csv.Row row : Csv.file(folder.resolve("per_sequence.csv"))) {
            sequenceMicros.merge(row.count("sequences"), row.number("time_us"), Double::sum);
        }
        NavigableMap<Integer, Double> alone = new TreeMap<>();
        double promptAlone = 0;
        LeastSquares decoding = new LeastSquares(3);
        LeastSquares prefill = new LeastSquares(3);
        for (Csv.Row row : Csv.file(folder.resolve("attention.csv"))) {
            double chunk = row.number("prefill_chunk");
            double sequences = row.number("n_decode");
            double reach = row.number("kv_decode");
            double micros = row.number("time_us");
            if (row.number("kv_prefill") == 0 && reach == MIXED_REACH && chunk == 0) {
                alone.put((int) sequences, micros);
            } else if (row.number("kv_prefill") == 0 && reach == MIXED_REACH && chunk == MIXED_CHUNK) {
                mixedMicros.put((int) sequences, micros);
            } else if (row.number("kv_prefill") == 0 && sequences == 0 && chunk == MIXED_CHUNK) {
                promptAlone = micros;
            }
            if (chunk == 0 && sequences >= 8 && reach >= 128 && reach <= 2048) {
                decoding.add(new double[] {1, sequences, sequences * reach}, micros, 0.05 * micros);
            } else if (sequences == 0 && chunk >= 128 && row.number("kv_prefill") <= 4096) {
                double pairs = chunk * (row.number("kv_prefill") + chunk / 2);
                prefill.add(new double[] {1, chunk, pairs}, micros, 0.05 * micros);
            }
        }
        double prompt1 = promptAlone;
        mixedMicros.replaceAll((n, micros) -> Math.max(0, micros - prompt1 - alone.getOrDefault(n, 0.0)));
        this.decode = decoding.solve();
        this.prompt = prefill.solve();
    }

    /**
     * Prompts are charged what one of usual length adds to the dense layers of a step, and what they slow down the
     * others' attention in the steps that carry them: the form has no term for that, so it is spread over their tokens.
     *
     * @param beside sequences that decode beside a prompt on average, each with {@code reach} tokens in its cache
     * @param carried prompt tokens in a step that carries any
     */
    StepTime stepTime(Batching batching, double arrivalMicros, double beside, double reach, double carried) {
        long[] alpha = new long[batching.maxSequences() + 1];
        for (int n = 0; n < alpha.length; n++) {
            int tokens = Math.max(1, n);
            double attention = n == 0 ? prompt[0] : decode[0] + decode[1] * n;
            alpha[n] = picos(at(denseMicros, tokens) + at(sequenceMicros, tokens) + layers * attention);
        }
        double mixed = beside < 1 ? 0 : layers * at(mixedMicros, (int) beside) * reach / MIXED_REACH / carried;
        int few = Math.max(1, (int) beside);
        double slope = (at(denseMicros, few + (int) carried) - at(denseMicros, few)) / carried;
        return new StepTime(
                alpha,
                picos(slope + layers * prompt[1] + mixed),
                picos(layers * prompt[2]),
                picos(layers * decode[2]),
                picos(arrivalMicros),
                0);
    }

    private static double at(NavigableMap<Integer, Double> table, int x) {
        var left = table.floorEntry(x);
        var right = table.ceilingEntry(x);
        if (left == null || right == null) {
            var edge = left == null ? table.firstEntry() : table.lastEntry();
            return edge.getValue();
        }
        int span = right.getKey() - left.getKey();
        double share = span == 0 ? 0 : (x - left.getKey()) / (double) span;
        return left.getValue() + share * (right.getValue() - left.getValue());
    }

    private static long picos(double micros) {
        return Math.round(micros * PICOS_PER_MICRO);
    }
}
