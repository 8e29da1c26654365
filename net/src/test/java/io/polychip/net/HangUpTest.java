package io.polychip.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Either side leaves, in every phase, politely or not: the other is told at once and nothing is left behind. */
final class HangUpTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final long PROMPT_MILLIS = 1000; // a busy machine; the usual time is below one millisecond

    enum Moment {
        BEFORE_ANSWER,
        MID_STREAM,
        WHILE_NOT_READING
    }

    static Stream<Arguments> waysToLeave() {
        return Stream.of(Transport.values())
                .filter(Transport::available)
                .flatMap(transport -> Stream.of(Moment.values())
                        .flatMap(
                                moment -> Stream.of(true, false).map(reset -> Arguments.of(transport, moment, reset))));
    }

    @ParameterizedTest(name = "{0} {1} reset {2}")
    @MethodSource("waysToLeave")
    void aClientThatLeavesIsNoticedAtOnce(Transport transport, Moment moment, boolean reset) throws Exception {
        CompletableFuture<HttpExchange> arrived = new CompletableFuture<>();
        CompletableFuture<Long> abandonedNanos = new CompletableFuture<>();
        try (CountedNetwork network = new CountedNetwork(transport, 1)) {
            HttpServer server = network.serve(exchange -> {
                exchange.onAbandoned(() -> abandonedNanos.complete(System.nanoTime()));
                if (moment != Moment.BEFORE_ANSWER) {
                    exchange.start(200, new DefaultHttpHeaders());
                    exchange.write(text("begun"));
                    exchange.flush();
                }
                arrived.complete(exchange);
            });
            RawClient client = new RawClient(server.port()).send(GET);
            HttpExchange exchange = arrived.get(5, TimeUnit.SECONDS);
            if (moment != Moment.BEFORE_ANSWER) {
                client.readUntil("begun\r\n");
            }
            if (moment == Moment.WHILE_NOT_READING) {
                network.on(() -> {
                    while (exchange.writable()) {
                        exchange.write(text("x".repeat(10_000)));
                        exchange.flush();
                    }
                    return true;
                });
            }
            long leftNanos = System.nanoTime();
            if (reset) {
                client.reset();
            } else {
                client.close();
            }
            long tookMillis = (abandonedNanos.get(5, TimeUnit.SECONDS) - leftNanos) / 1_000_000;
            assertThat(tookMillis).isLessThan(PROMPT_MILLIS);
        }
    }

    static Stream<Arguments> halfRequests() {
        return Stream.of(Transport.values())
                .filter(Transport::available)
                .flatMap(transport -> Stream.of(
                        Arguments.of(transport, "POST / HTTP/1.1\r\nHos", "head"),
                        Arguments.of(transport, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf", "body"),
                        Arguments.of(
                                transport,
                                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
                                "body")));
    }

    @ParameterizedTest(name = "{0} {2}")
    @MethodSource("halfRequests")
    void halfARequestIsAnsweredWithItsFault(Transport transport, String half, String part) throws Exception {
        try (CountedNetwork network = new CountedNetwork(transport, 1);
                RawClient client =
                        new RawClient(network.serve(HttpExchange::abort).port())) {
            String answer = client.send(half).endOutput().readToEnd();
            assertThat(answer).startsWith("HTTP/1.1 400 ").contains("in the middle of the request's " + part);
        }
    }

    @ParameterizedTest
    @EnumSource(Moment.class)
    void aCancelledCallClosesItsConnectionAtOnce(Moment moment) throws Exception {
        CompletableFuture<Long> closedNanos = new CompletableFuture<>();
        CountDownLatch asked = new CountDownLatch(1);
        try (CountedNetwork network = new CountedNetwork();
                RawServer upstream = new RawServer((peer, number) -> {
                    peer.readHead();
                    asked.countDown();
                    if (moment != Moment.BEFORE_ANSWER) {
                        peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nbegun\r\n");
                    }
                    peer.awaitClose();
                    closedNanos.complete(System.nanoTime());
                })) {
            HttpClient client = network.client(ClientOptions.standard());
            Begun answer = new Begun();
            HttpCall call = network.on(() -> client.send(
                    CountedNetwork.url(upstream.port()),
                    "GET",
                    "/",
                    new DefaultHttpHeaders(),
                    Unpooled.EMPTY_BUFFER,
                    answer));
            assertThat(asked.await(5, TimeUnit.SECONDS)).isTrue();
            if (moment != Moment.BEFORE_ANSWER) {
                answer.data.get(5, TimeUnit.SECONDS);
            }
            long cancelledNanos = System.nanoTime();
            network.on(() -> {
                if (moment == Moment.WHILE_NOT_READING) {
                    call.pause();
                }
                call.cancel();
                return true;
            });
            long tookMillis = (closedNanos.get(5, TimeUnit.SECONDS) - cancelledNanos) / 1_000_000;
            assertThat(tookMillis).isLessThan(PROMPT_MILLIS);
        }
    }

    @Test
    void aServerThatResetsInsideTheAnswerFailsTheCall() {
        try (CountedNetwork network = new CountedNetwork();
                RawServer upstream = new RawServer((peer, number) -> {
                    peer.readHead();
                    peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun");
                    peer.reset();
                })) {
            HttpClient client = network.client(ClientOptions.standard());
            Answer answer = new Answer();
            network.on(() -> client.send(
                    CountedNetwork.url(upstream.port()), "POST", "/", new DefaultHttpHeaders(), text("{}"), answer));
            assertThat(answer.await().failureKind()).isEqualTo(HttpFailure.Kind.RESET);
        }
    }

    /** Random clients that stay, leave politely or reset, through a relay: every counter returns to zero. */
    @Test
    void nothingIsLeftOfAThousandClientsOfWhichManyLeave() throws Exception {
        AtomicInteger relayed = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        Random random = new Random(7);
        try (CountedNetwork network = new CountedNetwork(Transport.best(), 1)) {
            HttpServer upstream = network.serve(exchange -> {
                exchange.start(200, new DefaultHttpHeaders());
                trickle(exchange, 20);
            });
            HttpClient client = network.client(ClientOptions.standard());
            HttpServer relay = network.serve(exchange -> {
                relayed.incrementAndGet();
                TestRelay relaying = new TestRelay(exchange, ended);
                HttpCall call = client.send(
                        CountedNetwork.url(upstream),
                        "GET",
                        "/",
                        new DefaultHttpHeaders(),
                        Unpooled.EMPTY_BUFFER,
                        relaying);
                exchange.onAbandoned(() -> {
                    call.cancel();
                    ended.incrementAndGet();
                });
            });
            for (int i = 0; i < 1000; i++) {
                RawClient raw = new RawClient(relay.port()).send(GET);
                switch (random.nextInt(4)) {
                    case 0 -> raw.readUntil("0\r\n\r\n");
                    case 1 -> raw.readUntil("200 OK");
                    case 2 -> raw.readUntil("tick");
                    default -> {}
                }
                if (random.nextBoolean()) {
                    raw.reset();
                }
                raw.close();
            }
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
            while ((relay.connections() > 0 || ended.get() < relayed.get()) && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertThat(relay.connections()).isZero();
            assertThat(ended.get()).isEqualTo(relayed.get());
            assertThat(network.on(client::idleConnections)).isEqualTo(upstream.connections());
        }
    }

    private static void trickle(HttpExchange exchange, int left) {
        if (left == 0) {
            exchange.finish();
            return;
        }
        exchange.write(text("tick"));
        exchange.flush();
        exchange.loop().schedule(() -> trickle(exchange, left - 1), 50, TimeUnit.MICROSECONDS);
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, UTF_8);
    }

    /** Tells when the first piece came. */
    private static final class Begun implements HttpListener {
        final CompletableFuture<Boolean> data = new CompletableFuture<>();

        @Override
        public void head(int status, HttpHeaders headers) {}

        @Override
        public void data(ByteBuf piece) {
            piece.release();
            data.complete(true);
        }

        @Override
        public void readComplete() {}

        @Override
        public void end() {
            data.completeExceptionally(new AssertionError("ended"));
        }

        @Override
        public void failed(HttpFailure failure) {
            data.completeExceptionally(new AssertionError(failure));
        }
    }

    private record TestRelay(HttpExchange exchange, AtomicInteger ended) implements HttpListener {
        @Override
        public void head(int status, HttpHeaders headers) {
            exchange.start(status, headers);
        }

        @Override
        public void data(ByteBuf piece) {
            exchange.write(piece);
        }

        @Override
        public void readComplete() {
            exchange.flush();
        }

        @Override
        public void end() {
            ended.incrementAndGet();
            exchange.finish();
        }

        @Override
        public void failed(HttpFailure failure) {
            ended.incrementAndGet();
            exchange.abort();
        }
    }

    /** A close over unread input would be a reset, which may destroy what is still on its way. */
    @Test
    void anAnswerThatBreaksOffEndsInAFinThoughTheClientSentMoreThanWasRead() throws Exception {
        CompletableFuture<HttpExchange> arrived = new CompletableFuture<>();
        try (CountedNetwork network = new CountedNetwork();
                RawClient client =
                        new RawClient(network.serve(arrived::complete).port())) {
            client.send(GET + "x".repeat(300_000));
            HttpExchange exchange = arrived.get(5, TimeUnit.SECONDS);
            network.on(() -> {
                exchange.start(200, new DefaultHttpHeaders());
                exchange.write(text("the error"));
                exchange.breakOff();
                return true;
            });
            assertThat(client.readToEnd()).endsWith("\r\nthe error\r\n");
        }
    }
}
