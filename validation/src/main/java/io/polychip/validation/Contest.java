package io.polychip.validation;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.RequestClass;
import io.polychip.routing.Mix;
import io.polychip.routing.Options;
import io.polychip.simulator.Arrival;
import io.polychip.simulator.RecordedTraffic;
import io.polychip.simulator.Report;
import io.polychip.simulator.Scenario;
import io.polychip.simulator.Simulation;
import io.polychip.simulator.Traffic;
import io.polychip.simulator.Truth;
import io.polychip.simulator.Where;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Conditions under which routers are compared: a fleet, a trace at some rate, and how far the chips may be from what
 * their profiles say. A seed draws the part of the trace, the truth of every pool and all that is random in clients and
 * gateways, the same for every router, so that differences are paired.
 *
 * @param name in tables
 * @param requestsPerSecond the trace is sped up to that mean rate
 * @param spanNanos of traffic in one run
 * @param spread by how much a pool's step, prefill and cache costs may be off, each for itself: 0.4 is a factor between
 *     1 / 1.4 and 1.4
 * @param extreme every factor is at one of the two ends
 * @param gateways that each see their part
 */
public record Contest(
        String name,
        Fleet fleet,
        RecordedTraffic trace,
        double requestsPerSecond,
        long spanNanos,
        double spread,
        boolean extreme,
        int gateways) {
    private static final int DRAW_START = 1;
    private static final int DRAW_TRUTH = 100;
    private static final int DRAWS_PER_POOL = 8;
    /** Most drift per minute, of chips that get hot or caches that get fragmented. */
    private static final double MOST_DRIFT = 0.01;

    /** One router's run under one seed. */
    public Report run(Options options, long seed) {
        Scenario scenario = Scenario.of(fleet)
                .with(options)
                .withGateways(gateways, 1)
                .withTruths(truths(seed))
                .withSeed(seed);
        return Simulation.run(scenario, traffic(seed));
    }

    /** Dollars for a million good tokens that no router could have stayed below under a seed. */
    public double clairvoyantUsdPerMillionGood(long seed) {
        return Clairvoyant.usdPerMillionGood(fleet, truths(seed), traffic(seed));
    }

    /** Share of requests that the fleet's default class promises to keep. */
    public double promisedShare() {
        return fleet.objective(RequestClass.DEFAULT).percentile() / 100.0;
    }

    /** A part of the trace that begins anywhere in it and wraps around its end. */
    Traffic traffic(long seed) {
        double speed = requestsPerSecond * trace.spanNanos() / 1e9 / trace.size();
        long traceSpan = (long) (spanNanos * speed);
        int rounds = 2 + (int) (traceSpan / trace.spanNanos());
        long start = (long) (Mix.unit(seed, DRAW_START) * trace.spanNanos());
        return from(trace.repeated(rounds), start).scaled(speed).until(spanNanos);
    }

    private static Traffic from(Traffic all, long start) {
        return new Traffic() {
            @Override
            public @Nullable Arrival next() {
                Arrival arrival = all.next();
                while (arrival != null && arrival.arrivalNanos() < start) {
                    arrival = all.next();
                }
                return arrival == null ? null : arrival.at(arrival.arrivalNanos() - start);
            }

            @Override
            public int blockTokens() {
                return all.blockTokens();
            }
        };
    }

    private List<Truth> truths(long seed) {
        List<Truth> truths = new ArrayList<>();
        for (int i = 0; i < fleet.pools().size(); i++) {
            int draw = DRAW_TRUTH + i * DRAWS_PER_POOL;
            double drift = spread == 0 ? 0 : MOST_DRIFT * (2 * Mix.unit(seed, draw + 3) - 1);
            int bucket = spread > 0 && Mix.unit(seed, draw + 4) < 0.5 ? 8 : 1;
            truths.add(new Truth(
                    Where.pool(fleet.pools().get(i).name()),
                    factor(seed, draw),
                    factor(seed, draw + 1),
                    factor(seed, draw + 2),
                    drift,
                    bucket));
        }
        return truths;
    }

    private double factor(long seed, int draw) {
        double unit = 2 * Mix.unit(seed, draw) - 1;
        double exponent = extreme ? Math.signum(unit) : unit;
        return StrictMath.pow(1 + spread, exponent);
    }
}
