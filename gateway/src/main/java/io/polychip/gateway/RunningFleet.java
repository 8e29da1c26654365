package io.polychip.gateway;

import io.polychip.fleet.Fleet;
import io.polychip.routing.Roster;
import java.net.URI;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The fleet at work: what the file says, with the replicas that discovery found and less the pools an operator has
 * drained. Every change compiles the next {@link FleetView} and hands it to all lanes; requests under way stay where
 * they are. Thread-safe; compiling takes milliseconds, so not for a loop.
 */
final class RunningFleet {
    private final Metrics metrics;
    private final long createdSeconds;
    private final Set<String> drained = new TreeSet<>();
    private Map<String, List<URI>> found = Map.of();
    private Fleet described;
    private FleetView view;
    private Function<FleetView, CompletableFuture<Void>> publish = _ -> CompletableFuture.completedFuture(null);

    RunningFleet(Fleet fleet, Metrics metrics, InstantSource wallClock) {
        this.metrics = metrics;
        this.createdSeconds = wallClock.instant().getEpochSecond();
        this.described = fleet;
        this.view = new FleetView(Roster.of(fleet), metrics, createdSeconds);
    }

    /** @param publisher gives a view to all lanes */
    synchronized void publishTo(Function<FleetView, CompletableFuture<Void>> publisher) {
        publish = publisher;
    }

    synchronized FleetView view() {
        return view;
    }

    /** What the operator has taken out of rotation, beyond the file. */
    synchronized Set<String> drained() {
        return Set.copyOf(drained);
    }

    synchronized CompletableFuture<Void> take(Fleet fleet) {
        described = fleet;
        return apply();
    }

    /** @return false when the fleet has no such pool */
    synchronized boolean drain(String pool, boolean out) {
        if (described.pools().stream().noneMatch(known -> known.name().equals(pool))) {
            return false;
        }
        if (out ? drained.add(pool) : drained.remove(pool)) {
            apply();
        }
        return true;
    }

    /** What the file says, discovery and operator left aside. */
    synchronized Fleet described() {
        return described;
    }

    /** Replicas that discovery has found, by pool. */
    synchronized CompletableFuture<Void> found(Map<String, List<URI>> replicas) {
        if (replicas.equals(found)) {
            return CompletableFuture.completedFuture(null);
        }
        found = Map.copyOf(replicas);
        return apply();
    }

    private CompletableFuture<Void> apply() {
        view = new FleetView(view.roster().next(effective()), metrics, createdSeconds);
        return publish.apply(view);
    }

    private Fleet effective() {
        return described.withPools(described.pools().stream()
                .map(pool -> found.containsKey(pool.name()) ? pool.withReplicas(found.get(pool.name())) : pool)
                .map(pool -> drained.contains(pool.name()) ? pool.withEnabled(false) : pool)
                .toList());
    }
}
