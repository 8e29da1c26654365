package io.polychip.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.net.HttpExchange;
import io.polychip.net.HttpHandler;
import io.polychip.protocol.Endpoint;
import io.polychip.protocol.OpenAiError;
import io.polychip.protocol.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/**
 * Finds who answers a request, by its exact raw path: what is encoded or dotted names nothing here and so reaches no
 * upstream.
 */
final class Routes implements HttpHandler {
    private static final String MODELS = "/v1/models";
    private static final long DRAIN_RETRY_NANOS = 1_000_000_000L;

    private final IdentityHashMap<EventLoop, Lane> lanes = new IdentityHashMap<>();
    private final Admin admin;
    private final boolean operatorsOnly;

    /** @param operatorsOnly true for the listener that serves no models and asks for no key */
    Routes(List<Lane> all, Admin admin, boolean operatorsOnly) {
        all.forEach(lane -> lanes.put(lane.loop(), lane));
        this.admin = admin;
        this.operatorsOnly = operatorsOnly;
    }

    @Override
    public void handle(HttpExchange exchange) {
        Lane lane = lanes.get(exchange.loop());
        if (lane == null) {
            throw new IllegalStateException("A connection on a loop without a lane.");
        }
        String path = exchange.path();
        if (path.startsWith("/v1/") && !operatorsOnly) {
            api(lane, exchange, path);
        } else if (path.startsWith("/health/")) {
            health(lane, exchange, path);
        } else if (path.equals("/metrics") || path.startsWith("/admin/")) {
            admin.handle(lane, exchange, operatorsOnly);
        } else {
            notFound(lane, exchange);
        }
    }

    private void api(Lane lane, HttpExchange exchange, String path) {
        Optional<Endpoint> endpoint = Endpoint.of(path);
        if (endpoint.isPresent()) {
            if (!exchange.method().equals("POST")) {
                wrongMethod(lane, exchange, "POST");
            } else if (lane.draining()) {
                draining(lane, exchange);
            } else {
                ChatHandler.handle(lane, exchange, endpoint.get());
            }
        } else if (path.equals(MODELS) || path.startsWith(MODELS + "/")) {
            models(lane, exchange, path);
        } else {
            notFound(lane, exchange);
        }
    }

    private static void models(Lane lane, HttpExchange exchange, String path) {
        if (!exchange.method().equals("GET") && !exchange.method().equals("HEAD")) {
            wrongMethod(lane, exchange, "GET, HEAD");
            return;
        }
        String id = ChatHandler.requestId(lane, exchange.requestHeaders());
        try {
            lane.keyring().authenticate(exchange.requestHeaders());
        } catch (ProtocolException refused) {
            refuse(lane, exchange, id, refused.error());
            return;
        }
        byte[] body =
                path.equals(MODELS) ? lane.view().modelList() : lane.view().model(path.substring(MODELS.length() + 1));
        if (body == null) {
            refuse(lane, exchange, id, ChatHandler.unknownModel(lane, path.substring(MODELS.length() + 1)));
        } else {
            exchange.respond(200, Responses.headers(Responses.JSON, id), Unpooled.wrappedBuffer(body));
        }
    }

    private static void health(Lane lane, HttpExchange exchange, String path) {
        switch (path) {
            case "/health/live" -> text(lane, exchange, 200, "alive\n");
            case "/health/ready" -> {
                if (lane.draining()) {
                    text(lane, exchange, 503, "draining\n");
                } else {
                    text(lane, exchange, 200, "ready\n");
                }
            }
            default -> notFound(lane, exchange);
        }
    }

    private static void text(Lane lane, HttpExchange exchange, int status, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        HttpHeaders headers = Responses.empty().set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8");
        exchange.respond(status, headers, lane.allocator().buffer(bytes.length).writeBytes(bytes));
    }

    private static void draining(Lane lane, HttpExchange exchange) {
        HttpHeaders headers = Responses.retryHeaders(DRAIN_RETRY_NANOS, true);
        exchange.closeAfterwards();
        OpenAiError error = new OpenAiError(
                503, "This gateway is shutting down; another one will answer.", OpenAiError.SERVER, null, "draining");
        refuse(lane, exchange, ChatHandler.requestId(lane, exchange.requestHeaders()), error, headers);
    }

    private static void notFound(Lane lane, HttpExchange exchange) {
        OpenAiError error = new OpenAiError(
                404,
                "Unknown request URL: %s %s. Maybe /v1/chat/completions.".formatted(exchange.method(), exchange.path()),
                OpenAiError.INVALID_REQUEST,
                null,
                "unknown_url");
        refuse(lane, exchange, ChatHandler.requestId(lane, exchange.requestHeaders()), error);
    }

    static void wrongMethod(Lane lane, HttpExchange exchange, String allowed) {
        OpenAiError error = new OpenAiError(
                405,
                "Not allowed to %s on %s. Allowed: %s.".formatted(exchange.method(), exchange.path(), allowed),
                OpenAiError.INVALID_REQUEST,
                null,
                "method_not_supported");
        HttpHeaders headers = Responses.empty().set(HttpHeaderNames.ALLOW, allowed);
        refuse(lane, exchange, ChatHandler.requestId(lane, exchange.requestHeaders()), error, headers);
    }

    /** Answers with an error and logs why. */
    static void refuse(Lane lane, HttpExchange exchange, String id, OpenAiError error) {
        refuse(lane, exchange, id, error, Responses.empty());
    }

    private static void refuse(Lane lane, HttpExchange exchange, String id, OpenAiError error, HttpHeaders extra) {
        String code = error.code() == null ? error.type() : error.code();
        lane.log().refused(id, exchange.path(), exchange.remoteAddress(), error.status(), code, error.message());
        lane.metrics().refused(code);
        byte[] json = error.body();
        ByteBuf body = lane.allocator().buffer(json.length).writeBytes(json);
        exchange.respond(error.status(), Responses.headers(Responses.JSON, id).add(extra), body);
    }
}
