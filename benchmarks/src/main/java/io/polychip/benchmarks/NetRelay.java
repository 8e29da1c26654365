package io.polychip.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.EventExecutor;
import io.polychip.net.ClientOptions;
import io.polychip.net.HttpCall;
import io.polychip.net.HttpClient;
import io.polychip.net.HttpExchange;
import io.polychip.net.HttpFailure;
import io.polychip.net.HttpListener;
import io.polychip.net.HttpServer;
import io.polychip.net.ServerOptions;
import io.polychip.net.SocketNetwork;
import io.polychip.net.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Server and client of {@code net} with nothing between them: what the transport itself costs. Prints its port.
 *
 * <p>Run: {@code NetRelay UPSTREAM [epoll|io_uring|nio [LOOPS]]}; {@link ProxyBench} compares it with nginx.
 */
public final class NetRelay {
    private final URI upstream;
    private final Map<EventLoop, HttpClient> clients = new HashMap<>();

    private NetRelay(SocketNetwork network, URI upstream) {
        this.upstream = upstream;
        for (EventExecutor executor : network.loops()) {
            EventLoop loop = (EventLoop) executor;
            clients.put(loop, new HttpClient(network, loop, ClientOptions.standard()));
        }
    }

    /** Runs until killed. */
    public static void main(String[] args) throws InterruptedException {
        Transport transport = args.length > 1 ? Transport.valueOf(args[1].toUpperCase(Locale.ROOT)) : Transport.best();
        int loops = args.length > 2 ? Integer.parseInt(args[2]) : 1;
        try (SocketNetwork network = SocketNetwork.open(loops, transport)) {
            NetRelay relay = new NetRelay(network, URI.create(args[0]));
            HttpServer server = HttpServer.start(
                            network,
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            ServerOptions.standard(),
                            relay::handle)
                    .join();
            System.out.println(server.port());
            Thread.currentThread().join();
        }
    }

    private void handle(HttpExchange exchange) {
        HttpClient client = clients.get(exchange.loop());
        if (client == null) {
            throw new IllegalStateException("A connection on a foreign loop.");
        }
        Relay relay = new Relay(exchange);
        String query = exchange.query();
        HttpCall call = client.send(
                upstream,
                exchange.method(),
                query.isEmpty() ? exchange.path() : exchange.path() + "?" + query,
                exchange.requestHeaders(),
                exchange.body().retain(),
                relay);
        exchange.onAbandoned(call::cancel);
        exchange.onWritability(() -> {
            if (exchange.writable()) {
                call.resume();
            } else {
                call.pause();
            }
        });
    }

    /** Passes a short answer on whole and streams any other. */
    private static final class Relay implements HttpListener {
        private static final int WHOLE_BYTES = 64 * 1024;

        private final HttpExchange exchange;
        private int status;
        private HttpHeaders headers = EmptyHttpHeaders.INSTANCE;
        private @Nullable ByteBuf whole;
        private boolean streaming;

        Relay(HttpExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void head(int newStatus, HttpHeaders newHeaders) {
            status = newStatus;
            headers = newHeaders;
            streaming = newHeaders.getInt(HttpHeaderNames.CONTENT_LENGTH, Integer.MAX_VALUE) > WHOLE_BYTES;
            if (streaming) {
                exchange.start(newStatus, newHeaders);
            }
        }

        @Override
        public void data(ByteBuf piece) {
            if (streaming) {
                exchange.write(piece);
            } else if (whole == null) {
                whole = piece;
            } else {
                whole.writeBytes(piece);
                piece.release();
            }
        }

        @Override
        public void readComplete() {
            if (streaming) {
                exchange.flush();
            }
        }

        @Override
        public void end() {
            if (streaming) {
                exchange.finish();
            } else {
                exchange.respond(status, headers, whole == null ? Unpooled.EMPTY_BUFFER : whole);
            }
        }

        @Override
        public void failed(HttpFailure failure) {
            if (whole != null) {
                whole.release();
            }
            exchange.abort();
        }
    }
}
