package io.polychip.load;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Ticker;
import io.polychip.net.HttpCall;
import io.polychip.net.HttpFailure;
import io.polychip.net.HttpListener;
import io.polychip.protocol.AnswerScan;
import io.polychip.protocol.SseScanner;
import io.polychip.protocol.TokenUsage;
import io.polychip.protocol.Verdict;
import java.io.ByteArrayOutputStream;
import java.util.Locale;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** One request of a replay: reads its answer as a client would and tells how it ended, once. */
final class ReplayCall implements HttpListener {
    /** Names the pool, where a gateway discloses it: {@code pool replica}. */
    private static final String ROUTE = "x-polychip-route";

    static final int TO_THE_END = Integer.MAX_VALUE;

    private final boolean stream;
    private final int hangUpAfter;
    private final long dueNanos;
    private final Ticker ticker;
    private final BiConsumer<ReplayCall, Answer> ended;
    private final SseScanner scanner = new SseScanner(1);
    private @Nullable HttpCall call;
    private final ByteArrayOutputStream whole = new ByteArrayOutputStream();
    private String route = "";
    private int status;
    private int visible;
    private long firstNanos = -1;
    private long lastNanos = -1;
    private boolean over;

    /** @param hangUpAfter tokens after which the client hangs up; 0: at the head */
    ReplayCall(boolean stream, int hangUpAfter, long dueNanos, Ticker ticker, BiConsumer<ReplayCall, Answer> ended) {
        this.stream = stream;
        this.hangUpAfter = hangUpAfter;
        this.dueNanos = dueNanos;
        this.ticker = ticker;
        this.ended = ended;
    }

    void started(HttpCall started) {
        call = started;
    }

    /** Patience is over. */
    void giveUp() {
        leave("unfinished");
    }

    private void leave(String outcome) {
        if (call != null) {
            call.cancel();
        }
        end(outcome, TokenUsage.NONE);
    }

    @Override
    public void head(int newStatus, HttpHeaders headers) {
        status = newStatus;
        String named = headers.get(ROUTE, "");
        int space = named.indexOf(' ');
        route = space < 0 ? named : named.substring(0, space);
        hangUpIfDue();
    }

    @Override
    public void data(ByteBuf piece) {
        byte[] bytes = new byte[piece.readableBytes()];
        piece.readBytes(bytes);
        piece.release();
        if (stream && status == 200) {
            scanner.feed(bytes, 0, bytes.length, (kind, from, to) -> count(kind));
            hangUpIfDue();
        } else {
            whole.writeBytes(bytes);
        }
    }

    private void hangUpIfDue() {
        if (status == 200 && visible >= hangUpAfter && !over) {
            leave(Answer.HUNG_UP);
        }
    }

    private void count(SseScanner.Kind kind) {
        if (kind == SseScanner.Kind.VISIBLE || kind == SseScanner.Kind.HIDDEN) {
            lastNanos = ticker.nanoTime();
            if (visible++ == 0) {
                firstNanos = lastNanos;
            }
        }
    }

    @Override
    public void readComplete() {}

    @Override
    public void end() {
        if (status != 200) {
            end("http " + status, TokenUsage.NONE);
        } else if (stream) {
            scanner.end((kind, from, to) -> count(kind));
            end(outcome(scanner.verdict()), scanner.usage());
        } else {
            AnswerScan answer = AnswerScan.of(whole.toByteArray());
            lastNanos = ticker.nanoTime();
            firstNanos = lastNanos;
            end(outcome(answer.verdict()), answer.usage());
        }
    }

    private static String outcome(Verdict verdict) {
        return verdict == Verdict.COMPLETE ? Answer.OK : verdict.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public void failed(HttpFailure failure) {
        boolean shown = visible > 0;
        if (shown && scanner.verdict() == Verdict.ERROR) {
            end("error event", scanner.usage()); // said so, then closed: what an honest gateway does
        } else {
            end((shown ? "broken after text: " : "") + failure.kind().name().toLowerCase(Locale.ROOT), TokenUsage.NONE);
        }
    }

    private void end(String outcome, TokenUsage usage) {
        if (over) {
            return;
        }
        over = true;
        int completion = usage.reported() ? usage.completionTokens() : visible;
        long itl = completion > 1 && firstNanos >= 0 && stream ? (lastNanos - firstNanos) / (completion - 1) : -1;
        long ttft = firstNanos < 0 ? -1 : firstNanos - dueNanos;
        long e2e = ticker.nanoTime() - dueNanos;
        ended.accept(this, new Answer(dueNanos, usage.promptTokens(), completion, ttft, itl, e2e, outcome, route));
    }
}
