package io.polychip.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pooling, retrying and failing over real sockets. */
final class HttpClientTest {
    private static final String EMPTY_OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    private static final String BEGUN = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n";

    private static Answer send(CountedNetwork network, HttpClient client, URI base, String method) {
        Answer answer = new Answer();
        network.on(() ->
                client.send(base, method, "/", new DefaultHttpHeaders(), Unpooled.copiedBuffer("{}", UTF_8), answer));
        return answer;
    }

    @Test
    void oneConnectionServesManyRequests() {
        try (CountedNetwork network = new CountedNetwork();
                RawServer upstream = new RawServer((peer, number) -> {
                    while (peer.readHead()) {
                        peer.send(EMPTY_OK);
                    }
                })) {
            HttpClient client = network.client(ClientOptions.standard());
            for (int i = 0; i < 20; i++) {
                Answer answer = send(network, client, CountedNetwork.url(upstream.port()), "GET")
                        .await();
                assertThat(answer.status()).isEqualTo(200);
            }
            assertThat(upstream.connections()).isEqualTo(1);
            assertThat(network.on(client::idleConnections)).isEqualTo(1);
        }
    }

    @Test
    void noMoreConnectionsAreKeptThanAllowed() {
        try (CountedNetwork network = new CountedNetwork()) {
            HttpServer server = network.serve(exchange -> exchange.loop()
                    .schedule(
                            () -> exchange.respond(200, new DefaultHttpHeaders(), Unpooled.EMPTY_BUFFER),
                            50,
                            TimeUnit.MILLISECONDS));
            HttpClient client = network.client(ClientOptions.standard().withMaxIdlePerOrigin(3));
            Answer[] answers = new Answer[10];
            for (int i = 0; i < answers.length; i++) {
                answers[i] = send(network, client, CountedNetwork.url(server), "GET");
            }
            for (Answer answer : answers) {
                assertThat(answer.await().status()).isEqualTo(200);
            }
            assertThat(network.on(client::idleConnections)).isEqualTo(3);
        }
    }

    @Test
    void anIdleConnectionThatTheServerClosesIsForgotten() {
        try (CountedNetwork network = new CountedNetwork();
                RawServer upstream = new RawServer((peer, number) -> {
                    peer.readHead();
                    peer.send(EMPTY_OK);
                })) {
            HttpClient client = network.client(ClientOptions.standard());
            for (int i = 0; i < 3; i++) {
                assertThat(send(network, client, CountedNetwork.url(upstream.port()), "GET")
                                .await()
                                .failure())
                        .isNull();
                awaitIdle(network, client, 0);
            }
            assertThat(upstream.connections()).isEqualTo(3);
        }
    }

    /** The server takes the second request on a kept connection and closes without a word, as after its idle time. */
    @ParameterizedTest
    @ValueSource(strings = {"GET", "POST"})
    void onAStaleConnectionOnlyWhatChangesNothingIsSentAgain(String method) {
        try (CountedNetwork network = new CountedNetwork();
                RawServer upstream = new RawServer((peer, number) -> {
                    peer.readHead();
                    peer.send(EMPTY_OK);
                    if (number == 0) {
                        peer.readHead();
                    }
                })) {
            HttpClient client = network.client(ClientOptions.standard());
            URI base = CountedNetwork.url(upstream.port());
            send(network, client, base, "GET").await();
            Answer second = send(network, client, base, method).await();
            if (method.equals("GET")) {
                assertThat(second.failure()).isNull();
                assertThat(second.status()).isEqualTo(200);
                assertThat(upstream.connections()).isEqualTo(2);
            } else {
                assertThat(second.failureKind()).isEqualTo(HttpFailure.Kind.STALE);
                assertThat(upstream.connections()).isEqualTo(1);
            }
        }
    }

    /** One stream in five waited for a connection, although its replica had just been streaming to others. */
    @Test
    void whileAnAnswerStreamsTheNextCallFindsAConnectionMade() {
        try (CountedNetwork network = new CountedNetwork();
                RawServer upstream = new RawServer((peer, number) -> {
                    if (peer.readHead()) {
                        peer.send(number == 0 ? BEGUN : EMPTY_OK);
                        peer.awaitClose();
                    }
                })) {
            HttpClient client = network.client(ClientOptions.standard().withSpare());
            URI base = CountedNetwork.url(upstream.port());
            Answer stream = send(network, client, base, "POST");
            awaitIdle(network, client, 1);
            assertThat(stream.status()).isEqualTo(200);
            Answer next = new Answer();
            HttpCall call = network.on(
                    () -> client.send(base, "POST", "/", new DefaultHttpHeaders(), Unpooled.EMPTY_BUFFER, next));
            assertThat(network.on(call::reusedConnection)).isTrue();
            assertThat(next.await().status()).isEqualTo(200);
            assertThat(upstream.connections()).isEqualTo(2);
        }
    }

