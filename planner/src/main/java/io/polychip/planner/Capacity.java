package io.polychip.planner;

import java.util.Map;

/**
 * What one replica of a deployment does at the objective.
 *
 * @param name of the pool it would be
 * @param chips of one replica; 0 for a hosted API
 * @param perSecond requests a second by bucket, were it to serve nothing else; 0: it cannot, infinite: the quota
 *     decides
 * @param labels failure domains the deployment is part of: vendor, engine release and the like
 * @param idleWatts of one replica, host and facility included
 * @param fullWatts of one replica at full load
 * @param providedWatts that must be there for one replica: what limits on power are held to
 */
public record Capacity(
        String name,
        String chip,
        int chips,
        double[] perSecond,
        Map<String, String> labels,
        double idleWatts,
        double fullWatts,
        double providedWatts) {
    public Capacity {
        labels = Map.copyOf(labels);
    }

    public Capacity(String name, String chip, int chips, double[] perSecond, Map<String, String> labels) {
        this(name, chip, chips, perSecond, labels, 0, 0, 0);
    }

    public boolean serves(int bucket) {
        return perSecond[bucket] > 0;
    }

    /** The same with head-room: each bucket's rate by this factor. */
    public Capacity scaled(double factor) {
        double[] scaled = perSecond.clone();
        for (int bucket = 0; bucket < scaled.length; bucket++) {
            scaled[bucket] *= factor;
        }
        return new Capacity(name, chip, chips, scaled, labels, idleWatts, fullWatts, providedWatts);
    }
}
