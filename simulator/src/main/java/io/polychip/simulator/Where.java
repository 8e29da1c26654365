package io.polychip.simulator;

import io.polychip.fleet.Pool;
import java.util.Map;

/**
 * Which replicas something is about; an empty field means any.
 *
 * @param replica number within its pool, -1 for any
 * @param labels failure domains, all of which must match
 */
public record Where(String pool, int replica, String vendor, Map<String, String> labels) {
    public static final Where EVERYWHERE = new Where("", -1, "", Map.of());

    public Where {
        labels = Map.copyOf(labels);
    }

    public static Where pool(String name) {
        return new Where(name, -1, "", Map.of());
    }

    public static Where replica(String pool, int number) {
        return new Where(pool, number, "", Map.of());
    }

    public static Where vendor(String name) {
        return new Where("", -1, name, Map.of());
    }

    /** Whatever carries that label: a provider, a region, a contract. */
    public static Where label(String name, String value) {
        return new Where("", -1, "", Map.of(name, value));
    }

    public boolean matches(Pool candidate, int number) {
        return (pool.isEmpty() || pool.equals(candidate.name()))
                && (replica < 0 || replica == number)
                && (vendor.isEmpty() || vendor.equals(candidate.vendor()))
                && candidate.labels().entrySet().containsAll(labels.entrySet());
    }
}
