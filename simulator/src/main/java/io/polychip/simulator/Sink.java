package io.polychip.simulator;

/** Hears what a {@link Backend} did, in order of time, from inside {@link Backend#advance}; must not call it back. */
public interface Sink {
    /** The first token of an answer came out. */
    void firstToken(long id, long atPicos);

    /**
     * The answer is complete. A request without answer tokens (embeddings) comes straight here.
     *
     * @param cachedTokens prompt tokens that were in the cache when it first ran
     */
    void finished(long id, int cachedTokens, long atPicos);

    /**
     * An answer has as many tokens as {@link Backend#watch} asked for, and is to have more. Told after all else that
     * the same step brought.
     */
    default void reached(long id, int produced, long atPicos) {}

    /**
     * An answer stands still until its prompt and what it has so far are computed again.
     *
     * @param lastTokenPicos when its last token came out
     */
    default void preempted(long id, int produced, long lastTokenPicos) {}
}
