package io.polychip.planner;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Objective;
import io.polychip.fleet.Pool;
import io.polychip.fleet.RequestClass;
import io.polychip.performance.Profile;
import io.polychip.performance.SitePower;
import java.util.Map;

/**
 * A deployment that replicas could be of, or a hosted API.
 *
 * @param template the pool it would be, without replicas; its name is the candidate's
 */
public record Candidate(Pool template, Profile profile) {
    public String name() {
        return template.name();
    }

    public boolean hosted() {
        return template.hosted() != null;
    }

    /** What one replica does of a bucket at its class's objective. */
    public ReplicaRate rate(Bucket bucket, Map<RequestClass, Objective> objectives) {
        Objective objective = objectives.getOrDefault(bucket.requestClass(), Objective.NONE);
        return hosted()
                ? ReplicaRate.hosted(profile, objective, bucket.inputTokens(), bucket.outputTokens())
                : ReplicaRate.of(profile, objective, bucket.inputTokens(), bucket.outputTokens());
    }

    /** Whether its model is the one asked for and its context holds the request. */
    public boolean takes(Bucket bucket) {
        return bucket.model().equals(template.model()) && bucket.tokens() <= template.contextTokens();
    }

    /**
     * Share of a replica's places that a class may fill beside more urgent ones: the router keeps the rest free for
     * those ({@code ModelState.reserved} in module routing).
     */
    private static double places(RequestClass requestClass) {
        return switch (requestClass) {
            case PRIORITY, DEFAULT -> 1;
            case FLEX -> 0.75;
            case BATCH -> 0.6;
        };
    }

    /** What one replica does of each bucket, without head-room. */
    public Capacity capacity(Demand demand, Map<RequestClass, Objective> objectives, Catalogue catalogue) {
        double[] perSecond = new double[demand.buckets().size()];
        for (int bucket = 0; bucket < perSecond.length; bucket++) {
            Bucket of = demand.buckets().get(bucket);
            perSecond[bucket] = takes(of) ? rate(of, objectives).perSecond() * places(of.requestClass()) : 0;
        }
        SitePower power = SitePower.of(template.deployment(), catalogue);
        return new Capacity(
                name(),
                template.deployment().chip().id(),
                hosted() ? 0 : template.deployment().layout().chips(),
                perSecond,
                Map.of(
                        "vendor",
                        template.vendor(),
                        "engine",
                        template.deployment().engine().toString()),
                power.idleWatts(),
                power.fullWatts(),
                power.providedWatts());
    }
}
