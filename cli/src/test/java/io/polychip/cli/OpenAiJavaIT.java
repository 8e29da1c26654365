package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.AsyncStreamResponse;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.InternalServerException;
import com.openai.errors.NotFoundException;
import com.openai.errors.OpenAIIoException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.RateLimitException;
import com.openai.errors.SseException;
import com.openai.errors.UnauthorizedException;
import com.openai.errors.UnexpectedStatusCodeException;
import com.openai.errors.UnprocessableEntityException;
import com.openai.models.FunctionDefinition;
import com.openai.models.FunctionParameters;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.completions.CompletionCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OpenAI's own client for Java, unchanged, against {@code serve} over {@code emulate}. */
final class OpenAiJavaIT {
    private static final String MODEL = "llama-3.1-8b";

    @TempDir
    private static Path folder = Path.of("");

    private static @Nullable ServedFleet served;

    @BeforeAll
    static void start() throws IOException {
        served = new ServedFleet(Files.readString(Path.of("src", "test", "clients", "fleet.yaml")), folder);
    }

    @AfterAll
    static void stop() {
        fleet().close();
    }

    @AfterEach
    void heal() throws Exception {
        fleet().heal();
    }

    private final OpenAIClient client = connect().build();
    private final OpenAIClient once = connect().maxRetries(0).build(); // errors as they come

    private static ServedFleet fleet() {
        ServedFleet started = served;
        if (started == null) {
            throw new IllegalStateException("Not started.");
        }
        return started;
    }

    private static OpenAIOkHttpClient.Builder connect() {
        return OpenAIOkHttpClient.builder().baseUrl(fleet().url() + "/v1").apiKey(ServedFleet.KEY);
    }

    private static ChatCompletionCreateParams.Builder hello() {
        return ask("Say hello.");
    }

    /** The gateway remembers for a while which request broke two engines, whoever sends it. */
    private static ChatCompletionCreateParams.Builder neverAsked() {
        return ask("Say " + UUID.randomUUID());
    }

    private static ChatCompletionCreateParams.Builder ask(String text) {
        return ChatCompletionCreateParams.builder()
                .model(MODEL)
                .addUserMessage(text)
                .putAdditionalBodyProperty("max_tokens", JsonValue.from(8));
    }

    private ChatCompletion create(ChatCompletionCreateParams.Builder asked) {
        return client.chat().completions().create(asked.build());
    }

    private static String text(ChatCompletion answer) {
        return answer.choices().getFirst().message().content().orElseThrow();
    }

    private static <E extends Throwable> E failure(
            Class<E> kind, OpenAIClient by, ChatCompletionCreateParams.Builder asked) {
        return catchThrowableOfType(kind, () -> by.chat().completions().create(asked.build()));
    }

    // ---- answers

    @Test
    void aWholeAnswerAndAStreamedOneSayTheSame() {
        ChatCompletion whole = create(hello());
        StringBuilder streamed = new StringBuilder();
        List<ChatCompletionChunk> chunks = new ArrayList<>();
        try (StreamResponse<ChatCompletionChunk> stream = client.chat()
                .completions()
                .createStreaming(hello().streamOptions(ChatCompletionStreamOptions.builder()
                                .includeUsage(true)
                                .build())
                        .build())) {
            stream.stream().forEach(chunk -> {
                chunks.add(chunk);
                chunk.choices().forEach(choice -> choice.delta().content().ifPresent(streamed::append));
            });
        }
        assertThat(streamed.toString()).isEqualTo(text(whole)).isNotBlank();
        assertThat(whole.usage().orElseThrow().completionTokens()).isEqualTo(8);
        assertThat(chunks.getLast().usage().orElseThrow().completionTokens()).isEqualTo(8);
    }

