package io.polychip.gateway;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Pool;
import io.polychip.protocol.ModelList;
import io.polychip.routing.Roster;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A fleet as the gateway's handlers want it. Immutable; a reload makes the next one. */
final class FleetView {
    private static final String OWNER = "polychip";

    private final Roster roster;
    private final Map<String, UpstreamPlan> plans = new HashMap<>();
    private final TreeSet<String> models = new TreeSet<>();
    private final byte[] modelList;
    private final long createdSeconds;

    FleetView(Roster roster, Metrics metrics, long createdSeconds) {
        this.roster = roster;
        this.createdSeconds = createdSeconds;
        for (Pool pool : roster.fleet().pools()) {
            plans.put(
                    pool.name(),
                    new UpstreamPlan(pool, roster.fleet().catalogue().providers(), metrics));
            models.add(pool.model());
        }
        this.modelList = ModelList.of(models, OWNER, createdSeconds);
    }

    Roster roster() {
        return roster;
    }

    Fleet fleet() {
        return roster.fleet();
    }

    /** Names of the models that at least one pool serves, in order. */
    Collection<String> models() {
        return models;
    }

    boolean serves(String model) {
        return models.contains(model);
    }

    byte[] modelList() {
        return modelList;
    }

    byte @Nullable [] model(String name) {
        return models.contains(name) ? ModelList.one(name, OWNER, createdSeconds) : null;
    }

    /** @return null for a pool that a reload has taken away */
    @Nullable
    UpstreamPlan plan(String pool) {
        return plans.get(pool);
    }

    boolean routeHeader() {
        return fleet().disclosure().routeHeader();
    }
}