    @Test
    void anAnswerThatComesWholeHasNoSpareMade() {
        try (CountedNetwork network = new CountedNetwork();
                RawServer upstream = new RawServer((peer, number) -> {
                    while (peer.readHead()) {
                        peer.send(EMPTY_OK);
                    }
                })) {
            HttpClient client = network.client(ClientOptions.standard().withSpare());
            for (int i = 0; i < 3; i++) {
                send(network, client, CountedNetwork.url(upstream.port()), "POST")
                        .await();
            }
            assertThat(upstream.connections()).isEqualTo(1);
        }
    }

    /** A server may close it at any time, as one that has served: what meets that is stale, not the replica's fault. */
    @Test
    void aSpareThatTheServerClosesUnderACallIsStale() {
        try (CountedNetwork network = new CountedNetwork();
                RawServer upstream = new RawServer((peer, number) -> {
                    peer.readHead();
                    if (number == 0) {
                        peer.send(BEGUN);
                        peer.awaitClose();
                    }
                })) {
            HttpClient client = network.client(ClientOptions.standard().withSpare());
            URI base = CountedNetwork.url(upstream.port());
            send(network, client, base, "POST");
            awaitIdle(network, client, 1);
            assertThat(send(network, client, base, "POST").await().failureKind())
                    .isEqualTo(HttpFailure.Kind.STALE);
        }
    }

    /** As of an engine that drains: it answers on what is open and refuses or closes what is new. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSpareThatTheServerDoesNotWantIsNotMadeWithEveryPiece(boolean accepted) {
        CompletableFuture<Void> unwanted = new CompletableFuture<>();
        Answer stream = new Answer();
        try (CountedNetwork network = new CountedNetwork();
                RawServer upstream = new RawServer((peer, number) -> {
                    if (number > 0) {
                        return;
                    }
                    peer.readHead();
                    peer.send(BEGUN);
                    unwanted.orTimeout(10, TimeUnit.SECONDS).join();
                    for (int pieces = 1; pieces < 20; pieces++) {
                        awaitPieces(stream, pieces); // else one read may bring several
                        peer.send("1\r\na\r\n");
                    }
                    peer.send("0\r\n\r\n");
                    peer.awaitClose();
                })) {
            HttpClient client =
                    network.client(ClientOptions.standard().withSpare().withConnectTimeout(Duration.ofMinutes(1)));
            AtomicInteger made = new AtomicInteger();
            network.onNew(channel -> {
                if (made.getAndIncrement() > 0) {
                    channel.closeFuture().addListener(done -> unwanted.complete(null));
                    if (!accepted) {
                        channel.eventLoop().execute(channel::close); // ahead of connecting
                    }
                }
            });
            network.on(() -> client.send(
                    CountedNetwork.url(upstream.port()),
                    "POST",
                    "/",
                    new DefaultHttpHeaders(),
                    Unpooled.EMPTY_BUFFER,
                    stream));
            assertThat(stream.await().failure()).isNull();
            assertThat(made).hasValue(2);
        }
    }

    private static void awaitPieces(Answer answer, int pieces) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (answer.pieces() < pieces) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    private static void awaitIdle(CountedNetwork network, HttpClient client, int connections) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (network.on(client::idleConnections) != connections) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    @Test
    void aFreshConnectionThatBreaksIsNotTriedAgain() {
        try (CountedNetwork network = new CountedNetwork();
                RawServer upstream = new RawServer((peer, number) -> peer.readHead())) {
            HttpClient client = network.client(ClientOptions.standard());
            Answer answer = send(network, client, CountedNetwork.url(upstream.port()), "GET")
                    .await();
            assertThat(answer.failureKind()).isEqualTo(HttpFailure.Kind.RESET);
            assertThat(upstream.connections()).isEqualTo(1);
        }
    }

    /** While requests were cancelled, one connection in thirty took an event of a closed one and was closed for it. */
    @Test
    void aConnectionClosedBeforeItWasConnectedIsMadeOnceMore() {
        try (CountedNetwork network = new CountedNetwork();
                RawServer upstream = new RawServer((peer, number) -> {
                    peer.readHead();
                    peer.send(EMPTY_OK);
                })) {
            HttpClient client = network.client(ClientOptions.standard());
            AtomicInteger made = new AtomicInteger();
            network.onNew(channel -> {
                if (made.getAndIncrement() == 0) {
                    channel.eventLoop().execute(channel::close); // ahead of connecting
                }
            });
            Answer answer = send(network, client, CountedNetwork.url(upstream.port()), "POST")
                    .await();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(made).hasValue(2);
        }
    }

