package io.polychip.performance;

import io.polychip.fleet.Chip;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.Model;
import java.util.Arrays;

/**
 * Step times of any deployment as a sum of physical terms, each with one non-negative coefficient for all of them: what
 * an ideal chip would need, and how many times as long real ones take.
 *
 * <p>Weights are read as far as a batch touches them (of a mixture of experts, those that some token chose); an input
 * embedding is looked up, not read. Differs from {@link PhysicalForm} in the terms for mixtures of experts, for what
 * tensor ranks exchange, and for the host's work per sequence.
 */
public final class PooledForm {
    /** What a coefficient multiplies: dimensionless where it says a share of a time. */
    public enum Term {
        /** Seconds per layer. */
        LAYER,
        /** Seconds more per layer of a mixture of experts. */
        EXPERT_LAYER,
        /** Seconds per decoding sequence. */
        SEQUENCE,
        /** Of the time to read the weights once. */
        WEIGHTS,
        /** Of the time to read the cached tokens. */
        KV,
        /** Of the time in which tensor ranks send one another a step's activations. */
        EXCHANGE,
        /** Of the arithmetic of decoding at peak. */
        DECODE_FLOPS,
        /** Of the arithmetic of prompts at peak. */
        PROMPT_FLOPS,
        /** The same, more, of prompts through experts. */
        PROMPT_EXPERTS,
        /** Seconds, once per request. */
        ARRIVAL,
        /** Seconds more per layer and doubling of the tensor ranks: the start of what they exchange. */
        TENSOR_LAYER,
        /** Of the arithmetic of decoding at peak, more, through experts: few tokens each make small products. */
        DECODE_EXPERTS
    }

    /**
     * Where nothing was measured: InferenceX points of dense models on H100, H200 and B200; see {@link PhysicalForm}.
     * Reading the cache is 1.08 by a fit to 571 InferenceX points of NVIDIA's chips in which prompts also pay for what
     * they attend to; the older 1.75 had that in it.
     */
    private static final double[] DATASHEET = {50e-6, 50e-6, 5e-6, 1.12, 1.08, 2, 1.96, 2.09, 2, 0.0155, 9.8e-6, 2};

    /**
     * Of no vendor's chips: half as much again as an ideal chip needs, and round figures for a host's work. Fitted ones
     * tell more of the vendors they were fitted to and less of any other.
     */
    private static final double[] ROUND = {50e-6, 20e-6, 5e-6, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 0.015, 10e-6, 1.5};

    /** An unpublished link is taken for PCIe 4: 10^9 bytes per second. */
    private static final double UNKNOWN_LINK_GBPS = 32;

    /** Models below it share one matrix as input and output embedding. */
    private static final long TIED_BELOW = 4_000_000_000L;

    private static final double PICOS = 1e12;

    private final Deployment deployment;
    private final double[] coefficients;

    /** @param coefficients in the order of {@link Term} */
    public PooledForm(Deployment deployment, double[] coefficients) {
        if (coefficients.length != Term.values().length) {
            throw new ProfileException("The pooled form has %d coefficients, not %d."
                    .formatted(Term.values().length, coefficients.length));
        }
        this.deployment = deployment;
        this.coefficients = coefficients.clone();
    }

    /** Coefficients for chips and models of which only a datasheet is known. */
    public static double[] datasheet() {
        return DATASHEET.clone();
    }

    /** Coefficients that speak of no vendor in particular, to which {@link Kinship} knows the errors of each. */
    public static double[] round() {
        return ROUND.clone();
    }

