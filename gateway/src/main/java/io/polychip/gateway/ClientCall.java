package io.polychip.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.ScheduledFuture;
import io.polychip.fleet.RequestClass;
import io.polychip.net.HttpExchange;
import io.polychip.protocol.ChatScan;
import io.polychip.protocol.Edits;
import io.polychip.protocol.OpenAiError;
import io.polychip.routing.Ask;
import io.polychip.routing.Attempt;
import io.polychip.routing.Call;
import io.polychip.routing.Ending;
import io.polychip.routing.Fault;
import io.polychip.routing.Usage;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client's request from acceptance to the last byte of its answer: what was asked, what has been shown, and the one
 * ending. The dispatcher knows it as the owner of its {@link Call}. On its loop only.
 */
final class ClientCall {
    /** Bodies up to this size are copied when they change; larger ones are sent in pieces around the change. */
    private static final int COPY_BYTES = 8 * 1024;

    private final Lane lane;
    private final HttpExchange exchange;
    private final ChatScan scan;
    private final Caller caller;
    private final RequestClass requestClass;
    private final String id;
    private final Timeline timeline;
    private @Nullable Call call;
    private @Nullable Upstream upstream;
    private @Nullable ScheduledFuture<?> timer;
    private long timerAt;
    private long wakeAt;
    private @Nullable ByteBuf whole;
    private String wholeType = "";
    private byte @Nullable [] refusal;
    private boolean started;
    private boolean ended;
    private boolean stopped;
    private boolean paused;
    private double usd;

    ClientCall(Lane lane, HttpExchange exchange, ChatScan scan, Caller caller, RequestClass requestClass, String id) {
        this.lane = lane;
        this.exchange = exchange;
        this.scan = scan;
        this.caller = caller;
        this.requestClass = requestClass;
        this.id = id;
        this.timeline = new Timeline(exchange.arrivedNanos());
        exchange.onAbandoned(this::abandoned);
        exchange.onWritability(this::writabilityChanged);
    }

    Lane lane() {
        return lane;
    }

    ChatScan scan() {
        return scan;
    }

    Caller caller() {
        return caller;
    }

    RequestClass requestClass() {
        return requestClass;
    }

    String id() {
        return id;
    }

    HttpExchange exchange() {
        return exchange;
    }

    Timeline timeline() {
        return timeline;
    }

    /** What all its attempts cost at token prices. */
    double usd() {
        return usd;
    }

    /** What routing was told of it; null before it was. */
    @Nullable
    Ask ask() {
        return call == null ? null : call.ask();
    }

    /** The attempt sent last, or null while none was. */
    @Nullable
    Upstream upstream() {
        return upstream;
    }

    // ---- what the dispatcher asks, through NettyHost

    void send(Call owned, Attempt attempt, long now) {
        call = owned;
        UpstreamPlan plan = lane.plan(attempt.replica());
        Upstream next = new Upstream(this, attempt, plan);
        upstream = next;
        paused = false;
        attempt.handle(next);
        plan.metrics().sent.inc();
        if (attempt.number() > 0) {
            plan.metrics().again.inc();
        }
        timeline.sent(now);
        lane.send(next);
    }

    /** The client's own bytes, changed only where the target's wire needs it; the caller owns what it gets. */
    ByteBuf upstreamBody(UpstreamPlan plan) {
        ByteBuf body = exchange.body();
        Edits edits = plan.edits(scan);
        if (edits.none()) {
            return body.retainedDuplicate();
        }
        int length = body.readableBytes();
        boolean copy = length <= COPY_BYTES;
        ByteBuf out =
                copy ? lane.allocator().buffer(length + 128) : lane.allocator().compositeBuffer(8);
        edits.write(length, new Edits.Sink() {
            @Override
            public void original(int from, int to) {
                if (out instanceof CompositeByteBuf parts) {
                    parts.addComponent(true, body.retainedSlice(body.readerIndex() + from, to - from));
                } else {
                    out.writeBytes(body, body.readerIndex() + from, to - from);
                }
            }

            @Override
            public void literal(byte[] bytes) {
                if (out instanceof CompositeByteBuf parts) {
                    parts.addComponent(
                            true, lane.allocator().buffer(bytes.length).writeBytes(bytes));
                } else {
                    out.writeBytes(bytes);
                }
            }
        });
        return out;
    }

    /** A timer that is set later every few milliseconds costs one store; it re-arms itself when it fires early. */
    void wake(Call owned, long at) {
        call = owned;
        wakeAt = at;
        if (timer == null) {
            arm();
        } else if (at - timerAt < 0) {
            timer.cancel(false);
            arm();
        }
    }

    private void arm() {
        timerAt = wakeAt;
        timer = lane.loop().schedule(this::timerFired, Math.max(0, wakeAt - lane.now()), TimeUnit.NANOSECONDS);
    }

    private void timerFired() {
        timer = null;
        Call owned = call;
        if (ended || owned == null) {
            return;
        }
        long now = lane.now();
        if (wakeAt - now > 0) {
            arm();
        } else {
            lane.dispatcher().woken(owned, now);
        }
    }

    void charge(Attempt attempt, Usage usage) {
        if (attempt.handle() instanceof Upstream used) {
            usd += used.plan().usd(usage);
            lane.charged(used.plan(), usage);
        }
    }

