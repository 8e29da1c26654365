package io.polychip.fleet;

import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Whether a deployment can exist: heads divide over chips, weights and one conversation fit into memory. Rough on
 * purpose, so that it refuses only what no engine could start: {@code performance} has the exact arithmetic.
 */
final class Feasibility {
    private static final double GIB = 1L << 30;
    /** Share of a chip's memory that engines leave to weights and cache; vLLM's default is 0.9. */
    private static final double USABLE = 0.92;
    /** Cached keys and values are 16-bit unless an engine is told otherwise. */
    private static final int KV_BYTES = 2;
    /** The shortest context worth serving, in tokens. */
    private static final int LEAST_CONTEXT = 1024;

    private Feasibility() {}

    /** What is wrong with spreading the model so; null: nothing. */
    static @Nullable String layout(Model model, Layout layout) {
        if (model.heads() % layout.tensor() != 0) {
            return "does not divide the %d attention heads of %s; expected tensor: %s."
                    .formatted(model.heads(), model.id(), divisors(model.heads()));
        }
        int kvHeads = model.kvHeads();
        if (kvHeads % layout.tensor() != 0 && layout.tensor() % kvHeads != 0) {
            return "does not divide the %d key-value heads of %s; expected tensor: %s."
                    .formatted(kvHeads, model.id(), divisors(kvHeads));
        }
        if (layout.pipeline() > model.layers()) {
            return "has more pipeline stages than %s has layers; expected pipeline: at most %d."
                    .formatted(model.id(), model.layers());
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
        Layout layout = deployment.layout();
        return deployment.chip().memoryGib() * GIB * USABLE * layout.tensor() * layout.pipeline();
    }

    /** The fewest chips that hold it, or the widest narrower precision that does. */
    private static String remedy(Deployment deployment) {
        Model model = deployment.model();
        for (int tensor : List.of(2, 4, 8, 16, 32, 64)) {
            Layout wider = new Layout(
                    tensor, deployment.layout().pipeline(), deployment.layout().data());
            Deployment tried =
                    new Deployment(model, deployment.precision(), deployment.engine(), deployment.chip(), wider);
            if (tensor > deployment.layout().tensor()
                    && tensor <= Math.max(1, deployment.chip().scaleUpDomain())
                    && layout(model, wider) == null
                    && weightBytes(model, deployment.precision()) <= usableBytes(tried)) {
                return " Maybe layout: {tensor: " + tensor + "}.";
            }
        }
        for (Precision narrower : List.of(Precision.FP8, Precision.INT8, Precision.FP4, Precision.INT4)) {
            boolean possible = narrower.weightsOnly() || deployment.chip().computesIn(narrower);
            if (possible && weightBytes(model, narrower) <= usableBytes(deployment)) {
                return " Maybe precision: " + narrower.id() + ".";
            }
        }
        return " Maybe a chip with more memory.";
    }

    private static String divisors(int number) {
        StringBuilder text = new StringBuilder();
        for (int divisor = 1; divisor <= number && divisor <= 64; divisor *= 2) {
            if (number % divisor == 0) {
                text.append(text.isEmpty() ? "" : ", ").append(divisor);
            }
        }
        for (int divisor = 3; divisor <= number && divisor <= 16; divisor++) {
            if (number % divisor == 0 && Integer.bitCount(divisor) > 1) {
                text.append(" or ").append(divisor);
            }
        }
        return text.toString();
    }
}
