package io.polychip.routing;

/**
 * How one of several suitable replicas is picked. All policies share filters, breakers, quotas, retries and the whole
 * life of a call, so that a comparison compares the pick alone. What a rival can be set to is its {@link Tuning}.
 */
public enum Policy {
    /** Cheapest replica that meets the objective with margin; late binding. */
    POLYCHIP,
    /** Every suitable replica in turn, whatever its chip. */
    ROUND_ROBIN,
    /** The suitable replica with the fewest requests in flight, as far as this gateway knows. */
    LEAST_REQUEST,
    /** Of two random suitable replicas the one with fewer requests in flight (Mitzenmacher 2001; Envoy's default). */
    TWO_CHOICES,
    /** The suitable replica whose last scrape showed the least key-value cache in use. */
    LEAST_KV,
    /** llm-d's default: weighted scores of cached prefix, scraped queue and scraped cache use; the highest sum. */
    WEIGHTED_SCORES,
    /** llm-d's predicted-latency scorer: the least positive slack to the objective; no price. */
    PREDICTED_LATENCY,
    /** NVIDIA Dynamo's KV router: prompt blocks still to be computed plus blocks in use, the lowest sum. */
    OVERLAP_AND_LOAD,
    /** NVIDIA Dynamo's global router: a table from prompt length to pool; inside the pool fewest requests. */
    LENGTH_GRID,
    /** LiteLLM's lowest cost: the lowest list price per request, the next one when that is not available. */
    CHEAPEST_LIST,
    /** MLPerf's mixed fleets: a share per replica in proportion to its capacity at the objective. */
    CAPACITY_SPLIT;

    /** Whether calls wait in the gateway once engines hold enough, instead of in the engines' own queues. */
    boolean bindsLate() {
        return this == POLYCHIP;
    }
}
