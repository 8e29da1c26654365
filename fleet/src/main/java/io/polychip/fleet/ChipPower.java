package io.polychip.fleet;

/**
 * The powers of a chip: what it is sold at, what a contract in gigawatts divides by, and what a node was measured to
 * draw for each of its chips. 0 where none is published.
 *
 * @param allInWatts utility power with the chip's share of host, network and facility, as published
 * @param itWatts the same without the facility, where only that is published
 * @param atMostWatts a bound on it where it is not published
 * @param trainingWatts measured node power for each chip at full load in training, as the node's supply reads it
 * @param inferenceWatts the same in inference; the middle of a range
 */
public record ChipPower(
        String chip,
        double tdpWatts,
        double allInWatts,
        double itWatts,
        double atMostWatts,
        double trainingWatts,
        double inferenceWatts,
        String note,
        Source source) {
    /** What a facility takes for each watt of what stands in it: the mean of the public clouds in the catalogue. */
    public static final double FACILITY = 1.25;

    /** Utility power: as published, else of what stands in the facility with {@link #FACILITY}; 0 where neither is. */
    public double utilityWatts() {
        return allInWatts > 0 ? allInWatts : itWatts * FACILITY;
    }

    /** A gigawatt of {@link #utilityWatts} in chips; 0 where that is not known. */
    public double chipsPerGigawatt() {
        double watts = utilityWatts();
        return watts == 0 ? 0 : 1e9 / watts;
    }
}
