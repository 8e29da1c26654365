package io.polychip.planner;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.Independence;
import io.polychip.fleet.Objective;
import io.polychip.fleet.Pool;
import io.polychip.fleet.Price;
import io.polychip.fleet.Quota;
import io.polychip.fleet.RequestClass;
import io.polychip.fleet.RoutingStart;
import io.polychip.fleet.ServedModel;
import io.polychip.fleet.Timeouts;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The fleet that a plan wants in one typical hour: a pool for each deployment on each offer, with as many replicas.
 * Where they will be is not known, so their addresses are placeholders of a domain that never resolves.
 *
 * @param capacities by pool: the deployment's name
 * @param lots by pool: the offer's name
 */
public record PlannedFleet(Fleet fleet, Map<String, String> capacities, Map<String, String> lots) {
    private static final int PORT = 8000;

    public PlannedFleet {
        capacities = Map.copyOf(capacities);
        lots = Map.copyOf(lots);
    }

    /** What a fleet says beside its pools. */
    public record Service(
            Map<String, ServedModel> models,
            Map<RequestClass, Objective> objectives,
            Independence independence,
            Catalogue catalogue) {
        public Service {
            models = Map.copyOf(models);
            objectives = Map.copyOf(objectives);
        }
    }

    /** Which of the replicas that are paid for answer requests. */
    public enum Count {
        /** All that are wanted. */
        WANTED,
        /** Of spot as many as are there on average; training has the chips it was given. */
        SERVING,
        /** Of spot as many as are there on average; training gives way. */
        IN_NEED
    }

    /** The fleet of one hour; what a plan leaves at nought is not in it. */
    public static PlannedFleet of(
            Problem problem,
            Plan plan,
            List<Candidate> candidates,
            Service service,
            int period,
            int hour,
            Count count) {
        Map<String, Candidate> byName = new HashMap<>();
        candidates.forEach(candidate -> byName.put(candidate.name(), candidate));
        List<Pool> pools = new ArrayList<>();
        Map<String, String> capacities = new LinkedHashMap<>();
        Map<String, String> lots = new LinkedHashMap<>();
        Map<String, Double> training = count == Count.SERVING ? training(plan, period, hour) : new HashMap<>();
        for (Plan.Replicas replicas : plan.replicas()) {
            Candidate candidate = byName.get(replicas.capacity());
            if (replicas.period() == period && replicas.hour() == hour && candidate != null) {
                String name = name(plan, replicas);
                Lot lot = lot(problem, replicas.lot());
                long serving = count == Count.WANTED ? replicas.count() : serving(replicas, lot, training);
                if (serving == 0) {
                    continue;
                }
                pools.add(pool(candidate.template(), name, lot, serving));
                capacities.put(name, replicas.capacity());
                lots.put(name, replicas.lot());
            }
        }
        for (Lot lot : problem.lots()) {
            Candidate candidate = byName.get(lot.name());
            if (lot instanceof Lot.Hosted hosted && candidate != null && hosted.usable(period)) {
                pools.add(hosted(candidate.template(), hosted));
                capacities.put(lot.name(), lot.name());
                lots.put(lot.name(), lot.name());
            }
        }
        Fleet fleet = new Fleet(
                InetSocketAddress.createUnresolved("127.0.0.1", 8080),
                null,
                List.of(),
                Timeouts.DEFAULT,
                Fleet.Limits.DEFAULT,
                service.models(),
                pools,
                service.objectives(),
                service.independence(),
                Fleet.Disclosure.DEFAULT,
                service.catalogue());
        return new PlannedFleet(fleet.withPools(pools), capacities, lots);
    }

