package io.polychip.routing;

/**
 * How one of several suitable replicas is picked. All policies share filters, breakers, quotas, retries and the whole
 * life of a call, so that a comparison compares the pick alone.
 */
public enum Policy {
    /** Cheapest replica that meets the objective with margin; late binding. */
    POLYCHIP,
    /** Every suitable replica in turn, whatever its chip. */
    ROUND_ROBIN,
    /** The suitable replica with the fewest requests in flight, as far as this gateway knows. */
    LEAST_REQUEST;

    /** Whether calls wait in the gateway once engines hold enough, instead of in the engines' own queues. */
    boolean bindsLate() {
        return this == POLYCHIP;
    }
}
