package io.polychip.gateway;

import io.polychip.protocol.Prompt;
import java.util.HashMap;
import java.util.Map;

/**
 * Estimates prompt tokens from text bytes, by a ratio learned per model from the usage that engines report.
 *
 * <p>The chat template's own tokens are taken off per message first, so that short prompts do not spoil the ratio. Old
 * prompts are forgotten exponentially, by bytes: about the last {@value #MEMORY_BYTES} count. Media follow rules of
 * thumb (OpenAI's published 765 and 85 tokens for an image at high and low detail; 25 tokens per second of compressed
 * audio) and teach nothing. One per event loop.
 */
final class TokenRatio {
    static final double FIRST_GUESS = 0.25;
    private static final int TOKENS_PER_MESSAGE = 4;
    private static final int TOKENS_PER_PROMPT = 3;
    private static final int TOKENS_PER_IMAGE = 765;
    private static final int TOKENS_PER_SMALL_IMAGE = 85;
    private static final int AUDIO_BYTES_PER_TOKEN = 160;
    private static final int MEMORY_BYTES = 1 << 20;
    /** The first guess weighs as much as this much text. */
    private static final int GUESS_BYTES = 1 << 12;

    private final Map<String, Ratio> ratios = new HashMap<>();

    private static final class Ratio {
        double bytes = GUESS_BYTES;
        double tokens = GUESS_BYTES * FIRST_GUESS;

        double perByte() {
            return tokens / bytes;
        }
    }

    /** @param model one the fleet serves, so that the map stays small */
    int promptTokens(String model, Prompt prompt) {
        double text = prompt.textBytes() * perByte(model);
        long media = (long) prompt.images() * TOKENS_PER_IMAGE
                + (long) prompt.smallImages() * TOKENS_PER_SMALL_IMAGE
                + prompt.audioBytes() / AUDIO_BYTES_PER_TOKEN;
        return (int) Math.min(Integer.MAX_VALUE, Math.ceil(text) + media + prompt.tokenIds() + template(prompt));
    }

    double perByte(String model) {
        Ratio ratio = ratios.get(model);
        return ratio == null ? FIRST_GUESS : ratio.perByte();
    }

    /** An engine said how many tokens that prompt was. */
    void learn(String model, Prompt prompt, int promptTokens) {
        boolean media = prompt.images() + prompt.smallImages() + prompt.audioBytes() > 0;
        int ofText = promptTokens - prompt.tokenIds() - template(prompt);
        if (media || ofText <= 0 || prompt.textBytes() == 0) {
            return;
        }
        Ratio ratio = ratios.computeIfAbsent(model, unseen -> new Ratio());
        double kept = Math.max(0, 1 - (double) prompt.textBytes() / MEMORY_BYTES);
        ratio.bytes = ratio.bytes * kept + prompt.textBytes();
        ratio.tokens = ratio.tokens * kept + ofText;
    }

    private static int template(Prompt prompt) {
        return prompt.messages() == 0 ? 0 : prompt.messages() * TOKENS_PER_MESSAGE + TOKENS_PER_PROMPT;
    }
}
