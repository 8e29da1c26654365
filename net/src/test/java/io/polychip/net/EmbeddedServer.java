package io.polychip.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server's side of one connection without a socket: every read is exactly what a test says, time stands still until
 * it is moved, and every buffer is counted.
 */
final class EmbeddedServer {
    private final EmbeddedNetwork network = new EmbeddedNetwork();
    private final EmbeddedChannel channel = network.channel();
    private final AtomicInteger open = new AtomicInteger();
    private final List<String> handled = new ArrayList<>();
    private final List<HttpExchange> exchanges = new ArrayList<>();
    private final ServerLoop shared;

    /** Answers at once with what it understood. */
    EmbeddedServer() {
        this(ServerLimits.standard());
    }

    EmbeddedServer(ServerLimits limits) {
        this(limits, EmbeddedServer::echo);
    }

    EmbeddedServer(ServerLimits limits, HttpHandler handler) {
        HttpHandler recording = exchange -> {
            handled.add(summary(exchange));
            exchanges.add(exchange);
            handler.handle(exchange);
        };
        shared = new ServerLoop(
                channel.eventLoop(), network, ServerOptions.standard().withLimits(limits), recording, open, () -> {});
        channel.pipeline().addLast(new ServerConnection(shared));
        channel.pipeline().fireChannelActive();
    }

    static String summary(HttpExchange exchange) {
        return "%s %s?%s %s"
                .formatted(
                        exchange.method(),
                        exchange.path(),
                        exchange.query(),
                        exchange.body().toString(StandardCharsets.ISO_8859_1));
    }

    private static void echo(HttpExchange exchange) {
        ByteBuf body = Unpooled.copiedBuffer("<" + summary(exchange) + ">", StandardCharsets.ISO_8859_1);
        exchange.respond(200, new DefaultHttpHeaders(), body);
    }

    /** One read with these bytes. */
    EmbeddedServer read(String latin1) {
        network.read(latin1.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    EmbeddedServer read(byte[] bytes) {
        network.read(bytes);
        return this;
    }

    EmbeddedServer readByteByByte(String latin1) {
        for (int i = 0; i < latin1.length(); i++) {
            read(latin1.substring(i, i + 1));
        }
        return this;
    }

    /** Moves time and runs what became due. */
    EmbeddedServer pass(Duration time) {
        network.pass(time);
        return this;
    }

    void hangUp() {
        channel.close();
    }

    void drain() {
        shared.drain();
        channel.runPendingTasks();
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    boolean isReading() {
        return channel.config().isAutoRead();
    }

    /** Everything sent since the last call. */
    String sent() {
        return network.sent();
    }

    List<String> handled() {
        return handled;
    }

    HttpExchange exchange(int index) {
        return exchanges.get(index);
    }

    /** The connection ends; whatever happened on it, no buffer may be left and nothing may have been thrown. */
    void assertCleanEnd() {
        network.assertCleanEnd();
        assertThat(open.get()).as("connections counted as open").isZero();
    }
}