    @Test
    void toolsAreCalled() {
        FunctionDefinition weather = FunctionDefinition.builder()
                .name("weather")
                .parameters(FunctionParameters.builder()
                        .putAdditionalProperty("type", JsonValue.from("object"))
                        .putAdditionalProperty("properties", JsonValue.from(Map.of("city", Map.of("type", "string"))))
                        .putAdditionalProperty("required", JsonValue.from(List.of("city")))
                        .build())
                .build();
        ChatCompletion answer = create(hello().addFunctionTool(weather)
                .toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED)
                .putAdditionalBodyProperty("max_tokens", JsonValue.from(200)));
        ChatCompletionMessageFunctionToolCall.Function call = answer.choices()
                .getFirst()
                .message()
                .toolCalls()
                .orElseThrow()
                .getFirst()
                .asFunction()
                .function();
        assertThat(call.name()).isEqualTo("weather");
        assertThat(call.arguments()).contains("\"city\"");
        assertThat(answer.choices().getFirst().finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.TOOL_CALLS);
    }

    /** What the answer is bound to; the client derives the JSON schema from it. */
    static final class City {
        public String name = "";
        public int inhabitants = -1;
    }

    @Test
    void aJsonSchemaIsKept() {
        City city = client.chat()
                .completions()
                .create(hello().putAdditionalBodyProperty("max_tokens", JsonValue.from(300))
                        .responseFormat(City.class)
                        .build())
                .choices()
                .getFirst()
                .message()
                .content()
                .orElseThrow();
        assertThat(city.name).isNotEmpty();
        assertThat(city.inhabitants).isNotEqualTo(-1);
    }

    @Test
    void logprobsAndTwoChoices() {
        ChatCompletion answer = create(hello().logprobs(true).topLogprobs(2).n(2));
        assertThat(answer.choices())
                .hasSize(2)
                .allSatisfy(choice -> assertThat(
                                choice.logprobs().orElseThrow().content().orElseThrow())
                        .hasSize(8)
                        .allSatisfy(token -> assertThat(token.topLogprobs()).hasSize(2)));
    }

    @Test
    void completionsEmbeddingsAndModels() {
        assertThat(client.completions()
                        .create(CompletionCreateParams.builder()
                                .model(MODEL)
                                .prompt("Once")
                                .maxTokens(4)
                                .build())
                        .choices())
                .hasSize(1);
        assertThat(client.embeddings()
                        .create(EmbeddingCreateParams.builder()
                                .model(MODEL)
                                .inputOfArrayOfStrings(List.of("a", "b"))
                                .build())
                        .data())
                .hasSize(2);
        assertThat(client.models().list().data())
                .extracting(model -> model.id())
                .contains(MODEL);
    }

    @Test
    void severalAtOnce() {
        List<CompletableFuture<ChatCompletion>> answers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            answers.add(client.async().chat().completions().create(hello().build()));
        }
        assertThat(answers).extracting(answer -> text(answer.join())).containsOnly(text(create(hello())));
    }

    @Test
    void aClosedStreamFreesItsChip() throws Exception {
        ChatCompletionCreateParams endless = hello().putAdditionalBodyProperty("max_tokens", JsonValue.from(4000))
                .putAdditionalBodyProperty("ignore_eos", JsonValue.from(true))
                .build();
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(endless)) {
            assertThat(stream.stream().limit(3)).hasSize(3);
        }
        fleet().awaitIdle();
        AsyncStreamResponse<ChatCompletionChunk> later =
                client.async().chat().completions().createStreaming(endless);
        // Closed by the thread that reads: closed by another one, this client now and then keeps its connection open.
        later.subscribe(chunk -> later.close());
        later.onCompleteFuture().get(10, TimeUnit.SECONDS);
        fleet().awaitIdle();
    }

    // ---- errors, each as the class that the client has for it

    @Test
    void badRequests() {
        BadRequestException type =
                failure(BadRequestException.class, once, hello().putAdditionalBodyProperty("n", JsonValue.from("two")));
        assertThat(type.code()).contains("invalid_type");
        assertThat(type.param()).contains("n");
        BadRequestException tooLong = failure(BadRequestException.class, once, ask("word ".repeat(200_000)));
        assertThat(tooLong.code()).contains("context_length_exceeded");
    }

    @Test
    void aWrongKey() {
        OpenAIClient stranger = connect().apiKey("wrong").build();
        assertThat(failure(UnauthorizedException.class, stranger, hello()).code())
                .contains("invalid_api_key");
    }

    @Test
    void anUnknownModel() {
        NotFoundException unknown = failure(NotFoundException.class, once, hello().model("gpt-9"));
        assertThat(unknown.code()).contains("model_not_found");
        assertThat(unknown).hasMessageContaining(MODEL);
    }

    @Test
    void aBodyTooLarge() {
        assertThat(failure(UnexpectedStatusCodeException.class, once, ask("x".repeat(1_100_000)))
                        .statusCode())
                .isEqualTo(413);
    }

    @Test
    void anEnginesOwnVerdictOnTheRequestComesThrough() throws Exception {
        fleet().strike("{\"kind\": \"status\", \"status\": 409}");
        assertThat(failure(UnexpectedStatusCodeException.class, once, hello()).statusCode())
                .isEqualTo(409);
        fleet().heal();
        fleet().strike("{\"kind\": \"status\", \"status\": 422}");
        assertThat(failure(UnprocessableEntityException.class, once, hello()).statusCode())
                .isEqualTo(422);
    }

    /** The model's only pool takes one request a minute, and a tenant may have three waiting on each of two loops. */
    @Test
    void aTenantThatAsksForTooMuch() {
        OpenAIClient hasty =
                connect().maxRetries(0).timeout(Duration.ofSeconds(3)).build();
        List<CompletableFuture<Throwable>> outcomes = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            outcomes.add(hasty.async()
                    .chat()
                    .completions()
                    .create(hello().model("scarce").build())
                    .handle((answer, failed) ->
                            failed instanceof CompletionException wrapped && wrapped.getCause() != null
                                    ? wrapped.getCause()
                                    : failed));
        }
        assertThat(outcomes.stream().map(CompletableFuture::join))
                .anySatisfy(failed -> assertThat(failed).isInstanceOfSatisfying(RateLimitException.class, limited -> {
                    assertThat(limited.code()).contains("tenant_queue_full");
                    assertThat(limited.headers().values("retry-after")).isNotEmpty();
                }));
    }

    @Test
    void nobodyThere() {
        OpenAIClient lost =
                connect().baseUrl("http://127.0.0.1:1/v1").maxRetries(0).build();
        assertThat(failure(OpenAIIoException.class, lost, hello()))
                .hasRootCauseInstanceOf(java.net.ConnectException.class);
    }

    @Test
    void noAnswerInTime() throws Exception {
        fleet().strike("{\"kind\": \"hang\"}");
        OpenAIClient hasty =
                connect().maxRetries(0).timeout(Duration.ofMillis(400)).build();
        assertThat(failure(OpenAIIoException.class, hasty, hello()))
                .hasStackTraceContaining(InterruptedIOException.class.getName());
        fleet().heal();
        fleet().awaitIdle();
    }

    @ParameterizedTest
    @ValueSource(strings = {"cut", "reset", "stall", "broken", "error"})
    void aCutStreamIsAnErrorThatSaysSo(String kind) throws Exception {
        fleet().strike("{\"kind\": \"%s\", \"after\": 5}".formatted(kind));
        List<ChatCompletionChunk> shown = new ArrayList<>();
        ChatCompletionCreateParams asked = neverAsked()
                .putAdditionalBodyProperty("max_tokens", JsonValue.from(200))
                .build();
        SseException broken = catchThrowableOfType(SseException.class, () -> {
            try (StreamResponse<ChatCompletionChunk> stream =
                    once.chat().completions().createStreaming(asked)) {
                stream.stream().forEach(shown::add);
            }
        });
        assertThat(broken.code().orElseThrow()).startsWith("upstream_");
        assertThat(shown).hasSizeGreaterThanOrEqualTo(5);
        assertThat(shown)
                .flatExtracting(ChatCompletionChunk::choices)
                .allSatisfy(choice -> assertThat(choice.finishReason()).isEmpty());
    }

    @Test
    void brokenEngines() throws Exception {
        fleet().strike("{\"kind\": \"status\", \"status\": 500}");
        OpenAIServiceException failed = failure(InternalServerException.class, once, neverAsked());
        assertThat(failed.statusCode()).isIn(502, 503);
        fleet().heal();
        assertThat(text(connect().maxRetries(10).build().chat().completions().create(hello().build())))
                .isNotBlank();
    }
}