    /** What each coefficient is multiplied with in a step of so many decoding sequences, in seconds. */
    public static double[] stepTerms(Deployment deployment, double sequences, double kvTokens) {
        Model model = deployment.model();
        Chip chip = deployment.chip();
        int tensor = deployment.layout().tensor();
        double bytesPerSecond = chip.bandwidthGbps() * 1e9 * Memory.modelRanks(deployment);
        double link = (chip.scaleUpGbps() > 0 ? chip.scaleUpGbps() : UNKNOWN_LINK_GBPS) * 1e9;
        double[] terms = new double[Term.values().length];
        terms[Term.LAYER.ordinal()] = model.layers();
        terms[Term.EXPERT_LAYER.ordinal()] = model.mixtureOfExperts() ? model.layers() : 0;
        terms[Term.SEQUENCE.ordinal()] = sequences;
        terms[Term.WEIGHTS.ordinal()] = readBytes(deployment, sequences) / bytesPerSecond;
        terms[Term.KV.ordinal()] =
                kvTokens * Memory.kvTokenBytes(deployment) * Memory.modelRanks(deployment) / bytesPerSecond;
        terms[Term.EXCHANGE.ordinal()] = 2.0 * model.layers() * sequences * model.hidden() * 2 * (tensor - 1) / link;
        double decode = 2.0 * model.activeParameters() * sequences / flops(deployment);
        terms[Term.DECODE_FLOPS.ordinal()] = decode;
        terms[Term.DECODE_EXPERTS.ordinal()] = model.mixtureOfExperts() ? decode : 0;
        terms[Term.TENSOR_LAYER.ordinal()] = model.layers() * StrictMath.log(tensor) / StrictMath.log(2);
        return terms;
    }

    /** The same for prompt tokens, whichever steps carry them. */
    public static double[] promptTerms(Deployment deployment, double tokens) {
        Model model = deployment.model();
        double[] terms = new double[Term.values().length];
        double seconds = 2.0 * model.activeParameters() * tokens / flops(deployment);
        terms[Term.PROMPT_FLOPS.ordinal()] = seconds;
        terms[Term.PROMPT_EXPERTS.ordinal()] = model.mixtureOfExperts() ? seconds : 0;
        return terms;
    }

    /** The same with what the tokens attend to: {@code pairs} of a new token and an earlier one. */
    public static double[] promptTerms(Deployment deployment, double tokens, double pairs) {
        Model model = deployment.model();
        double[] terms = promptTerms(deployment, tokens);
        double seconds = 4.0 * model.layers() * model.heads() * model.headDim() * pairs / flops(deployment);
        terms[Term.PROMPT_FLOPS.ordinal()] += seconds;
        terms[Term.PROMPT_EXPERTS.ordinal()] += model.mixtureOfExperts() ? seconds : 0;
        return terms;
    }

    /** The form compiled for one engine. */
    public StepTime stepTime(Batching batching) {
        long[] alpha = new long[batching.maxSequences() + 1];
        Arrays.setAll(alpha, n -> picos(dot(stepTerms(deployment, n, 0))));
        alpha[0] = picos(dot(stepTerms(deployment, 1, 0)));
        Model model = deployment.model();
        double pair = coefficients[Term.PROMPT_FLOPS.ordinal()]
                * 4
                * model.layers()
                * model.heads()
                * model.headDim()
                / flops(deployment);
        return new StepTime(
                alpha,
                picos(dot(promptTerms(deployment, 1))),
                picos(pair),
                picos(dot(stepTerms(deployment, 0, 1)) - dot(stepTerms(deployment, 0, 0))),
                picos(coefficients[Term.ARRIVAL.ordinal()]),
                0);
    }

    private double dot(double[] terms) {
        double sum = 0;
        for (int i = 0; i < terms.length; i++) {
            sum += terms[i] * coefficients[i];
        }
        return sum;
    }

    private static double flops(Deployment deployment) {
        return PhysicalForm.teraflops(deployment.chip(), deployment.precision()) * 1e12 * Memory.modelRanks(deployment);
    }

    private static double readBytes(Deployment deployment, double sequences) {
        Model model = deployment.model();
        double all = (double) Memory.weightBytes(deployment) * Memory.modelRanks(deployment);
        double embedding = model.parameters() < TIED_BELOW ? 0 : 2.0 * model.vocabulary() * model.hidden();
        if (!model.mixtureOfExperts() || model.activeParameters() >= model.parameters()) {
            return all - embedding;
        }
        double chosen = model.activeExperts() / (double) model.experts();
        double experts = Math.min(1, (1 - model.activeParameters() / (double) model.parameters()) / (1 - chosen));
        return all * (1 - experts * StrictMath.pow(1 - chosen, sequences)) - embedding;
    }

    private static long picos(double seconds) {
        return Math.round(seconds * PICOS);
    }
}
