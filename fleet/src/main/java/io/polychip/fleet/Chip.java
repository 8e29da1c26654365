package io.polychip.fleet;

import java.util.Map;

/**
 * An accelerator as its vendor sells it. Never carries a price: that is an {@link Offer}'s.
 *
 * @param id {@code vendor/name}, such as {@code nvidia/h100-sxm}
 * @param name what people call it, {@code H100 SXM}
 * @param memoryGib usable device memory in GiB
 * @param bandwidthGbps memory bandwidth in 10^9 bytes per second
 * @param denseTeraflops dense peak by precision in 10^12 operations per second; a missing precision is not native
 * @param powerWatts board power at full load, 0 when not published
 * @param scaleUpGbps bandwidth to its peers per chip, one direction, 10^9 bytes per second; 0 when unknown
 * @param scaleUpDomain chips that reach each other at that bandwidth
 * @param ranks tensor ranks that an engine makes of one chip: its cores where it sees each as a device, else 1
 */
public record Chip(
        String id,
        String vendor,
        String name,
        double memoryGib,
        double bandwidthGbps,
        Map<Precision, Double> denseTeraflops,
        double powerWatts,
        double scaleUpGbps,
        int scaleUpDomain,
        int ranks,
        Source source) {
    private static final String NO_NAME = "unknown";

    /** Stands for a chip that is not known: without memory, bandwidth and arithmetic. */
    static final Chip UNKNOWN = new Chip(
            NO_NAME, NO_NAME, NO_NAME, 0, 0, Map.of(), 0, 0, 1, 1, new Source("none", "", Source.Confidence.ESTIMATED));

    public Chip {
        denseTeraflops = Map.copyOf(denseTeraflops);
    }

    /** Whether the chip multiplies in that format itself. */
    public boolean computesIn(Precision precision) {
        return denseTeraflops.containsKey(precision);
    }

    /**
     * Dense peak at which weights of that precision are multiplied: natively, else in the next wider format the chip
     * has (weights are widened on the way), 10^12 operations per second; 0 when none is published.
     */
    public double teraflops(Precision precision) {
        for (Precision format : precision.computedIn()) {
            Double peak = denseTeraflops.get(format);
            if (peak != null) {
                return peak;
            }
        }
        return 0;
    }
}
