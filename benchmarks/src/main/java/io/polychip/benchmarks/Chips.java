package io.polychip.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.net.HttpExchange;
import io.polychip.net.HttpServer;
import io.polychip.net.ServerOptions;
import io.polychip.net.SocketNetwork;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the proxies have behind them: servers that answer at once, in vLLM's words, so that they never are the
 * bottleneck. All on one loop; streams keep the pace set last.
 */
final class Chips {
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final int LONG_PROMPT_BYTES = 100_000;
    private static final int SHORT_PROMPT_TOKENS = 60;
    private static final int LONG_PROMPT_TOKENS = 55_000;

    private static final HttpHeaders JSON = new DefaultHttpHeaders()
            .add(HttpHeaderNames.SERVER, "uvicorn")
            .add(HttpHeaderNames.CONTENT_TYPE, "application/json");
    private static final HttpHeaders EVENTS = new DefaultHttpHeaders()
            .add(HttpHeaderNames.SERVER, "uvicorn")
            .add(HttpHeaderNames.CONTENT_TYPE, "text/event-stream; charset=utf-8");

    private static final String CHUNK = "data: {\"id\":\"chatcmpl-8f14e45fceea167a5a36dedd4bea2543\","
            + "\"object\":\"chat.completion.chunk\",\"created\":1764000000,\"model\":\"llama-3.1-8b\","
            + "\"choices\":[%s]%s}\n\n";
    private static final ByteBuf EVENT = bytes(CHUNK.formatted(
            "{\"index\":0,\"delta\":{\"content\":\" word\"},\"logprobs\":null,\"finish_reason\":null}", ""));
    private static final ByteBuf LAST = bytes(CHUNK.formatted(
                    "{\"index\":0,\"delta\":{\"content\":\"\"},\"logprobs\":null,\"finish_reason\":\"stop\"}", "")
            + CHUNK.formatted("", ",\"usage\":" + usage(SHORT_PROMPT_TOKENS))
            + "data: [DONE]\n\n");
    private static final ByteBuf SHORT_ANSWER = bytes(answer(SHORT_PROMPT_TOKENS));
    private static final ByteBuf LONG_ANSWER = bytes(answer(LONG_PROMPT_TOKENS));
    private static final String METRICS =
            "vllm:num_requests_running 1.0\nvllm:num_requests_waiting 0.0\nvllm:kv_cache_usage_perc 0.1\n";

    static final int EVENT_BYTES = EVENT.readableBytes();

    /** How streams are paced. @param events written together @param total after which a stream ends; 0: none */
    record Pace(int events, Duration pause, int total) {}

    private final EventLoop loop;
    private final ByteBuf metrics;
    private final AtomicLong pages = new AtomicLong();
    private final List<URI> replicas = new ArrayList<>();
    private volatile Pace pace = new Pace(1, Duration.ofMillis(20), 0);
    private volatile boolean streaming;

    Chips(SocketNetwork network, int count) {
        this(network, count, METRICS);
    }

    /** @param metrics the page they show of their load */
    Chips(SocketNetwork network, int count, String metrics) {
        this.loop = network.loops().next();
        this.metrics = bytes(metrics);
        for (int i = 0; i < count; i++) {
            HttpServer server = HttpServer.start(network, ANY, ServerOptions.standard(), this::answer)
                    .join();
            replicas.add(URI.create("http://127.0.0.1:" + server.port()));
        }
    }

    List<URI> replicas() {
        return replicas;
    }

    /** Of metrics, shown so far. */
    long pages() {
        return pages.get();
    }

    /** From now on streams begin and go on like this. */
    void pace(Pace next) {
        pace = next;
        streaming = true;
    }

    /** All streams come to their end. */
    void stop() {
        streaming = false;
    }

    private void answer(HttpExchange exchange) {
        if (exchange.method().equals("GET")) {
            pages.incrementAndGet();
            exchange.respond(200, JSON, metrics.duplicate());
        } else if ("text/event-stream".equals(exchange.requestHeaders().get(HttpHeaderNames.ACCEPT))) {
            exchange.start(200, EVENTS);
            tick(exchange, pace, 0, System.nanoTime());
        } else {
            boolean isLong = exchange.body().readableBytes() > LONG_PROMPT_BYTES;
            exchange.respond(200, JSON, (isLong ? LONG_ANSWER : SHORT_ANSWER).duplicate());
        }
    }

    /** @param dueNanos so that a late tick does not put off the next */
    private void tick(HttpExchange exchange, Pace now, int sent, long dueNanos) {
        if (!streaming || (now.total() > 0 && sent >= now.total())) {
            exchange.write(LAST.duplicate());
            exchange.finish();
            return;
        }
        for (int i = 0; i < now.events(); i++) {
            exchange.write(EVENT.duplicate());
        }
        exchange.flush();
        long next = dueNanos + now.pause().toNanos();
        loop.schedule(
                () -> tick(exchange, now, sent + now.events(), next), next - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    private static String usage(int promptTokens) {
        return "{\"prompt_tokens\":%d,\"total_tokens\":%d,\"completion_tokens\":50}"
                .formatted(promptTokens, promptTokens + 50);
    }

    private static String answer(int promptTokens) {
        return "{\"id\":\"chatcmpl-8f14e45fceea167a5a36dedd4bea2543\",\"object\":\"chat.completion\","
                + "\"created\":1764000000,\"model\":\"llama-3.1-8b\",\"choices\":[{\"index\":0,\"message\":{"
                + "\"role\":\"assistant\",\"reasoning_content\":null,\"content\":\"" + "Some words. ".repeat(15)
                + "\",\"tool_calls\":[]},\"logprobs\":null,\"finish_reason\":\"stop\",\"stop_reason\":null}],"
                + "\"usage\":" + usage(promptTokens) + ",\"prompt_logprobs\":null}";
    }

    private static ByteBuf bytes(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return Unpooled.unreleasableBuffer(Unpooled.directBuffer(bytes.length).writeBytes(bytes));
    }
}