    /** With the pools that only the other has, and of those of both the one with more replicas. */
    PlannedFleet widened(PlannedFleet other) {
        Map<String, Pool> pools = new LinkedHashMap<>();
        fleet.pools().forEach(pool -> pools.put(pool.name(), pool));
        for (Pool pool : other.fleet.pools()) {
            pools.merge(
                    pool.name(),
                    pool,
                    (a, b) -> a.replicas().size() >= b.replicas().size() ? a : b);
        }
        Map<String, String> allCapacities = new HashMap<>(capacities);
        allCapacities.putAll(other.capacities);
        Map<String, String> allLots = new HashMap<>(lots);
        allLots.putAll(other.lots);
        return new PlannedFleet(fleet.withPools(List.copyOf(pools.values())), allCapacities, allLots);
    }

    /** The same, begun from there. */
    PlannedFleet begun(RoutingStart start) {
        return new PlannedFleet(fleet.withStart(start), capacities, lots);
    }

    /** Chips that train, by offer. */
    private static Map<String, Double> training(Plan plan, int period, int hour) {
        Map<String, Double> chips = new HashMap<>();
        for (Plan.Trains trains : plan.trainings()) {
            if (trains.period() == period && trains.hour() == hour) {
                chips.merge(trains.lot(), trains.chips(), Double::sum);
            }
        }
        return chips;
    }

    /** Less the replicas whose chips train, and those of spot that are away. */
    private static long serving(Plan.Replicas replicas, Lot lot, Map<String, Double> training) {
        boolean committed = lot instanceof Lot.Chips chips && chips.kind() == Lot.Kind.COMMITTED;
        double left = training.getOrDefault(lot.name(), 0.0);
        long busy = committed ? Math.min(replicas.count(), (long) Math.ceil(left / replicas.chips() - 1e-6)) : 0;
        training.put(lot.name(), left - busy * (double) replicas.chips());
        long there = replicas.count() - Math.max(0, busy);
        return there == 0 ? 0 : Math.max(1, Math.round(there * ServingRows.kept(lot)));
    }

    private static Lot lot(Problem problem, String name) {
        return problem.lots().stream()
                .filter(lot -> lot.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () -> new PlanException("The plan speaks of an offer %s that is not there.".formatted(name)));
    }

    /** The offer's name where one deployment stands on it, in all hours; else that and the deployment's. */
    public static String name(Plan plan, Plan.Replicas replicas) {
        long deployments = plan.replicas().stream()
                .filter(each -> each.lot().equals(replicas.lot()))
                .map(Plan.Replicas::capacity)
                .distinct()
                .count();
        return deployments == 1 ? replicas.lot() : replicas.lot() + "-" + replicas.capacity();
    }

    private static Pool pool(Pool template, String name, Lot lot, long count) {
        List<URI> replicas = new ArrayList<>();
        String host = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]+", "-");
        for (long i = 1; i <= count; i++) {
            replicas.add(URI.create("http://%s-%d.invalid:%d".formatted(host, i, PORT)));
        }
        Lot.Chips chips = (Lot.Chips) lot;
        return copy(
                template,
                name,
                new Price.PerChipHour(chips.usdPerChipHour(), chips.kind() == Lot.Kind.COMMITTED),
                Quota.UNLIMITED,
                labels(template, lot),
                replicas);
    }

    private static Pool hosted(Pool template, Lot.Hosted lot) {
        return copy(
                template, lot.name(), template.price(), template.quota(), labels(template, lot), template.replicas());
    }

    private static Pool copy(
            Pool template, String name, Price price, Quota quota, Map<String, String> labels, List<URI> replicas) {
        return new Pool(
                name,
                template.model(),
                template.deployment(),
                price,
                template.hosted(),
                quota,
                labels,
                replicas,
                null,
                template.contextTokens(),
                template.maxSequences(),
                true,
                template.access(),
                template.profile());
    }

    /** The offer's before the template's; the vendor comes from the chip. */
    private static Map<String, String> labels(Pool template, Lot lot) {
        Map<String, String> labels = new LinkedHashMap<>(template.labels());
        labels.putAll(lot.labels());
        labels.put("engine", template.deployment().engine().toString());
        labels.remove("vendor");
        return labels;
    }
}
