package io.polychip.net;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/** Status lines, encoded once. */
final class StatusLine {
    private static final int FIRST = 100;
    private static final byte[][] LINES = new byte[500][];

    static {
        for (int i = 0; i < LINES.length; i++) {
            int status = FIRST + i;
            LINES[i] = "HTTP/1.1 %d %s\r\n"
                    .formatted(status, HttpResponseStatus.valueOf(status).reasonPhrase())
                    .getBytes(StandardCharsets.US_ASCII);
        }
    }

    private StatusLine() {}

    static byte[] of(int status) {
        if (status < FIRST || status >= FIRST + LINES.length) {
            throw new IllegalArgumentException("HTTP status %d; allowed is 100 to 599.".formatted(status));
        }
        return LINES[status - FIRST];
    }
}
