package io.polychip.routing;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Pool;
import io.polychip.performance.Profile;
import io.polychip.performance.Profiles;
import java.net.URI;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A fleet compiled for deciding: pools with their profiles, replicas with dense indexes that stay theirs over a reload
 * as long as pool name and URL stay.
 *
 * <p>An index that a reload frees is given out again at the next reload at the earliest. Immutable.
 */
public final class Roster {
    private final Fleet fleet;
    private final List<Target> targets;
    private final List<Replica> replicas;
    private final int indexes;

    private Roster(Fleet fleet, Function<Pool, Profile> profiles, List<Replica> earlier) {
        this.fleet = fleet;
        Map<String, Integer> kept = new HashMap<>();
        BitSet used = new BitSet();
        for (Replica replica : earlier) {
            kept.put(key(replica.pool(), replica.url()), replica.index());
            used.set(replica.index());
        }
        List<Target> compiled = new ArrayList<>();
        List<Replica> all = new ArrayList<>();
        for (Pool pool : fleet.pools()) {
            List<Replica> ofPool = new ArrayList<>();
            for (URI url : pool.replicas()) {
                Integer index = kept.remove(key(pool.name(), url));
                if (index == null) {
                    index = used.nextClearBit(0);
                    used.set(index);
                }
                ofPool.add(new Replica(index, compiled.size(), pool.name(), url));
            }
            compiled.add(new Target(compiled.size(), pool, profiles.apply(pool), List.copyOf(ofPool)));
            all.addAll(ofPool);
        }
        this.targets = List.copyOf(compiled);
        this.replicas = List.copyOf(all);
        this.indexes = used.length();
    }

    /** First compilation, with the profiles the fleet's catalogue gives. */
    public static Roster of(Fleet fleet) {
        return of(fleet, new Profiles(fleet.catalogue())::of);
    }

    /** First compilation, with profiles from elsewhere: a measurement, a test. */
    public static Roster of(Fleet fleet, Function<Pool, Profile> profiles) {
        return new Roster(fleet, profiles, List.of());
    }

    /** The next one after a reload: what stayed keeps its index and so what was learned of it. */
    public Roster next(Fleet changed) {
        return next(changed, new Profiles(changed.catalogue())::of);
    }

    /** The next one, with profiles from elsewhere. */
    public Roster next(Fleet changed, Function<Pool, Profile> changedProfiles) {
        return new Roster(changed, changedProfiles, replicas);
    }

    public Fleet fleet() {
        return fleet;
    }

    /** Pools in the order of the fleet. */
    public List<Target> targets() {
        return targets;
    }

    /** All replicas of all pools. */
    public List<Replica> replicas() {
        return replicas;
    }

    /** Above every index in use. */
    public int indexes() {
        return indexes;
    }

    private static String key(String pool, URI url) {
        return pool + " " + url;
    }

    /** A pool ready to be decided upon. @param index its place in {@link Roster#targets} */
    public record Target(int index, Pool pool, Profile profile, List<Replica> replicas) {}

    /**
     * One of a pool's replicas.
     *
     * @param index dense over all pools, row of {@link Board}; stable over reloads
     * @param target index of its pool in {@link Roster#targets}; not stable over reloads
     */
    public record Replica(int index, int target, String pool, URI url) {}
}
