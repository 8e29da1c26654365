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
}
