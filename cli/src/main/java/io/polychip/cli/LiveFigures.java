package io.polychip.cli;

import io.polychip.fleet.RequestClass;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a gateway saw over a while.
 *
 * @param from where it was read
 * @param day on which it was seen
 * @param perSecond requests a second by model and class
 * @param pools what each pool did
 * @param attained share of each class's requests that met its objective, refused and failed ones counted as misses
 * @param exact whether each request was held to its objective; else attainment was read from histograms
 */
record LiveFigures(
        String from,
        LocalDate day,
        double seconds,
        Map<Kind, Double> perSecond,
        Map<String, OfPool> pools,
        Map<RequestClass, Double> attained,
        boolean exact) {
    LiveFigures {
        perSecond = new TreeMap<>(perSecond);
        pools = new TreeMap<>(pools);
        attained = new TreeMap<>(attained);
    }

    /** Requests that are counted together. */
    record Kind(String model, RequestClass requestClass) implements Comparable<Kind> {
        @Override
        public int compareTo(Kind other) {
            int byModel = model.compareTo(other.model);
            return byModel != 0 ? byModel : requestClass.compareTo(other.requestClass);
        }
    }

    /** @param tokensPerSecond prompts and answers together */
    record OfPool(String vendor, double tokensPerSecond) {}

    double tokensPerSecond() {
        return pools.values().stream().mapToDouble(OfPool::tokensPerSecond).sum();
    }

    /** Of the tokens, by vendor. */
    Map<String, Double> shares() {
        Map<String, Double> shares = new TreeMap<>();
        double all = tokensPerSecond();
        if (all == 0) {
            return shares;
        }
        pools.values().forEach(pool -> shares.merge(pool.vendor(), pool.tokensPerSecond() / all, Double::sum));
        return shares;
    }
}
