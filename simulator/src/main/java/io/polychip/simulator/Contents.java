package io.polychip.simulator;

import io.polychip.routing.Mix;
import java.util.Arrays;

/**
 * What prompts consist of, as chained hashes of whole blocks: from the trace's block ids, else from the conversation,
 * whose content is the same at the same place in each of its turns.
 */
final class Contents {
    private final int blockTokens;
    private int[] boundaries = {};

    Contents(int blockTokens) {
        this.blockTokens = blockTokens;
    }

    /** Of the prompt where its blocks are known, of prompt and answer where only the conversation is; may be empty. */
    long[] hashes(Arrival arrival) {
        long[] blocks = arrival.blocks();
        if (blocks.length == 0) {
            return arrival.conversation() == 0 ? Arrival.NO_BLOCKS : ofConversation(arrival);
        }
        int whole = Math.min(blocks.length, arrival.promptTokens() / blockTokens);
        long[] hashes = whole == 0 ? Arrival.NO_BLOCKS : new long[whole];
        long chain = 0;
        for (int i = 0; i < whole; i++) {
            chain = Mix.scramble(chain * 0xD1B54A32D192ED03L + blocks[i] + 1);
            hashes[i] = chain;
        }
        return hashes;
    }

    /** Tokens up to each of that many blocks, and of some more. */
    int[] boundaries(int blocks) {
        if (boundaries.length < blocks) {
            boundaries = new int[Math.max(2 * blocks, 64)];
            Arrays.setAll(boundaries, i -> (i + 1) * blockTokens);
        }
        return boundaries;
    }

    private long[] ofConversation(Arrival arrival) {
        int whole = (arrival.promptTokens() + arrival.outputTokens()) / blockTokens;
        long[] hashes = new long[whole];
        for (int i = 0; i < whole; i++) {
            hashes[i] = Mix.scramble(arrival.conversation() + i * 0xD1B54A32D192ED03L);
        }
        return hashes;
    }
}
