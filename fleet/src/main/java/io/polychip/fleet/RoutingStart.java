package io.polychip.fleet;

import java.util.List;
import java.util.Map;

/**
 * Where a gateway's slow loop begins, before it has seen any traffic: what a plan found for one typical hour.
 *
 * @param usdPerChipHour by pool: what an hour of one of its chips, fully loaded, is worth
 * @param kinds of requests, and who is to take them
 */
public record RoutingStart(Map<String, Double> usdPerChipHour, List<Kind> kinds) {
    /** Nothing is known before. */
    public static final RoutingStart NONE = new RoutingStart(Map.of(), List.of());

    public RoutingStart {
        usdPerChipHour = Map.copyOf(usdPerChipHour);
        kinds = List.copyOf(kinds);
    }

    /**
     * Requests alike, by what a gateway can tell of them.
     *
     * @param promptTokens on average, as are {@code outputTokens}
     * @param perSecond requests expected
     * @param shares by pool, together 1
     */
    public record Kind(
            String model,
            RequestClass requestClass,
            double promptTokens,
            double outputTokens,
            double perSecond,
            Map<String, Double> shares) {
        public Kind {
            shares = Map.copyOf(shares);
        }
    }
}
