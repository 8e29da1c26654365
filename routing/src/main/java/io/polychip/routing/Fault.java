package io.polychip.routing;

/**
 * Why an attempt failed.
 *
 * @param status upstream's HTTP status, 0 when none came
 * @param retryAfterNanos upstream's wish, 0 when none
 * @param detail for log and error body; never a credential
 */
public record Fault(Kind kind, int status, long retryAfterNanos, String detail) {
    /** What was seen. */
    public enum Kind {
        /** No connection: refused, unreachable, timed out, TLS failed. */
        CONNECT,
        /** The connection broke before the answer was complete. */
        RESET,
        /** No first token in time. */
        FIRST_TOKEN_TIMEOUT,
        /** Silence between tokens for too long. */
        STALL,
        /** 429, 498 and 503: busy, not broken. */
        BUSY,
        /** Any other 5xx. */
        SERVER_ERROR,
        /** 4xx: the request itself; handed to the client as it is, never retried. */
        CLIENT_ERROR,
        /** A stream that ended without finish_reason or [DONE], or an empty one. */
        CUT,
        /** Unreadable event or body, HTML, wrong content type. */
        GARBLED,
        /** An error object inside a 200. */
        ERROR_IN_STREAM
    }
}
