package io.polychip.routing;

import io.polychip.fleet.RequestClass;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one dispatcher knows at a moment, as plain data.
 *
 * @param retryBalance retries that may be made now
 * @param suspicions fingerprints that broke an engine at least once
 */
public record Snapshot(
        int open,
        int waiting,
        double retryBalance,
        int suspicions,
        List<ModelView> models,
        List<PoolView> pools,
        List<VendorView> vendors) {
    public Snapshot {
        models = List.copyOf(models);
        pools = List.copyOf(pools);
        vendors = List.copyOf(vendors);
    }

    /** Who waits for one model. @param waitingByTenant only those who do */
    public record ModelView(
            String model, Map<RequestClass, Integer> waitingByClass, Map<String, Integer> waitingByTenant) {
        public ModelView {
            waitingByClass = Map.copyOf(waitingByClass);
            waitingByTenant = Map.copyOf(waitingByTenant);
        }
    }

    /**
     * One pool.
     *
     * @param enabled takes new requests, as far as fleet and operator say
     * @param slots requests one replica may hold before others wait here
     * @param utilisation mean load of the last slow-loop period, 1 at the knee
     * @param ttftFactor learned correction of the profile's first-token prediction
     * @param ttftBand one-sigma relative error left after it
     * @param samples first tokens it was learned from
     * @param usdPerChipSecond opportunity price
     * @param requestShare of its model's requests of late
     * @param allowedShare most it may have of them until its profile is confirmed
     * @param failureShare of its attempts of late
     * @param attained share of its first tokens of late that kept their objective, 1 when none had one
     */
    public record PoolView(
            String pool,
            String vendor,
            String model,
            boolean enabled,
            int inFlight,
            int ejected,
            int knee,
            double slots,
            double utilisation,
            double ttftFactor,
            double ttftBand,
            double itlFactor,
            double itlBand,
            long samples,
            double usdPerChipSecond,
            double requestShare,
            double allowedShare,
            double failureShare,
            double attained,
            List<ReplicaView> replicas) {
        public PoolView {
            replicas = List.copyOf(replicas);
        }
    }

    /**
     * One replica.
     *
     * @param health {@code serving}, {@code warming}, {@code ejected}, {@code probing}, {@code cooling},
     *     {@code unhealthy}
     * @param reason of an ejection, empty when there is none
     * @param inFlight this loop's own
     * @param believed everybody's
     * @param readingAgeNanos since the last scrape that said something, -1 for none
     */
    public record ReplicaView(
            int index,
            URI url,
            String health,
            String reason,
            int inFlight,
            double believed,
            long prefillTokens,
            long kvTokens,
            long readingAgeNanos) {}

    /** Share of a vendor in all tokens of the last minutes. */
    public record VendorView(String vendor, double share, double least, double most) {}

    static Snapshot of(Knowledge knowledge, int open, int waiting, double retryBalance, int suspicions, long now) {
        List<ModelView> models = new ArrayList<>();
        for (ModelState model : knowledge.models()) {
            if (model.listed || model.room.size() > 0) {
                models.add(view(model));
            }
        }
        List<PoolView> pools = new ArrayList<>();
        for (PoolState pool : knowledge.pools()) {
            pools.add(view(pool, knowledge.model(pool.target.pool().model()), now));
        }
        List<VendorView> vendors = new ArrayList<>();
        for (VendorShare share : knowledge.vendors()) {
            vendors.add(new VendorView(share.vendor, share.share(now), share.least, share.most));
        }
        return new Snapshot(open, waiting, retryBalance, suspicions, models, pools, vendors);
    }

    private static ModelView view(ModelState model) {
        Map<RequestClass, Integer> byClass = new EnumMap<>(RequestClass.class);
        for (RequestClass requestClass : RequestClass.values()) {
            byClass.put(requestClass, model.room.size(requestClass));
        }
        Map<String, Integer> byTenant = new HashMap<>();
        for (WaitingRoom.Tenant tenant : model.room.tenants()) {
            if (tenant.waiting > 0) {
                byTenant.put(tenant.name, tenant.waiting);
            }
        }
        return new ModelView(model.name, byClass, byTenant);
    }

    private static PoolView view(PoolState pool, @Nullable ModelState model, long now) {
        List<ReplicaView> replicas = new ArrayList<>();
        for (ReplicaState replica : pool.replicas) {
            double believed = replica.belief.inFlight()
                    + Board.inFlightOf(replica.boardOthers())
                    + replica.belief.outside(pool.usualOutside(), now);
            replicas.add(new ReplicaView(
                    replica.index(),
                    replica.replica.url(),
                    health(replica, now),
                    replica.breaker.reason(),
                    replica.belief.inFlight(),
                    believed,
                    replica.belief.prefillTokens(),
                    replica.belief.kvTokens(),
                    replica.belief.readingAgeNanos(now)));
        }
        double sent = model == null ? 0 : model.sent.at(now);
        return new PoolView(
                pool.name(),
                pool.target.pool().vendor(),
                pool.target.pool().model(),
                pool.enabled(),
                pool.inFlight,
                pool.ejected,
                pool.knee,
                pool.hosted() || pool.replicas.length == 0 ? 0 : pool.slots(pool.replicas[0], now),
                pool.utilisation,
                pool.ttft.factor(),
                pool.ttft.band(),
                pool.itl.factor(),
                pool.itl.band(),
                pool.ttft.samples(),
                pool.dualUsdPerChipSecond,
                sent <= 0 ? 0 : pool.sentRequests.at(now) / sent,
                pool.allowedShare,
                pool.failures.at(now) / Math.max(1, pool.outcomes.at(now)),
                pool.promised.at(now) <= 0 ? 1 : pool.kept.at(now) / pool.promised.at(now),
                replicas);
    }

    private static String health(ReplicaState replica, long now) {
        if (replica.breaker.probing()) {
            return "probing";
        }
        if (!replica.breaker.closed()) {
            return "ejected";
        }
        if (replica.coolUntilNanos > now) {
            return "cooling";
        }
        if (replica.unhealthyUntilNanos > now) {
            return "unhealthy";
        }
        return replica.breaker.warmth(now) < 1 ? "warming" : "serving";
    }
}
