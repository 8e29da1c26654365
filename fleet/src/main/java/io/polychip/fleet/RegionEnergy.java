package io.polychip.fleet;

/**
 * What power is like in a cloud's region. 0 where none is published.
 *
 * @param cloud who runs it, as in {@link Supply#provider}
 * @param pue power of the site over power of its machines
 * @param gramsCo2PerKwh of the grid, average consumption
 * @param usdPerKwh industrial average of the state or country, not a contract
 */
public record RegionEnergy(
        String cloud,
        String region,
        String place,
        double pue,
        double gramsCo2PerKwh,
        double usdPerKwh,
        String note,
        Source source) {}
