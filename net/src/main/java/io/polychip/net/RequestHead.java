package io.polychip.net;

import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;

/**
 * The head of a request, valid as a whole or refused.
 *
 * @param path raw, up to the question mark; of an absolute-form target the part after the authority
 * @param query raw, without the question mark
 * @param contentLength -1 when there is none
 */
record RequestHead(
        String method,
        String path,
        String query,
        boolean http10,
        HttpHeaders headers,
        long contentLength,
        boolean chunked,
        boolean keepAlive,
        boolean expectContinue) {

    private static final int MAX_METHOD_BYTES = 20;

    /** @param head at least {@code length} bytes, which end in the empty line; every line feed follows a CR */
    static RequestHead parse(byte[] head, int length) {
        int methodEnd = 0;
        while (methodEnd <= MAX_METHOD_BYTES && Grammar.isToken(head[methodEnd])) {
            methodEnd++;
        }
        if (methodEnd == 0 || methodEnd > MAX_METHOD_BYTES || head[methodEnd] != ' ') {
            throw MalformedHttp.syntax("The request line must be METHOD SP target SP HTTP/1.1.");
        }
        int targetStart = methodEnd + 1;
        int targetEnd = targetStart;
        while (Grammar.isTargetByte(head[targetEnd])) {
            targetEnd++;
        }
        if (targetEnd == targetStart || head[targetEnd] != ' ') {
            throw MalformedHttp.syntax("The request target is empty or has a character that must be percent-encoded.");
        }
        boolean http10 = isHttp10(head, targetEnd + 1);
        String method = method(head, methodEnd);
        HeaderLines lines = HeaderLines.parse(head, targetEnd + 1 + "HTTP/1.1\r\n".length(), length);
        requireSoundFraming(lines, http10);
        String target =
                originForm(method, new String(head, targetStart, targetEnd - targetStart, StandardCharsets.ISO_8859_1));
        int question = target.indexOf('?');
        return new RequestHead(
                method,
                question < 0 ? target : target.substring(0, question),
                question < 0 ? "" : target.substring(question + 1),
                http10,
                lines.headers,
                lines.contentLength,
                lines.chunked,
                !http10 && !lines.close,
                lines.expectContinue);
    }

    private static boolean isHttp10(byte[] head, int at) {
        String form = "HTTP/d.d\r\n";
        for (int i = 0; i < form.length(); i++) {
            // A line feed always follows a CR and ends the head at the latest, so this never runs over the end.
            boolean fits =
                    form.charAt(i) == 'd' ? head[at + i] >= '0' && head[at + i] <= '9' : head[at + i] == form.charAt(i);
            if (!fits) {
                throw MalformedHttp.syntax("The request line must end in HTTP/1.1.");
            }
        }
        if (head[at + 5] != '1' || head[at + 7] > '1') {
            throw MalformedHttp.unsupported(505, "Only HTTP/1.1 and HTTP/1.0 are offered on this port.");
        }
        return head[at + 7] == '0';
    }

    private static String method(byte[] head, int length) {
        if (length == 3 && head[0] == 'G' && head[1] == 'E' && head[2] == 'T') {
            return "GET";
        }
        if (length == 4 && head[0] == 'P' && head[1] == 'O' && head[2] == 'S' && head[3] == 'T') {
            return "POST";
        }
        return new String(head, 0, length, StandardCharsets.ISO_8859_1);
    }

    private static void requireSoundFraming(HeaderLines lines, boolean http10) {
        lines.requireOneFraming();
        if (lines.hosts > 1 || (lines.hosts == 0 && !http10)) {
            throw MalformedHttp.syntax("Exactly one Host header is needed, there are %d.".formatted(lines.hosts));
        }
        if (lines.transferEncoding && http10) {
            throw MalformedHttp.syntax("Transfer-Encoding in an HTTP/1.0 request.");
        }
        if (lines.transferEncoding && !lines.chunked) {
            throw MalformedHttp.unsupported(501, "The only transfer coding offered is chunked.");
        }
        if (lines.expect && !lines.expectContinue) {
            throw MalformedHttp.unsupported(417, "The only expectation offered is 100-continue.");
        }
    }

    private static String originForm(String method, String target) {
        if (target.charAt(0) == '/' || (target.equals("*") && method.equals("OPTIONS"))) {
            return target;
        }
        int authority = target.startsWith("http://") ? 7 : target.startsWith("https://") ? 8 : -1;
        if (authority < 0 || authority == target.length()) {
            throw MalformedHttp.syntax("The request target must begin with a slash.");
        }
        for (int i = authority; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c == '/') {
                return target.substring(i);
            }
            if (c == '?') {
                return "/" + target.substring(i);
            }
        }
        return "/";
    }
}
