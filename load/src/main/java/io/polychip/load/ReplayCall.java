package io.polychip.load;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Ticker;
import io.polychip.net.HttpCall;
import io.polychip.net.HttpFailure;
import io.polychip.net.HttpListener;
import io.polychip.protocol.AnswerScan;
import io.polychip.protocol.OpenAiError;
import io.polychip.protocol.SseScanner;
import io.polychip.protocol.TokenUsage;
import io.polychip.protocol.Verdict;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** One request of a replay: reads its answer as a client would and tells how it ended, once. */
final class ReplayCall implements HttpListener {
    /** Names the pool, where a gateway discloses it: {@code pool replica}. */
    private static final String ROUTE = "x-polychip-route";

    static final int TO_THE_END = Integer.MAX_VALUE;

    private static final int MOST_DETAIL = 200;

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
    private boolean eventStream;
    private IntConsumer eachEvent = event -> {};
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

    /** Tells of each event with text, as it comes: how many there are by now. */
    void onEvent(IntConsumer told) {
        eachEvent = told;
    }

    void onFirstToken(Runnable told) {
        onEvent(events -> {
            if (events == 1) {
                told.run();
            }
        });
    }

    boolean over() {
        return over;
    }

    /** Events with text so far. */
    int visible() {
        return visible;
    }

    /** When the last of them came. */
    long lastNanos() {
        return lastNanos;
    }

    /** Whether the answer came, or comes, as server-sent events. */
    boolean eventStream() {
        return eventStream;
    }

    long dueNanos() {
        return dueNanos;
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
        eventStream = headers.get("content-type", "").startsWith("text/event-stream");
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
            eachEvent.accept(visible);
        }
    }

    @Override
    public void readComplete() {}

    @Override
    public void end() {
        if (status != 200) {
            end("http " + status, TokenUsage.NONE, complaint(whole.toByteArray()));
        } else if (stream) {
            scanner.end((kind, from, to) -> count(kind));
            OpenAiError error = scanner.error();
            end(outcome(scanner.verdict()), scanner.usage(), error == null ? scanner.detail() : error.message());
        } else {
            AnswerScan answer = AnswerScan.of(whole.toByteArray());
            lastNanos = ticker.nanoTime();
            firstNanos = lastNanos;
            end(outcome(answer.verdict()), answer.usage(), answer.detail());
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
            String kind = failure.kind().name().toLowerCase(Locale.ROOT);
            end((shown ? "broken after text: " : "") + kind, TokenUsage.NONE, failure.detail());
        }
    }

    /** What an endpoint's error says in its own words; the beginning of a body that is no error object. */
    private static String complaint(byte[] body) {
        OpenAiError error = AnswerScan.of(body).error();
        String text = error == null ? new String(body, StandardCharsets.UTF_8) : error.message();
        String line = text.strip().replaceAll("\\s+", " ");
        return line.length() > MOST_DETAIL ? line.substring(0, MOST_DETAIL) + "..." : line;
    }

    private void end(String outcome, TokenUsage usage) {
        end(outcome, usage, "");
    }

    private void end(String outcome, TokenUsage usage, String detail) {
        if (over) {
            return;
        }
        over = true;
        int completion = usage.reported() ? usage.completionTokens() : visible;
        long itl = completion > 1 && firstNanos >= 0 && stream ? (lastNanos - firstNanos) / (completion - 1) : -1;
        long ttft = firstNanos < 0 ? -1 : firstNanos - dueNanos;
        long e2e = ticker.nanoTime() - dueNanos;
        ended.accept(
                this,
                new Answer(
                        dueNanos,
                        usage.promptTokens(),
                        usage.cachedTokens(),
                        completion,
                        ttft,
                        itl,
                        e2e,
                        outcome,
                        route,
                        detail));
    }
}
