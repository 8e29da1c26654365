package io.polychip.simulator;

/**
 * What stands behind a replica's URL, in virtual time (integer picoseconds). A driver advances it to the present before
 * it submits or cancels anything, and again no later than {@link #nextChange} (simulation) or {@link #nextStep} (real
 * time). However finely it advances, the same thing happens at the same picosecond. Not thread-safe.
 */
public sealed interface Backend permits Engine, HostedApi {
    /** Nothing is due. */
    long NEVER = Long.MAX_VALUE;

    /** Does all that is due up to and including that time. */
    void advance(long untilPicos, Sink sink);

    /** Stops a request; false when it is not here (any more). Nothing more is reported about it. */
    boolean cancel(long id, long nowPicos);

    /**
     * Tells the sink once when an answer has that many tokens; replaces what was asked before. For a driver to whom
     * certain tokens matter and the others do not.
     *
     * @param tokens more than it has; never told when its answer is shorter
     */
    void watch(long id, int tokens);

    /** Answer tokens a request has, as of the last {@link #advance}; 0 for one that is not here. */
    int produced(long id);

    /** Of an answer that goes on: when its last token came out, as of the last {@link #advance}. */
    long lastTokenPicos(long id);

    /**
     * Earliest time at which a first token, an end, a watched token or a change of the batch may happen; {@link #NEVER}
     * when idle.
     */
    long nextChange();

    /** Earliest time at which any token may come out or a step begins; {@link #NEVER} when idle. */
    long nextStep();

    /** Requests being worked on. */
    int running();

    /** Requests that wait to be. */
    int waiting();

    /** Share of the cache held by running requests, 0 to 1; 0 where nobody can see it. */
    double kvUsed();
}
