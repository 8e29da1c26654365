package io.polychip.validation;

import io.polychip.fleet.Deployment;
import io.polychip.fleet.Model;
import io.polychip.performance.Batching;
import io.polychip.performance.Memory;
import io.polychip.performance.PooledForm;
import io.polychip.performance.StepTime;
import java.util.Arrays;

/**
 * Step times of vLLM on NVIDIA's chips as a sum of physical terms with one coefficient each for every model, chip and
 * number of tensor ranks.
 *
 * <p>Few deployments tell little about ten coefficients, so each comes with what a datasheet and the kernels' nature
 * say of it beforehand: large reads reach about nine tenths of a memory's published bandwidth, a layer is some ten
 * kernels of a few microseconds, tensor ranks meet twice in each layer for the start of an exchange, dense products
 * reach two thirds of the published arithmetic. What decoding computes is hidden behind its reads of weights.
 *
 * <p>Which terms there are, and how sure each expectation is, was settled on the training runs by leaving out one model
 * after another; so expectations alone are not blind to those runs. A first fit without the term for sorting
 * (5ae71651b78fb1c8) was 14 % off on the open runs, and that sent the search back to the training runs: models that
 * sort slow down with their batch as the others do not.
 */
final class VllmForm {
    /** What a coefficient multiplies, and what is known of it before any run. */
    enum Term {
        /**
         * Of the time to read the weights that a batch touches: all but the input embedding, and the chosen experts.
         */
        WEIGHTS(1.12, 0.025),
        /** Of the time to read the cached tokens. */
        KV(1.1, 0.025),
        /** Seconds per layer. */
        LAYER(35e-6, 5e-6),
        /** Seconds more per layer of a mixture of experts: routing, sorting, many small products. */
        EXPERT_LAYER(25e-6, 15e-6),
        /** Seconds more per layer and doubling of the tensor ranks. */
        TENSOR_LAYER(10e-6, 3e-6),
        /** Seconds per layer and decoding sequence: attention's shares of work, which are scheduled one by one. */
        SEQUENCE_LAYER(0.3e-6, 0.15e-6),
        /**
         * Bytes read and written per number of the vocabulary and decoding sequence where sampling is by top-p: this
         * release sorts them on each rank. 128 rows of 131,072 take 2.3 ms by themselves (vllm-project/vllm, pull
         * request 40376), 2,048 take 58 ms (pull request 32234).
         */
        SORTED_BYTES(600, 170),
        /** Of the arithmetic of prompts at peak. */
        PROMPT(1.6, 0.2),
        /** The same, more, of prompts through experts. */
        PROMPT_EXPERTS(2, 0.5),
        /** Seconds, once per request: tokenizer and process hops. */
        ARRIVAL(8e-3, 2e-3);

        final double expected;
        final double sigma;

        Term(double expected, double sigma) {
            this.expected = expected;
            this.sigma = sigma;
        }
    }

    private static final int GRAPH_STEP = 8;
    private static final double PICOS = 1e12;

    /**
     * What is served.
     *
     * @param wideBytes what the checkpoint's weights are larger by than its precision says
     * @param nucleus its generation_config.json asks for top-p sampling, which vLLM takes for requests that do not say
     *     otherwise
     */
    record Served(Deployment deployment, double wideBytes, boolean nucleus) {}

    private final Served served;
    private final double[] coefficients;

    /** @param coefficients in the order of {@link Term} */
    VllmForm(Served served, double[] coefficients) {
        this.served = served;
        this.coefficients = coefficients.clone();
    }

    /** Coefficients before any run. */
    static double[] expected() {
        return Arrays.stream(Term.values()).mapToDouble(term -> term.expected).toArray();
    }

    /** What each coefficient is multiplied with in a step of so many decoding sequences, in seconds. */
    static double[] stepTerms(Served served, double sequences, double kvTokens) {
        Deployment deployment = served.deployment();
        Model model = deployment.model();
        int ranks = deployment.layout().tensor();
        double bytesPerSecond = deployment.chip().bandwidthGbps() * 1e9 * ranks;
        Memory memory = Memory.of(deployment);
        double weights = (double) memory.weightBytes() * ranks - 2.0 * model.vocabulary() * model.hidden();
        double experts = weights * PooledForm.expertShare(model);
        double idle = experts * StrictMath.pow(1 - model.activeExperts() / (double) model.experts(), padded(sequences));
        double[] terms = new double[Term.values().length];
        terms[Term.WEIGHTS.ordinal()] = (weights - idle + served.wideBytes()) / bytesPerSecond;
        terms[Term.KV.ordinal()] = kvTokens * memory.kvTokenBytes() * ranks / bytesPerSecond;
        terms[Term.LAYER.ordinal()] = model.layers();
        terms[Term.EXPERT_LAYER.ordinal()] = model.mixtureOfExperts() ? model.layers() : 0;
        terms[Term.TENSOR_LAYER.ordinal()] = model.layers() * StrictMath.log(ranks) / StrictMath.log(2);
        terms[Term.SEQUENCE_LAYER.ordinal()] = model.layers() * sequences;
        terms[Term.SORTED_BYTES.ordinal()] =
                served.nucleus() ? model.vocabulary() * sequences * ranks / bytesPerSecond : 0;
        return terms;
    }

    /** The same for {@code tokens} of a prompt, whichever steps carry them, that attend to {@code pairs} tokens. */
    static double[] promptTerms(Deployment deployment, double tokens, double pairs) {
        Model model = deployment.model();
        double perToken = 2.0 * model.activeParameters() - 4.0 * model.vocabulary() * model.hidden();
        double perPair = 4.0 * model.layers() * model.heads() * model.headDim();
        double seconds = (perToken * tokens + perPair * pairs) / flops(deployment);
        double[] terms = new double[Term.values().length];
        terms[Term.PROMPT.ordinal()] = seconds;
        terms[Term.PROMPT_EXPERTS.ordinal()] = model.mixtureOfExperts() ? seconds : 0;
        return terms;
    }

    /** The form compiled for one engine. */
    StepTime stepTime(Batching batching) {
        long[] alpha = new long[batching.maxSequences() + 1];
        Arrays.setAll(alpha, n -> picos(stepTerms(served, Math.max(1, n), 0)));
        return new StepTime(
                alpha,
                picos(promptTerms(served.deployment(), 1, 0)),
                picos(promptTerms(served.deployment(), 0, 1)),
                Math.round(PICOS * coefficients[Term.KV.ordinal()] * stepTerms(served, 1, 1)[Term.KV.ordinal()]),
                Math.round(PICOS * coefficients[Term.ARRIVAL.ordinal()]),
                0);
    }

    private long picos(double[] terms) {
        double sum = 0;
        for (int i = 0; i < terms.length; i++) {
            sum += terms[i] * coefficients[i];
        }
        return Math.round(sum * PICOS);
    }

    /**
     * Sequences that a step computes on average when there are so many: the engine has its graphs for 1, 2, 4 and
     * multiples of 8, and what a row of padding computes is not left out.
     */
    private static double padded(double sequences) {
        return sequences <= GRAPH_STEP ? sequences : sequences + (GRAPH_STEP - 1) / 2.0;
    }

    private static double flops(Deployment deployment) {
        return deployment.chip().teraflops(deployment.precision())
                * 1e12
                * deployment.layout().tensor();
    }
}
