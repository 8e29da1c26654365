package io.polychip.fleet;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whether a deployment can exist: heads divide over chips, weights and one conversation fit into memory. Rough on
 * purpose, so that it refuses only what no engine could start: {@code performance} has the exact arithmetic.
 */
final class Feasibility {
    private static final double GIB = 1L << 30;
    /** Share of a chip's memory that engines take; vLLM's default. */
    private static final double USABLE = 0.9;
    /** What an engine's own runtime takes of it on each chip, at most. */
    private static final double RUNTIME_GIB = 1;
    /** Cached keys and values are 16-bit unless an engine is told otherwise. */
    private static final int KV_BYTES = 2;
    /** The shortest context worth serving, in tokens. */
    private static final int LEAST_CONTEXT = 1024;

    private Feasibility() {}

    /** What is wrong with spreading the model so; null: nothing. */
    static @Nullable String layout(Deployment deployment) {
        Model model = deployment.model();
        Layout layout = deployment.layout();
        int tensor = layout.tensor();
        boolean filledUp = deployment.engine().name().equals("vllm-neuron"); // which adds heads until they divide
        if (!filledUp && model.heads() % tensor != 0) {
            return "has tensor %d, which does not divide the %d attention heads of %s; expected one of %s. Maybe tensor: %d."
                    .formatted(
                            tensor, model.heads(), model.id(), divisors(model.heads()), nearest(model.heads(), tensor));
        }
        int kvHeads = model.kvHeads();
        if (!filledUp && kvHeads % tensor != 0 && tensor % kvHeads != 0) {
            return ("has tensor %d, which does not divide the %d key-value heads of %s; expected one of %s, or a "
                            + "multiple of them. Maybe tensor: %d.")
                    .formatted(tensor, kvHeads, model.id(), divisors(kvHeads), nearest(kvHeads, tensor));
        }
        if (layout.pipeline() > model.layers()) {
            return "has %d pipeline stages, %s has %d layers; expected at most as many stages as layers. Maybe pipeline: 2."
                    .formatted(layout.pipeline(), model.id(), model.layers());
        }
        return null;
    }

    /** What is wrong with the weights; null: they fit. */
    static @Nullable String weights(Deployment deployment) {
        Model model = deployment.model();
        double needed = weightBytes(model, deployment.precision()) / GIB;
        double have = usableBytes(deployment) / GIB;
        if (needed <= have) {
            return null;
        }
        return String.format(
                Locale.ROOT,
                "does not hold %s in %s: its weights need %.1f GiB, %d x %s leave %.1f GiB; expected more chips or"
                        + " fewer bits.%s",
                model.id(),
                deployment.precision().id(),
                needed,
                deployment.layout().tensor() * deployment.layout().pipeline(),
                deployment.chip().id(),
                have,
                remedy(deployment));
    }

    /** Longest context of which one conversation fits beside the weights, at most the model's. */
    static int longestContext(Deployment deployment) {
        Model model = deployment.model();
        double left = usableBytes(deployment) - weightBytes(model, deployment.precision());
        if (model.kvValuesPerToken() == 0) {
            return model.contextTokens();
        }
        double tokens = left / (model.kvValuesPerToken() * (double) KV_BYTES);
        return Math.clamp((long) tokens, LEAST_CONTEXT, Math.max(LEAST_CONTEXT, model.contextTokens()));
    }

    static double weightBytes(Model model, Precision precision) {
        return model.parameters() * precision.bytesPerParameter();
    }

    private static double usableBytes(Deployment deployment) {
        double chip = deployment.chip().memoryGib();
        double usable = chip * USABLE - Math.min(RUNTIME_GIB, chip / 20);
        return usable * GIB * deployment.layout().tensor() * deployment.layout().pipeline();
    }

    /** The fewest chips that hold it, else the widest narrower precision, else both. */
    private static String remedy(Deployment deployment) {
        int now = deployment.layout().tensor();
        for (int tensor : degrees(deployment)) {
            if (tensor > now && holds(deployment, deployment.precision(), tensor)) {
                return " Maybe layout: {tensor: " + tensor + "}.";
            }
        }
        for (Precision narrower : List.of(Precision.FP8, Precision.INT8, Precision.FP4, Precision.INT4)) {
            boolean possible = narrower.weightsOnly() || deployment.chip().computesIn(narrower);
            for (int tensor : degrees(deployment)) {
                if (tensor >= now && possible && holds(deployment, narrower, tensor)) {
                    return " Maybe precision: " + narrower.id()
                            + (tensor == now ? "." : " with layout: {tensor: " + tensor + "}.");
                }
            }
        }
        return " Maybe a chip with more memory.";
    }

    private static List<Integer> degrees(Deployment deployment) {
        return Stream.of(1, 2, 4, 8, 16, 32, 64)
                .filter(tensor -> tensor <= Math.max(1, deployment.chip().scaleUpDomain()))
                .toList();
    }

    private static boolean holds(Deployment deployment, Precision precision, int tensor) {
        Layout layout = new Layout(
                tensor, deployment.layout().pipeline(), deployment.layout().data());
        Deployment tried =
                new Deployment(deployment.model(), precision, deployment.engine(), deployment.chip(), layout);
        return layout(tried) == null && weightBytes(deployment.model(), precision) <= usableBytes(tried);
    }

    /** Degrees up to 64 that divide the heads, for a message. */
    private static String divisors(int heads) {
        return IntStream.rangeClosed(1, Math.min(heads, 64))
                .filter(degree -> heads % degree == 0)
                .mapToObj(String::valueOf)
                .collect(Collectors.joining(", "));
    }

    /** The nearest degree that divides the heads, the larger of two. */
    private static int nearest(int heads, int degree) {
        return IntStream.rangeClosed(1, heads)
                .filter(candidate -> heads % candidate == 0)
                .boxed()
                .min(Comparator.comparingInt((Integer candidate) -> Math.abs(candidate - degree))
                        .thenComparing(Comparator.reverseOrder()))
                .orElse(1);
    }
}
