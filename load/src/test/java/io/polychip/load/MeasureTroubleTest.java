package io.polychip.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.polychip.fleet.Deployment;
import io.polychip.net.HttpExchange;
import io.polychip.net.HttpHandler;
import io.polychip.net.HttpServer;
import io.polychip.net.ServerOptions;
import io.polychip.performance.Batching;
import io.polychip.protocol.OpenAiError;
import io.polychip.testkit.SimulatedNetwork;
import io.polychip.testkit.Weather;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Endpoints that cannot be measured, or only in part, say so in words that help. */
class MeasureTroubleTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int PORT = 9_000;
    private static final Pattern CAP = Pattern.compile("\"max_tokens\":(\\d+)");

    private final SimulatedNetwork world = new SimulatedNetwork(3, Weather.NONE);
    private int underWay;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        401 | no such key      | refuses the key ("no such key"). Maybe --key KEY
        404 | m does not exist | knows no model m, or no /v1/chat/completions ("m does not exist"). Maybe another --model
        429 | slow down        | limits the rate ("slow down"): not even one request came through. Maybe wait a minute
        400 | bad messages     | refuses the request in every wording tried ("bad messages"). Maybe the model is not for chat
        500 | out of memory    | did not answer one request: http 500 ("out of memory"). Maybe look at its log
        """)
    void aRefusalIsToldWithTheEndpointsWordsAndWhatToTry(int status, String said, String told) {
        assertThatThrownBy(() -> measure(exchange -> refuse(exchange, status, said)))
                .hasRootCauseInstanceOf(MeasureException.class)
                .hasMessageContaining(told);
    }

    @Test
    void nobodyListeningIsUnreachable() {
        assertThatThrownBy(() -> measure(null))
                .hasMessageContaining("cannot be reached")
                .hasMessageContaining("Maybe");
    }

    @Test
    void anAnswerWithoutAStreamCannotBeMeasured() {
        String whole = "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"a b\"},\"finish_reason\":\"stop\"}]}";
        assertThatThrownBy(() -> measure(exchange -> exchange.respond(
                        200, new DefaultHttpHeaders().set("content-type", "application/json"), text(exchange, whole))))
                .hasMessageContaining("stream")
                .hasMessageContaining("Maybe");
    }

    @Test
    void aProxyThatCollectsTheAnswerIsFoundOut() {
        assertThatThrownBy(() -> measure(exchange -> stream(exchange, 24, 0, true)))
                .hasMessageContaining("arrives at one moment")
                .hasMessageContaining("buffering");
    }

    @Test
    void aRateLimitBoundsTheConcurrencyAndIsSaid() {
        Measurement measured = measure(exchange -> {
            if (underWay >= 5) {
                refuse(exchange, 429, "at most 5 at once");
            } else {
                stream(exchange, tokens(exchange), 5, true);
            }
        });
        assertThat(measured.points())
                .filteredOn(point -> point.dropped() == null)
                .allMatch(point -> point.concurrency() <= 4)
                .anyMatch(point -> point.concurrency() == 4);
        assertThat(measured.notes()).anyMatch(note -> note.contains("16 requests at once were too many: http 429"));
    }

    @Test
    void whoeverRefusesIgnoreEosIsAskedWithoutIt() {
        Measurement measured = measure(exchange -> {
            if (body(exchange).contains("ignore_eos")) {
                refuse(exchange, 400, "Unrecognized request argument: ignore_eos");
            } else {
                stream(exchange, tokens(exchange), 5, true);
            }
        });
        assertThat(measured.notes()).anyMatch(note -> note.contains("does not take ignore_eos"));
        assertThat(measured.points())
                .filteredOn(point -> point.dropped() == null)
                .isNotEmpty();
    }

    @Test
    void whoeverCountsNoTokensIsMeasuredWithACaveat() {
        Measurement measured = measure(exchange -> stream(exchange, tokens(exchange), 5, false));
        assertThat(measured.notes()).anyMatch(note -> note.contains("reports no prompt tokens"));
    }

    @Test
    void aPromptThatIsTooLongIsHalvedAndTold() {
        Measurement measured = measure(exchange -> {
            if (exchange.body().readableBytes() > 4_000) {
                refuse(exchange, 400, "longer than the context");
            } else {
                stream(exchange, tokens(exchange), 5, true);
            }
        });
        assertThat(measured.notes()).anyMatch(note -> note.contains("longer than the context"));
        assertThat(measured.points()).allMatch(point -> point.promptTokens() <= 1024);
    }

    private Measurement measure(@Nullable HttpHandler endpoint) {
        if (endpoint != null) {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT);
            var server = HttpServer.start(world.node(1), address, ServerOptions.standard(), endpoint);
            world.runFor(SECOND);
            assertThat(server).isCompleted();
        }
        MeasureOptions options = new MeasureOptions(
                URI.create("http://127.0.0.1:" + PORT),
                "m",
                null,
                Deployment.unknown("openai"),
                Batching.of("openai"),
                Measure.AMPLE_CACHE,
                MeasureOptions.QUICK,
                16,
                2048,
                true,
                1);
        CompletableFuture<Measurement> done = new Measure(world.node(1), options).start();
        world.runUntil(done::isDone, 1_000 * SECOND);
        try {
            return done.join();
        } catch (CompletionException failed) {
            assertThat(failed.getCause()).isInstanceOf(MeasureException.class);
            throw failed;
        }
    }

    private static void refuse(HttpExchange exchange, int status, String message) {
        OpenAiError error = new OpenAiError(status, message, OpenAiError.INVALID_REQUEST, null, null);
        exchange.respond(
                status,
                new DefaultHttpHeaders().set("content-type", "application/json"),
                text(exchange, new String(error.body(), StandardCharsets.UTF_8)));
    }

    private static String body(HttpExchange exchange) {
        return exchange.body().toString(StandardCharsets.UTF_8);
    }

    private static int tokens(HttpExchange exchange) {
        Matcher cap = CAP.matcher(body(exchange));
        return cap.find() ? Integer.parseInt(cap.group(1)) : 16;
    }

    /** A token each {@code gapMillis}, the first after 20 ms; with usage or without. */
    private void stream(HttpExchange exchange, int tokens, int gapMillis, boolean usage) {
        underWay++;
        int words = body(exchange).split(" ", -1).length;
        var _ = exchange.loop()
                .schedule(() -> token(exchange, 0, tokens, gapMillis, usage ? words : 0), 20, TimeUnit.MILLISECONDS);
    }

    private void token(HttpExchange exchange, int index, int tokens, int gapMillis, int prompt) {
        if (index == 0) {
            exchange.start(200, new DefaultHttpHeaders().set("content-type", "text/event-stream"));
        }
        boolean last = index == tokens - 1;
        StringBuilder events = new StringBuilder();
        events.append("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"finish_reason\":%s}]}\n\n"
                .formatted(last ? "\"length\"" : "null"));
        if (last && prompt > 0) {
            events.append("data: {\"choices\":[],\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d}}\n\n"
                    .formatted(prompt, tokens));
        }
        exchange.write(text(exchange, last ? events + "data: [DONE]\n\n" : events.toString()));
        if (last) {
            underWay--;
            exchange.finish();
            return;
        }
        exchange.flush();
        if (gapMillis == 0) {
            token(exchange, index + 1, tokens, gapMillis, prompt);
        } else {
            var _ = exchange.loop()
                    .schedule(
                            () -> token(exchange, index + 1, tokens, gapMillis, prompt),
                            gapMillis,
                            TimeUnit.MILLISECONDS);
        }
    }

    private static ByteBuf text(HttpExchange exchange, String text) {
        ByteBuf buffer = exchange.body().alloc().buffer();
        buffer.writeCharSequence(text, StandardCharsets.UTF_8);
        return buffer;
    }
}
