package io.polychip.simulator;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.EngineRelease;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.Hosted;
import io.polychip.fleet.Independence;
import io.polychip.fleet.Layout;
import io.polychip.fleet.Model;
import io.polychip.fleet.Objective;
import io.polychip.fleet.Pool;
import io.polychip.fleet.Precision;
import io.polychip.fleet.Price;
import io.polychip.fleet.Quota;
import io.polychip.fleet.RequestClass;
import io.polychip.fleet.ServedModel;
import io.polychip.fleet.Source;
import io.polychip.fleet.Timeouts;
import io.polychip.performance.Batching;
import io.polychip.performance.Profile;
import io.polychip.performance.StepTime;
import io.polychip.routing.Options;
import io.polychip.routing.Policy;
import io.polychip.routing.Roster;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;

/** A random world of a few replicas and a few dozen requests in which much goes wrong, all drawn from one seed. */
final class SmallWorld {
    private static final String MODEL = "m";
    private static final Source SOURCE = new Source("test", "2026-11", Source.Confidence.ESTIMATED);
    private static final long MILLI = 1_000_000L;
    private static final long PICOS_PER_MILLI = 1_000_000_000L;
    private static final RequestClass[] CLASSES = RequestClass.values();
    private static final int BLOCK_TOKENS = 24;

    private final RandomGenerator random;
    private final Map<String, Profile> profiles = new HashMap<>();
    final Scenario scenario;
    final List<Arrival> arrivals = new ArrayList<>();

    SmallWorld(long seed) {
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        Roster roster = roster();
        Policy[] policies = Policy.values();
        Policy policy = random.nextBoolean() ? Policy.POLYCHIP : policies[random.nextInt(policies.length)];
        this.scenario = new Scenario(
                roster,
                Options.DEFAULT.with(policy),
                random.nextInt(1, 4),
                random.nextInt(1, 3),
                observation(),
                truths(roster),
                outages(roster),
                new Clients(
                        random.nextInt(3),
                        random.nextInt(1, 50) * MILLI,
                        random.nextBoolean(),
                        random.nextInt(3) == 0 ? 0.3 : 0,
                        random.nextInt(1, 400) * MILLI),
                random.nextInt(3) == 0 ? 0 : random.nextLong(3 * MILLI),
                random.nextInt(3) == 0 ? 0 : random.nextLong(30 * MILLI),
                seed);
        long at = 0;
        int requests = random.nextInt(4, 40);
        double gap = random.nextDouble(1, 40) * MILLI;
        for (int i = 0; i < requests; i++) {
            at += random.nextInt(8) == 0 ? 0 : (long) (-StrictMath.log(1 - random.nextDouble()) * gap);
            arrivals.add(arrival(at));
        }
    }

    /** The arrivals anew. */
    Traffic traffic() {
        var rest = List.copyOf(arrivals).iterator();
        return new Traffic() {
            @Override
            public @Nullable Arrival next() {
                return rest.hasNext() ? rest.next() : null;
            }

            @Override
            public int blockTokens() {
                return BLOCK_TOKENS;
            }
        };
    }

    int blockTokens() {
        return BLOCK_TOKENS;
    }

