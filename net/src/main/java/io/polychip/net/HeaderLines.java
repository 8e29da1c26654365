package io.polychip.net;

import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/**
 * Header lines of one message (RFC 9112 section 5) and what they say about its framing. Anything that two parsers might
 * read differently is refused: a name with foreign characters or a space before its colon, a folded line, a control
 * character, a second or unclear length.
 */
final class HeaderLines {
    static final int MAX_LINES = 256;

    private static final DefaultHttpHeadersFactory HEADERS =
            DefaultHttpHeadersFactory.headersFactory().withValidation(false);

    private static final AsciiString HOST = AsciiString.cached("host");
    private static final AsciiString CONNECTION = AsciiString.cached("connection");
    private static final AsciiString EXPECT = AsciiString.cached("expect");
    private static final AsciiString CONTENT_LENGTH = AsciiString.cached("content-length");
    private static final AsciiString TRANSFER_ENCODING = AsciiString.cached("transfer-encoding");

    final HttpHeaders headers = HEADERS.newHeaders();

    /** -1 when there is none. */
    long contentLength = -1;

    boolean transferEncoding;

    /** Whether the one transfer coding is {@code chunked}; other codings are not known here. */
    boolean chunked;

    boolean close;
    boolean keepAlive;
    boolean expect;
    boolean expectContinue;
    int hosts;

    private HeaderLines() {}

    /** Reads lines from {@code at} to the empty line that ends at {@code end}; each is known to end in CR LF. */
    static HeaderLines parse(byte[] head, int at, int end) {
        HeaderLines lines = new HeaderLines();
        int count = 0;
        int start = at;
        while (start < end - 2) {
            int feed = start;
            while (head[feed] != '\n') {
                feed++;
            }
            if (++count > MAX_LINES) {
                throw new MalformedHttp(431, "head_too_large", "More than %d header lines.".formatted(MAX_LINES));
            }
            lines.line(head, start, feed - 1);
            start = feed + 1;
        }
        return lines;
    }

    private void line(byte[] head, int start, int end) {
        int colon = start;
        while (colon < end && Grammar.isToken(head[colon])) {
            colon++;
        }
        if (colon == end || head[colon] != ':' || colon == start) {
            throw MalformedHttp.syntax(complaint(head, start, colon, end));
        }
        int from = colon + 1;
        int to = end;
        while (from < to && Grammar.isBlank(head[from])) {
            from++;
        }
        while (to > from && Grammar.isBlank(head[to - 1])) {
            to--;
        }
        for (int i = from; i < to; i++) {
            if (!Grammar.isFieldByte(head[i])) {
                throw MalformedHttp.syntax("A header value contains the control character 0x%02x.".formatted(head[i]));
            }
        }
        AsciiString name = new AsciiString(head, start, colon - start, true);
        String value = new String(head, from, to - from, StandardCharsets.ISO_8859_1);
        understand(name, value);
        headers.add(name, value);
    }

    private static String complaint(byte[] head, int start, int colon, int end) {
        if (colon == start && start < end && Grammar.isBlank(head[start])) {
            return "A header line begins with white space; folded lines are not allowed.";
        }
        if (colon < end && Grammar.isBlank(head[colon])) {
            return "White space before the colon of a header, or a line without a colon.";
        }
        return colon == end ? "A header line has no colon." : "A header name is empty or has a character not allowed.";
    }

    private void understand(AsciiString name, String value) {
        switch (name.length()) {
            case 4 -> {
                if (HOST.contentEqualsIgnoreCase(name)) {
                    hosts++;
                    requireHost(value);
                }
            }
            case 6 -> {
                if (EXPECT.contentEqualsIgnoreCase(name)) {
                    expect = true;
                    expectContinue = value.equalsIgnoreCase("100-continue");
                }
            }
            case 10 -> {
                if (CONNECTION.contentEqualsIgnoreCase(name)) {
                    connection(value);
                }
            }
            case 14 -> {
                if (CONTENT_LENGTH.contentEqualsIgnoreCase(name)) {
                    length(value);
                }
            }
            case 17 -> {
                if (TRANSFER_ENCODING.contentEqualsIgnoreCase(name)) {
                    encoding(value);
                }
            }
            default -> {}
        }
    }

    private static void requireHost(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (!Grammar.isHostCharacter(value.charAt(i))) {
                throw MalformedHttp.syntax("The Host header has a character that no host name has.");
            }
        }
    }

    private void connection(String value) {
        for (String option : value.split(",", -1)) {
            String token = option.strip();
            close |= token.equalsIgnoreCase("close");
            keepAlive |= token.equalsIgnoreCase("keep-alive");
        }
    }

    private void length(String value) {
        if (contentLength >= 0) {
            throw MalformedHttp.syntax("More than one Content-Length.");
        }
        if (value.isEmpty() || value.length() > 18) {
            throw MalformedHttp.syntax("Content-Length must be 1 to 18 digits.");
        }
        long number = 0;
        for (int i = 0; i < value.length(); i++) {
            int digit = value.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw MalformedHttp.syntax("Content-Length must be digits only.");
            }
            number = number * 10 + digit;
        }
        contentLength = number;
    }

    private void encoding(String value) {
        if (transferEncoding) {
            throw MalformedHttp.syntax("More than one Transfer-Encoding.");
        }
        transferEncoding = true;
        chunked = value.equalsIgnoreCase("chunked");
    }

    /** Content-Length beside Transfer-Encoding is how requests are smuggled. */
    void requireOneFraming() {
        if (transferEncoding && contentLength >= 0) {
            throw MalformedHttp.syntax("Both Content-Length and Transfer-Encoding.");
        }
    }
}
