package io.polychip.simulator;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Pool;
import io.polychip.performance.Profile;
import io.polychip.routing.Mix;
import io.polychip.routing.Options;
import io.polychip.routing.Policy;
import io.polychip.routing.Roster;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The world a {@link Traffic} meets: everything but the requests. Immutable.
 *
 * @param roster fleet and the profiles its gateways believe in
 * @param options how they decide
 * @param gateways processes, each with its own scrapes and beliefs; each arrival comes to a random one
 * @param loops event loops of each, which share its counts
 * @param observation what gateways see of replicas
 * @param truths how replicas really are; the last that matches one holds
 * @param outages what is lost, and when
 * @param networkNanos way to an owned replica and back, all of it charged on the way there
 * @param hostedNetworkNanos the same to an API, beyond what its profile contains
 * @param seed of every draw
 */
public record Scenario(
        Roster roster,
        Options options,
        int gateways,
        int loops,
        Observation observation,
        List<Truth> truths,
        List<Outage> outages,
        Clients clients,
        long networkNanos,
        long hostedNetworkNanos,
        long seed) {
    private static final int MOST_LOOPS = 256;

    public Scenario {
        truths = List.copyOf(truths);
        outages = List.copyOf(outages);
        if (gateways < 1 || loops < 1 || gateways * (long) loops > MOST_LOOPS) {
            throw new ScenarioException("%d gateways of %d loops; allowed are 1 to %d loops in all."
                    .formatted(gateways, loops, MOST_LOOPS));
        }
        if (networkNanos < 0 || hostedNetworkNanos < 0) {
            throw new ScenarioException("A network of %d and %d ns is faster than light; at least 0."
                    .formatted(networkNanos, hostedNetworkNanos));
        }
    }

    /** One gateway that knows the fleet's profiles, usual scrapes, half a millisecond to a replica, nothing lost. */
    public static Scenario of(Roster roster) {
        return new Scenario(
                roster,
                Options.DEFAULT,
                1,
                1,
                Observation.USUAL,
                List.of(),
                List.of(),
                Clients.PATIENT,
                500_000L,
                0,
                1);
    }

    /** With the profiles the fleet's catalogue gives. */
    public static Scenario of(Fleet fleet) {
        return of(Roster.of(fleet));
    }

    /**
     * The part of one cell: every {@code cells}-th replica of each pool from the {@code cell}-th on, and its share of
     * hosted quotas. Cells share nothing, so they may run one after the other or side by side; {@link Traffic#cell}
     * gives the requests, {@link Report#merge} the whole. A pool with fewer replicas than cells is missing in some.
     */
    public Scenario cell(int cell, int cells) {
        if (cell < 0 || cell >= cells) {
            throw new ScenarioException("Cell %d of %d; allowed are 0 to %d.".formatted(cell, cells, cells - 1));
        }
        List<Pool> whole = roster.fleet().pools();
        Map<String, Profile> profiles = new HashMap<>();
        List<Pool> parts = new ArrayList<>();
        for (Roster.Target target : roster.targets()) {
            profiles.put(target.pool().name(), target.profile());
            parts.add(Cells.part(target.pool(), cell, cells));
        }
        Roster part =
                Roster.of(roster.fleet().withPools(parts), pool -> Objects.requireNonNull(profiles.get(pool.name())));
        return withRoster(part)
                .withTruths(truths.stream()
                        .map(truth -> truth.at(Cells.part(truth.where(), whole, cell, cells)))
                        .toList())
                .withOutages(outages.stream()
                        .map(outage -> outage.at(Cells.part(outage.where(), whole, cell, cells)))
                        .toList())
                .withSeed(Mix.scramble(seed + cell));
    }

    public Scenario with(Options newOptions) {
        return changed(parts -> parts.options = newOptions);
    }

    public Scenario with(Policy policy) {
        return with(options.with(policy));
    }

    public Scenario withRoster(Roster newRoster) {
        return changed(parts -> parts.roster = newRoster);
    }

    public Scenario withGateways(int newGateways, int newLoops) {
        return changed(parts -> {
            parts.gateways = newGateways;
            parts.loops = newLoops;
        });
    }

    public Scenario with(Observation newObservation) {
        return changed(parts -> parts.observation = newObservation);
    }

    public Scenario withTruths(List<Truth> newTruths) {
        return changed(parts -> parts.truths = newTruths);
    }

    public Scenario withOutages(List<Outage> newOutages) {
        return changed(parts -> parts.outages = newOutages);
    }

    public Scenario with(Clients newClients) {
        return changed(parts -> parts.clients = newClients);
    }

    public Scenario withNetwork(long ownedNanos, long hostedNanos) {
        return changed(parts -> {
            parts.networkNanos = ownedNanos;
            parts.hostedNetworkNanos = hostedNanos;
        });
    }

    public Scenario withSeed(long newSeed) {
        return changed(parts -> parts.seed = newSeed);
    }

    private Scenario changed(Consumer<Parts> change) {
        Parts parts = new Parts(this);
        change.accept(parts);
        return parts.scenario();
    }

    /** What a changed copy is made of. */
    private static final class Parts {
        private Roster roster;
        private Options options;
        private int gateways;
        private int loops;
        private Observation observation;
        private List<Truth> truths;
        private List<Outage> outages;
        private Clients clients;
        private long networkNanos;
        private long hostedNetworkNanos;
        private long seed;

        Parts(Scenario of) {
            roster = of.roster;
            options = of.options;
            gateways = of.gateways;
            loops = of.loops;
            observation = of.observation;
            truths = of.truths;
            outages = of.outages;
            clients = of.clients;
            networkNanos = of.networkNanos;
            hostedNetworkNanos = of.hostedNetworkNanos;
            seed = of.seed;
        }

        Scenario scenario() {
            return new Scenario(
                    roster,
                    options,
                    gateways,
                    loops,
                    observation,
                    truths,
                    outages,
                    clients,
                    networkNanos,
                    hostedNetworkNanos,
                    seed);
        }
    }
}
