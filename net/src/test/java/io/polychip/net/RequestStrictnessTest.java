package io.polychip.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is refused before a handler sees it, and what is let through, each sent in one read and byte by byte. */
final class RequestStrictnessTest {
    private static final String POST = "POST /v1/x HTTP/1.1\r\nHost: a\r\n";
    private static final String CHUNKED = POST + "Transfer-Encoding: chunked\r\n\r\n";

    static Stream<Arguments> malformed() {
        return Stream.of(
                // two lengths
                Arguments.of(
                        "two Content-Length that differ",
                        POST + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                        400),
                Arguments.of(
                        "two Content-Length that agree", POST + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400),
                Arguments.of("a list as Content-Length", POST + "Content-Length: 1, 1\r\n\r\na", 400),
                Arguments.of(
                        "Content-Length and chunked",
                        POST + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        400),
                Arguments.of(
                        "chunked and Content-Length",
                        POST + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
                        400),
                Arguments.of("a signed Content-Length", POST + "Content-Length: +1\r\n\r\na", 400),
                Arguments.of("a negative Content-Length", POST + "Content-Length: -1\r\n\r\n", 400),
                Arguments.of("a hexadecimal Content-Length", POST + "Content-Length: 0x1\r\n\r\na", 400),
                Arguments.of("an empty Content-Length", POST + "Content-Length:\r\n\r\n", 400),
                Arguments.of(
                        "a Content-Length beyond 63 bits", POST + "Content-Length: 99999999999999999999\r\n\r\n", 400),
                Arguments.of("a Content-Length with a space inside", POST + "Content-Length: 1 1\r\n\r\na", 400),
                // line ends and folding
                Arguments.of("a bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400),
                Arguments.of("a bare LF after a header", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400),
                Arguments.of("a bare LF as the empty line", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400),
                Arguments.of("nothing but a bare LF", "\n", 400),
                Arguments.of("a bare CR inside a value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\rY: c\r\n\r\n", 400),
                Arguments.of("a CR doubled", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", 400),
                Arguments.of("a folded header", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n", 400),
                Arguments.of("a header folded with a tab", "GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\tc\r\n\r\n", 400),
                Arguments.of("white space before the first header", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400),
                Arguments.of("two empty lines before the request", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                // names, values, target
                Arguments.of("a space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
                Arguments.of("a tab before the colon", "GET / HTTP/1.1\r\nHost: a\r\nX\t: b\r\n\r\n", 400),
                Arguments.of("a header without a colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400),
                Arguments.of("a header without a name", "GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n", 400),
                Arguments.of("a NUL in a name", "GET / HTTP/1.1\r\nHost: a\r\nX\0: b\r\n\r\n", 400),
                Arguments.of("a NUL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\0c\r\n\r\n", 400),
                Arguments.of("a control character in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\u0001c\r\n\r\n", 400),
                Arguments.of("a DEL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: b\u007fc\r\n\r\n", 400),
                Arguments.of("a letter above ASCII in a name", "GET / HTTP/1.1\r\nHost: a\r\n\u00c4: b\r\n\r\n", 400),
                Arguments.of("a NUL in the target", "GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                Arguments.of("a letter above ASCII in the target", "GET /\u00e4 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                Arguments.of("a fragment in the target", "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                Arguments.of("a target without a slash", "GET v1/models HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                Arguments.of("an absolute target of another scheme", "GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                Arguments.of("two spaces before the target", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                Arguments.of("two spaces after the target", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                Arguments.of("tabs in the request line", "GET\t/\tHTTP/1.1\r\nHost: a\r\n\r\n", 400),
                Arguments.of("white space after the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400),
                Arguments.of("a method of 40 letters", "A".repeat(40) + " / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                Arguments.of("a method that is no token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400),
                // Host
                Arguments.of("no Host", "GET / HTTP/1.1\r\nX: a\r\n\r\n", 400),
                Arguments.of("two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
                Arguments.of("a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
                Arguments.of("a Host with a user", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400),
                Arguments.of("a Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400),
                // versions and other protocols
                Arguments.of("HTTP/0.9", "GET /\r\n\r\n", 400),
                Arguments.of("no version at the end of the head", "GET / \r\n\r\n", 400),
                Arguments.of("a version in small letters", "GET / http/1.1\r\nHost: a\r\n\r\n", 400),
                Arguments.of("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505),
                Arguments.of("HTTP/3.0", "GET / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
                Arguments.of("the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
                Arguments.of("a TLS hello", "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003", 400),
                Arguments.of("CONNECT", "CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n", 501),
                Arguments.of(
                        "HTTP/1.0 with chunks", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
                // codings and expectations
                Arguments.of("an unknown coding", POST + "Transfer-Encoding: gzip\r\n\r\n", 501),
                Arguments.of("two codings", POST + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 501),
                Arguments.of(
                        "chunked twice in one line",
                        POST + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
                        501),
                Arguments.of("chunked in quotes", POST + "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", 501),
                Arguments.of("chunked with a parameter", POST + "Transfer-Encoding: chunked;x\r\n\r\n0\r\n\r\n", 501),
                Arguments.of(
                        "chunked after a vertical tab",
                        POST + "Transfer-Encoding: \u000bchunked\r\n\r\n0\r\n\r\n",
                        400),
                Arguments.of(
                        "two Transfer-Encoding",
                        POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        400),
                Arguments.of("an empty Transfer-Encoding", POST + "Transfer-Encoding:\r\n\r\n", 501),
                Arguments.of("an unknown expectation", POST + "Expect: miracle\r\nContent-Length: 1\r\n\r\na", 417),
                // chunks
                Arguments.of("a chunk size of letters", CHUNKED + "xyz\r\n", 400),
                Arguments.of("a negative chunk size", CHUNKED + "-1\r\n", 400),
                Arguments.of("an empty chunk size", CHUNKED + "\r\n", 400),
                Arguments.of("a chunk size with 0x", CHUNKED + "0x1\r\na\r\n0\r\n\r\n", 400),
                Arguments.of("white space after a chunk size", CHUNKED + "1 \r\na\r\n0\r\n\r\n", 400),
                Arguments.of("white space before a chunk size", CHUNKED + " 1\r\na\r\n0\r\n\r\n", 400),
                Arguments.of("a chunk size that overflows", CHUNKED + "FFFFFFFFFFFFFFFFF\r\n", 400),
                Arguments.of("a chunk size of many zeros", CHUNKED + "0".repeat(40) + "1\r\na\r\n0\r\n\r\n", 400),
                Arguments.of("a chunk size of 63 bits", CHUNKED + "7FFFFFFFFFFFFFFF\r\n", 413),
                Arguments.of("chunk sizes that add up past 64 bits", CHUNKED + "1\r\na\r\n7FFFFFFFFFFFFFFF\r\n", 413),
                Arguments.of("a bare LF after a chunk size", CHUNKED + "1\na\r\n0\r\n\r\n", 400),
                Arguments.of("a chunk longer than its size", CHUNKED + "1\r\nab\r\n0\r\n\r\n", 400),
                Arguments.of("a bare LF after a chunk", CHUNKED + "1\r\na\n0\r\n\r\n", 400),
                Arguments.of("an extension without end", CHUNKED + "1;" + "x".repeat(20_000), 400),
                Arguments.of("an extension with a control character", CHUNKED + "1;\0\r\na\r\n0\r\n\r\n", 400),
                Arguments.of("an extension with a bare LF", CHUNKED + "1;x\na\r\n0\r\n\r\n", 400),
                Arguments.of("a trailer without end", CHUNKED + "0\r\nX: " + "x".repeat(20_000), 400),
                Arguments.of("a trailer after a space", CHUNKED + "0\r\n X: y\r\n\r\n", 400),
                Arguments.of("a bare LF at the very end", CHUNKED + "0\r\n\n", 400),
                // sizes
                Arguments.of("a head too large", "GET / HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(70_000), 431),
                Arguments.of("a target too large", "GET /" + "x".repeat(70_000), 431),
                Arguments.of(
                        "300 header lines", "GET / HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n".repeat(300) + "\r\n", 431),
                Arguments.of("a body too large by its length", POST + "Content-Length: 67108865\r\n\r\n", 413),
                Arguments.of("a chunk too large", CHUNKED + "4000001\r\n", 413));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void isRefusedAndClosed(String name, String request, int status) {
        EmbeddedServer whole = new EmbeddedServer().read(request);
        assertRefused(whole, status);
        assertRefused(new EmbeddedServer().readByteByByte(request), status);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("malformed")
    void isRefusedAfterASoundRequestToo(String name, String request, int status) {
        EmbeddedServer server = new EmbeddedServer().read("GET /first HTTP/1.1\r\nHost: a\r\n\r\n" + request);
        assertThat(server.handled()).containsExactly("GET /first? ");
        assertThat(server.sent())
                .startsWith("HTTP/1.1 200 OK\r\n")
                .contains("\r\n\r\n<GET /first? >HTTP/1.1 " + status);
        server.assertCleanEnd();
    }

    private static void assertRefused(EmbeddedServer server, int status) {
        assertThat(server.handled()).isEmpty();
        String answer = server.sent();
        assertThat(answer)
                .startsWith("HTTP/1.1 " + status + " ")
                .contains("\r\nconnection: close\r\n")
                .contains("{\"error\":{\"message\":\"");
        server.read("GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
        server.pass(Duration.ofSeconds(2));
        assertThat(server.isOpen()).isFalse();
        assertThat(server.handled()).isEmpty();
        assertThat(server.sent()).isEmpty();
        server.assertCleanEnd();
    }

    static Stream<Arguments> sound() {
        return Stream.of(
                Arguments.of("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /? "),
                Arguments.of("GET /?a=b&c HTTP/1.1\r\nHost:\r\n\r\n", "GET /?a=b&c "),
                Arguments.of("\r\nGET / HTTP/1.1\r\nhOsT:a\r\n\r\n", "GET /? "),
                Arguments.of("GET /v1/%2e%2e/metrics HTTP/1.1\r\nHost: a\r\n\r\n", "GET /v1/%2e%2e/metrics? "),
                Arguments.of("GET /v1/../metrics HTTP/1.1\r\nHost: a\r\n\r\n", "GET /v1/../metrics? "),
                Arguments.of("GET http://b/v1/models?x HTTP/1.1\r\nHost: a\r\n\r\n", "GET /v1/models?x "),
                Arguments.of("GET http://b HTTP/1.1\r\nHost: a\r\n\r\n", "GET /? "),
                Arguments.of("GET https://b?x HTTP/1.1\r\nHost: a\r\n\r\n", "GET /?x "),
                Arguments.of("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS *? "),
                Arguments.of("GET / HTTP/1.1\r\nHost: [::1]:8000\r\nX: \u00e4\tb \t\r\nEmpty:\r\n\r\n", "GET /? "),
                Arguments.of("GET / HTTP/1.0\r\n\r\n", "GET /? "),
                Arguments.of("POST / HTTP/1.0\r\nContent-Length: 2\r\n\r\nab", "POST /? ab"),
                Arguments.of(POST + "Content-Length: 0\r\n\r\n", "POST /v1/x? "),
                Arguments.of(POST + "Content-Length: 0005\r\n\r\nabcde", "POST /v1/x? abcde"),
                Arguments.of(POST + "Content-Length: 4\r\n\r\n\r\n\r\n", "POST /v1/x? \r\n\r\n"),
                Arguments.of(CHUNKED + "0\r\n\r\n", "POST /v1/x? "),
                Arguments.of(CHUNKED + "00\r\n\r\n", "POST /v1/x? "),
                Arguments.of(CHUNKED + "3\r\nabc\r\n0002\r\nde\r\n0\r\n\r\n", "POST /v1/x? abcde"),
                Arguments.of(
                        CHUNKED + "a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n",
                        "POST /v1/x? 01234567890123456789"),
                Arguments.of(CHUNKED + "1;name=\"value\"\r\na\r\n0;x\r\n\r\n", "POST /v1/x? a"),
                Arguments.of(CHUNKED + "1\r\na\r\n0\r\nX-Checksum: 1\r\nY: z\r\n\r\n", "POST /v1/x? a"),
                Arguments.of(POST + "TRANSFER-ENCODING: \tChunked \r\n\r\n1\r\na\r\n0\r\n\r\n", "POST /v1/x? a"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("sound")
    void isHandedOverAndAnswered(String request, String understood) {
        EmbeddedServer whole = new EmbeddedServer().read(request);
        assertThat(whole.handled()).containsExactly(understood);
        assertThat(whole.sent()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("\r\n\r\n<" + understood + ">");
        whole.assertCleanEnd();
        for (int cut = 1; cut < request.length(); cut++) {
            EmbeddedServer server = new EmbeddedServer().read(request.substring(0, cut));
            assertThat(server.handled()).as("cut at %d", cut).isEmpty();
            server.read(request.substring(cut));
            assertThat(server.handled()).as("cut at %d", cut).containsExactly(understood);
            server.assertCleanEnd();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void pipelinedRequestsAreAnsweredInOrder(boolean byteByByte) {
        StringBuilder requests = new StringBuilder();
        StringBuilder bodies = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            requests.append(POST)
                    .append("Content-Length: 2\r\n\r\n")
                    .append((char) ('a' + i))
                    .append('!');
            bodies.append("<POST /v1/x? ").append((char) ('a' + i)).append("!>");
        }
        EmbeddedServer server = new EmbeddedServer();
        if (byteByByte) {
            server.readByteByByte(requests.toString());
        } else {
            server.read(requests.toString());
        }
        assertThat(server.handled()).hasSize(20);
        assertThat(server.sent().replaceAll("HTTP/1.1 200 OK\r\n(?s:.*?)\r\n\r\n", ""))
                .isEqualTo(bodies.toString());
        assertThat(server.isOpen()).isTrue();
        server.assertCleanEnd();
    }

    @Test
    void anHttp10AnswerEndsWithItsConnection() {
        EmbeddedServer server = new EmbeddedServer().read("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        assertThat(server.sent()).contains("\r\nconnection: close\r\n");
        assertThat(server.isOpen()).isFalse();
        server.assertCleanEnd();
    }
}
