package io.polychip.routing;

/**
 * What a dispatcher asks of the world. Called on the dispatcher's own turn; a host answers on a later one, never from
 * inside these methods.
 */
public interface Host {
    /** Start this attempt. Answer with firstToken, tokens, completed or failed. */
    void send(Call call, Attempt attempt, long now);

    /** Stop it; what is still reported about it afterwards is ignored. */
    void cancel(Call call, Attempt attempt, long now);

    /** Call {@link Dispatcher#woken} at or after that time; a later wake replaces an earlier one of the same call. */
    void wake(Call call, long at);

    /** Exactly once per call. */
    void end(Call call, Ending ending, long now);

    /**
     * What one attempt used, once per attempt sent and before {@link #end}: the successful one, failed ones and those
     * given up alike, so that charges add up to what engines produced. Who only wants the winner's usage finds it in
     * {@link Ending}.
     *
     * @param usage from upstream where it said so, else counted and marked as estimated
     */
    default void charge(Call call, Attempt attempt, Usage usage, long now) {}
}
