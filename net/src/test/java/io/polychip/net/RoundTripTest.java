package io.polychip.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Client and server of this module talking to each other, on every transport. */
final class RoundTripTest {
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    @ParameterizedTest
    @EnumSource(Transport.class)
    void aBodyComesBackWholeAndTheConnectionIsUsedAgain(Transport transport) {
        try (SocketNetwork network = SocketNetwork.open(2, transport)) {
            HttpServer server = HttpServer.start(network, ANY, ServerOptions.standard(), RoundTripTest::echo)
                    .join();
            EventLoop loop = network.loops().next();
            HttpClient client = new HttpClient(network, loop, ClientOptions.standard());
            URI base = URI.create("http://127.0.0.1:%d/v1".formatted(server.port()));
            for (int size : new int[] {0, 1, 3000, 1_000_000}) {
                String text = "x".repeat(size);
                Answer answer = new Answer();
                loop.execute(() -> client.send(
                        base,
                        "POST",
                        "/echo?q=1",
                        new DefaultHttpHeaders(),
                        Unpooled.copiedBuffer(text, UTF_8),
                        answer));
                answer.await();
                assertThat(answer.failure()).isNull();
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.headers().get("x-target")).isEqualTo("/v1/echo|q=1");
                assertThat(answer.text()).isEqualTo(text);
                assertThat(server.connections()).isEqualTo(1);
            }
            loop.execute(client::close);
            assertThat(server.close().orTimeout(5, TimeUnit.SECONDS)).succeedsWithin(5, TimeUnit.SECONDS);
        }
    }

    @ParameterizedTest
    @EnumSource(Transport.class)
    void aStreamArrivesPieceByPiece(Transport transport) {
        try (SocketNetwork network = SocketNetwork.open(1, transport)) {
            HttpServer server = HttpServer.start(network, ANY, ServerOptions.standard(), RoundTripTest::count)
                    .join();
            EventLoop loop = network.loops().next();
            HttpClient client = new HttpClient(network, loop, ClientOptions.standard());
            Answer answer = new Answer();
            loop.execute(() -> client.send(
                    URI.create("http://127.0.0.1:" + server.port()),
                    "GET",
                    "/",
                    new DefaultHttpHeaders(),
                    Unpooled.EMPTY_BUFFER,
                    answer));
            answer.await();
            assertThat(answer.text()).isEqualTo("0 1 2 3 4 5 6 7 8 9 ");
            assertThat(answer.pieces()).isGreaterThan(5);
        }
    }

    private static void echo(HttpExchange exchange) {
        HttpHeaders headers = new DefaultHttpHeaders().add("x-target", exchange.path() + "|" + exchange.query());
        exchange.respond(200, headers, exchange.body().retain());
    }

    private static void count(HttpExchange exchange) {
        exchange.start(200, new DefaultHttpHeaders());
        tick(exchange, 0);
    }

    private static void tick(HttpExchange exchange, int number) {
        ByteBuf piece = Unpooled.copiedBuffer(number + " ", UTF_8);
        exchange.write(piece);
        if (number == 9) {
            exchange.finish();
        } else {
            exchange.flush();
            exchange.loop().schedule(() -> tick(exchange, number + 1), 5, TimeUnit.MILLISECONDS);
        }
    }
}
