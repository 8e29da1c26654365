package io.polychip.routing;

/**
 * What a dispatcher asks of the world. Called on the dispatcher's own turn; a host answers on a later one, never from
 * inside these methods.
 */
public interface Host {
    /** Start this attempt. Answer with firstToken, tokens, completed or failed. */
    void send(Call call, Attempt attempt, long now);

    /** Stop it; nothing more is reported about it afterwards. */
    void cancel(Call call, Attempt attempt, long now);

    /** Call {@link Dispatcher#woken} at or after that time; a later wake replaces an earlier one of the same call. */
    void wake(Call call, long at);

    /** Exactly once per call. */
    void end(Call call, Ending ending, long now);
}
