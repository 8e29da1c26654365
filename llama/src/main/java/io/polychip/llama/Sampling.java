package io.polychip.llama;

import java.util.Map;

/**
 * How the next token is drawn. The defaults are llama.cpp's.
 *
 * @param temperature 0 takes the most likely token
 * @param topK how many of the most likely tokens remain; 0 is all
 * @param topP smallest set of tokens with at least this probability
 * @param minP least probability of a token, as a share of the most likely one's
 * @param frequencyPenalty taken from a token's logit for every time it was generated
 * @param presencePenalty taken from it once if it was generated
 * @param repeatPenalty divides the positive logits of recent tokens, prompt included, and multiplies the negative; 1 is
 *     none
 * @param bias added to the logits of some tokens
 * @param seed the same seed, request and model give the same answer
 */
public record Sampling(
        float temperature,
        int topK,
        float topP,
        float minP,
        float frequencyPenalty,
        float presencePenalty,
        float repeatPenalty,
        Map<Integer, Float> bias,
        long seed) {

    public Sampling {
        require("temperature", temperature, 0, 100);
        require("top_k", topK, 0, Integer.MAX_VALUE);
        require("top_p", topP, 0, 1);
        require("min_p", minP, 0, 1);
        require("frequency_penalty", frequencyPenalty, -2, 2);
        require("presence_penalty", presencePenalty, -2, 2);
        require("repeat_penalty", repeatPenalty, 0.01f, 100);
        bias = Map.copyOf(bias);
    }

    private static void require(String name, float value, float least, float most) {
        if (!(value >= least && value <= most)) {
            throw new IllegalArgumentException("%s (%s) must be from %s to %s.".formatted(name, value, least, most));
        }
    }

    public static Sampling greedy() {
        return new Sampling(0, 0, 1, 0, 0, 0, 1, Map.of(), 0);
    }

    public static Sampling standard(long seed) {
        return new Sampling(0.8f, 40, 0.95f, 0.05f, 0, 0, 1, Map.of(), seed);
    }

    public Sampling withSeed(long other) {
        return new Sampling(
                temperature, topK, topP, minP, frequencyPenalty, presencePenalty, repeatPenalty, bias, other);
    }
}
