package io.polychip.emulator;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.net.HttpExchange;
import io.polychip.protocol.OpenAiError;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;

/**
 * The client's side of an answer, usable from the replica's home loop: what is asked for happens on the exchange's own
 * loop, in order. With one loop, the usual case, nothing is handed over.
 */
final class Outlet {
    private final HttpExchange exchange;
    private final Executor home;

    Outlet(HttpExchange exchange, Executor home) {
        this.exchange = exchange;
        this.home = home;
    }

    static HttpHeaders headers(String contentType) {
        return DefaultHttpHeadersFactory.headersFactory().newHeaders().set(HttpHeaderNames.CONTENT_TYPE, contentType);
    }

    void start(HttpHeaders headers) {
        run(() -> {
            exchange.start(200, headers);
            exchange.flush();
        });
    }

    /** Writes and flushes; the buffer is consumed. */
    void write(ByteBuf piece) {
        run(() -> {
            exchange.write(piece);
            exchange.flush();
        });
    }

    void finish() {
        run(exchange::finish);
    }

    void abort() {
        run(exchange::abort);
    }

    void respond(int status, HttpHeaders headers, String body) {
        ByteBuf bytes = Unpooled.wrappedBuffer(body.getBytes(StandardCharsets.UTF_8));
        run(() -> exchange.respond(status, headers, bytes));
    }

    void json(int status, String body) {
        respond(status, headers("application/json"), body);
    }

    void error(OpenAiError error) {
        json(error.status(), new String(error.body(), StandardCharsets.UTF_8));
    }

    /** The listener runs on the home loop. */
    void onAbandoned(Runnable listener) {
        run(() -> exchange.onAbandoned(() -> home.execute(listener)));
    }

    private void run(Runnable action) {
        if (exchange.loop().inEventLoop()) {
            action.run();
        } else {
            exchange.loop().execute(action);
        }
    }
}
