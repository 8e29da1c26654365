package io.polychip.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A client's side of one connection without a socket. */
final class EmbeddedClient {
    private final EmbeddedNetwork network = new EmbeddedNetwork();
    private final Origin origin;
    private final ClientConnection connection;

    EmbeddedClient() {
        origin = new Origin(
                network,
                network.channel().eventLoop(),
                ClientOptions.standard(),
                URI.create("http://chip.test:8000/openai"));
        connection = new ClientConnection(origin);
        network.channel().pipeline().addLast(connection);
    }

    HttpCall begin(String method, HttpListener listener) {
        ByteBuf body = method.equals("GET")
                ? Unpooled.EMPTY_BUFFER
                : network.allocator().buffer().writeBytes("{}".getBytes(StandardCharsets.US_ASCII));
        HttpCall call = new HttpCall(method, "/v1/x", new DefaultHttpHeaders().add("a", "b"), body, listener);
        if (isKept()) {
            origin.send(call);
        } else {
            connection.begin(call);
        }
        return call;
    }

    EmbeddedClient read(String latin1) {
        return read(latin1.getBytes(StandardCharsets.ISO_8859_1));
    }

    EmbeddedClient read(byte[] bytes) {
        network.read(bytes);
        return this;
    }

    EmbeddedClient serverCloses() {
        network.channel().close();
        return this;
    }

    String sent() {
        return network.sent();
    }

    boolean isOpen() {
        return network.channel().isOpen();
    }

    boolean isReading() {
        return network.channel().config().isAutoRead();
    }

    /** Whether the connection waits for its next request. */
    boolean isKept() {
        return origin.idleConnections() == 1;
    }

    EmbeddedNetwork network() {
        return network;
    }

    void assertCleanEnd() {
        network.assertCleanEnd();
    }
}
