package io.polychip.benchmarks;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.EngineRelease;
import io.polychip.fleet.Fleet;
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
import io.polychip.routing.Roster;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One model on owned pools of one vendor each, 64 sequences a replica: 10 ms and 0.1 ms per sequence a step. */
final class BenchmarkFleet {
    static final String MODEL = "llama";
    static final int SEQUENCES = 64;

    private static final Source SOURCE = new Source("benchmark", "2026-11", Source.Confidence.ESTIMATED);
    private static final Model SHAPE = new Model(
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

    private BenchmarkFleet() {}

    static Roster of(int poolCount, int each) {
        List<Pool> pools = new ArrayList<>();
        for (int i = 0; i < poolCount; i++) {
            pools.add(pool(i, each));
        }
        Fleet fleet = new Fleet(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                null,
                List.of(),
                Timeouts.DEFAULT,
                Fleet.Limits.DEFAULT,
                Map.of(MODEL, new ServedModel(MODEL, SHAPE, ServedModel.Continuation.OFF)),
                pools,
                Map.of(RequestClass.DEFAULT, new Objective(2_000_000_000L, 100_000_000L, 100_000_000L, 99)),
                Independence.NONE,
                Fleet.Disclosure.DEFAULT,
                new Catalogue(Map.of(), Map.of(), List.of(), Map.of(), List.of()));
        return Roster.of(fleet, BenchmarkFleet::profile);
    }

    /** The nth of them. */
    static Pool pool(int i, int each) {
        String vendor = "vendor" + i;
        Chip chip = new Chip(vendor + "/chip", vendor, "chip", 80, 3350, Map.of(), 700, 450, 8, 1, SOURCE);
        List<URI> urls = new ArrayList<>();
        for (int r = 0; r < each; r++) {
            urls.add(URI.create("http://10.%d.0.%d:8000".formatted(i, r)));
        }
        return new Pool(
                "pool" + i,
                MODEL,
                new Deployment(SHAPE, Precision.FP8, new EngineRelease("vllm", "0.15.1"), chip, Layout.SINGLE),
                new Price.PerChipHour(2 + i * 0.1, true),
                null,
                Quota.UNLIMITED,
                Map.of(),
                urls,
                131_072,
                SEQUENCES,
                true);
    }

    static Profile profile(Pool pool) {
        long[] step = new long[SEQUENCES + 1];
        for (int n = 1; n < step.length; n++) {
            step[n] = 10_000_000_000L + 100_000_000L * n;
        }
        return new Profile(
                pool.deployment(),
                new StepTime(step, 50_000_000, 500, 10_000, 1_000_000_000L, 0),
                new Batching(SEQUENCES, 2048, 16, true, false, true, 0),
                500_000,
                0.1,
                Profile.Evidence.MEASURED,
                pool.deployment().model().source());
    }
}
