package io.polychip.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.net.ClientOptions;
import io.polychip.net.HttpClient;
import io.polychip.net.HttpFailure;
import io.polychip.net.HttpListener;
import io.polychip.net.HttpServer;
import io.polychip.net.Network;
import io.polychip.net.ServerOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What becomes of a client's connections over the seconds. */
class KeptConnectionsTest {
    private static final int PORT = 8_000;
    private static final int PEAK = 3;
    private static final long SECOND = 1_000_000_000L;

    private final SimulatedNetwork world = new SimulatedNetwork(1, Weather.FAIR);
    private final EventLoop loop;
    private final HttpClient client;
    private int answers;

    KeptConnectionsTest() {
        Network replica = world.node(1);
        CompletableFuture<HttpServer> started = HttpServer.start(
                replica,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT),
                ServerOptions.standard(),
                exchange -> exchange.loop()
                        .schedule(
                                () -> exchange.respond(200, new DefaultHttpHeaders(), Unpooled.EMPTY_BUFFER),
                                100,
                                TimeUnit.MILLISECONDS));
        world.runUntil(started::isDone, SECOND);
        Network gateway = world.node(1);
        loop = (EventLoop) gateway.loops().iterator().next();
        client = new HttpClient(gateway, loop, ClientOptions.standard());
    }

    /** Those of a peak closed while calls went on, one at a time, and the next peak waited for new ones. */
    @Test
    void connectionsOfAPeakAreKeptWhileThereAreCalls() {
        call(PEAK);
        world.runFor(SECOND);
        assertThat(client.idleConnections()).isEqualTo(PEAK);
        for (int i = 0; i < 20; i++) {
            call(1);
            world.runFor(SECOND * 6 / 10);
        }
        assertThat(answers).isEqualTo(PEAK + 20);
        assertThat(client.idleConnections()).isEqualTo(PEAK);
        world.runFor(5 * SECOND);
        assertThat(client.idleConnections()).isZero();
        assertThat(world.connections(PORT)).isZero();
    }

    private void call(int times) {
        loop.execute(() -> {
            for (int i = 0; i < times; i++) {
                client.send(
                        URI.create("http://127.0.0.1:" + PORT),
                        "POST",
                        "/",
                        new DefaultHttpHeaders(),
                        Unpooled.EMPTY_BUFFER,
                        new Counted());
            }
        });
    }

    private final class Counted implements HttpListener {
        @Override
        public void head(int status, HttpHeaders headers) {
            assertThat(status).isEqualTo(200);
        }

        @Override
        public void data(ByteBuf piece) {
            piece.release();
        }

        @Override
        public void readComplete() {}

        @Override
        public void end() {
            answers++;
        }

        @Override
        public void failed(HttpFailure failure) {
            throw new AssertionError(failure);
        }
    }
}
