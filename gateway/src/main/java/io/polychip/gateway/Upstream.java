package io.polychip.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.ScheduledFuture;
import io.polychip.net.HttpCall;
import io.polychip.net.HttpFailure;
import io.polychip.net.HttpListener;
import io.polychip.protocol.TokenUsage;
import io.polychip.routing.Attempt;
import io.polychip.routing.Fault;
import io.polychip.routing.Usage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One attempt on the wire: turns what the replica sends into reports for the dispatcher and bytes for the client.
 *
 * <p>Settled exactly once, by {@link #complete}, {@link #fail} or {@link #cancel}; what comes later is dropped. The
 * dispatcher is never answered from inside its own call: {@link #start} only writes, and what a client reports during
 * it is put off to the loop's next turn by {@code HttpClient}.
 */
final class Upstream implements HttpListener {
    static final int OK = 200;
    /** An upstream that said everything but does not end its message is cut off after this long. */
    private static final long LINGER_NANOS = 2_000_000_000L;
    /** A server that closed one idle connection has often closed several; running a prompt twice harms nobody. */
    private static final int MAX_RESENDS = 3;

    private final ClientCall client;
    private final Attempt attempt;
    private final UpstreamPlan plan;
    private @Nullable HttpCall wire;
    private @Nullable Answer answer;
    private @Nullable ScheduledFuture<?> lingering;
    private int resends;
    private boolean over;
    private boolean messageOver;

    Upstream(ClientCall client, Attempt attempt, UpstreamPlan plan) {
        this.client = client;
        this.attempt = attempt;
        this.plan = plan;
    }

    ClientCall client() {
        return client;
    }

    Attempt attempt() {
        return attempt;
    }

    UpstreamPlan plan() {
        return plan;
    }

    /** Settled: nothing more is reported about it. */
    boolean over() {
        return over;
    }

    void start(HttpCall call) {
        wire = call;
    }

    /** The client reads slowly, or again. */
    void pause(boolean paused, long now) {
        if (over || wire == null) {
            return;
        }
        if (paused) {
            wire.pause();
        } else {
            wire.resume();
        }
        client.lane().dispatcher().paused(attempt.call(), attempt, paused, now);
    }

    /** Told by the dispatcher; closes the connection, so that the chip stops. */
    void cancel() {
        over = true;
        letGo();
        if (!messageOver) {
            messageOver = true;
            if (wire != null) {
                wire.cancel();
            }
        }
    }

    // ---- what the wire tells

    @Override
    public void head(int status, HttpHeaders headers) {
        if (over) {
            return;
        }
        if (status == OK) {
            String type = headers.get(HttpHeaderNames.CONTENT_TYPE, "application/json");
            answer = client.scan().stream()
                    ? new StreamedAnswer(this, !client.scan().includeUsage())
                    : new WholeAnswer(this, type);
        } else {
            answer = new ErrorAnswer(
                    this, status, headers, client.lane().wallClock().instant());
        }
    }

    @Override
    public void data(ByteBuf piece) {
        if (over || answer == null) {
            piece.release();
        } else {
            answer.data(piece, client.lane().now());
        }
    }

    @Override
    public void readComplete() {
        if (answer != null && !over) {
            answer.readComplete(client.lane().now());
        } else if (over && !messageOver && lingering == null) {
            lingering = client.lane().loop().schedule(this::cancel, LINGER_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public void end() {
        messageOver = true;
        stopLingering();
        if (over) {
            return;
        }
        long now = client.lane().now();
        if (answer == null) {
            fail(new Fault(Fault.Kind.GARBLED, 0, 0, "an end without a head"), now);
        } else {
            answer.end(now);
        }
    }

    @Override
    public void failed(HttpFailure failure) {
        stopLingering();
        if (over) {
            messageOver = true;
            return;
        }
        if (failure.kind() == HttpFailure.Kind.STALE && answer == null && resends < MAX_RESENDS) {
            resends++;
            client.lane().send(this);
            return;
        }
        messageOver = true;
        Fault.Kind kind = switch (failure.kind()) {
            case CONNECT -> Fault.Kind.CONNECT;
            case RESET, STALE -> Fault.Kind.RESET;
            case MALFORMED -> Fault.Kind.GARBLED;
        };
        fail(new Fault(kind, 0, 0, failure.detail()), client.lane().now());
    }

    // ---- what the answer makes of it

    void firstToken(boolean shown, long now) {
        client.sawTokens(1, now);
        client.lane().dispatcher().firstToken(attempt.call(), attempt, shown, now);
    }

    void tokens(int count, long now) {
        client.sawTokens(count, now);
        client.lane().dispatcher().tokens(attempt.call(), attempt, count, now);
    }

    /** @param tokensSeen the measure where the upstream reported no usage */
    void complete(TokenUsage reported, int tokensSeen, long now) {
        over = true;
        Usage usage = reported.reported()
                ? new Usage(reported.promptTokens(), reported.cachedTokens(), reported.completionTokens(), false)
                : new Usage(attempt.call().ask().promptTokens(), 0, tokensSeen, true);
        if (reported.promptTokens() > 0) {
            client.lane().ratio().learn(client.scan().model(), client.scan().prompt(), reported.promptTokens());
        }
        client.lane().dispatcher().completed(attempt.call(), attempt, usage, now);
        letGo();
    }

    void fail(Fault fault, long now) {
        over = true;
        letGo();
        plan.metrics().attemptFailed(ClientCall.label(fault.kind()));
        if (!messageOver) {
            messageOver = true;
            if (wire != null) {
                wire.cancel();
            }
        }
        client.lane().dispatcher().failed(attempt.call(), attempt, fault, now);
    }

    private void letGo() {
        if (answer != null) {
            answer.release();
        }
    }

    private void stopLingering() {
        if (lingering != null) {
            lingering.cancel(false);
            lingering = null;
        }
    }
}
