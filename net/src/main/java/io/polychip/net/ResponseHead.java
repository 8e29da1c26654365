package io.polychip.net;

import io.netty.handler.codec.http.HttpHeaders;

/**
 * The head of an answer.
 *
 * @param contentLength -1 when there is none
 * @param keepAlive whether the server keeps the connection, as far as the head tells
 */
record ResponseHead(int status, HttpHeaders headers, long contentLength, boolean chunked, boolean keepAlive) {

    /** @param head at least {@code length} bytes, which end in the empty line; every line feed follows a CR */
    static ResponseHead parse(byte[] head, int length) {
        String form = "HTTP/1.d ddd";
        int status = 0;
        for (int i = 0; i < form.length(); i++) {
            byte b = head[i];
            if (form.charAt(i) == 'd' ? b < '0' || b > '9' : b != form.charAt(i)) {
                throw MalformedHttp.syntax("The answer does not begin with HTTP/1.1 and a status.");
            }
            status = i >= 9 ? status * 10 + b - '0' : status;
        }
        boolean http10 = head[7] == '0';
        int lineEnd = form.length();
        if ((head[7] != '1' && !http10) || status < 100 || (head[lineEnd] != ' ' && head[lineEnd] != '\r')) {
            throw MalformedHttp.syntax("The answer's status line is not valid: status %d.".formatted(status));
        }
        while (head[lineEnd] != '\n') {
            lineEnd++;
        }
        HeaderLines lines = HeaderLines.parse(head, lineEnd + 1, length);
        lines.requireOneFraming();
        if (lines.transferEncoding && (!lines.chunked || http10)) {
            throw MalformedHttp.syntax("The answer has a transfer coding other than chunked.");
        }
        boolean keepAlive = http10 ? lines.keepAlive && !lines.close : !lines.close;
        return new ResponseHead(status, lines.headers, lines.contentLength, lines.chunked, keepAlive);
    }

    /** 1xx: a remark before the answer proper. */
    boolean informational() {
        return status < 200;
    }

    /** RFC 9112 section 6.3: these never have a body, whatever the headers say. */
    boolean bodiless(String method) {
        return status == 204 || status == 304 || method.equals("HEAD");
    }
}
