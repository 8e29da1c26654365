package io.polychip.llama;

import java.util.List;

/**
 * Told how one answer grows, on the engine's thread: must return at once. Ends with exactly one {@link #finished} or
 * {@link #failed}, unless the generation is cancelled, after which nothing more is told once the engine has seen it.
 */
public interface GenerationListener {
    /** More of the text. Neither is empty at the same time, except that a token may show no text of its own. */
    void text(String text, List<TokenLogprobs> logprobs);

    void finished(Finish finish, TokenUsage usage);

    /** The engine cannot go on with it. */
    void failed(LlamaException why);

    /** Why an answer ended. */
    enum Finish {
        /** The model ended it, or a stop string did. */
        STOP,
        /** It has as many tokens as were asked for, or the context is full. */
        LENGTH
    }

    /**
     * What an answer took.
     *
     * @param promptTokens all of them
     * @param cachedTokens those of the prompt that were still in memory from an earlier request
     * @param answerTokens those drawn, the model's end of answer included
     */
    record TokenUsage(int promptTokens, int cachedTokens, int answerTokens) {}
}
