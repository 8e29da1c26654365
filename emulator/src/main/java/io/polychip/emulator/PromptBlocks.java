package io.polychip.emulator;

import io.polychip.protocol.Hash64;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** How an emulated engine counts and hashes a prompt. */
final class PromptBlocks {
    /** Text bytes per prompt token, the usual figure for English; exact by definition here. */
    static final int BYTES_PER_TOKEN = 4;
    /** Tokens of the chat template around each message. */
    static final int TOKENS_PER_MESSAGE = 4;

    private static final long[] NONE = {};

    private PromptBlocks() {}

    /** {@code ceil(bytes / 4)} and 4 for each text, at least 1. */
    static int tokens(List<String> texts) {
        long tokens = 0;
        for (String text : texts) {
            tokens += TOKENS_PER_MESSAGE
                    + (text.getBytes(StandardCharsets.UTF_8).length + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN;
        }
        return Math.clamp(tokens, 1, Integer.MAX_VALUE);
    }

    /**
     * Chained hashes of whole blocks over all texts together, so that a longer conversation begins with the same ones.
     */
    static long[] hashes(List<String> texts, int blockTokens) {
        byte[] all = String.join("\u0000", texts).getBytes(StandardCharsets.UTF_8);
        int blockBytes = blockTokens * BYTES_PER_TOKEN;
        int blocks = all.length / blockBytes;
        if (blocks == 0) {
            return NONE;
        }
        long[] hashes = new long[blocks];
        long chain = blockBytes;
        for (int i = 0; i < blocks; i++) {
            chain = Hash64.of(chain, all, i * blockBytes, (i + 1) * blockBytes);
            hashes[i] = chain;
        }
        return hashes;
    }
}
