package io.polychip.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.net.HttpExchange;
import io.polychip.net.HttpServer;
import io.polychip.net.Network;
import io.polychip.net.ServerOptions;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** An upstream that does what a test tells it, and remembers what reached it. */
final class FakeReplica {
    /** One request as it arrived. */
    record Seen(String method, String path, HttpHeaders headers, String body) {}

    private final CompletableFuture<HttpServer> starting;
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final AtomicInteger abandoned = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    private volatile Consumer<HttpExchange> behaviour = FakeReplica::answer;
    private volatile long lastAbandonedNanos;

    private FakeReplica(CompletableFuture<HttpServer> starting) {
        this.starting = starting;
    }

    /** One that may not listen yet. */
    static FakeReplica starting(Network network) {
        AtomicReference<FakeReplica> replica = new AtomicReference<>();
        replica.set(new FakeReplica(HttpServer.start(
                network,
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                ServerOptions.standard(),
                exchange -> replica.get().handle(exchange))));
        return replica.get();
    }

    static FakeReplica started(Network network) {
        FakeReplica replica = starting(network);
        replica.starting.join();
        return replica;
    }

    boolean listens() {
        return starting.isDone();
    }

    int port() {
        return starting.join().port();
    }

    String url() {
        return "http://127.0.0.1:" + port();
    }

    FakeReplica does(Consumer<HttpExchange> next) {
        behaviour = next;
        return this;
    }

    List<Seen> seen() {
        return seen;
    }

    Seen last() {
        return seen.getLast();
    }

    /** Requests whose connection the gateway closed before the answer was complete. */
    int abandoned() {
        return abandoned.get();
    }

    long lastAbandonedNanos() {
        return lastAbandonedNanos;
    }

    int running() {
        return running.get();
    }

    void close() {
        starting.join().close();
    }

    private void handle(HttpExchange exchange) {
        if (exchange.path().equals("/metrics")) {
            text(exchange, 200, "text/plain", "vllm:num_requests_running 1\nvllm:num_requests_waiting 0\n");
            return;
        }
        seen.add(new Seen(
                exchange.method(),
                exchange.path(),
                new DefaultHttpHeaders().add(exchange.requestHeaders()),
                exchange.body().toString(StandardCharsets.UTF_8)));
        running.incrementAndGet();
        exchange.onAbandoned(() -> {
            lastAbandonedNanos = System.nanoTime();
            abandoned.incrementAndGet();
        });
        behaviour.accept(exchange);
    }

    // ---- behaviours

    /** A good answer, streamed or whole as asked. */
    static void answer(HttpExchange exchange) {
        String body = exchange.body().toString(StandardCharsets.UTF_8);
        if (body.contains("\"stream\":true") || body.contains("\"stream\": true")) {
            events(exchange, stream("Hel", "lo"), usage(), done());
            exchange.finish();
        } else {
            whole(exchange);
        }
    }

    static void whole(HttpExchange exchange) {
        text(exchange, 200, "application/json", WHOLE);
    }

    static final String WHOLE = """
        {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"llama","unknown":123456789012345678901234567890,\
        "choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}],\
        "usage":{"prompt_tokens":11,"completion_tokens":2,"total_tokens":13}}\
        """;

    static void text(HttpExchange exchange, int status, String type, String text) {
        exchange.respond(status, new DefaultHttpHeaders().add("content-type", type), bytes(text));
    }

    /** Starts a stream and writes these events; the caller ends it. */
    static void events(HttpExchange exchange, String... events) {
        exchange.start(200, new DefaultHttpHeaders().add("content-type", "text/event-stream"));
        more(exchange, events);
    }

    static void more(HttpExchange exchange, String... events) {
        for (String event : events) {
            exchange.write(bytes(event));
        }
        exchange.flush();
    }

    /** Role, the tokens, and a finish reason. */
    static String stream(String... tokens) {
        return role()
                + String.join(
                        "", List.of(tokens).stream().map(FakeReplica::token).toList())
                + finish();
    }

    static String role() {
        return chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null");
    }

    static String token(String text) {
        return chunk("{\"content\":\"" + text + "\"}", "null");
    }

    static String finish() {
        return chunk("{}", "\"stop\"");
    }

    static String usage() {
        return "data:"
            + " {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"llama\",\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":2,\"total_tokens\":13}}\n\n";
    }

    static String done() {
        return "data: [DONE]\n\n";
    }

    private static String chunk(String delta, String finish) {
        return "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"llama\","
                + "\"choices\":[{\"index\":0,\"delta\":" + delta + ",\"finish_reason\":" + finish + "}]}\n\n";
    }

    /** Runs something on the exchange's loop after a while. */
    static void later(HttpExchange exchange, long millis, Runnable action) {
        exchange.loop().schedule(action, millis, TimeUnit.MILLISECONDS);
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }
}
