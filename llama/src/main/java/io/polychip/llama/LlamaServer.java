package io.polychip.llama;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.polychip.net.HttpExchange;
import io.polychip.net.HttpServer;
import io.polychip.net.Network;
import io.polychip.net.ServerOptions;
import io.polychip.protocol.Endpoint;
import io.polychip.protocol.ModelList;
import io.polychip.protocol.OpenAiError;
import io.polychip.protocol.ProtocolException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * An engine behind OpenAI's API and llama.cpp's {@code /health} and {@code /metrics}: to a gateway a pool like any
 * other.
 *
 * <p>Reading a request and tokenizing it happen off the loops, so that a long prompt holds up nobody.
 */
public final class LlamaServer implements AutoCloseable {
    private static final Logger LOGGER = System.getLogger(LlamaServer.class.getName());
    private static final String OWNER = "llama.cpp";
    private static final String MODELS = "/v1/models";

    private final Network network;
    private final LlamaEngine engine;
    private final LlamaOptions options;
    private final RequestReader reader;
    private final long createdSeconds;
    private final CompletableFuture<HttpServer> http;

    private LlamaServer(Network network, LlamaEngine engine, LlamaOptions options, InetSocketAddress address) {
        this.network = network;
        this.engine = engine;
        this.options = options;
        this.reader = new RequestReader(options.name(), () -> UUID.randomUUID().getMostSignificantBits());
        this.createdSeconds = network.wallClock().instant().getEpochSecond();
        this.http = HttpServer.start(network, address, ServerOptions.standard(), this::handle);
    }

    /**
     * Loads the model and listens.
     *
     * @param address port 0 for any free one
     * @return completed when the first request may come; fails with {@link LlamaException}, or the system's exception
     *     when the port cannot be bound
     */
    public static CompletableFuture<LlamaServer> start(
            Network network, InetSocketAddress address, LlamaOptions options) {
        return CompletableFuture.supplyAsync(
                        () -> LlamaEngine.open(
                                options.files().library(), options.files().model(), options.engine()),
                        network.blocking())
                .thenCompose(engine -> {
                    LlamaServer server = new LlamaServer(network, engine, options, address);
                    return server.http
                            .handle((bound, failure) -> {
                                if (failure != null) {
                                    engine.close();
                                }
                                return server.http;
                            })
                            .thenCompose(bound -> bound)
                            .thenApply(bound -> server);
                });
    }

    /** Where it listens, with the port that was found. */
    public InetSocketAddress address() {
        return http.join().address();
    }

    /** Where the engine stands. */
    public EngineStatus status() {
        return engine.status();
    }

    /** Such as "llama 256M Q4_1". */
    public String description() {
        return engine.description();
    }

    /** Takes no new connections and completes when all answers under way are out; then {@link #close}. */
    public CompletableFuture<Void> drain() {
        return http.join().drain();
    }

    /** Cuts all answers and frees the model. Waits for the engine's step under way. */
    @Override
    public void close() {
        http.join().close();
        engine.close();
    }

    private void handle(HttpExchange exchange) {
        String path = exchange.path();
        switch (exchange.method()) {
            case "POST" -> {
                if (path.equals(Endpoint.CHAT.path()) || path.equals(Endpoint.COMPLETIONS.path())) {
                    complete(exchange, path.equals(Endpoint.CHAT.path()));
                } else {
                    refuse(exchange, unknown(exchange));
                }
            }
            case "GET", "HEAD" -> get(exchange, path);
            default -> refuse(exchange, unknown(exchange));
        }
    }