    void end(Call owned, Ending ending, long now) {
        call = owned;
        ended = true;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        timeline.ended(now);
        int status = switch (ending) {
            case Ending.Completed completed -> endCompleted();
            case Ending.Refused refused -> endRefused(refused);
            case Ending.Failed failed -> endFailed(failed);
            case Ending.Cancelled cancelled -> stopped ? endStopped() : Responses.CLIENT_CLOSED;
        };
        release();
        timeline.answered(lane.now());
        lane.ended(this, ending, status);
    }

    private int endCompleted() {
        ByteBuf answer = whole;
        if (started) {
            exchange.finish();
        } else if (answer != null) {
            whole = null;
            exchange.respond(Upstream.OK, answerHeaders(wholeType), answer);
        } else {
            throw new IllegalStateException("Request %s completed without an answer.".formatted(id));
        }
        return Upstream.OK;
    }

    private int endRefused(Ending.Refused refused) {
        String param = refused.param().isEmpty() ? null : refused.param();
        OpenAiError error = new OpenAiError(refused.status(), refused.message(), refused.type(), param, refused.code());
        HttpHeaders headers = Responses.retryHeaders(refused.retryAfterNanos(), refused.retryable());
        answerError(error, headers);
        return refused.status();
    }

    private int endFailed(Ending.Failed failed) {
        Fault fault = failed.fault();
        byte[] clientsOwn = refusal;
        if (!started && fault.kind() == Fault.Kind.CLIENT_ERROR && clientsOwn != null && clientsOwn.length > 0) {
            ByteBuf body = lane.allocator().buffer(clientsOwn.length).writeBytes(clientsOwn);
            exchange.respond(fault.status(), answerHeaders(Responses.JSON), body);
            return fault.status();
        }
        OpenAiError error = Responses.failure(fault);
        answerError(error, Responses.retryHeaders(fault.retryAfterNanos(), true));
        return error.status();
    }

    private int endStopped() {
        answerError(Responses.STOPPED, Responses.empty());
        return Responses.STOPPED.status();
    }

    /** Before anything was shown an error is an answer; afterwards an event, and a connection that breaks off. */
    private void answerError(OpenAiError error, HttpHeaders extra) {
        if (!started) {
            byte[] json = error.body();
            HttpHeaders headers = answerHeaders(Responses.JSON).add(extra);
            exchange.respond(
                    error.status(),
                    headers,
                    lane.allocator().buffer(json.length).writeBytes(json));
            return;
        }
        if (scan.stream()) {
            byte[] event = error.event();
            exchange.write(lane.allocator().buffer(event.length).writeBytes(event));
        }
        exchange.breakOff();
    }

    // ---- what answers ask

    void startStream() {
        started = true;
        HttpHeaders headers = answerHeaders("text/event-stream; charset=utf-8");
        headers.set(HttpHeaderNames.CACHE_CONTROL, "no-cache");
        exchange.start(Upstream.OK, headers);
    }

    /** An answer too large to be looked at whole. */
    void startWhole(String contentType) {
        started = true;
        exchange.start(Upstream.OK, answerHeaders(contentType));
    }

    /** Kept until the dispatcher has ended the call. */
    void wholeAnswer(ByteBuf body, String contentType) {
        whole = body;
        wholeType = contentType;
    }

    /** An upstream's refusal that is for the client's eyes. */
    void clientError(byte[] body) {
        refusal = body;
    }

    void write(ByteBuf bytes) {
        exchange.write(bytes);
    }

    /** Out of a buffer that stays the caller's. */
    void write(ByteBuf source, int from, int length) {
        exchange.write(source, from, length);
    }

    void flush() {
        exchange.flush();
    }

    void sawTokens(int count, long now) {
        timeline.tokens(count, now);
    }

    private HttpHeaders answerHeaders(String contentType) {
        HttpHeaders headers = Responses.headers(contentType, id);
        headers.set("openai-processing-ms", (lane.now() - exchange.arrivedNanos()) / 1_000_000);
        Upstream last = upstream;
        if (last != null && lane.view().routeHeader()) {
            headers.set(
                    "x-polychip-route",
                    last.attempt().replica().pool() + " "
                            + last.attempt().replica().url());
        }
        return headers;
    }

    // ---- what the client does

    private void abandoned() {
        Call owned = call;
        if (!ended && owned != null) {
            lane.dispatcher().abandoned(owned, lane.now());
        }
    }

    /** Ends because the gateway does; its client, who has not gone, is told so. */
    void stop() {
        Call owned = call;
        if (!ended && owned != null) {
            stopped = true;
            lane.dispatcher().abandoned(owned, lane.now());
        }
    }

    /** One of a fixed set of words. */
    String reason(Ending ending) {
        return switch (ending) {
            case Ending.Completed completed -> "ok";
            case Ending.Refused refused -> refused.code();
            case Ending.Failed failed -> label(failed.fault().kind());
            case Ending.Cancelled cancelled -> stopped ? Responses.STOPPED_CODE : "client_gone";
        };
    }

    private void writabilityChanged() {
        boolean slow = !exchange.writable();
        if (!ended && upstream != null && slow != paused) {
            paused = slow;
            upstream.pause(slow, lane.now());
        }
    }

    private void release() {
        if (whole != null) {
            whole.release();
            whole = null;
        }
        refusal = null;
    }

    static String label(Fault.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
