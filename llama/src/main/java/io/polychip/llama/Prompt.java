package io.polychip.llama;

import java.util.List;

/** What a client wants continued. */
sealed interface Prompt {
    /** @param continued beginning of the answer, given as a final assistant message; empty for a new answer */
    record Chat(List<ChatMessage> messages, String continued) implements Prompt {}

    record Text(String text) implements Prompt {}

    @SuppressWarnings("ArrayRecordComponent")
    record Tokens(int[] tokens) implements Prompt {}
}
