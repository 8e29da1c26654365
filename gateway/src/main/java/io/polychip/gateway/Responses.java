package io.polychip.gateway;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.protocol.OpenAiError;
import io.polychip.routing.Fault;

/** Heads and error bodies of answers. */
final class Responses {
    static final String JSON = "application/json";
    /** What the log says of a client that went away (nginx's number for it); never sent. */
    static final int CLIENT_CLOSED = 499;

    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long MILLIS_PER_SECOND = 1_000;
    static final String STOPPED_CODE = "gateway_stopped";
    static final OpenAiError STOPPED =
            server(503, "The gateway was stopped before the answer was complete. Maybe ask again.", STOPPED_CODE);

    private static final DefaultHttpHeadersFactory OWN =
            DefaultHttpHeadersFactory.headersFactory().withValidation(false);

    private Responses() {}

    /** Values are ours and need no check. */
    static HttpHeaders empty() {
        return OWN.newHeaders();
    }

    static HttpHeaders headers(String contentType, String requestId) {
        return empty().set(HttpHeaderNames.CONTENT_TYPE, contentType).set("x-request-id", requestId);
    }

    /** @param retryAfterNanos 0: say nothing */
    static HttpHeaders retryHeaders(long retryAfterNanos, boolean retryable) {
        HttpHeaders headers = empty();
        if (retryAfterNanos > 0) {
            long millis = Math.max(1, retryAfterNanos / NANOS_PER_MILLI);
            headers.set(HttpHeaderNames.RETRY_AFTER, (millis + MILLIS_PER_SECOND - 1) / MILLIS_PER_SECOND);
            headers.set("retry-after-ms", millis);
        }
        if (!retryable) {
            headers.set("x-should-retry", "false");
        }
        return headers;
    }

    /** What a client is told when no upstream gave a usable answer; an upstream's own words stay in the log. */
    static OpenAiError failure(Fault fault) {
        return switch (fault.kind()) {
            case CONNECT -> server(502, "No replica of this model could be reached.", "upstream_unreachable");
            case RESET, CUT -> server(502, "The model's answer was cut off before it was complete.", "upstream_cut");
            case FIRST_TOKEN_TIMEOUT ->
                server(504, "The model did not begin to answer in time.", "upstream_first_token_timeout");
            case STALL -> server(504, "The model stopped in the middle of its answer.", "upstream_stalled");
            case BUSY -> server(503, "All replicas of this model are busy.", "upstream_busy");
            case SERVER_ERROR -> server(502, "The model's server failed.", "upstream_error");
            case GARBLED -> server(502, "The model's server sent something that is no answer.", "upstream_garbled");
            case ERROR_IN_STREAM ->
                server(502, "The model's server reported an error in its answer.", "upstream_error_in_answer");
            case CLIENT_ERROR ->
                new OpenAiError(
                        fault.status(),
                        "The model's server refused the request.",
                        OpenAiError.INVALID_REQUEST,
                        null,
                        "upstream_refused");
        };
    }

    private static OpenAiError server(int status, String message, String code) {
        return new OpenAiError(status, message, OpenAiError.SERVER, null, code);
    }
}
