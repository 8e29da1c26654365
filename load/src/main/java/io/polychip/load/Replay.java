package io.polychip.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.net.ClientOptions;
import io.polychip.net.HttpClient;
import io.polychip.net.Network;
import io.polychip.simulator.Trace;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Sends a trace's requests at the trace's times, whatever comes back (open loop), and measures each from the moment it
 * was due. Runs on one event loop; the loop's lag is measured too, so that a generator that fell behind says so.
 */
public final class Replay {
    private final EventLoop loop;
    private final Network network;
    private final HttpClient client;
    private final Trace trace;
    private final ReplayOptions options;
    private final ReplayReport report;
    private final Set<ReplayCall> underWay = new LinkedHashSet<>();
    private final CompletableFuture<ReplayReport> done = new CompletableFuture<>();
    private final SplittableRandom random;
    private long startNanos;
    private long number;
    private boolean exhausted;

    public Replay(Network network, Trace trace, ReplayOptions options, ReplayReport report) {
        this.network = network;
        this.loop = network.loops().next();
        this.client = new HttpClient(network, loop, ClientOptions.standard().withMaxIdlePerOrigin(16_384));
        this.trace = trace;
        this.options = options;
        this.report = report;
        this.random = new SplittableRandom(options.seed());
    }

    /** Begins; completes when every request has ended or patience has. Fails with the trace's own error. */
    public CompletableFuture<ReplayReport> start() {
        loop.execute(() -> {
            startNanos = now();
            scheduleNext();
        });
        return done;
    }

    /** Sends nothing more; what is under way may still end. Says nothing to one that has ended, loop and all. */
    public void stop() {
        if (!done.isDone()) {
            loop.execute(this::exhaust);
        }
    }

    /** Reads figures while it runs, on the loop that writes them. */
    public <T> CompletableFuture<T> inspect(Function<ReplayReport, T> reader) {
        return CompletableFuture.supplyAsync(() -> reader.apply(report), loop);
    }

    private void scheduleNext() {
        if (exhausted) {
            return;
        }
        Trace.Request request;
        try {
            if (!trace.hasNext()) {
                exhaust();
                return;
            }
            request = trace.next();
        } catch (RuntimeException wrong) {
            done.completeExceptionally(wrong);
            exhaust();
            return;
        }
        long due = startNanos + request.arrivalNanos();
        long wait = due - now();
        if (wait <= 0) {
            send(request, due);
            loop.execute(this::scheduleNext); // not a loop here: answers want their turn too
        } else {
            var _ = loop.schedule(
                    () -> {
                        if (!exhausted) {
                            send(request, due);
                        }
                        scheduleNext();
                    },
                    wait,
                    TimeUnit.NANOSECONDS);
        }
    }

    private void send(Trace.Request request, long due) {
        ReplayCall call = new ReplayCall(options.stream(), hangUpAfter(request), due, loop.ticker(), this::ended);
        underWay.add(call);
        HttpHeaders headers = ChatForm.headers(options.stream(), options.key());
        ByteBuf body = body(request);
        report.sent(due, now() - due);
        call.started(client.send(options.target(), "POST", "/v1/chat/completions", headers, body, call));
    }

    /** @return tokens its client waits for; {@link ReplayCall#TO_THE_END} for all */
    private int hangUpAfter(Trace.Request request) {
        boolean hangsUp = random.nextDouble() < options.hangUpShare();
        return hangsUp ? random.nextInt(Math.max(1, request.outputTokens())) : ReplayCall.TO_THE_END;
    }

    private ByteBuf body(Trace.Request request) {
        int words = Math.max(1, request.inputTokens() - options.templateTokens());
        byte[] prompt = Prompts.text(words, request.blocks(), Trace.BLOCK_TOKENS, number++);
        ChatForm form = options.exactLength() ? ChatForm.EXACT : ChatForm.CAPPED;
        return form.body(
                network.allocator(),
                options.model(),
                options.stream(),
                options.serviceTier(),
                request.outputTokens(),
                prompt);
    }

    private void ended(ReplayCall call, Answer answer) {
        underWay.remove(call);
        report.ended(answer);
        finishWhenIdle();
    }

    private void exhaust() {
        if (exhausted) {
            return;
        }
        exhausted = true;
        var _ = loop.schedule(
                () -> List.copyOf(underWay).forEach(ReplayCall::giveUp),
                options.patience().toNanos(),
                TimeUnit.NANOSECONDS);
        finishWhenIdle();
    }

    private void finishWhenIdle() {
        if (exhausted && underWay.isEmpty() && done.complete(report)) {
            client.close();
        }
    }

    private long now() {
        return loop.ticker().nanoTime();
    }
}
