package io.polychip.testkit;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Pool;
import io.polychip.fleet.RequestClass;
import io.polychip.routing.Ask;
import io.polychip.routing.Ending;
import io.polychip.routing.Options;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Random traffic and faults over a {@link SimulatedHost}, all drawn from one seed: bursts, conversations, several
 * tenants and classes, streams and whole answers, clients that hang up or read slowly, reloads; replicas that refuse,
 * die, hang, stall, cut, slow down; a vendor lost as a whole. Faults cease before the traffic does. A broken promise
 * names the seed.
 */
public final class HostStorm {
    private static final RequestClass[] CLASSES = RequestClass.values();
    private static final Trouble[] TROUBLES = Trouble.values();
    private static final long SECOND = 1_000_000_000L;
    private static final long[] NO_HASHES = {};
    private static final int[] NO_TOKENS = {};
    private static final int CONVERSATIONS = 300;
    private static final int LOOPS = 3;

    private final long seed;
    private final RandomGenerator random;
    private final Fleet fleet;
    private final String model;
    private final SimulatedHost host;

    /** @param fleet its first model is asked for */
    public HostStorm(Fleet fleet, long seed, Options options) {
        this.seed = seed;
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed ^ 0x5708);
        this.fleet = fleet;
        this.model = fleet.pools().getFirst().model();
        this.host = new SimulatedHost(fleet, LOOPS, seed, options, 0.2);
    }

    public SimulatedHost host() {
        return host;
    }

    /** That many calls, about {@code perSecond} of them, and everything after them. */
    public HostStorm rage(int calls, double perSecond) {
        host.scrapeEvery(500_000_000L, 0.2);
        long at = SECOND;
        double burst = 1;
        for (int i = 0; i < calls; i++) {
            if (random.nextInt(500) == 0) {
                burst = random.nextInt(4) == 0 ? 4 : random.nextDouble(0.3, 1.2);
            }
            at += (long) (-StrictMath.log(1 - random.nextDouble()) * SECOND / (perSecond * burst));
            arrive(at);
        }
        trouble(at * 9 / 10);
        for (long reload = random.nextLong(30 * SECOND); reload < at; reload += random.nextLong(60 * SECOND)) {
            host.reload(reload, random.nextBoolean() ? fleet : withoutOne());
        }
        host.run(at);
        if (!host.runToEnd(600 * SECOND)) {
            throw new AssertionError("seed %d: calls are still open 600 s after the last one came".formatted(seed));
        }
        host.checkQuiet();
        return this;
    }

    /** How many calls ended which way. */
    public Map<String, Integer> endings() {
        Map<String, Integer> counts = new TreeMap<>();
        for (SimulatedCall call : host.calls()) {
            String kind = switch (call.ending()) {
                case null -> "open";
                case Ending.Completed _ -> "completed";
                case Ending.Cancelled _ -> "cancelled";
                case Ending.Refused refused -> "refused " + refused.status() + " " + refused.code();
                case Ending.Failed failed -> "failed " + failed.fault().kind() + (failed.shown() ? " shown" : "");
            };
            counts.merge(kind, 1, Integer::sum);
        }
        return counts;
    }

    private void arrive(long at) {
        long conversation = random.nextInt(2) == 0 ? 1 + random.nextInt(CONVERSATIONS) : 0;
        int prompt = (int) Math.min(6_000, 20 - StrictMath.log(1 - random.nextDouble()) * 500);
        int output = 1 + (int) Math.min(400, -StrictMath.log(1 - random.nextDouble()) * 50);
        boolean capped = random.nextBoolean();
        Ask ask = new Ask(
                random.nextLong(),
                random.nextInt(2_000) == 0 ? "unknown" : model,
                "tenant-" + random.nextInt(5),
                CLASSES[random.nextInt(CLASSES.length)],
                1 + random.nextInt(2),
                random.nextInt(2_000) == 0 ? 10_000_000 : prompt,
                prompt * 4,
                capped ? output : 0,
                1,
                0,
                random.nextInt(4) > 0,
                conversation,
                conversation == 0 ? NO_HASHES : new long[] {SimulatedHost.mix(conversation, -1)},
                conversation == 0 ? NO_TOKENS : new int[] {prompt / 2},
                0,
                random.nextLong());
        SimulatedCall call = host.arrive(at, random.nextInt(LOOPS), ask, output);
        if (random.nextInt(6) == 0) {
            host.hangUp(call, at + (long) (-StrictMath.log(1 - random.nextDouble()) * SECOND));
        }
        if (random.nextInt(20) == 0) {
            host.pause(call, at + random.nextLong(SECOND), random.nextLong(20 * SECOND));
        }
    }

    /** The same fleet with one of its pools out of rotation. */
    private Fleet withoutOne() {
        List<Pool> pools = new ArrayList<>(fleet.pools());
        int index = random.nextInt(pools.size());
        Pool out = pools.get(index);
        pools.set(
                index,
                new Pool(
                        out.name(),
                        out.model(),
                        out.deployment(),
                        out.price(),
                        out.hosted(),
                        out.quota(),
                        out.labels(),
                        out.replicas(),
                        out.contextTokens(),
                        out.maxSequences(),
                        false));
        return new Fleet(
                fleet.listen(),
                fleet.tls(),
                fleet.keys(),
                fleet.timeouts(),
                fleet.limits(),
                fleet.models(),
                pools,
                fleet.objectives(),
                fleet.independence(),
                fleet.disclosure(),
                fleet.catalogue());
    }

    /** Troubles each replica now and then until that time, and once a third of them together. */
    private void trouble(long until) {
        for (int replica = 0; replica < host.replicas(); replica++) {
            long at = 0;
            while (true) {
                at += random.nextLong(10 * SECOND, 90 * SECOND);
                long healed = at + random.nextLong(SECOND, 20 * SECOND);
                if (healed >= until) {
                    break;
                }
                host.trouble(at, replica, TROUBLES[1 + random.nextInt(TROUBLES.length - 1)]);
                host.trouble(healed, replica, Trouble.NONE);
                at = healed;
            }
        }
        List<Trouble> atOnce = List.of(Trouble.DIE, Trouble.HANG);
        for (int replica = 0; replica < (host.replicas() + 2) / 3; replica++) {
            host.trouble(until / 2, replica, atOnce.get(replica % 2));
            host.trouble(until / 2 + 15 * SECOND, replica, Trouble.NONE);
        }
    }
}