    private void get(HttpExchange exchange, String path) {
        switch (path) {
            case "/health" -> {
                boolean alive = engine.alive();
                String body = alive ? "{\"status\":\"ok\"}" : "{\"status\":\"engine stopped\"}";
                respond(exchange, alive ? 200 : 503, "application/json", body.getBytes(StandardCharsets.UTF_8));
            }
            case "/metrics" ->
                respond(
                        exchange,
                        200,
                        "text/plain; version=0.0.4",
                        LlamaMetrics.of(engine.status()).getBytes(StandardCharsets.UTF_8));
            case MODELS ->
                respond(
                        exchange,
                        200,
                        "application/json",
                        ModelList.of(List.of(options.name()), OWNER, createdSeconds));
            default -> {
                if (path.equals(MODELS + "/" + options.name())) {
                    respond(exchange, 200, "application/json", ModelList.one(options.name(), OWNER, createdSeconds));
                } else {
                    refuse(exchange, unknown(exchange));
                }
            }
        }
    }

    private static OpenAiError unknown(HttpExchange exchange) {
        return new OpenAiError(
                404,
                "%s %s is not known here; known are POST /v1/chat/completions and /v1/completions, GET /v1/models, /health and /metrics."
                        .formatted(exchange.method(), exchange.path()),
                OpenAiError.INVALID_REQUEST,
                null,
                "unknown_url");
    }

    private void complete(HttpExchange exchange, boolean chat) {
        byte[] body = ByteBufUtil.getBytes(exchange.body());
        network.blocking().execute(() -> {
            try {
                CompletionRequest request = reader.read(body, chat);
                List<GenerationRequest> generations = generations(request);
                exchange.loop().execute(() -> begin(exchange, request, generations));
            } catch (RuntimeException e) {
                OpenAiError error = error(e);
                exchange.loop().execute(() -> refuse(exchange, error));
            }
        });
    }

    private List<GenerationRequest> generations(CompletionRequest request) {
        List<GenerationRequest> generations = new ArrayList<>();
        for (Prompt prompt : request.prompts()) {
            int[] tokens = switch (prompt) {
                case Prompt.Chat asked -> engine.chatTokens(asked.messages(), asked.continued());
                case Prompt.Text text -> engine.tokens(text.text());
                case Prompt.Tokens given -> given.tokens();
            };
            for (int choice = 0; choice < request.choices(); choice++) {
                generations.add(new GenerationRequest(
                        tokens,
                        request.mostTokens(),
                        request.sampling().withSeed(request.sampling().seed() + choice),
                        request.stops(),
                        request.topLogprobs(),
                        request.ignoreEnd()));
            }
        }
        return generations;
    }

    private void begin(HttpExchange exchange, CompletionRequest request, List<GenerationRequest> generations) {
        ReplyJson json = new ReplyJson(
                request,
                UUID.randomUUID().toString().replace("-", ""),
                network.wallClock().instant().getEpochSecond());
        try {
            new Reply(exchange, request, json).begin(engine, generations);
        } catch (RuntimeException e) {
            refuse(exchange, error(e));
        }
    }

    private static OpenAiError error(RuntimeException e) {
        return switch (e) {
            case ProtocolException known -> known.error();
            case ContextLengthException tooLong ->
                OpenAiError.invalid(message(tooLong), null, "context_length_exceeded");
            case EngineBusyException busy ->
                new OpenAiError(503, message(busy), OpenAiError.SERVER, null, "engine_overloaded");
            case IllegalArgumentException wrong -> OpenAiError.invalid(message(wrong), null, "invalid_value");
            case LlamaException unable ->
                new OpenAiError(500, message(unable), OpenAiError.SERVER, null, "engine_failed");
            default -> {
                LOGGER.log(Level.ERROR, "A request failed by a defect.", e);
                yield new OpenAiError(500, "The engine failed.", OpenAiError.SERVER, null, "internal_error");
            }
        };
    }

    static String message(Exception e) {
        return String.valueOf(e.getMessage());
    }

    private static void refuse(HttpExchange exchange, OpenAiError error) {
        var headers = Reply.headers("application/json");
        if (error.status() == 503) {
            headers.set(HttpHeaderNames.RETRY_AFTER, "1");
        }
        exchange.respond(error.status(), headers, Unpooled.wrappedBuffer(error.body()));
    }

    private static void respond(HttpExchange exchange, int status, String type, byte[] body) {
        exchange.respond(status, Reply.headers(type), Unpooled.wrappedBuffer(body));
    }
}
