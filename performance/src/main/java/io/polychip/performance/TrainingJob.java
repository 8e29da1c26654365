package io.polychip.performance;

import io.polychip.fleet.Chip;
import io.polychip.fleet.Model;
import io.polychip.fleet.Precision;

/**
 * A model to be trained on so many tokens.
 *
 * @param sequenceTokens length of a training sequence
 */
public record TrainingJob(
        String name, Model model, Task task, Scaling scaling, Precision precision, double tokens, int sequenceTokens) {
    public TrainingJob {
        if (!(tokens > 0) || sequenceTokens <= 0) {
            throw new ProfileException("Job %s has %s tokens in sequences of %d; both must be above 0."
                    .formatted(name, tokens, sequenceTokens));
        }
    }

    /** What is trained. */
    public enum Task {
        /** All weights, from nothing. */
        PRETRAIN,
        /** All weights, on instructions. */
        SFT,
        /** Small added matrices; the weights themselves get no gradients. */
        LORA
    }

    /**
     * How speed per chip falls with the number of chips: {@code speed(n) = speed(n0) x (n / n0)^-b}. The exponents are
     * those of tokens per second in MLPerf Training v3.1 to v5.0 (H100 and GB200 on 405B 0.04 and 0.06; H100 on GPT-3
     * 0.10; LoRA 0.12 to 0.16) and, for experts, v6.0 (DeepSeek-V3, 256 to 8,192 GB300). That larger batches need more
     * tokens is not in them: whoever fixes the tokens has decided that.
     */
    public enum Scaling {
        /** The batch grows with the chips: 64 to 2,048 H100 lose nothing. */
        GROWING_BATCH(0),
        /** The batch stays: hundreds of thousands of tokens a step, large models. */
        FIXED_BATCH(0.06),
        /** A mixture of experts whose batch stays. */
        EXPERTS(0.18),
        /** Small models and fine-tuning: soon there is too little to do for each chip. */
        SMALL(0.16);

        private final double exponent;

        Scaling(double exponent) {
            this.exponent = exponent;
        }

        public double exponent() {
            return exponent;
        }
    }

    public TrainingJob with(Precision other) {
        return new TrainingJob(name, model, task, scaling, other, tokens, sequenceTokens);
    }

    /** Arithmetic of one token of this job. */
    public double flops() {
        return flops(model, task, sequenceTokens);
    }

    /**
     * Arithmetic of one token, forward and back: {@code 6 N} for the weights used ({@code 4 N} where they get no
     * gradients) and {@code 6 x layers x width x sequence} for causal attention. That is 4 % for 405 billion parameters
     * at 8,192 tokens and more than all the rest for 70 billion at 131,072, as NVIDIA's and Google's own counts have
     * it.
     */
    public static double flops(Model model, Task task, int sequenceTokens) {
        double weights = (task == Task.LORA ? 4.0 : 6.0) * model.activeParameters();
        double width = (double) model.heads() * model.headDim();
        return weights + 6.0 * model.layers() * width * sequenceTokens;
    }

    /**
     * Least chips whose memory holds the job, in whole scale-up domains where more than one is needed. Pre-training
     * keeps 16 bytes for each parameter (weights and gradients of two bytes, a four-byte copy and Adam's two moments),
     * cut over all chips; LoRA keeps the weights. A fifth of the memory is left for activations.
     */
    public int minimumChips(Chip chip) {
        double bytes = model.parameters() * (task == Task.LORA ? Math.max(1, precision.bytesPerParameter()) : 16.0);
        double perChip = chip.memoryGib() * (1L << 30) * 0.8;
        return whole((int) Math.ceil(bytes / perChip), chip);
    }

    /** That many chips or a few more, so that scale-up domains are used whole; part of one stays as it is. */
    static int whole(int chips, Chip chip) {
        int domain = Math.max(1, Math.min(chip.scaleUpDomain(), 72));
        return chips <= domain ? Math.max(1, chips) : Math.ceilDiv(chips, domain) * domain;
    }
}
