package io.polychip.simulator;

import io.polychip.routing.Ending;

/** Hears of every call's ending, in the order in which they end. */
@FunctionalInterface
public interface Endings {
    /**
     * One call has ended; its client may ask again.
     *
     * @param request number of the request, from 0
     * @param firstTokenPicos of its last attempt; {@link Backend#NEVER} when it had none
     */
    void ended(long request, Ending ending, long firstTokenPicos, long atNanos);
}