    private Arrival arrival(long at) {
        int prompt = random.nextInt(1, random.nextInt(10) == 0 ? 2_000 : 200);
        int kind = random.nextInt(3);
        long conversation = kind == 0 ? 0 : 1 + random.nextInt(4);
        long[] blocks = new long[kind == 1 ? Math.ceilDiv(prompt, BLOCK_TOKENS) : 0];
        int common = random.nextInt(blocks.length + 1);
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = i < common ? conversation * 1000 + i : random.nextInt();
        }
        return new Arrival(
                at,
                random.nextInt(50) == 0 ? "unknown" : "",
                "tenant" + random.nextInt(3),
                CLASSES[random.nextInt(CLASSES.length)],
                prompt,
                1 + random.nextInt(random.nextInt(4) == 0 ? 80 : 20),
                random.nextInt(3) == 0 ? 100 : 0,
                conversation,
                blocks);
    }

    private Observation observation() {
        return random.nextInt(5) == 0
                ? Observation.NONE
                : new Observation(
                        random.nextInt(1, 200) * MILLI,
                        random.nextInt(3) == 0 ? 0 : random.nextLong(50 * MILLI),
                        random.nextInt(3) == 0 ? 0 : random.nextLong(50 * MILLI),
                        random.nextInt(3) == 0 ? 0.3 : 0);
    }

    private List<Truth> truths(Roster roster) {
        List<Truth> truths = new ArrayList<>();
        for (Roster.Target target : roster.targets()) {
            if (random.nextBoolean()) {
                truths.add(new Truth(
                        Where.pool(target.pool().name()),
                        random.nextDouble(0.6, 1.4),
                        random.nextDouble(0.6, 1.4),
                        random.nextDouble(0.6, 1.4),
                        random.nextInt(3) == 0 ? random.nextDouble(-1, 1) : 0,
                        random.nextInt(1, 4)));
            }
        }
        return truths;
    }

    private List<Outage> outages(Roster roster) {
        List<Outage> outages = new ArrayList<>();
        int count = random.nextInt(3);
        for (int i = 0; i < count; i++) {
            Pool pool = roster.targets()
                    .get(random.nextInt(roster.targets().size()))
                    .pool();
            Where where = switch (random.nextInt(3)) {
                case 0 ->
                    Where.replica(pool.name(), random.nextInt(pool.replicas().size()));
                case 1 -> Where.vendor(pool.vendor());
                default -> Where.label("region", "r1");
            };
            outages.add(new Outage(
                    where,
                    random.nextLong(-10 * MILLI, 600 * MILLI),
                    random.nextInt(6) == 0 ? Long.MAX_VALUE : 1 + random.nextLong(400 * MILLI),
                    random.nextBoolean(),
                    new Outage.Restart(random.nextLong(100 * MILLI), random.nextLong(100 * MILLI), 2)));
        }
        return outages;
    }

    private Roster roster() {
        Model shape = new Model(
                "test/m",
                32,
                4096,
                32,
                8,
                128,
                14336,
                1,
                1,
                8_000_000_000L,
                8_000_000_000L,
                128_000,
                65_536,
                131_072,
                SOURCE);
        List<Pool> pools = new ArrayList<>();
        int count = random.nextInt(1, 4);
        for (int i = 0; i < count; i++) {
            pools.add(pool(i, shape, i > 0 && random.nextInt(3) == 0));
        }
        Map<RequestClass, Objective> objectives = new HashMap<>();
        for (RequestClass each : CLASSES) {
            if (random.nextInt(4) > 0) {
                objectives.put(
                        each,
                        new Objective(random.nextInt(20, 500) * MILLI, 100 * MILLI, random.nextInt(3, 30) * MILLI, 99));
            }
        }
        Fleet fleet = new Fleet(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                null,
                List.of(),
                new Timeouts(
                        20 * MILLI,
                        random.nextInt(50, 3_000) * MILLI,
                        random.nextInt(20, 3_000) * MILLI,
                        random.nextInt(200, 20_000) * MILLI),
                new Fleet.Limits(
                        65_536, 1 << 25, 100, 75_000 * MILLI, random.nextInt(1, 100), random.nextInt(5, 3_000) * MILLI),
                Map.of(MODEL, new ServedModel(MODEL, shape, ServedModel.Continuation.OFF)),
                pools,
                objectives,
                Independence.NONE,
                new Fleet.Disclosure(false, 1),
                new Catalogue(Map.of(), Map.of(), List.of(), Map.of(), List.of()));
        return Roster.of(fleet, pool -> profiles.computeIfAbsent(pool.name(), _ -> profile(pool)));
    }

    private Pool pool(int number, Model shape, boolean hosted) {
        String vendor = "v" + random.nextInt(3);
        Chip chip = new Chip(vendor + "/chip", vendor, "chip", 80, 3350, Map.of(), 700, 450, 8, 1, SOURCE);
        List<URI> urls = new ArrayList<>();
        int replicas = hosted ? 1 : random.nextInt(1, 4);
        for (int r = 0; r < replicas; r++) {
            urls.add(URI.create("http://10.%d.0.%d:8000".formatted(number, r)));
        }
        Quota quota = hosted && random.nextBoolean()
                ? new Quota(random.nextInt(1, 20), random.nextInt(500, 5_000), Quota.NONE, Quota.NONE)
                : Quota.UNLIMITED;
        return new Pool(
                "pool" + number,
                MODEL,
                new Deployment(shape, Precision.FP8, new EngineRelease("vllm", "0.15.1"), chip, Layout.SINGLE),
                hosted ? new Price.PerToken(0.1, 0.05, 0.3) : new Price.PerChipHour(1 + random.nextInt(4), true),
                hosted ? new Hosted("p", "m", "k") : null,
                quota,
                Map.of("region", "r" + random.nextInt(2)),
                urls,
                random.nextInt(300, 4_000),
                random.nextInt(1, 9),
                true);
    }

    private Profile profile(Pool pool) {
        int most = pool.maxSequences();
        long[] step = new long[most + 1];
        for (int n = 0; n < step.length; n++) {
            step[n] = (1 + random.nextLong(8)) * PICOS_PER_MILLI + random.nextLong(1_000_000);
        }
        boolean chunked = random.nextInt(4) > 0;
        int block = random.nextInt(3) == 0 ? 5 : 8;
        Batching batching = new Batching(
                most,
                most + random.nextInt(100),
                block,
                chunked,
                random.nextInt(4) == 0,
                random.nextInt(4) > 0,
                random.nextInt(4) == 0 ? random.nextInt(1, 16) : 0);
        StepTime stepTime = new StepTime(
                step,
                random.nextLong(50_000_000),
                random.nextLong(100_000),
                random.nextLong(100_000),
                random.nextInt(3) == 0 ? 0 : random.nextLong(10 * PICOS_PER_MILLI),
                random.nextLong(5 * PICOS_PER_MILLI));
        return new Profile(
                pool.deployment(),
                stepTime,
                batching,
                (long) block * random.nextInt(30, 300),
                0.2,
                Profile.Evidence.MEASURED,
                SOURCE);
    }
}
