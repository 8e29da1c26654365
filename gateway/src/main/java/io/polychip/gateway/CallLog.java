package io.polychip.gateway;

import io.netty.channel.EventLoop;
import io.polychip.fleet.Pool;
import io.polychip.routing.Ask;
import io.polychip.routing.Ending;
import io.polychip.routing.Usage;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One loop's lines of the access log: one JSON object per request, with all that {@code polychip simulate} needs to
 * replay it, written here and handed over in blocks, full or a tenth of a second old. On its loop only.
 */
final class CallLog {
    private static final int BLOCK_BYTES = 32 * 1024;
    private static final long FLUSH_NANOS = 100_000_000L;
    private static final long NANOS_PER_MICRO = 1_000;
    private static final double NANO_DOLLARS = 1e9;

    private final EventLoop loop;
    private final AccessLog log;
    private final InstantSource wallClock;
    private final JsonWriter out = new JsonWriter(BLOCK_BYTES + 4096);
    private int lines;
    private boolean flushDue;

    CallLog(EventLoop loop, AccessLog log, InstantSource wallClock) {
        this.loop = loop;
        this.log = log;
        this.wallClock = wallClock;
    }

    void write(ClientCall call, Ending ending, int status) {
        Instant now = begin(call.id());
        Timeline times = call.timeline();
        out.text("arrived", now.minusNanos(times.totalNanos()).toString());
        out.text("tenant", call.caller().tenant());
        out.text("class", Metrics.label(call.requestClass()));
        out.text("model", call.scan().model());
        Upstream last = call.upstream();
        if (last != null) {
            Pool pool = last.plan().pool();
            out.text("pool", pool.name());
            out.text("vendor", pool.vendor());
            out.text("replica", last.attempt().replica().url().toString());
        }
        out.number("status", status);
        out.text("ending", name(ending));
        if (!(ending instanceof Ending.Completed)) {
            out.text("reason", call.reason(ending));
            out.text("detail", detail(ending));
        }
        out.number("attempts", times.attempts());
        if (times.tokens() > 0 || ending instanceof Ending.Completed) { // else there is no first token to have a time
            out.fraction("ttft_ms", times.ttftNanos() / NANOS_PER_MICRO, 3);
        }
        if (times.tokens() > 1) {
            out.fraction("itl_ms", times.itlNanos() / NANOS_PER_MICRO, 3);
        }
        out.fraction("e2e_ms", times.totalNanos() / NANOS_PER_MICRO, 3);
        Usage usage = usage(ending);
        out.number("prompt_tokens", usage.promptTokens());
        out.number("cached_tokens", usage.cachedTokens());
        out.number("completion_tokens", usage.completionTokens());
        out.number("estimated", usage.estimated() ? 1 : 0);
        asked(call.ask());
        out.fraction("usd", (long) (call.usd() * NANO_DOLLARS), 9);
        out.number("overhead_us", times.overheadNanos() / NANOS_PER_MICRO);
        finish();
    }

    /** What a replay needs beyond times and usage: a refused request has no usage. */
    private void asked(@Nullable Ask ask) {
        if (ask != null) {
            out.number("prompt_estimate", ask.promptTokens());
            out.number("max_tokens", ask.maxTokens());
            if (ask.conversation() != 0) {
                out.text("conversation", HexFormat.of().toHexDigits(ask.conversation()));
            }
        }
    }

    /** A request that was turned down before it became a call. */
    void refused(String id, String path, String remote, int status, String code, String detail) {
        begin(id);
        out.text("path", path);
        out.text("remote", remote);
        out.number("status", status);
        out.text("ending", "refused");
        out.text("reason", code);
        out.text("detail", detail);
        finish();
    }

    private Instant begin(String id) {
        Instant now = wallClock.instant();
        out.open();
        out.text("time", now.toString());
        out.text("id", id);
        return now;
    }

    private void finish() {
        out.close();
        lines++;
        if (out.length() >= BLOCK_BYTES) {
            flush();
        } else if (!flushDue) {
            flushDue = true;
            loop.schedule(this::flushDue, FLUSH_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    private void flushDue() {
        flushDue = false;
        flush();
    }

    void flush() {
        if (lines > 0) {
            log.write(Arrays.copyOf(out.bytes(), out.length()), lines);
            out.clear();
            lines = 0;
        }
    }

    static String name(Ending ending) {
        return switch (ending) {
            case Ending.Completed completed -> "completed";
            case Ending.Refused refused -> "refused";
            case Ending.Failed failed -> "failed";
            case Ending.Cancelled cancelled -> "cancelled";
        };
    }

    private static String detail(Ending ending) {
        return switch (ending) {
            case Ending.Completed completed -> "";
            case Ending.Refused refused -> refused.message();
            case Ending.Failed failed -> failed.fault().detail();
            case Ending.Cancelled cancelled -> "";
        };
    }

    static Usage usage(Ending ending) {
        return switch (ending) {
            case Ending.Completed completed -> completed.usage();
            case Ending.Refused refused -> Usage.NOTHING;
            case Ending.Failed failed -> failed.usage();
            case Ending.Cancelled cancelled -> cancelled.usage();
        };
    }
}
