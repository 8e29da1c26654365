package io.polychip.planner;

import io.polychip.fleet.Pool;
import io.polychip.fleet.RoutingStart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a gateway's slow loop begins by a plan: for each typical hour who takes which requests, and what an hour of a
 * loaded chip is worth. What {@code routing.json} says is this, and the plan's own trials begin from it.
 *
 * @param prices of the plan's programme with fractions
 */
public record PlannedRouting(
        Problem problem, Plan plan, List<Candidate> candidates, PlannedFleet.Service service, List<LoadPrice> prices) {
    public PlannedRouting {
        candidates = List.copyOf(candidates);
        prices = List.copyOf(prices);
    }

    /**
     * The fleet of a period's file: of each pool the most that is wanted in any hour. A gateway knows no other pools.
     */
    public PlannedFleet written(int period) {
        PlannedFleet all = fleet(period, 0, PlannedFleet.Count.WANTED);
        for (int hour = 1; hour < problem.demand().merged().hours().size(); hour++) {
            all = all.widened(fleet(period, hour, PlannedFleet.Count.WANTED));
        }
        return all;
    }

    PlannedFleet fleet(int period, int hour, PlannedFleet.Count count) {
        return PlannedFleet.of(problem, plan, candidates, service, period, hour, count);
    }

    /** By the pools of that hour, all of which the period's fleet file has. */
    public RoutingStart start(int period, int hour) {
        PlannedFleet planned = fleet(period, hour, PlannedFleet.Count.SERVING);
        List<Pool> pools = planned.fleet().pools();
        Demand demand = problem.demand().merged();
        List<RoutingStart.Kind> kinds = new ArrayList<>();
        for (int bucket = 0; bucket < demand.buckets().size(); bucket++) {
            Map<String, Double> shares = shares(pools, planned.capacities(), bucket, period, hour);
            if (!shares.isEmpty()) {
                Bucket of = demand.buckets().get(bucket);
                kinds.add(new RoutingStart.Kind(
                        of.model(),
                        of.requestClass(),
                        Math.max(1, of.inputTokens()),
                        Math.max(1, of.outputTokens()),
                        demand.rate(period, hour, bucket),
                        shares));
            }
        }
        return new RoutingStart(usdPerChipHour(pools, planned.capacities(), period, hour), kinds);
    }

    /** By pool; those of hosted APIs have their own. */
    private Map<String, Double> usdPerChipHour(List<Pool> pools, Map<String, String> capacities, int period, int hour) {
        Map<String, Double> usd = new HashMap<>();
        for (Pool pool : pools) {
            for (LoadPrice price : prices) {
                if (pool.hosted() == null
                        && price.period() == period
                        && price.hour() == hour
                        && price.capacity().equals(capacities.get(pool.name()))) {
                    usd.put(
                            pool.name(),
                            price.usdPerReplicaHour()
                                    / pool.deployment().layout().chips());
                }
            }
        }
        return usd;
    }

    /**
     * A bucket's shares by pool, together 1; none where none of its pools is there. Those of a deployment go by its
     * replicas on each offer. Where training leaves a fraction of a replica, whole ones take its part.
     */
    private Map<String, Double> shares(
            List<Pool> pools, Map<String, String> capacities, int bucket, int period, int hour) {
        Map<String, Double> shares = new HashMap<>();
        for (Plan.Route route : plan.routes()) {
            if (route.bucket() != bucket || route.period() != period || route.hour() != hour) {
                continue;
            }
            List<Pool> of = pools.stream()
                    .filter(pool -> route.capacity().equals(capacities.get(pool.name())))
                    .toList();
            double replicas =
                    of.stream().mapToInt(pool -> pool.replicas().size()).sum();
            of.forEach(pool ->
                    shares.put(pool.name(), route.share() * pool.replicas().size() / replicas));
        }
        double sum = shares.values().stream().mapToDouble(share -> share).sum();
        shares.replaceAll((_, share) -> share / sum);
        return shares;
    }
}
