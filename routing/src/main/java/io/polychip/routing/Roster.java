package io.polychip.routing;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Pool;
import io.polychip.performance.Profile;
import java.net.URI;
import java.util.List;

/**
 * A fleet compiled for deciding: pools with their profiles, replicas with dense indexes that stay theirs over a reload
 * as long as pool name and URL stay.
 */
public final class Roster {
    private final Fleet fleet;
    private final List<Target> targets;

    private Roster(Fleet fleet, List<Target> targets) {
        this.fleet = fleet;
        this.targets = List.copyOf(targets);
    }

    public Fleet fleet() {
        return fleet;
    }

    public List<Target> targets() {
        return targets;
    }

    /** First compilation. */
    public static Roster of(Fleet fleet) {
        return new Roster(fleet, List.of());
    }

    /** The next one after a reload: what stayed keeps its index and so what was learned of it. */
    public Roster next(Fleet changed) {
        return new Roster(changed, targets);
    }

    /** A pool ready to be decided upon. */
    public record Target(int index, Pool pool, Profile profile, List<Replica> replicas) {}

    /** @param index dense over all pools; row of {@link Board} and of beliefs */
    public record Replica(int index, int target, String pool, URI url) {}
}
