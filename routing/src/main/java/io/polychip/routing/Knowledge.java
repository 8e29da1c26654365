package io.polychip.routing;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Hosted;
import io.polychip.fleet.Provider;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All a dispatcher has learned, by model, pool, replica and vendor, and how it survives a reload: pools keep it while
 * name and deployment stay, replicas while pool and URL stay. What leaves runs dry by itself, since attempts hold on to
 * their replica's state.
 */
final class Knowledge {
    private final Board board;
    private final int shard;
    private final Fading allTokens;
    private final Crowd crowd = new Crowd();
    private final Map<String, ModelState> models = new LinkedHashMap<>();
    private final Map<String, VendorShare> vendors = new LinkedHashMap<>();
    private List<PoolState> pools = List.of();
    private ReplicaState[] byIndex = {};

    Knowledge(Board board, int shard, long now) {
        this.board = board;
        this.shard = shard;
        this.allTokens = new Fading(VendorShare.MEMORY_NANOS, now);
    }

    @Nullable
    ModelState model(String name) {
        return models.get(name);
    }

    Iterable<ModelState> models() {
        return models.values();
    }

    List<String> servedModels() {
        return models.values().stream()
                .filter(model -> model.pools.length > 0)
                .map(model -> model.name)
                .toList();
    }

    List<PoolState> pools() {
        return pools;
    }

    Iterable<VendorShare> vendors() {
        return vendors.values();
    }

    ReplicaState[] byIndex() {
        return byIndex;
    }

    @Nullable
    ReplicaState replica(int index) {
        return index >= 0 && index < byIndex.length ? byIndex[index] : null;
    }

    void reload(Roster roster, long now) {
        Fleet fleet = roster.fleet();
        reloadVendors(fleet, now);
        Map<String, PoolState> earlierPools = new HashMap<>();
        Map<String, ReplicaState> earlierReplicas = new HashMap<>();
        for (PoolState pool : pools) {
            earlierPools.put(pool.name(), pool);
            for (ReplicaState replica : pool.replicas) {
                replica.gone = true;
                earlierReplicas.put(key(pool.name(), replica.replica.url()), replica);
            }
        }
        List<PoolState> next = new ArrayList<>();
        ReplicaState[] nextByIndex = new ReplicaState[roster.indexes()];
        for (Roster.Target target : roster.targets()) {
            PoolState pool = pool(target, earlierPools.get(target.pool().name()), now);
            configure(pool, fleet, now);
            pool.replicas = new ReplicaState[target.replicas().size()];
            for (int i = 0; i < pool.replicas.length; i++) {
                Roster.Replica replica = target.replicas().get(i);
                ReplicaState state = earlierReplicas.get(key(pool.name(), replica.url()));
                if (state == null) {
                    state = new ReplicaState(replica, pool, board, shard, now);
                }
                state.adopt(replica, pool);
                pool.replicas[i] = state;
                nextByIndex[replica.index()] = state;
            }
            pool.recount();
            next.add(pool);
        }
        for (ReplicaState replica : earlierReplicas.values()) {
            if (replica.gone) {
                board.write(shard, replica.index(), 0, 0, 0);
            }
        }
        pools = List.copyOf(next);
        byIndex = nextByIndex;
        for (ReplicaState replica : byIndex) {
            if (replica != null) {
                replica.publish();
            }
        }
        reloadModels(fleet, now);
    }

    /** Others send to the same replicas, so places open without anything of ours ending. */
    boolean shared() {
        return board.shards() > 1 || crowd.factor() > 1.05;
    }

    /** Pools that share a provider's account with this one, itself included: one organisation, one limit. */
    List<PoolState> sameAccount(PoolState pool) {
        Hosted hosted = pool.target.pool().hosted();
        if (hosted == null) {
            return List.of(pool);
        }
        List<PoolState> same = new ArrayList<>();
        for (PoolState other : pools) {
            Hosted account = other.target.pool().hosted();
            if (account != null
                    && account.provider().equals(hosted.provider())
                    && account.key().equals(hosted.key())) {
                same.add(other);
            }
        }
        return same;
    }

    /** Whether another pool of the same model has a replica that serves. */
    boolean othersServe(PoolState pool, long now) {
        ModelState model = models.get(pool.target.pool().model());
        if (model == null) {
            return false;
        }
        for (PoolState other : model.pools) {
            boolean serves =
                    other != pool && other.enabled() && other.ejected < other.replicas.length && !other.failing(now);
            if (serves) {
                return true;
            }
        }
        return false;
    }

    private PoolState pool(Roster.Target target, @Nullable PoolState earlier, long now) {
        VendorShare vendor = vendors.get(target.pool().vendor());
        if (vendor == null) {
            throw new IllegalStateException(
                    "No share kept for vendor " + target.pool().vendor());
        }
        boolean same = earlier != null
                && earlier.target.pool().deployment().equals(target.pool().deployment());
        if (earlier == null || !same) {
            return new PoolState(target, vendor, crowd, now);
        }
        boolean sameProfile = earlier.target.profile().equals(target.profile());
        earlier.retarget(target);
        earlier.vendor = vendor;
        if (!sameProfile) {
            earlier.timing = new Timing(target.profile());
        }
        return earlier;
    }

    private void configure(PoolState pool, Fleet fleet, long now) {
        Hosted hosted = pool.target.pool().hosted();
        if (hosted == null) {
            pool.quota = null;
            return;
        }
        Provider provider = fleet.catalogue().providers().get(hosted.provider());
        pool.unsupportedNeeds = provider == null ? 0 : Needs.unsupportedBy(provider);
        pool.reservesMaxTokens =
                provider != null && "max_tokens".equals(provider.notes().getOrDefault("quota-reserves", ""));
        if (pool.quota == null || !pool.target.pool().quota().equals(pool.quotaConfigured)) {
            pool.quota = new QuotaPacer(pool.target.pool().quota(), board.shards(), now);
            pool.quotaConfigured = pool.target.pool().quota();
        }
    }

    private void reloadVendors(Fleet fleet, long now) {
        Map<String, VendorShare> earlier = Map.copyOf(vendors);
        vendors.clear();
        fleet.pools()
                .forEach(pool -> vendors.computeIfAbsent(pool.vendor(), vendor -> {
                    double least = fleet.independence().minShare().getOrDefault(vendor, 0.0);
                    double most = fleet.independence().maxShare().getOrDefault(vendor, 1.0);
                    VendorShare share = new VendorShare(vendor, least, most, allTokens, now);
                    VendorShare before = earlier.get(vendor);
                    return before == null ? share : share.inherit(before, now);
                }));
    }

    private void reloadModels(Fleet fleet, long now) {
        for (ModelState model : models.values()) {
            model.pools = new PoolState[0];
            model.listed = false;
        }
        fleet.models().keySet().stream()
                .sorted()
                .forEach(name -> models.computeIfAbsent(name, key -> new ModelState(key, now)).listed = true);
        for (PoolState pool : pools) {
            ModelState model = models.computeIfAbsent(pool.target.pool().model(), key -> new ModelState(key, now));
            PoolState[] longer = Arrays.copyOf(model.pools, model.pools.length + 1);
            longer[model.pools.length] = pool;
            model.pools = longer;
            model.listed = true;
        }
    }

    private static String key(String pool, URI url) {
        return pool + " " + url;
    }
}
