package io.polychip.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** What only real sockets show. */
final class HttpServerTest {
    private static final String GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, UTF_8);
    }

    private static void hello(HttpExchange exchange) {
        exchange.respond(200, new DefaultHttpHeaders(), text("hello"));
    }

    @Test
    void aConnectionTooManyIsRefusedAndMakesRoomAgain() {
        ServerOptions two =
                ServerOptions.standard().withLimits(ServerLimits.standard().withMaxConnections(2));
        try (CountedNetwork network = new CountedNetwork()) {
            HttpServer server = network.serve(two, HttpServerTest::hello);
            RawClient first = new RawClient(server.port()).send(GET);
            first.readUntil("hello");
            try (RawClient second = new RawClient(server.port()).send(GET)) {
                second.readUntil("hello");
                try (RawClient third = new RawClient(server.port())) {
                    assertThat(third.readToEnd()).startsWith("HTTP/1.1 503 ").contains("too_many_connections");
                }
                first.close();
                await(() -> server.connections() == 1);
                try (RawClient fourth = new RawClient(server.port()).send(GET)) {
                    fourth.readUntil("hello");
                }
            }
        }
    }

    @Test
    void aClientStillSendingItsHugeBodyCanReadWhyItWasRefused() {
        try (CountedNetwork network = new CountedNetwork()) {
            HttpServer server = network.serve(HttpServerTest::hello);
            try (RawClient client = new RawClient(server.port())) {
                client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\n" + "x".repeat(3_000_000));
                assertThat(client.readToEnd()).startsWith("HTTP/1.1 413 ");
            }
        }
    }

    @Test
    void aRefusalIsToldInTheWordsOfItsOwner() {
        ServerOptions own = ServerOptions.standard()
                .withRefusalBody(refusal -> refusal.status() + "/" + refusal.code() + "/"
                        + (refusal.remoteAddress().startsWith("127.0.0.1:") ? "local" : "?"));
        try (CountedNetwork network = new CountedNetwork()) {
            HttpServer server = network.serve(own, HttpServerTest::hello);
            try (RawClient client = new RawClient(server.port()).send("nonsense\r\n\r\n")) {
                assertThat(client.readToEnd()).endsWith("\r\n\r\n400/malformed_request/local");
            }
        }
    }

    @Test
    void drainingRefusesNewConnectionsAndEndsWithTheLastStream() throws Exception {
        CompletableFuture<HttpExchange> arrived = new CompletableFuture<>();
        try (CountedNetwork network = new CountedNetwork()) {
            HttpServer server = network.serve(exchange -> {
                exchange.start(200, new DefaultHttpHeaders());
                exchange.write(text("first"));
                exchange.flush();
                arrived.complete(exchange);
            });
            try (RawClient idle = new RawClient(server.port());
                    RawClient busy = new RawClient(server.port()).send(GET)) {
                busy.readUntil("first\r\n");
                int port = server.port();
                CompletableFuture<Void> drained = server.drain();
                assertThat(idle.readToEnd()).isEmpty();
                assertThatThrownBy(() -> new RawClient(port)).hasMessageContaining("refused");
                assertThat(drained).isNotDone();
                HttpExchange exchange = arrived.get(1, TimeUnit.SECONDS);
                network.on(() -> {
                    exchange.write(text("last"));
                    exchange.finish();
                    return true;
                });
                assertThat(busy.readToEnd()).isEqualTo("4\r\nlast\r\n0\r\n\r\n");
                assertThat(drained).succeedsWithin(5, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void aPortInUseFailsTheStart() {
        try (CountedNetwork network = new CountedNetwork()) {
            HttpServer server = network.serve(HttpServerTest::hello);
            assertThat(HttpServer.start(
                            network,
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()),
                            ServerOptions.standard(),
                            HttpServerTest::hello))
                    .failsWithin(5, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .withMessageContaining("Address already in use");
        }
    }

    /** The reader takes nothing: what is written must stop at the watermark plus what the kernel holds. */
    @Test
    void aSlowReaderStopsTheWriterBeforeMemoryGrows() throws Exception {
        AtomicLong written = new AtomicLong();
        CompletableFuture<Boolean> stopped = new CompletableFuture<>();
        try (CountedNetwork network = new CountedNetwork()) {
            HttpServer server = network.serve(exchange -> {
                exchange.start(200, new DefaultHttpHeaders());
                exchange.onWritability(() -> {
                    if (exchange.writable()) {
                        pump(exchange, written, stopped);
                    }
                });
                pump(exchange, written, stopped);
            });
            try (RawClient client = new RawClient(server.port()).send(GET)) {
                stopped.get(5, TimeUnit.SECONDS);
                assertThat(network.usedBytes()).isLessThan(400_000);
                assertThat(written.get()).isLessThan(8_000_000);
                client.readUntil("0\r\n\r\n");
                assertThat(written.get()).isGreaterThanOrEqualTo(12_000_000);
            }
        }
    }

    private static void pump(HttpExchange exchange, AtomicLong written, CompletableFuture<Boolean> stopped) {
        while (exchange.writable() && written.get() < 12_000_000) {
            exchange.write(text("x".repeat(10_000)));
            exchange.flush();
            written.addAndGet(10_000);
        }
        if (written.get() >= 12_000_000) {
            exchange.finish();
        } else {
            stopped.complete(true);
        }
    }

    @Test
    void aClientThatTakesNothingForTooLongIsCut() throws Exception {
        ServerOptions impatient =
                ServerOptions.standard().withLimits(ServerLimits.standard().withStallTimeout(Duration.ofMillis(300)));
        CompletableFuture<Boolean> abandoned = new CompletableFuture<>();
        try (CountedNetwork network = new CountedNetwork()) {
            HttpServer server = network.serve(impatient, exchange -> {
                exchange.onAbandoned(() -> abandoned.complete(true));
                exchange.start(200, new DefaultHttpHeaders());
                exchange.loop().execute(() -> {
                    while (exchange.writable()) {
                        exchange.write(text("x".repeat(10_000)));
                        exchange.flush();
                    }
                });
            });
            try (RawClient client = new RawClient(server.port())) {
                client.send(GET);
                assertThat(abandoned.get(5, TimeUnit.SECONDS)).isTrue();
            }
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
