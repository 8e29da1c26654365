package io.polychip.routing;

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
import io.polychip.fleet.Provider;
import io.polychip.fleet.Quota;
import io.polychip.fleet.RequestClass;
import io.polychip.fleet.RoutingStart;
import io.polychip.fleet.ServedModel;
import io.polychip.fleet.Source;
import io.polychip.fleet.Timeouts;
import io.polychip.performance.Batching;
import io.polychip.performance.Profile;
import io.polychip.performance.StepTime;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Small fleets for tests: one model, pools of named speed. */
final class Fleets {
    static final String MODEL = "llama";
    static final Source SOURCE = new Source("test", "2026-11", Source.Confidence.ESTIMATED);
    static final Model SHAPE = new Model(
            "test/llama",
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

    private final List<Pool> pools = new ArrayList<>();
    private final Map<String, Profile> profiles = new HashMap<>();
    private final Map<RequestClass, Objective> objectives = new EnumMap<>(RequestClass.class);
    private final Map<String, Provider> providers = new HashMap<>();
    private Fleet.Limits limits = Fleet.Limits.DEFAULT;
    private Timeouts timeouts = Timeouts.DEFAULT;
    private Independence independence = Independence.NONE;
    private double sample;

    private RoutingStart start = RoutingStart.NONE;

    static Fleets of() {
        return new Fleets();
    }

    /** A pool with replicas as fast as {@code speed} times a plain one (10 ms steps, 20,000 prompt tokens a second). */
    Fleets owned(String name, String vendor, int replicas, double speed, double usdPerHour) {
        return owned(name, vendor, replicas, profile(name, vendor, speed, 64, 500_000), usdPerHour);
    }

    Fleets owned(String name, String vendor, int replicas, Profile profile, double usdPerHour) {
        pools.add(new Pool(
                name,
                MODEL,
                profile.deployment(),
                new Price.PerChipHour(usdPerHour, true),
                null,
                Quota.UNLIMITED,
                Map.of("vendor", vendor),
                urls(name, replicas),
                131_072,
                64,
                true));
        profiles.put(name, profile);
        return this;
    }

    Fleets hosted(String name, String vendor, double usdIn, double usdOut, Quota quota, String... unsupported) {
        providers.put(
                vendor, new Provider(vendor, "https://" + vendor + "/v1", List.of(unsupported), List.of(), Map.of()));
        Profile profile = profile(name, vendor, 4, 64, 500_000);
        pools.add(new Pool(
                name,
                MODEL,
                profile.deployment(),
                new Price.PerToken(usdIn, usdIn / 2, usdOut),
                new Hosted(vendor, MODEL, "secret"),
                quota,
                Map.of("vendor", vendor),
                urls(name, 1),
                8192,
                0,
                true));
        profiles.put(name, profile);
        return this;
    }

    Fleets objective(RequestClass requestClass, long ttftMillis, long itlMillis) {
        objectives.put(requestClass, new Objective(ttftMillis * 1_000_000, 50_000_000, itlMillis * 1_000_000, 99));
        return this;
    }

    Fleets queue(int requests, long millis) {
        limits = new Fleet.Limits(64 << 10, 1 << 20, 1000, 60_000_000_000L, requests, millis * 1_000_000);
        return this;
    }

    Fleets timeouts(long firstTokenMillis, long stallMillis, long requestMillis) {
        timeouts = new Timeouts(
                1_000_000_000L, firstTokenMillis * 1_000_000, stallMillis * 1_000_000, requestMillis * 1_000_000);
        return this;
    }

    Fleets shares(Map<String, Double> most, Map<String, Double> least) {
        independence = new Independence(most, least, "");
        return this;
    }

    Fleets sampled() {
        sample = 1;
        return this;
    }

    /** Begun from a plan. */
    Fleets start(RoutingStart other) {
        start = other;
        return this;
    }

    /** The same without a pool. */
    Fleets without(String name) {
        pools.removeIf(pool -> pool.name().equals(name));
        return this;
    }

    Fleet fleet() {
        return new Fleet(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                null,
                List.of(),
                timeouts,
                limits,
                Map.of(MODEL, new ServedModel(MODEL, SHAPE, ServedModel.Continuation.OFF)),
                pools,
                objectives,
                independence,
                new Fleet.Disclosure(false, sample),
                new Catalogue(Map.of(), Map.of(), List.of(), providers, List.of()),
                start);
    }

    Roster roster() {
        return Roster.of(fleet(), this::profile);
    }

    Roster after(Roster earlier) {
        return earlier.next(fleet(), this::profile);
    }

    Profile profile(Pool pool) {
        return Objects.requireNonNull(profiles.get(pool.name()), pool.name());
    }

    static Profile profile(String name, String vendor, double speed, int maxBatch, long kvTokens) {
        long[] alpha = new long[maxBatch + 1];
        for (int n = 1; n <= maxBatch; n++) {
            alpha[n] = (long) ((10_000_000_000L + 100_000_000L * n) / speed);
        }
        StepTime steps =
                new StepTime(alpha, (long) (50_000_000 / speed), 0, (long) (10_000 / speed), 1_000_000_000L, 0);
        return new Profile(
                deployment(name, vendor),
                steps,
                new Batching(maxBatch, 2048, 16, true, false, true, 0),
                kvTokens,
                0.1,
                Profile.Evidence.MEASURED,
                SOURCE);
    }

    static Deployment deployment(String name, String vendor) {
        Chip chip = new Chip(vendor + "/" + name, vendor, name, 80, 3350, Map.of(), 700, 450, 8, 1, SOURCE);
        return new Deployment(SHAPE, Precision.FP8, new EngineRelease("vllm", "0.15.1"), chip, Layout.SINGLE);
    }

    private static List<URI> urls(String name, int replicas) {
        List<URI> urls = new ArrayList<>();
        for (int i = 0; i < replicas; i++) {
            urls.add(URI.create("http://" + name + "-" + i + ":8000"));
        }
        return urls;
    }
}
