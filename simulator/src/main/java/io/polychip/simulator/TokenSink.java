package io.polychip.simulator;

/**
 * A {@link Sink} that also hears of every token after an answer's first. It costs time in proportion to the batch per
 * {@link Backend#advance}; a plain sink lets an engine leap in constant time.
 */
public interface TokenSink extends Sink {
    /**
     * More tokens of one answer, all since the last report of it together.
     *
     * @param atPicos when the last of them came out; callers that want each one's time advance step by step
     */
    void tokens(long id, int count, long atPicos);
}
