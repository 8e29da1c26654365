package io.polychip.fleet;

/**
 * The powers of a chip: what it is sold at, what a contract in gigawatts divides by, and what a node was measured to
 * draw for each of its chips. 0 where none is published.
 *
 * @param allInWatts utility power with the chip's share of host, network and facility
 * @param atMostWatts a bound on it where it is not published
 * @param trainingWatts measured node power for each chip at full load in training, as the node's supply reads it
 * @param inferenceWatts the same in inference; the middle of a range
 */
public record ChipPower(
        String chip,
        double tdpWatts,
        double allInWatts,
        double atMostWatts,
        double trainingWatts,
        double inferenceWatts,
        String note,
        Source source) {
    /** A gigawatt in chips; 0 where the all-in power is not published. */
    public double chipsPerGigawatt() {
        return allInWatts == 0 ? 0 : 1e9 / allInWatts;
    }
}
