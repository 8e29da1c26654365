package io.polychip.performance;

import io.polychip.fleet.Chip;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.Model;

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
     * Of no vendor's chips: half as much again as an ideal chip needs, and round figures for a host's work. Fitted ones
     * tell more of the vendors they were fitted to and less of any other.
     */
    private static final double[] ROUND = {50e-6, 20e-6, 5e-6, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 0.015, 10e-6, 1.5};

    /** An unpublished link is taken for PCIe 4: 10^9 bytes per second. */
    private static final double UNKNOWN_LINK_GBPS = 32;

    /** Models below it share one matrix as input and output embedding. */
    private static final long TIED_BELOW = 4_000_000_000L;

    private PooledForm() {}

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
        terms[Term.TENSOR_LAYER.ordinal()] =
                model.layers() * StrictMath.log(Memory.tensorRanks(deployment)) / StrictMath.log(2);
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
        return all * (1 - expertShare(model) * StrictMath.pow(1 - chosen, sequences)) - embedding;
    }

    /**
     * Of a mixture's weights, those of experts: what an inactive parameter is, and its share of the active ones. 0 of a
     * dense model's.
     */
    public static double expertShare(Model model) {
        if (!model.mixtureOfExperts()) {
            return 0;
        }
        double inactive = 1 - model.activeParameters() / (double) model.parameters();
        return Math.min(1, inactive / (1 - model.activeExperts() / (double) model.experts()));
    }
}
