package io.polychip.protocol;

/**
 * What an engine or provider reports about one answer; zero where it says nothing.
 *
 * @param cachedTokens part of {@code promptTokens} that came out of a prefix cache
 * @param reasoningTokens part of {@code completionTokens} that was hidden
 * @param queueNanos the provider's own figures (Groq, Cerebras, llama.cpp), free samples for a profile
 */
public record TokenUsage(
        int promptTokens,
        int cachedTokens,
        int completionTokens,
        int reasoningTokens,
        long queueNanos,
        long prefillNanos,
        long decodeNanos) {
    public static final TokenUsage NONE = new TokenUsage(0, 0, 0, 0, 0, 0, 0);

    /** False when no usage was reported and tokens must be estimated. */
    public boolean reported() {
        return promptTokens > 0 || completionTokens > 0;
    }
}
