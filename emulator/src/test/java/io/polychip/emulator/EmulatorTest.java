package io.polychip.emulator;

import static io.polychip.emulator.Emulated.events;
import static io.polychip.emulator.Emulated.json;
import static io.polychip.emulator.Emulated.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.protocol.SseScanner;
import io.polychip.protocol.Verdict;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class EmulatorTest {
    private static final EmulatedText HELLO = EmulatedText.of(List.of("hello"));
    private static Emulated fleet;

    @BeforeAll
    static void start() {
        fleet = new Emulated();
    }

    @AfterAll
    static void stop() {
        fleet.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"h100", "b200", "h200", "trainium", "groq", "cerebras"})
    void everyPoolAnswersWithTheTextOfThePrompt(String pool) {
        HttpResponse<String> answer = fleet.chat(pool, "'max_tokens':5");
        assertThat(answer.statusCode()).isEqualTo(200);
        JsonNode choice = json(answer).path("choices").path(0);
        assertThat(choice.path("message").path("content").asString()).isEqualTo(HELLO.text(0, 5));
        assertThat(choice.path("finish_reason").asString()).isEqualTo("length");
        assertThat(json(answer).path("usage").path("completion_tokens").asInt()).isEqualTo(5);
        assertThat(json(answer).path("usage").path("prompt_tokens").asInt()).isEqualTo(6);
    }

    @Test
    void aStreamSaysTheSameOneTokenAnEvent() {
        HttpResponse<String> answer = fleet.chat("h100", "'stream':true,'stream_options':{'include_usage':true}");
        int tokens = HELLO.naturalTokens();
        assertThat(answer.headers().firstValue("content-type")).hasValue("text/event-stream; charset=utf-8");
        assertThat(text(answer)).isEqualTo(HELLO.text(0, tokens));
        List<String> events = events(answer);
        assertThat(events).hasSize(1 + tokens + 3).endsWith("[DONE]");
        assertThat(events.getFirst()).contains("\"role\":\"assistant\"");
        assertThat(events.get(tokens + 1)).contains("\"finish_reason\":\"stop\"");
        assertThat(events.get(tokens + 2)).contains("\"choices\":[]").contains("\"completion_tokens\":" + tokens);
        SseScanner scanner = new SseScanner(1);
        byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
        scanner.feed(bytes, 0, bytes.length, (kind, from, to) -> {});
        assertThat(scanner.verdict()).isEqualTo(Verdict.COMPLETE);
        assertThat(scanner.visibleEvents()).isEqualTo(tokens);
        assertThat(scanner.usage().completionTokens()).isEqualTo(tokens);
    }

    @Test
    void usageIsNotSentUnasked() {
        assertThat(fleet.chat("h100", "'stream':true,'max_tokens':3").body()).doesNotContain("usage");
    }

    @Test
    void ignoreEosGivesExactlyTheTokensAskedFor() {
        int more = HELLO.naturalTokens() + 40;
        HttpResponse<String> answer = fleet.chat("h100", "'stream':true,'ignore_eos':true,'max_tokens':" + more);
        assertThat(text(answer)).isEqualTo(HELLO.text(0, more));
        assertThat(answer.body()).contains("\"finish_reason\":\"length\"");
    }

    @Test
    void aFinalAssistantMessageIsContinuedWhereItStopped() {
        String begun = HELLO.text(0, 7);
        HttpResponse<String> answer = fleet.chat(
                "h100",
                "'messages':[{'role':'user','content':'hello'}," + "{'role':'assistant','content':'" + begun + "'}]");
        assertThat(json(answer)
                        .path("choices")
                        .path(0)
                        .path("message")
                        .path("content")
                        .asString())
                .isEqualTo(HELLO.text(7, HELLO.naturalTokens() - 7));
    }

    @Test
    void severalChoicesAreDifferentTexts() {
        JsonNode choices = json(fleet.chat("h100", "'n':2,'max_tokens':4")).path("choices");
        assertThat(choices.size()).isEqualTo(2);
        assertThat(choices.path(1).path("message").path("content").asString())
                .isEqualTo(HELLO.choice(1).text(0, 4))
                .isNotEqualTo(HELLO.text(0, 4));
        HttpResponse<String> stream = fleet.chat("h100", "'n':2,'max_tokens':4,'stream':true");
        SseScanner scanner = new SseScanner(2);
        byte[] bytes = stream.body().getBytes(StandardCharsets.UTF_8);
        scanner.feed(bytes, 0, bytes.length, (kind, from, to) -> {});
        assertThat(scanner.verdict()).isEqualTo(Verdict.COMPLETE);
        assertThat(scanner.visibleEvents()).isEqualTo(8);
    }

    @Test
    void aStopStringEndsTheAnswerBeforeIt() {
        String stop = HELLO.token(3).substring(2);
        String whole = HELLO.text(0, HELLO.naturalTokens());
        JsonNode choice = json(fleet.chat("h100", "'stop':['" + stop + "']"))
                .path("choices")
                .path(0);
        assertThat(choice.path("message").path("content").asString())
                .isEqualTo(whole.substring(0, whole.indexOf(stop)));
        assertThat(choice.path("finish_reason").asString()).isEqualTo("stop");
    }

    @Test
    void aToolIsCalledWithArgumentsOfItsSchema() {
        String tools =
                "'tools':[{'type':'function','function':{'name':'weather','parameters':{'type':'object','properties':"
                    + "{'city':{'type':'string'},'days':{'type':'integer','minimum':2}}}}}],'tool_choice':'required'";
        JsonNode choice = json(fleet.chat("h100", tools)).path("choices").path(0);
        JsonNode call = choice.path("message").path("tool_calls").path(0).path("function");
        assertThat(choice.path("finish_reason").asString()).isEqualTo("tool_calls");
        assertThat(call.path("name").asString()).isEqualTo("weather");
        JsonNode arguments = Emulated.JSON.readTree(call.path("arguments").asString());
        assertThat(arguments.path("days").asInt()).isEqualTo(2);
        assertThat(arguments.path("city").isString()).isTrue();

        StringBuilder streamed = new StringBuilder();
        for (String event : events(fleet.chat("h100", tools + ",'stream':true"))) {
            if (event.startsWith("{")) {
                JsonNode delta =
                        Emulated.JSON.readTree(event).path("choices").path(0).path("delta");
                streamed.append(delta.path("tool_calls")
                        .path(0)
                        .path("function")
                        .path("arguments")
                        .asString(""));
            }
        }
        assertThat(streamed).hasToString(call.path("arguments").asString());
    }

    @Test
    void aSchemaIsObeyed() {
        JsonNode choice = json(fleet.chat(
                        "h100",
                        "'response_format':{'type':'json_schema','json_schema':{'name':'x','schema':"
                            + "{'type':'object','properties':{'colour':{'enum':['red']},'sizes':{'type':'array','minItems':2,"
                            + "'items':{'type':'number'}}}}}}"))
                .path("choices")
                .path(0);
        JsonNode answer =
                Emulated.JSON.readTree(choice.path("message").path("content").asString());
        assertThat(answer.path("colour").asString()).isEqualTo("red");
        assertThat(answer.path("sizes").size()).isEqualTo(2);
    }

    @Test
    void logprobsComeForEveryToken() {
        JsonNode content = json(fleet.chat("h100", "'logprobs':true,'top_logprobs':2,'max_tokens':3"))
                .path("choices")
                .path(0)
                .path("logprobs")
                .path("content");
        assertThat(content.size()).isEqualTo(3);
        assertThat(content.path(1).path("token").asString()).isEqualTo(HELLO.token(1));
        assertThat(content.path(1).path("top_logprobs").size()).isEqualTo(2);
    }

    @Test
    void completionsAndEmbeddingsAreServed() {
        String body = "{'model':'llama','prompt':'hello','max_tokens':3}";
        JsonNode completion = json(fleet.post(fleet.base("h100") + "/completions", body));
        assertThat(completion.path("choices").path(0).path("text").asString()).isEqualTo(HELLO.text(0, 3));
        HttpResponse<String> stream =
                fleet.post(fleet.base("h100") + "/completions", body.replace("}", ",'stream':true}"));
        assertThat(stream.body())
                .contains("\"text\":\"" + HELLO.token(0) + "\"")
                .endsWith("data: [DONE]\n\n");

        String input = "{'model':'llama','input':['a','b'],'dimensions':8}";
        JsonNode rows =
                json(fleet.post(fleet.base("h100") + "/embeddings", input)).path("data");
        assertThat(rows.size()).isEqualTo(2);
        assertThat(rows.path(0).path("embedding").size()).isEqualTo(8);
        String packed = input.replace("}", ",'encoding_format':'base64'}");
        String encoded = json(fleet.post(fleet.base("h100") + "/embeddings", packed))
                .path("data")
                .path(1)
                .path("embedding")
                .asString();
        assertThat(Base64.getDecoder().decode(encoded)).hasSize(32);
    }

    @Test
    void groqAndCerebrasAddTheirOwnFieldsAndRefusals() {
        HttpResponse<String> groq = fleet.chat("groq", "'stream':true,'max_tokens':3,'model':'llama-3.1-8b-instant'");
        List<String> events = events(groq);
        assertThat(events.getFirst()).contains("x_groq");
        assertThat(events.get(4))
                .contains("\"x_groq\"")
                .contains("\"queue_time\"")
                .contains("finish_reason");
        assertThat(groq.headers().firstValue("x-ratelimit-limit-tokens")).hasValue("250000");
        assertThat(fleet.chat("groq", "'logprobs':true").statusCode()).isEqualTo(400);
        assertThat(fleet.chat("groq", "'n':2").statusCode()).isEqualTo(400);
        HttpResponse<String> cerebras = fleet.chat("cerebras", "'max_tokens':3");
        assertThat(json(cerebras).path("time_info").has("prompt_time")).isTrue();
        assertThat(fleet.chat("cerebras", "'frequency_penalty':0.5").statusCode())
                .isEqualTo(400);
    }

    @Test
    void aQuotaUsedUpIs429WithRetryAfter() {
        HttpResponse<String> refused = fleet.chat("narrow", "'max_tokens':19990");
        for (int i = 0; i < 2 && refused.statusCode() != 429; i++) { // a new minute may begin in between
            refused = fleet.chat("narrow", "'max_tokens':19990");
        }
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValueAsLong("retry-after").orElse(0)).isBetween(1L, 60L);
        assertThat(json(refused).path("error").path("code").asString()).isEqualTo("rate_limit_exceeded");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'model':'other'|404|model_not_found",
                "'messages':[]|400|empty_array",
                "'max_tokens':'x'|400|invalid_type"
            })
    void aWrongRequestIsRefusedInOpenAisTerms(String fields, int status, String code) {
        HttpResponse<String> answer = fleet.chat("h100", fields);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(json(answer).path("error").path("code").asString()).isEqualTo(code);
    }

    @Test
    void aPromptBeyondTheContextIsRefused() {
        HttpResponse<String> answer =
                fleet.chat("h100", "'messages':[{'role':'user','content':'" + "word ".repeat(120_000) + "'}]");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(json(answer).path("error").path("code").asString()).isEqualTo("context_length_exceeded");
    }

    @ParameterizedTest
    @CsvSource({
        "h100,/metrics,vllm:num_requests_running",
        "h100,/metrics,vllm:num_requests_waiting",
        "h100,/metrics,vllm:kv_cache_usage_perc",
        "trainium,/metrics,vllm:num_requests_running",
        "b200,/metrics,sglang:num_running_reqs",
        "b200,/metrics,sglang:num_queue_reqs",
        "b200,/metrics,sglang:token_usage",
        "h200,/prometheus/metrics,trtllm_num_requests_running",
        "h200,/prometheus/metrics,trtllm_kv_cache_utilization",
        "cpu,/metrics,llamacpp:requests_processing",
        "cpu,/metrics,llamacpp:requests_deferred"
    })
    void loadIsToldInTheEnginesOwnWords(String pool, String path, String metric) {
        HttpResponse<String> page =
                fleet.send("GET", fleet.url(pool, 0).resolve(path).toString());
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body().lines().filter(line -> !line.startsWith("#")))
                .allMatch(line -> line.matches("[a-z_:]+(\\{[^}]*})? [0-9.E-]+"))
                .anyMatch(line -> line.startsWith(metric));
    }

    @Test
    void healthModelsAndUnknownPathsAreAnswered() {
        String root = fleet.url("h100", 0).toString();
        assertThat(fleet.send("GET", root + "/health").statusCode()).isEqualTo(200);
        assertThat(json(fleet.send("GET", root + "/v1/models"))
                        .path("data")
                        .path(0)
                        .path("id")
                        .asString())
                .isEqualTo("llama");
        assertThat(fleet.send("GET", root + "/nothing").statusCode()).isEqualTo(404);
        assertThat(fleet.send("GET", root + "/v1/chat/completions").statusCode())
                .isEqualTo(405);
        assertThat(fleet.send("GET", fleet.url("groq", 0).resolve("/metrics").toString())
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void aRepeatedPromptIsFoundInTheCache() {
        String body = "'max_tokens':2,'messages':[{'role':'user','content':'" + "cache me ".repeat(200) + "'}]";
        fleet.chat("b200", body);
        assertThat(json(fleet.chat("b200", body))
                        .path("usage")
                        .path("prompt_tokens_details")
                        .path("cached_tokens")
                        .asInt())
                .isGreaterThan(300);
    }

    @Test
    void theLocalFleetHasTheAddressesOfThisMachine() {
        assertThat(fleet.emulator.fleet().pools().getFirst().replicas())
                .containsExactly(fleet.url("h100", 0), fleet.url("h100", 1));
        assertThat(fleet.url("groq", 0).getPath()).endsWith("/v1");
    }
}
