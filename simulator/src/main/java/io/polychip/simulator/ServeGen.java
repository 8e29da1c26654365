package io.polychip.simulator;

import io.polychip.fleet.RequestClass;
import io.polychip.routing.Mix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Traffic made from client models in the form of ServeGen (Xiang et al., "ServeGen: Workload Characterization and
 * Generation of Large Language Model Serving in Production", 2025, arXiv 2505.09999): clients that each have their own
 * rate and burstiness in windows of ten minutes, and their own lengths in windows of hours.
 *
 * <p>Each client is a renewal process in its own operational time: intervals of mean 1 from a gamma or Weibull
 * distribution of the window's shape, stretched by the window's rate. So the rate is right in every window, whatever
 * the scale of the file says, and no client starts afresh where a window does. Prompt and answer are drawn
 * independently. Each client is a tenant. The same seed gives the same requests.
 *
 * <p>A request costs a scan over the clients; memory is the models alone.
 */
public final class ServeGen implements Traffic {
    private static final long NANOS = 1_000_000_000L;

    private final long fromNanos;
    private final long lengthNanos;
    private final List<Running> running = new ArrayList<>();

    /**
     * @param scale times as many requests a second, at the same burstiness
     * @param from where in the models' days to begin; that moment is time zero
     * @param length how long; what is beyond the last window has no requests
     */
    public ServeGen(List<ServeGenClient> clients, long seed, double scale, Duration from, Duration length) {
        if (!(scale > 0)) {
            throw new TraceException(
                    "Client models cannot be scaled by %s; allowed is more than 0. Maybe 0.5 for half the load."
                            .formatted(scale));
        }
        this.fromNanos = from.toNanos();
        this.lengthNanos = length.toNanos();
        for (int i = 0; i < clients.size(); i++) {
            Running client = new Running(clients.get(i), Mix.decision(seed, i, 0), scale, from.toNanos() / 1e9);
            client.advance();
            running.add(client);
        }
    }

    @Override
    public @Nullable Arrival next() {
        Running first = null;
        for (Running each : running) {
            if (first == null || each.atSeconds < first.atSeconds) {
                first = each;
            }
        }
        if (first == null || !(first.atSeconds < Double.POSITIVE_INFINITY)) {
            return null;
        }
        long nanos = Math.max(0, (long) (first.atSeconds * NANOS) - fromNanos);
        if (nanos >= lengthNanos) {
            return null;
        }
        Arrival arrival = first.arrival(nanos);
        first.advance();
        return arrival;
    }

    /** One client on its way through its windows. */
    private static final class Running {
        private static final int DRAWS_PER_REQUEST = 3;

        private final ServeGenClient client;
        private final long seed;
        private final double scale;
        private int window;
        private double atSeconds;
        private long requests;
        /** Nobody knows how long ago the last request before the beginning was: the first interval is part of one. */
        private boolean begun;

        Running(ServeGenClient client, long seed, double scale, double fromSeconds) {
            this.client = client;
            this.seed = seed;
            this.scale = scale;
            this.window = client.windowAt(fromSeconds);
            this.atSeconds = fromSeconds;
        }

        /** Goes to the next request; to infinity when none will come. */
        void advance() {
            long draws = Mix.decision(seed, 0, ++requests);
            double left = -1;
            while (window < client.windows()) {
                ServeGenClient.Window now = client.window(window);
                double rate = now.perSecond() * scale;
                if (rate > 0 && left < 0) {
                    left = Sampling.interval(now.weibull(), now.shape(), draws);
                    left *= begun ? 1 : Mix.unit(draws, 0);
                    begun = true;
                }
                double room = now.endSeconds() - atSeconds;
                if (rate > 0 && left < room * rate) {
                    atSeconds += left / rate;
                    return;
                }
                left = left < 0 ? left : left - room * rate;
                atSeconds = now.endSeconds();
                window++;
            }
            atSeconds = Double.POSITIVE_INFINITY;
        }

        Arrival arrival(long nanos) {
            long draws = Mix.decision(seed, 1, requests * DRAWS_PER_REQUEST);
            return new Arrival(
                    nanos,
                    "",
                    client.name(),
                    RequestClass.DEFAULT,
                    client.promptTokens(atSeconds, Mix.unit(draws, 1)),
                    client.outputTokens(atSeconds, Mix.unit(draws, 2)),
                    0,
                    0,
                    Arrival.NO_BLOCKS);
        }
    }
}
