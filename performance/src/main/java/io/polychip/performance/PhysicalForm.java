package io.polychip.performance;

import io.polychip.fleet.Chip;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.Model;
import io.polychip.fleet.Precision;
import java.util.Arrays;

/**
 * Step times from chip and model alone: a step pays per layer, for reading weights, for reading the cache and for
 * arithmetic, each with a coefficient pooled over measured deployments.
 *
 * <p>Source: six non-negative coefficients fitted to vLLM, FP8, Llama-3.x-70B on H100, H200 and B200 from InferenceX
 * points. Applied to the 877 other dense rows of that set: median error 17 %, p90 50 %, measured/predicted 0.60 to 1.50
 * (p5 to p95); for a group never seen 0.75 to 1.85. Two extensions have no such test and widen the band: experts are
 * read as far as a batch touches them, and other vendors' chips. Quantised weights a chip cannot multiply are read
 * small and multiplied in 16 bits.
 */
final class PhysicalForm {
    private static final double SECONDS_PER_LAYER = 50e-6;
    private static final double SECONDS_PER_LAYER_AND_DOUBLING = 9.8e-6;
    private static final double WEIGHT_READ = 1.12;
    private static final double KV_READ = 1.75;
    private static final double DECODE_ARITHMETIC = 1.96;
    private static final double PREFILL_ARITHMETIC = 2.09;

    /** One sigma of the logarithm, from 0.60 to 1.85 as the 5th and 95th percentile. */
    private static final double BAND = 0.35;

    private static final double PICOS = 1e12;

    private final Deployment deployment;
    private final Model model;
    private final double bytesPerSecond;
    private final double flops;

    PhysicalForm(Deployment deployment) {
        this.deployment = deployment;
        this.model = deployment.model();
        int ranks = Memory.modelRanks(deployment);
        this.bytesPerSecond = deployment.chip().bandwidthGbps() * 1e9 * ranks;
        this.flops = teraflops(deployment.chip(), deployment.precision()) * 1e12 * ranks;
    }

    /** False where the chip's bandwidth or arithmetic is not known. */
    boolean known() {
        return bytesPerSecond > 0 && flops > 0;
    }

    double band() {
        double vendor = deployment.chip().vendor().equals("nvidia") ? 0 : 0.35;
        double experts = model.mixtureOfExperts() ? 0.35 : 0;
        return Math.sqrt(BAND * BAND + vendor * vendor + experts * experts);
    }

    StepTime stepTime(Batching batching, long arrivalPicos) {
        int copies = deployment.layout().data();
        long[] alpha = new long[batching.maxSequences() + 1];
        Arrays.setAll(
                alpha,
                n -> picos(decodeSeconds(
                        Math.ceilDiv(batching.staticBatch() && n > 0 ? batching.maxSequences() : n, copies))));
        double pair = PREFILL_ARITHMETIC * 4 * model.layers() * model.heads() * model.headDim() / flops / copies;
        double kvToken = KV_READ
                * Memory.kvTokenBytes(deployment)
                * deployment.layout().tensor()
                * deployment.layout().pipeline()
                / bytesPerSecond
                / copies;
        return new StepTime(
                alpha,
                picos(PREFILL_ARITHMETIC * 2 * model.activeParameters() / flops / copies),
                picos(pair),
                picos(kvToken),
                arrivalPicos,
                picos(fixedSeconds() + WEIGHT_READ * weightBytes(Integer.MAX_VALUE) / bytesPerSecond));
    }

    /** A decode step of {@code sequences} on one copy of the weights, cache empty. */
    private double decodeSeconds(int sequences) {
        if (sequences == 0) {
            return fixedSeconds();
        }
        return fixedSeconds()
                + WEIGHT_READ * weightBytes(sequences) / bytesPerSecond
                + DECODE_ARITHMETIC * 2 * model.activeParameters() * sequences / flops;
    }

    private double fixedSeconds() {
        int tensor = deployment.layout().tensor();
        double doublings = StrictMath.log(tensor) / StrictMath.log(2);
        return model.layers() * (SECONDS_PER_LAYER + SECONDS_PER_LAYER_AND_DOUBLING * doublings);
    }

    /** Bytes of weights that many tokens touch: all that is shared, and of the experts those that were chosen. */
    private double weightBytes(int tokens) {
        double all = (double) Memory.weightBytes(deployment) * Memory.modelRanks(deployment);
        if (!model.mixtureOfExperts() || model.activeParameters() >= model.parameters()) {
            return all;
        }
        double chosen = model.activeExperts() / (double) model.experts();
        double expertShare = (1 - model.activeParameters() / (double) model.parameters()) / (1 - chosen);
        double untouched = StrictMath.pow(1 - chosen, tokens);
        return all * (1 - Math.min(1, expertShare) * untouched);
    }

    /** Peak of the format the arithmetic is done in: the weights' own, else the next wider one the chip has. */
    static double teraflops(Chip chip, Precision precision) {
        Double own = chip.denseTeraflops().get(precision);
        if (own != null && own > 0) {
            return own;
        }
        Precision[] wider = {Precision.BF16, Precision.FP16, Precision.FP32};
        for (Precision candidate : wider) {
            Double peak = chip.denseTeraflops().get(candidate);
            if (peak != null && peak > 0) {
                return peak;
            }
        }
        return chip.denseTeraflops().values().stream()
                .mapToDouble(Double::doubleValue)
                .min()
                .orElse(0);
    }

    private static long picos(double seconds) {
        return Math.round(seconds * PICOS);
    }
}
