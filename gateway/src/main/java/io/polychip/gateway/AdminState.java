package io.polychip.gateway;

import io.polychip.fleet.Pool;
import io.polychip.routing.Snapshot;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The gateway at a moment, all loops together: the answer of {@code GET /admin/state}.
 *
 * @param loops what each loop knows by itself, in full
 */
record AdminState(
        int open, int waiting, List<PoolState> pools, Map<String, Double> shareByVendor, List<Snapshot> loops) {
    /**
     * One pool. Counts are sums over the loops and since the start; corrections and prices, which each loop learns by
     * itself, are means.
     */
    record PoolState(
            String name,
            String vendor,
            String chip,
            String model,
            boolean hosted,
            boolean enabled,
            boolean drainedByOperator,
            int inFlight,
            int ejectedReplicas,
            double utilisation,
            double ttftFactor,
            double itlFactor,
            double usdPerChipSecond,
            long completed,
            long attempts,
            long retries,
            long promptTokens,
            long cachedTokens,
            long completionTokens,
            double usd,
            List<ReplicaState> replicas) {}

    /** @param health the worst that any loop says */
    record ReplicaState(URI url, String health, String reason, int inFlight) {}

    static AdminState of(RunningFleet fleet, Metrics metrics, List<Snapshot> loops) {
        List<PoolState> pools = new ArrayList<>();
        for (Pool pool : fleet.view().fleet().pools()) {
            List<Snapshot.PoolView> views = loops.stream()
                    .flatMap(loop -> loop.pools().stream())
                    .filter(view -> view.pool().equals(pool.name()))
                    .toList();
            pools.add(
                    pool(pool, fleet.drained().contains(pool.name()), metrics.pool(pool.name(), pool.vendor()), views));
        }
        Map<String, Double> shares = new LinkedHashMap<>();
        for (Snapshot loop : loops) {
            loop.vendors().forEach(vendor -> shares.merge(vendor.vendor(), vendor.share() / loops.size(), Double::sum));
        }
        return new AdminState(
                loops.stream().mapToInt(Snapshot::open).sum(),
                loops.stream().mapToInt(Snapshot::waiting).sum(),
                pools,
                shares,
                loops);
    }

    private static PoolState pool(Pool pool, boolean drained, Metrics.OfPool counts, List<Snapshot.PoolView> views) {
        return new PoolState(
                pool.name(),
                pool.vendor(),
                pool.deployment().chip().id(),
                pool.model(),
                pool.hosted() != null,
                pool.enabled(),
                drained,
                views.stream().mapToInt(Snapshot.PoolView::inFlight).sum(),
                views.stream().mapToInt(Snapshot.PoolView::ejected).max().orElse(0),
                views.stream().mapToDouble(Snapshot.PoolView::utilisation).max().orElse(0),
                views.stream()
                        .mapToDouble(Snapshot.PoolView::ttftFactor)
                        .average()
                        .orElse(1),
                views.stream()
                        .mapToDouble(Snapshot.PoolView::itlFactor)
                        .average()
                        .orElse(1),
                views.stream()
                        .mapToDouble(Snapshot.PoolView::usdPerChipSecond)
                        .average()
                        .orElse(0),
                counts.completed(),
                counts.sent.getLongValue(),
                counts.again.getLongValue(),
                counts.promptTokens.getLongValue(),
                counts.cachedTokens.getLongValue(),
                counts.completionTokens.getLongValue(),
                counts.cost.get(),
                replicas(views));
    }

    private static List<ReplicaState> replicas(List<Snapshot.PoolView> views) {
        Map<URI, ReplicaState> replicas = new LinkedHashMap<>();
        for (Snapshot.PoolView view : views) {
            for (Snapshot.ReplicaView replica : view.replicas()) {
                replicas.merge(
                        replica.url(),
                        new ReplicaState(replica.url(), replica.health(), replica.reason(), replica.inFlight()),
                        AdminState::worse);
            }
        }
        return List.copyOf(replicas.values());
    }

    private static ReplicaState worse(ReplicaState a, ReplicaState b) {
        ReplicaState worst = a.health.equals("serving") ? b : a;
        return new ReplicaState(worst.url, worst.health, worst.reason, a.inFlight + b.inFlight);
    }
}
