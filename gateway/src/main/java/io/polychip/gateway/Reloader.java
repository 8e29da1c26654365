package io.polychip.gateway;

import io.netty.channel.EventLoop;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks every second whether the fleet's source has changed, and reads it again when it has or when told to. A fleet
 * with mistakes is refused as a whole and the old one stays. Reading happens on the blocking executor; one reload at a
 * time.
 */
final class Reloader {
    private static final Logger LOGGER = System.getLogger(Reloader.class.getName());
    private static final long LOOK_NANOS = 1_000_000_000L;

    /** Puts a fleet to work on all loops. */
    @FunctionalInterface
    interface Taker {
        /** @throws FleetException when it cannot replace the running one */
        void take(Fleet fleet);
    }

    /** What became of a reload. @param message for the operator, empty when it was taken without remark */
    record Outcome(boolean taken, String message) {}

    private final FleetSource source;
    private final Executor blocking;
    private final EventLoop loop;
    private final Metrics metrics;
    private final Taker taker;
    private @Nullable String stamp;
    private volatile boolean stopped;

    Reloader(FleetSource source, Executor blocking, EventLoop loop, Metrics metrics, Taker taker) {
        this.source = source;
        this.blocking = blocking;
        this.loop = loop;
        this.metrics = metrics;
        this.taker = taker;
    }

    void start() {
        later();
    }

    void stop() {
        stopped = true;
    }

    /** Reads and takes now. */
    CompletableFuture<Outcome> reload() {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        blocking.execute(() -> outcome.complete(read()));
        return outcome;
    }

    private void later() {
        loop.schedule(
                () -> {
                    if (!stopped) {
                        blocking.execute(this::look);
                        later();
                    }
                },
                LOOK_NANOS,
                TimeUnit.NANOSECONDS);
    }

    private synchronized void look() {
        if (stopped) {
            return;
        }
        try {
            String now = source.stamp();
            if (stamp == null) {
                stamp = now;
            } else if (!now.equals(stamp)) {
                read();
            }
        } catch (IOException e) {
            LOGGER.log(
                    Level.WARNING,
                    "The fleet file cannot be looked at ({0}); the running fleet stays.",
                    e.getMessage());
        }
    }

    private synchronized Outcome read() {
        Outcome outcome;
        try {
            stamp = source.stamp();
            taker.take(source.load());
            outcome = new Outcome(true, "");
            LOGGER.log(Level.INFO, "The fleet was reloaded.");
        } catch (FleetException | IOException e) {
            outcome = new Outcome(false, String.valueOf(e.getMessage()));
            LOGGER.log(Level.ERROR, "The changed fleet is refused and the running one stays:\n{0}", e.getMessage());
        }
        metrics.reloaded(outcome.taken());
        return outcome;
    }
}
