package io.polychip.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers of servers, sound and broken, in one read and cut at every byte. */
final class ClientConnectionTest {
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final String CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n";

    static Stream<Arguments> complete() {
        return Stream.of(
                Arguments.of("POST", OK + "Content-Length: 5\r\n\r\nhello", 200, "hello", true),
                Arguments.of("POST", OK + "content-length: 0\r\n\r\n", 200, "", true),
                Arguments.of("POST", OK + "Connection: close\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", false),
                Arguments.of("POST", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", 200, "hi", false),
                Arguments.of(
                        "POST",
                        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi",
                        200,
                        "hi",
                        true),
                Arguments.of("POST", "HTTP/1.1 404\r\nContent-Length: 2\r\n\r\nno", 404, "no", true),
                Arguments.of("POST", "HTTP/1.1 498 \r\nContent-Length: 2\r\n\r\nno", 498, "no", true),
                Arguments.of("POST", "HTTP/1.1 204 No Content\r\n\r\n", 204, "", true),
                Arguments.of("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304, "", true),
                Arguments.of("HEAD", OK + "Content-Length: 9\r\n\r\n", 200, "", true),
                Arguments.of("HEAD", CHUNKED, 200, "", true),
                Arguments.of("POST", CHUNKED + "0\r\n\r\n", 200, "", true),
                Arguments.of("POST", CHUNKED + "5\r\nhello\r\n0\r\n\r\n", 200, "hello", true),
                Arguments.of(
                        "POST", CHUNKED + "1\r\nh\r\n1;x=y\r\ne\r\n3\r\nllo\r\n0\r\nT: u\r\n\r\n", 200, "hello", true),
                Arguments.of(
                        "POST",
                        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK
                                + "Content-Length: 2\r\n\r\nhi",
                        200,
                        "hi",
                        true));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("complete")
    void isCompleteHoweverItIsCut(String method, String raw, int status, String body, boolean kept) {
        for (int cut = 0; cut < raw.length(); cut++) {
            EmbeddedClient client = new EmbeddedClient();
            Answer answer = new Answer();
            client.begin(method, answer);
            client.read(raw.substring(0, cut));
            assertThat(answer.done()).as("done at %d", cut).isFalse();
            client.read(raw.substring(cut));
            assertThat(answer.done()).as("done after %d", cut).isTrue();
            assertThat(answer.failure()).isNull();
            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.text()).isEqualTo(body);
            assertThat(client.isKept()).isEqualTo(kept);
            assertThat(client.isOpen()).isEqualTo(kept);
            client.assertCleanEnd();
        }
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("complete")
    void isNeverCompleteWhenTheServerClosesInside(String method, String raw, int status, String body, boolean kept) {
        for (int cut = 0; cut < raw.length(); cut++) {
            EmbeddedClient client = new EmbeddedClient();
            Answer answer = new Answer();
            client.begin(method, answer);
            client.read(raw.substring(0, cut)).serverCloses();
            assertThat(answer.done()).as("done at %d", cut).isTrue();
            assertThat(answer.failureKind()).as("cut at %d", cut).isEqualTo(HttpFailure.Kind.RESET);
            client.assertCleanEnd();
        }
    }

    static Stream<Arguments> malformed() {
        return Stream.of(
                Arguments.of("SSH-2.0-OpenSSH\r\n\r\n"),
                Arguments.of("HTTP/2 200\r\n\r\n"),
                Arguments.of("HTTP/1.1 20 OK\r\n\r\n"),
                Arguments.of("HTTP/1.1 2000 OK\r\n\r\n"),
                Arguments.of("HTTP/1.1 099 OK\r\n\r\n"),
                Arguments.of("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
                Arguments.of("HTTP/1.1 100 Continue\r\n\r\n".repeat(20)),
                Arguments.of("\r\n"),
                Arguments.of("HTTP/1.1 200 OK\n\n"),
                Arguments.of(OK + "Content-Length: 1\nX: y\r\n\r\n"),
                Arguments.of(OK + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
                Arguments.of(OK + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of(OK + "Content-Length: x\r\n\r\n"),
                Arguments.of(OK + "Transfer-Encoding: gzip\r\n\r\n"),
                Arguments.of("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                Arguments.of(OK + "X : y\r\n\r\n"),
                Arguments.of(OK + "X: y\r\n z\r\n\r\n"),
                Arguments.of(OK + "X: " + "y".repeat(70_000)),
                Arguments.of(CHUNKED + "x\r\n"),
                Arguments.of(CHUNKED + "-1\r\n"),
                Arguments.of(CHUNKED + "1\r\nab\r\n"),
                Arguments.of(CHUNKED + "1\r\na\r\nX\r\n"),
                Arguments.of(CHUNKED + "0\r\n\n"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void isMalformed(String raw) {
        for (int cut : new int[] {0, 1, raw.length() / 2, raw.length() - 1}) {
            EmbeddedClient client = new EmbeddedClient();
            Answer answer = new Answer();
            client.begin("POST", answer);
            client.read(raw.substring(0, cut)).read(raw.substring(cut));
            assertThat(answer.done()).as("done with a cut at %d", cut).isTrue();
            assertThat(answer.failureKind()).isEqualTo(HttpFailure.Kind.MALFORMED);
            assertThat(client.isOpen()).isFalse();
            client.assertCleanEnd();
        }
    }

    @Test
    void theRequestIsWrittenOnceAndWhole() {
        EmbeddedClient client = new EmbeddedClient();
        client.begin("POST", new Answer());
        assertThat(client.sent())
                .isEqualTo("POST /openai/v1/x HTTP/1.1\r\nhost: chip.test:8000\r\na: b\r\ncontent-length: 2\r\n\r\n{}");
        client.assertCleanEnd();
    }

    @Test
    void anAnswerWithoutLengthEndsWhenTheServerCloses() {
        EmbeddedClient client = new EmbeddedClient();
        Answer answer = new Answer();
        client.begin("POST", answer);
        client.read(OK + "\r\nall");
        assertThat(answer.done()).isFalse();
        client.serverCloses();
        assertThat(answer.failure()).isNull();
        assertThat(answer.text()).isEqualTo("all");
        client.assertCleanEnd();
    }

    @Test
    void allChunksOfOneReadComeAsOnePiece() {
        EmbeddedClient client = new EmbeddedClient();
        Answer answer = new Answer();
        client.begin("POST", answer);
        client.read(CHUNKED + "6\r\ndata: \r\n".repeat(50) + "6\r\nda");
        assertThat(answer.pieces()).isEqualTo(1);
        assertThat(answer.readsCompleted()).isEqualTo(1);
        client.read("ta: \r\n0\r\n\r\n");
        assertThat(answer.pieces()).isEqualTo(2);
        assertThat(answer.text()).isEqualTo("data: ".repeat(51));
        client.assertCleanEnd();
    }

    @Test
    void bytesAfterTheAnswerSpoilTheConnection() {
        EmbeddedClient client = new EmbeddedClient();
        Answer answer = new Answer();
        client.begin("POST", answer);
        client.read(OK + "Content-Length: 2\r\n\r\nhiHTTP/1.1 200 OK\r\n");
        assertThat(answer.text()).isEqualTo("hi");
        assertThat(client.isOpen()).isFalse();
        client.assertCleanEnd();
    }

    @Test
    void bytesThatNobodyAskedForSpoilTheConnection() {
        EmbeddedClient client = new EmbeddedClient();
        client.begin("POST", new Answer());
        client.read(OK + "Content-Length: 2\r\n\r\nhi");
        assertThat(client.isKept()).isTrue();
        client.read(OK);
        assertThat(client.isOpen()).isFalse();
        assertThat(client.isKept()).isFalse();
        client.assertCleanEnd();
    }

    @Test
    void aKeptConnectionServesAgainAndGrowsOld() {
        EmbeddedClient client = new EmbeddedClient();
        for (int i = 0; i < 3; i++) {
            Answer answer = new Answer();
            client.begin("POST", answer);
            client.read(OK + "Content-Length: 1\r\n\r\n" + i);
            assertThat(answer.text()).isEqualTo("" + i);
            client.network().pass(Duration.ofMillis(10));
        }
        client.network().pass(Duration.ofSeconds(3));
        assertThat(client.isKept()).isTrue();
        client.network().pass(Duration.ofSeconds(2));
        assertThat(client.isKept()).isFalse();
        assertThat(client.isOpen()).isFalse();
        client.assertCleanEnd();
    }

    @Test
    void aKeptConnectionThatBreaksBeforeTheAnswerIsStale() {
        EmbeddedClient client = new EmbeddedClient();
        client.begin("POST", new Answer());
        client.read(OK + "Content-Length: 0\r\n\r\n");
        Answer second = new Answer();
        HttpCall call = client.begin("POST", second);
        assertThat(call.reusedConnection()).isTrue();
        client.serverCloses();
        assertThat(second.failureKind()).isEqualTo(HttpFailure.Kind.STALE);
        client.assertCleanEnd();
    }

    @Test
    void pausingStopsTheReadingAndCancellingCloses() {
        EmbeddedClient client = new EmbeddedClient();
        Answer answer = new Answer();
        HttpCall call = client.begin("POST", answer);
        client.read(CHUNKED + "1\r\na\r\n");
        call.pause();
        assertThat(client.isReading()).isFalse();
        call.resume();
        assertThat(client.isReading()).isTrue();
        call.cancel();
        assertThat(client.isOpen()).isFalse();
        client.read("1\r\nb\r\n0\r\n\r\n");
        assertThat(answer.done()).isFalse();
        assertThat(answer.text()).isEqualTo("a");
        client.assertCleanEnd();
    }
}
