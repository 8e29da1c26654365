package io.polychip.llama;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.llama.GenerationListener.Finish;
import io.polychip.llama.GenerationListener.TokenUsage;
import io.polychip.net.HttpExchange;
import io.polychip.protocol.OpenAiError;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The answer to one request: hears the engine's thread and writes on the loop of the connection.
 *
 * <p>A client that reads too slowly pauses its own sequences; one that goes away frees their slots.
 */
final class Reply {
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] END_OF_EVENT = "\n\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.US_ASCII);

    private final HttpExchange exchange;
    private final CompletionRequest request;
    private final ReplyJson json;
    private final List<Choice> choices;
    private List<Generation> generations = List.of();
    private boolean started;
    private boolean over;

    Reply(HttpExchange exchange, CompletionRequest request, ReplyJson json) {
        this.exchange = exchange;
        this.request = request;
        this.json = json;
        this.choices = IntStream.range(0, request.prompts().size() * request.choices())
                .mapToObj(index -> new Choice())
                .toList();
    }

    /** On the loop. What the engine throws because it cannot take the request goes to the caller. */
    void begin(LlamaEngine engine, List<GenerationRequest> requests) {
        List<GenerationListener> listeners = new ArrayList<>();
        for (int index = 0; index < requests.size(); index++) {
            listeners.add(new ChoiceListener(index));
        }
        generations = engine.submit(requests, listeners);
        exchange.onAbandoned(this::abandon);
        if (request.stream()) {
            exchange.onWritability(this::followReader);
        }
    }

    private void abandon() {
        over = true;
        generations.forEach(Generation::cancel);
    }

    private void followReader() {
        if (exchange.writable()) {
            generations.forEach(Generation::resume);
        } else {
            generations.forEach(Generation::pause);
        }
    }

    private void text(int index, String text, List<TokenLogprobs> logprobs) {
        if (over) {
            return;
        }
        if (request.stream()) {
            startStream();
            event(json.text(index, text, logprobs));
            exchange.flush();
            followReader();
        } else {
            choices.get(index).append(text, logprobs);
        }
    }

    private void finished(int index, Finish finish, TokenUsage usage) {
        if (over) {
            return;
        }
        choices.get(index).finish(finish, usage);
        boolean last = choices.stream().allMatch(choice -> choice.finish() != null);
        if (request.stream()) {
            startStream();
            event(json.finish(index, finish));
            if (last) {
                endStream();
            } else {
                exchange.flush();
            }
        } else if (last) {
            over = true;
            exchange.respond(200, headers("application/json"), Unpooled.wrappedBuffer(json.whole(choices, usage())));
        }
    }

    private void failed(LlamaException why) {
        if (over) {
            return;
        }
        over = true;
        generations.forEach(Generation::cancel);
        OpenAiError error = new OpenAiError(500, LlamaServer.message(why), OpenAiError.SERVER, null, "engine_failed");
        if (started) {
            exchange.write(Unpooled.wrappedBuffer(error.event()));
            exchange.finish();
        } else {
            exchange.respond(error.status(), headers("application/json"), Unpooled.wrappedBuffer(error.body()));
        }
    }

    private void startStream() {
        if (started) {
            return;
        }
        started = true;
        exchange.start(200, headers("text/event-stream; charset=utf-8").set(HttpHeaderNames.CACHE_CONTROL, "no-cache"));
        if (request.chat()) {
            IntStream.range(0, choices.size()).forEach(index -> event(json.role(index)));
        }
    }

    private void endStream() {
        over = true;
        if (request.usageInStream()) {
            event(json.usage(usage()));
        }
        exchange.write(Unpooled.wrappedBuffer(DONE));
        exchange.finish();
    }

    private void event(byte[] data) {
        exchange.write(Unpooled.wrappedBuffer(DATA, data, END_OF_EVENT));
    }

    /** A prompt counts once, however many answers it gets. */
    private TokenUsage usage() {
        int prompt = 0;
        int cached = 0;
        int answers = 0;
        for (int index = 0; index < choices.size(); index++) {
            TokenUsage usage = choices.get(index).usage();
            answers += usage.answerTokens();
            if (index % request.choices() == 0) {
                prompt += usage.promptTokens();
                cached += usage.cachedTokens();
            }
        }
        return new TokenUsage(prompt, cached, answers);
    }

    static HttpHeaders headers(String contentType) {
        return new DefaultHttpHeaders().set(HttpHeaderNames.CONTENT_TYPE, contentType);
    }

    /** Carries what the engine's thread says over to the loop. */
    private final class ChoiceListener implements GenerationListener {
        private final int index;

        ChoiceListener(int index) {
            this.index = index;
        }

        @Override
        public void text(String text, List<TokenLogprobs> logprobs) {
            exchange.loop().execute(() -> Reply.this.text(index, text, logprobs));
        }

        @Override
        public void finished(Finish finish, TokenUsage usage) {
            exchange.loop().execute(() -> Reply.this.finished(index, finish, usage));
        }

        @Override
        public void failed(LlamaException why) {
            exchange.loop().execute(() -> Reply.this.failed(why));
        }
    }
}
