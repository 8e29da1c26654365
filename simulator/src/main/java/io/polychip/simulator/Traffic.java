package io.polychip.simulator;

import io.polychip.routing.Mix;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Requests in the order they arrive, made or read one at a time and never collected, so that memory does not grow with
 * their number. Used up by one run.
 */
public interface Traffic {
    /** The next one; null when there are no more. Times never fall. */
    @Nullable
    Arrival next();

    /** Prompt tokens one of {@link Arrival#blocks} stands for. */
    default int blockTokens() {
        return Trace.BLOCK_TOKENS;
    }

    /**
     * A recorded trace. Where the trace names no conversation but block ids are known the second one (the first is
     * often a system prompt everybody has) names the conversation.
     */
    static Traffic of(Iterator<Trace.Request> trace) {
        return () -> {
            if (!trace.hasNext()) {
                return null;
            }
            Trace.Request request = trace.next();
            return new Arrival(
                    request.arrivalNanos(),
                    request.model(),
                    request.tenant(),
                    request.requestClass(),
                    request.inputTokens(),
                    request.outputTokens(),
                    request.maxTokens(),
                    request.conversation() != 0
                            ? request.conversation()
                            : RecordedTraffic.conversation(request.blocks()),
                    request.blocks());
        };
    }

    /** The same requests, {@code factor} times as often. */
    default Traffic scaled(double factor) {
        if (!(factor > 0)) {
            throw new ScenarioException(
                    "Traffic cannot be scaled by %s; allowed is more than 0. Maybe 0.5 for half the load."
                            .formatted(factor));
        }
        return changed(arrival -> arrival.at((long) (arrival.arrivalNanos() / factor)));
    }

    /** What comes before that time. */
    default Traffic until(long nanos) {
        return changed(arrival -> arrival.arrivalNanos() < nanos ? arrival : null);
    }

    /** The part of one cell: conversations stay together, requests without one are dealt out one by one. */
    default Traffic cell(int cell, int cells) {
        Traffic all = this;
        return new Traffic() {
            private long number;

            @Override
            public @Nullable Arrival next() {
                while (true) {
                    Arrival arrival = all.next();
                    if (arrival == null) {
                        return null;
                    }
                    long key = arrival.conversation() != 0 ? arrival.conversation() : ~number;
                    number++;
                    if (Long.remainderUnsigned(Mix.scramble(key), cells) == cell) {
                        return arrival;
                    }
                }
            }

            @Override
            public int blockTokens() {
                return all.blockTokens();
            }
        };
    }

    /** Each request changed; where the change gives null the traffic ends. */
    default Traffic changed(Change change) {
        Traffic all = this;
        return new Traffic() {
            @Override
            public @Nullable Arrival next() {
                Arrival arrival = all.next();
                return arrival == null ? null : change.of(arrival);
            }

            @Override
            public int blockTokens() {
                return all.blockTokens();
            }
        };
    }

    /** What {@link #changed} does to each request: a class, a tenant, a cap. */
    @FunctionalInterface
    interface Change {
        @Nullable
        Arrival of(Arrival arrival);
    }
}
