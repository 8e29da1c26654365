package io.polychip.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Limits, times and endings of one connection, on a clock that a test moves. */
final class ServerConnectionTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final ServerLimits LIMITS = ServerLimits.standard()
            .withMaxHeadBytes(1024)
            .withMaxBodyBytes(1000)
            .withIdleTimeout(Duration.ofSeconds(30))
            .withHeadTimeout(Duration.ofSeconds(10))
            .withBodyTimeout(Duration.ofSeconds(20));

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    private static EmbeddedServer unanswered() {
        return new EmbeddedServer(LIMITS, exchange -> {});
    }

    @Test
    void aClientThatSendsOneHeaderByteASecondIsClosed() {
        EmbeddedServer server = new EmbeddedServer(LIMITS);
        int seconds = 0;
        while (server.isOpen() && seconds < 60) {
            server.read(GET.substring(seconds % 20, seconds % 20 + 1)).pass(Duration.ofSeconds(1));
            seconds++;
        }
        assertThat(seconds).isBetween(10, 12);
        assertThat(server.sent()).startsWith("HTTP/1.1 408 ");
        server.assertCleanEnd();
    }

    @Test
    void aBodyThatDripsIsClosedAfterItsTotalTime() {
        EmbeddedServer server = new EmbeddedServer(LIMITS);
        server.read("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n\r\n");
        int seconds = 0;
        while (server.isOpen() && seconds < 60) {
            server.read("x").pass(Duration.ofSeconds(1));
            seconds++;
        }
        assertThat(seconds).isBetween(20, 22);
        assertThat(server.sent()).startsWith("HTTP/1.1 408 ");
        server.assertCleanEnd();
    }

    @Test
    void anIdleConnectionIsClosedWithoutAWord() {
        EmbeddedServer server = new EmbeddedServer(LIMITS).pass(Duration.ofSeconds(29));
        assertThat(server.isOpen()).isTrue();
        server.read(GET).sent();
        server.pass(Duration.ofSeconds(29));
        assertThat(server.isOpen()).isTrue();
        server.pass(Duration.ofSeconds(2));
        assertThat(server.isOpen()).isFalse();
        assertThat(server.sent()).isEmpty();
        server.assertCleanEnd();
    }

    @Test
    void anAnswerMayTakeAsLongAsItLikes() {
        EmbeddedServer server = unanswered().read(GET).pass(Duration.ofHours(1));
        assertThat(server.isOpen()).isTrue();
        server.exchange(0).respond(200, new DefaultHttpHeaders(), text("late"));
        assertThat(server.sent()).endsWith("\r\n\r\nlate");
        server.assertCleanEnd();
    }

    @Test
    void aBodyOverTheLimitIsRefusedBeforeItIsRead() {
        EmbeddedServer server = new EmbeddedServer(LIMITS);
        server.read("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n");
        assertThat(server.sent()).startsWith("HTTP/1.1 413 ").doesNotContain("100 Continue");
        server.read("x".repeat(5000));
        server.pass(Duration.ofSeconds(2));
        assertThat(server.isOpen()).isFalse();
        server.assertCleanEnd();
    }

    @Test
    void chunksThatAddUpOverTheLimitAreRefused() {
        EmbeddedServer server = new EmbeddedServer(LIMITS);
        server.read("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
        for (int i = 0; i < 10; i++) {
            server.read("64\r\n" + "x".repeat(100) + "\r\n");
        }
        assertThat(server.sent()).isEmpty();
        server.read("1\r\n");
        assertThat(server.sent()).startsWith("HTTP/1.1 413 ");
        assertThat(server.handled()).isEmpty();
        server.assertCleanEnd();
    }

    @Test
    void whoWaitsForContinueGetsIt() {
        EmbeddedServer server = new EmbeddedServer(LIMITS);
        server.read("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
        assertThat(server.sent()).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        server.read("abc");
        assertThat(server.sent()).startsWith("HTTP/1.1 200 OK\r\n").endsWith("<POST /? abc>");
        server.assertCleanEnd();
    }

    @Test
    void whoDoesNotWaitGetsNoContinue() {
        EmbeddedServer server = new EmbeddedServer(LIMITS);
        server.read("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc");
        assertThat(server.sent()).startsWith("HTTP/1.1 200 OK\r\n");
        server.assertCleanEnd();
    }

    @Test
    void pipelinedRequestsWaitForTheAnswerBeforeThem() {
        EmbeddedServer server = unanswered().read(GET + GET + GET);
        assertThat(server.handled()).hasSize(1);
        server.exchange(0).respond(200, new DefaultHttpHeaders(), text("1"));
        assertThat(server.handled()).hasSize(2);
        server.exchange(1).start(200, new DefaultHttpHeaders());
        server.exchange(1).write(text("2"));
        assertThat(server.handled()).hasSize(2);
        server.exchange(1).finish();
        assertThat(server.handled()).hasSize(3);
        server.exchange(2).respond(200, new DefaultHttpHeaders(), text("3"));
        assertThat(server.sent()).containsSubsequence("\r\n\r\n1HTTP", "\r\n\r\n1\r\n2\r\n0\r\n\r\nHTTP", "\r\n\r\n3");
        server.assertCleanEnd();
    }

    @Test
    void aFloodOfPipelinedRequestsStopsTheReading() {
        EmbeddedServer server = unanswered().read(GET);
        assertThat(server.isReading()).isTrue();
        server.read(GET.repeat(3000));
        assertThat(server.isReading()).isFalse();
        server.exchange(0).abort();
        server.assertCleanEnd();
    }

    @Test
    void aStreamIsChunkedPieceByPieceInOneBuffer() {
        EmbeddedServer server = unanswered().read(GET);
        HttpExchange exchange = server.exchange(0);
        exchange.start(200, new DefaultHttpHeaders().add("content-type", "text/event-stream"));
        exchange.write(text("data: 1\n\n"));
        exchange.write(text(""));
        exchange.write(text("x".repeat(26)));
        assertThat(server.sent()).isEmpty();
        exchange.flush();
        assertThat(server.sent())
                .startsWith("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n")
                .endsWith("transfer-encoding: chunked\r\n\r\n9\r\ndata: 1\n\n\r\n1a\r\n" + "x".repeat(26) + "\r\n");
        exchange.write(text("y".repeat(5000)));
        exchange.finish();
        assertThat(server.sent()).isEqualTo("1388\r\n" + "y".repeat(5000) + "\r\n0\r\n\r\n");
        server.assertCleanEnd();
    }

    @Test
    void headersOfAnotherHopAreNotPassedOn() {
        EmbeddedServer server = unanswered().read(GET);
        server.exchange(0)
                .respond(
                        200,
                        new DefaultHttpHeaders()
                                .add("Transfer-Encoding", "chunked")
                                .add("content-length", "77")
                                .add("Connection", "close")
                                .add("Keep-Alive", "timeout=5")
                                .add("X-Kept", "yes"),
                        text("ok"));
        assertThat(server.sent())
                .isEqualTo("HTTP/1.1 200 OK\r\nX-Kept: yes\r\ndate: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
                        + "content-length: 2\r\n\r\nok");
        server.assertCleanEnd();
    }

    @Test
    void aValueCannotBreakOutOfItsLine() {
        EmbeddedServer server = unanswered().read(GET);
        HttpHeaders unchecked =
                DefaultHttpHeadersFactory.headersFactory().withValidation(false).newHeaders();
        server.exchange(0).respond(200, unchecked.add("x", "a\r\nset-cookie: b"), text(""));
        assertThat(server.sent()).contains("x: a  set-cookie: b\r\n");
        server.assertCleanEnd();
    }

    @Test
    void headAndNoContentHaveNoBody() {
        EmbeddedServer server = unanswered().read("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + GET + GET);
        server.exchange(0).respond(200, new DefaultHttpHeaders(), text("hidden"));
        server.exchange(1).respond(204, new DefaultHttpHeaders(), text(""));
        assertThat(server.sent())
                .contains("content-length: 6\r\n\r\nHTTP/1.1 204 No Content\r\n")
                .doesNotContain("hidden", "content-length: 0");
        server.exchange(2).abort();
        server.assertCleanEnd();
    }

    @Test
    void aStreamToHttp10EndsWithTheConnection() {
        EmbeddedServer server = unanswered().read("GET / HTTP/1.0\r\n\r\n");
        server.exchange(0).start(200, new DefaultHttpHeaders());
        server.exchange(0).write(text("all"));
        server.exchange(0).finish();
        assertThat(server.sent())
                .contains("connection: close")
                .doesNotContain("chunked")
                .endsWith("\r\n\r\nall");
        assertThat(server.isOpen()).isFalse();
        server.assertCleanEnd();
    }

    @Test
    void aClientThatLeavesIsToldOnce() {
        List<String> events = new ArrayList<>();
        EmbeddedServer server = unanswered().read(GET);
        HttpExchange exchange = server.exchange(0);
        exchange.onAbandoned(() -> events.add("gone"));
        exchange.start(200, new DefaultHttpHeaders());
        exchange.write(text("part"));
        server.hangUp();
        assertThat(events).containsExactly("gone");
        exchange.write(text("dropped"));
        exchange.flush();
        exchange.finish();
        exchange.abort();
        exchange.respond(200, new DefaultHttpHeaders(), text("dropped"));
        assertThat(events).containsExactly("gone");
        server.assertCleanEnd();
    }

    @Test
    void whoAsksTooLateIsToldToo() {
        List<String> events = new ArrayList<>();
        EmbeddedServer server = unanswered().read(GET);
        server.hangUp();
        server.exchange(0).onAbandoned(() -> events.add("gone"));
        server.pass(Duration.ofMillis(1));
        assertThat(events).containsExactly("gone");
        server.assertCleanEnd();
    }

    @Test
    void anAbortHasNoProperEndAndIsNoAbandonment() {
        List<String> events = new ArrayList<>();
        EmbeddedServer server = unanswered().read(GET);
        server.exchange(0).onAbandoned(() -> events.add("gone"));
        server.exchange(0).start(200, new DefaultHttpHeaders());
        server.exchange(0).write(text("part"));
        server.exchange(0).abort();
        assertThat(server.sent()).endsWith("4\r\npart\r\n");
        assertThat(server.isOpen()).isFalse();
        assertThat(events).isEmpty();
        server.assertCleanEnd();
    }

    @Test
    void aHandlerThatThrowsAnswers500() {
        EmbeddedServer server = new EmbeddedServer(LIMITS, exchange -> {
            throw new IllegalStateException("on purpose");
        });
        assertThat(server.read(GET).sent()).startsWith("HTTP/1.1 500 ").contains("internal_error");
        server.assertCleanEnd();
    }

    @Test
    void answeringOutOfOrderIsAMistake() {
        EmbeddedServer server = unanswered().read(GET);
        HttpExchange exchange = server.exchange(0);
        assertThatThrownBy(() -> exchange.write(text("x"))).hasMessageContaining("write() in state OPEN");
        exchange.start(200, new DefaultHttpHeaders());
        assertThatThrownBy(() -> exchange.respond(200, new DefaultHttpHeaders(), text("x")))
                .hasMessageContaining("respond() in state STREAMING");
        exchange.finish();
        server.assertCleanEnd();
    }

    @Test
    void drainingClosesIdleConnectionsAndLetsAnswersEnd() {
        EmbeddedServer busy = unanswered().read(GET);
        busy.exchange(0).start(200, new DefaultHttpHeaders());
        busy.drain();
        busy.pass(Duration.ofMinutes(15));
        assertThat(busy.isOpen()).isTrue();
        busy.exchange(0).finish();
        assertThat(busy.isOpen()).isFalse();
        busy.assertCleanEnd();

        EmbeddedServer idle = new EmbeddedServer(LIMITS);
        idle.drain();
        assertThat(idle.read(GET).sent()).contains("connection: close");
        assertThat(idle.isOpen()).isFalse();
        idle.assertCleanEnd();

        EmbeddedServer silent = new EmbeddedServer(LIMITS);
        silent.drain();
        assertThat(silent.pass(Duration.ofSeconds(1)).isOpen()).isFalse();
        silent.assertCleanEnd();
    }

    @Test
    void anAnswerThatBreaksOffLeavesItsReaderTimeForTheLastEventBeforeTheConnectionEnds() {
        EmbeddedServer server = unanswered().read(GET);
        HttpExchange exchange = server.exchange(0);
        exchange.start(200, new DefaultHttpHeaders());
        exchange.write(text("the error"));
        exchange.breakOff();
        assertThat(server.sent()).endsWith("\r\nthe error\r\n").doesNotContain("\r\n0\r\n");
        server.read(GET).pass(Duration.ofMillis(200));
        assertThat(server.isOpen()).isTrue();
        assertThat(server.isReading())
                .as("reads on, lest a reset overtake the error")
                .isTrue();
        server.pass(Duration.ofSeconds(2));
        assertThat(server.isOpen()).isFalse();
        assertThat(server.sent()).isEmpty();
        assertThat(server.handled()).hasSize(1);
        server.assertCleanEnd();
    }
}
