package io.polychip.simulator;

import io.polychip.routing.Mix;

/** All randomness of a {@link Simulation} outside its dispatchers: pure functions of seed, request and try. */
final class Draws {
    private static final int TRAFFIC = 1 << 20;
    private static final int SCRAPES = 1 << 21;

    private static final int GATEWAY = 0;
    private static final int HANG_UP = 1 << 9;
    private static final int PATIENCE = HANG_UP + 1;
    private static final int TRY = 1 << 10;
    private static final int RETRY = 1 << 11;

    private final long seed;
    private final Clients clients;
    private final Observation observation;

    Draws(Scenario scenario) {
        this.seed = scenario.seed();
        this.clients = scenario.clients();
        this.observation = scenario.observation();
    }

    /** Of a gateway's dispatchers. */
    long gatewaySeed(int gateway) {
        return gateway == 0 ? seed : Mix.scramble(seed + gateway);
    }

    /** Which dispatcher a try comes to. */
    int dispatcher(int dispatchers, long request, int tries) {
        return dispatchers == 1 ? 0 : Mix.below(dispatchers, of(request), GATEWAY + tries);
    }

    long askSeed(long request, int tries) {
        return Mix.draw(of(request), TRY + tries);
    }

    /** How long a client waits for its answer at most; {@link Long#MAX_VALUE}: as long as it takes. */
    long patienceNanos(long request) {
        if (clients.hangUpShare() == 0 || Mix.unit(of(request), HANG_UP) >= clients.hangUpShare()) {
            return Long.MAX_VALUE;
        }
        return (long) (-StrictMath.log(1 - Mix.unit(of(request), PATIENCE)) * clients.patienceNanos());
    }

    /** How long a client waits before it asks again, unless it was told. */
    long retryNanos(long request, int tries) {
        double spread = 0.75 + 0.5 * Mix.unit(of(request), RETRY + tries);
        return (long) ((clients.retryNanos() << Math.min(20, tries)) * spread);
    }

    /** How late a reading comes; negative: never. */
    long readingDelayNanos(int gateway, long reading) {
        long draws = Mix.decision(seed, SCRAPES + gateway, reading);
        if (observation.loss() > 0 && Mix.unit(draws, 0) < observation.loss()) {
            return -1;
        }
        return observation.delayNanos() + (long) (Mix.unit(draws, 1) * observation.jitterNanos());
    }

    private long of(long request) {
        return Mix.decision(seed, TRAFFIC, request);
    }
}
