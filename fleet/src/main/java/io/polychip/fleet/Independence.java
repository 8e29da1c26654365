package io.polychip.fleet;

import java.util.Map;

/**
 * How much of the tokens one vendor may or must carry, as shares from 0 to 1.
 *
 * @param survive label whose every single value may be lost, {@code vendor}; empty: none
 */
public record Independence(Map<String, Double> maxShare, Map<String, Double> minShare, String survive) {
    public static final Independence NONE = new Independence(Map.of(), Map.of(), "");

    public Independence {
        maxShare = Map.copyOf(maxShare);
        minShare = Map.copyOf(minShare);
    }
}
