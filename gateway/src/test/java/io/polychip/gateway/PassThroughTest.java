package io.polychip.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What goes through unchanged, and the little that does not. */
class PassThroughTest {
    private final World world = World.of(1);

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void aWholeAnswerPassesByteForByte() {
        HttpResponse<String> answer = world.chat(World.CHAT);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(FakeReplica.WHOLE);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
    }

    @Test
    void aRequestPassesByteForByteUnknownFieldsAndSpacesIncluded() {
        String body = """
            { "model" : "llama",  "messages":[{"role":"user","content":"caf\\u00e9 \\ud83d\\ude00","custom":[1.10, 1e400]}],
              "seed_of_mine": 123456789012345678901234567890, "top_k": 5 }\
            """;
        assertThat(world.chat(body).statusCode()).isEqualTo(200);
        assertThat(world.replica().last().body()).isEqualTo(body);
        assertThat(world.replica().last().path()).isEqualTo("/v1/chat/completions");
    }

    @Test
    void aStreamAsksForUsageAndKeepsItFromAClientThatDidNotAsk() {
        HttpResponse<String> answer = world.chat(World.STREAM);
        assertThat(answer.headers().firstValue("content-type").orElseThrow()).startsWith("text/event-stream");
        assertThat(answer.body()).isEqualTo(FakeReplica.stream("Hel", "lo") + FakeReplica.done());
        assertThat(world.replica().last().body()).contains("\"stream_options\":{\"include_usage\":true}");
    }

    @Test
    void aStreamShowsUsageToAClientThatAsked() {
        String body =
                World.STREAM.replace("\"stream\":true", "\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        HttpResponse<String> answer = world.chat(body);
        assertThat(answer.body()).isEqualTo(FakeReplica.stream("Hel", "lo") + FakeReplica.usage() + FakeReplica.done());
        assertThat(world.replica().last().body()).isEqualTo(body);
    }

    @Test
    void theClientsKeyAndHopByHopHeadersStayHere() {
        world.chat(World.CHAT, "authorization", "Bearer sk-secret-of-the-client", "te", "trailers", "x-custom", "1");
        FakeReplica.Seen seen = world.replica().last();
        assertThat(seen.headers().contains("authorization")).isFalse();
        assertThat(seen.headers().contains("te")).isFalse();
        assertThat(seen.headers().contains("x-custom")).isFalse();
        assertThat(seen.headers().get("x-request-id")).startsWith("req_");
    }

    @Test
    void aClientsOwnRequestIdIsTakenOverWhereItIsFitForAHeader() {
        HttpResponse<String> answer = world.chat(World.CHAT, "x-client-request-id", "mine-1");
        assertThat(answer.headers().firstValue("x-request-id")).hasValue("mine-1");
        assertThat(world.replica().last().headers().get("x-request-id")).isEqualTo("mine-1");
        assertThat(world.chat(World.CHAT, "x-client-request-id", "a b")
                        .headers()
                        .firstValue("x-request-id")
                        .orElseThrow())
                .startsWith("req_");
    }

    @Test
    void anAnswerSaysHowLongItTookAndNothingOfTheInside() {
        HttpResponse<String> answer = world.chat(World.CHAT);
        assertThat(answer.headers().firstValueAsLong("openai-processing-ms")).isPresent();
        assertThat(answer.headers().firstValue("x-polychip-route")).isEmpty();
        assertThat(answer.headers().firstValue("date")).isPresent();
    }

    @Test
    void eventsSplitAtEveryByteArriveWhole() {
        String sent = FakeReplica.stream("Hel", "lo") + FakeReplica.usage() + FakeReplica.done();
        world.replica().does(exchange -> {
            FakeReplica.events(exchange);
            feed(exchange, sent, 0);
        });
        assertThat(world.chat(World.STREAM).body()).isEqualTo(FakeReplica.stream("Hel", "lo") + FakeReplica.done());
    }

    private static void feed(io.polychip.net.HttpExchange exchange, String sent, int at) {
        if (at == sent.length()) {
            exchange.finish();
            return;
        }
        FakeReplica.more(exchange, sent.substring(at, at + 1));
        exchange.loop().execute(() -> feed(exchange, sent, at + 1));
    }

    @Test
    void embeddingsAndCompletionsGoTheirOwnWay() {
        world.replica()
                .does(
                        exchange -> FakeReplica.text(
                                exchange,
                                200,
                                "application/json",
                                "{\"object\":\"list\",\"data\":[{\"index\":0,\"embedding\":[0.1]}],\"usage\":{\"prompt_tokens\":3}}"));
        assertThat(world.post("/v1/embeddings", "{\"model\":\"llama\",\"input\":\"a\"}")
                        .body())
                .contains("\"embedding\":[0.1]");
        assertThat(world.replica().last().path()).isEqualTo("/v1/embeddings");
        world.post("/v1/completions", "{\"model\":\"llama\",\"prompt\":\"a\"}");
        assertThat(world.replica().last().path()).isEqualTo("/v1/completions");
    }

    @Test
    void modelsAreListedAndNamed() {
        assertThat(world.get("/v1/models").body()).contains("\"id\":\"llama\"");
        assertThat(world.get("/v1/models/llama").statusCode()).isEqualTo(200);
        HttpResponse<String> unknown = world.get("/v1/models/gpt-5");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).contains("model_not_found").contains("llama");
    }
}
