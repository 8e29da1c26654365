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
        Source source) {
    public Chip {
        denseTeraflops = Map.copyOf(denseTeraflops);
    }
}
