package io.polychip.net;

/** Input that is refused, with the status a server answers. Has no stack trace: bad input must be cheap. */
final class MalformedHttp extends RuntimeException {
    private final int status;
    private final String code;

    MalformedHttp(int status, String code, String message) {
        super(message, null, false, false);
        this.status = status;
        this.code = code;
    }

    /** Breaks the grammar of HTTP/1.1. */
    static MalformedHttp syntax(String message) {
        return new MalformedHttp(400, "malformed_request", message);
    }

    /** Valid HTTP that is not offered here. */
    static MalformedHttp unsupported(int status, String message) {
        return new MalformedHttp(status, "unsupported", message);
    }

    static MalformedHttp headTooLarge(int maxBytes) {
        return new MalformedHttp(
                431,
                "head_too_large",
                "The request line and headers exceed %d bytes. Maybe send fewer or shorter headers."
                        .formatted(maxBytes));
    }

    static MalformedHttp bodyTooLarge(long maxBytes) {
        return new MalformedHttp(
                413,
                "body_too_large",
                "The request body exceeds %d bytes. Maybe shorten the prompt or send media by URL."
                        .formatted(maxBytes));
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    /** Never null here. */
    String reason() {
        String message = getMessage();
        return message == null ? code : message;
    }
}
