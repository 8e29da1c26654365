package io.polychip.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.routing.Fault;
import io.polychip.routing.Fault.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * An answer with an error status. What is the client's own fault is handed to it as it came; everything else is ours to
 * deal with, and the upstream's words go no further than the log.
 */
final class ErrorAnswer implements Answer {
    private static final int MAX_BODY_BYTES = 64 * 1024;
    private static final int MAX_DETAIL = 300;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long LONGEST_WAIT_SECONDS = 24 * 3600;

    private final Upstream upstream;
    private final int status;
    private final long retryAfterNanos;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    ErrorAnswer(Upstream upstream, int status, HttpHeaders headers, Instant wallClock) {
        this.upstream = upstream;
        this.status = status;
        this.retryAfterNanos = retryAfterNanos(headers, wallClock);
    }

    @Override
    public void data(ByteBuf piece, long now) {
        int length = Math.min(piece.readableBytes(), MAX_BODY_BYTES - body.size());
        byte[] bytes = new byte[length];
        piece.readBytes(bytes);
        body.writeBytes(bytes);
        piece.release();
    }

    @Override
    public void readComplete(long now) {
        // nothing of it is passed on before it is whole
    }

    @Override
    public void end(long now) {
        Kind kind = kind(status);
        String detail = "status %d: %s".formatted(status, excerpt());
        if (kind == Kind.CLIENT_ERROR) {
            upstream.client().clientError(body.toByteArray());
        }
        upstream.fail(new Fault(kind, status, retryAfterNanos, detail), now);
    }

    @Override
    public int tokensSeen() {
        return 0;
    }

    @Override
    public void release() {
        // on the heap
    }

    /** Whose fault a status is. */
    static Kind kind(int status) {
        return switch (status) {
            case 429, 498, 503, 529 -> Kind.BUSY;
            // ours: a refused credential, a model or path that is not there, an upstream that waited for our body
            case 401, 403, 404, 405, 407, 408 -> Kind.SERVER_ERROR;
            default -> status >= 400 && status < 500 ? Kind.CLIENT_ERROR : Kind.SERVER_ERROR;
        };
    }

    /** Seconds, a date, or OpenAI's milliseconds; 0 when there is none or it makes no sense. */
    static long retryAfterNanos(HttpHeaders headers, Instant wallClock) {
        String millis = headers.get("retry-after-ms");
        if (millis != null) {
            return nanos(millis, NANOS_PER_SECOND / 1000);
        }
        String value = headers.get("retry-after");
        if (value == null || value.isEmpty()) {
            return 0;
        }
        if (Character.isDigit(value.charAt(0))) {
            return nanos(value, NANOS_PER_SECOND);
        }
        Instant at = date(value);
        return at == null ? 0 : clamp(Duration.between(wallClock, at).toNanos());
    }

    private static long nanos(String number, long unit) {
        try {
            double units = Double.parseDouble(number.trim());
            return units > 0 ? clamp((long) (Math.min(units, 1e9) * unit)) : 0;
        } catch (NumberFormatException e) {
            return 0; // as if it had not been sent
        }
    }

    private static @Nullable Instant date(String value) {
        try {
            return ZonedDateTime.parse(value.trim(), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant();
        } catch (DateTimeException e) {
            return null; // as if it had not been sent
        }
    }

    private static long clamp(long nanos) {
        return Math.clamp(nanos, 0, LONGEST_WAIT_SECONDS * NANOS_PER_SECOND);
    }

    private String excerpt() {
        String text = body.toString(StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "(no body)" : text.length() > MAX_DETAIL ? text.substring(0, MAX_DETAIL) + "..." : text;
    }
}
