package io.polychip.routing;

/**
 * What a scrape said of a replica; a field that the engine does not report is negative.
 *
 * @param observedNanos when the answer was taken
 */
public record Reading(
        long observedNanos, int running, int waiting, double kvUsed, boolean healthy, boolean reachable) {}
