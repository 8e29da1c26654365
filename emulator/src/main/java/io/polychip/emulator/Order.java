package io.polychip.emulator;

import io.polychip.protocol.ChatScan;
import io.polychip.protocol.Endpoint;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One request as the emulator understands it.
 *
 * @param prompts texts of each prompt; chat has one, completions and embeddings may have several
 * @param continuedTokens words of a final assistant message that is to be continued
 * @param topLogprobs alternatives per token, -1: no log-probabilities
 * @param tool definition of the tool to call, null for none
 * @param schema of the object to answer with, null for plain text
 */
record Order(
        ChatScan scan,
        List<List<String>> prompts,
        int mediaTokens,
        int continuedTokens,
        List<String> stops,
        int topLogprobs,
        @Nullable JsonNode tool,
        @Nullable JsonNode schema,
        int dimensions,
        boolean base64) {
    boolean chat() {
        return scan.endpoint() == Endpoint.CHAT;
    }

    boolean embeddings() {
        return scan.endpoint() == Endpoint.EMBEDDINGS;
    }

    boolean logprobs() {
        return topLogprobs >= 0;
    }

    /** Answers wanted: every prompt as often as {@code n} says; an embedding once. */
    int choices() {
        return embeddings() ? prompts.size() : prompts.size() * scan.choices();
    }

    List<String> promptOf(int choice) {
        return prompts.get(embeddings() ? choice : choice / scan.choices());
    }

    /** Prompt tokens of one choice. */
    int promptTokens(int choice) {
        return PromptBlocks.tokens(promptOf(choice)) + mediaTokens;
    }
}
