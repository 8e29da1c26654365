package io.polychip.net;

/** Why a request of a {@link HttpClient} has no complete answer. @param detail for logs, never empty */
public record HttpFailure(Kind kind, String detail) {
    /** Where it broke. */
    public enum Kind {
        /** No connection, or TLS failed. Nothing was sent. */
        CONNECT,
        /**
         * A connection kept from an earlier request broke before the first byte of this answer: most likely the server
         * had closed it for being idle and has not seen the request, but that is not certain.
         */
        STALE,
        /** Closed or reset before or inside the answer. */
        RESET,
        /** The answer is no valid HTTP. */
        MALFORMED
    }
}