    @Test
    void nobodyListeningIsAConnectFailure() {
        int port;
        try (RawServer gone = new RawServer((peer, number) -> {})) {
            port = gone.port();
        }
        try (CountedNetwork network = new CountedNetwork()) {
            HttpClient client = network.client(ClientOptions.standard());
            Answer answer =
                    send(network, client, CountedNetwork.url(port), "POST").await();
            assertThat(answer.failureKind()).isEqualTo(HttpFailure.Kind.CONNECT);
            assertThat(answer.failure()).asString().contains("refused");
        }
    }

    @Test
    void anUnknownNameIsAConnectFailure() {
        try (CountedNetwork network = new CountedNetwork()) {
            HttpClient client = network.client(ClientOptions.standard());
            Answer answer = send(network, client, URI.create("http://no-such-host.invalid"), "POST")
                    .await();
            assertThat(answer.failureKind()).isEqualTo(HttpFailure.Kind.CONNECT);
        }
    }

    @Test
    void aHandshakeThatNeverEndsIsAConnectFailure() {
        try (CountedNetwork network = new CountedNetwork();
                RawServer mute = new RawServer((peer, number) -> peer.awaitClose())) {
            HttpClient client = network.client(ClientOptions.standard().withConnectTimeout(Duration.ofMillis(200)));
            Answer answer = send(network, client, URI.create("https://127.0.0.1:" + mute.port()), "POST")
                    .await();
            assertThat(answer.failureKind()).isEqualTo(HttpFailure.Kind.CONNECT);
            assertThat(answer.failure()).asString().contains("within PT0.2S");
        }
    }

    @Test
    void aCallMayBeCancelledWhileItConnects() {
        try (CountedNetwork network = new CountedNetwork();
                RawServer upstream = new RawServer((peer, number) -> peer.awaitClose())) {
            HttpClient client = network.client(ClientOptions.standard());
            Answer answer = new Answer();
            network.on(() -> {
                client.send(
                                CountedNetwork.url(upstream.port()),
                                "POST",
                                "/",
                                new DefaultHttpHeaders(),
                                Unpooled.copiedBuffer("{}", UTF_8),
                                answer)
                        .cancel();
                return true;
            });
            assertThat(network.on(answer::done)).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"h100:8000", "ftp://a", "http:///x", "http://a?b"})
    void whatIsNoBaseUrlIsSaidSo(String base) {
        try (CountedNetwork network = new CountedNetwork()) {
            HttpClient client = network.client(ClientOptions.standard());
            assertThatThrownBy(() -> send(network, client, URI.create(base), "GET"))
                    .hasMessageContaining("is no base URL; allowed is http[s]://host[:port][/path]");
        }
    }

    /** A server sends 20 MB to a paused call: it must be stopped by the window, not stored. */
    @Test
    void aPausedCallStopsItsServer() {
        int total = 20_000_000;
        try (CountedNetwork network = new CountedNetwork(); // one loop for both, so a turn later all is settled
                RawServer upstream = new RawServer((peer, number) -> {
                    peer.readHead();
                    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + total + "\r\n\r\n");
                    for (int i = 0; i < 200; i++) {
                        peer.send("x".repeat(total / 200));
                    }
                    peer.awaitClose();
                })) {
            HttpClient client = network.client(ClientOptions.standard());
            Answer answer = new Answer();
            HttpCall call = network.on(() -> {
                HttpCall sent = client.send(
                        CountedNetwork.url(upstream.port()),
                        "GET",
                        "/",
                        new DefaultHttpHeaders(),
                        Unpooled.EMPTY_BUFFER,
                        answer);
                sent.pause();
                return sent;
            });
            for (int i = 0; i < 1000; i++) {
                network.on(() -> true);
            }
            assertThat(answer.size()).isZero();
            network.on(() -> {
                call.resume();
                return true;
            });
            assertThat(answer.await().size()).isEqualTo(total);
        }
    }
}
