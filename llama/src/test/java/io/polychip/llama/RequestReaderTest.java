package io.polychip.llama;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polychip.protocol.OpenAiError;
import io.polychip.protocol.ProtocolException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RequestReaderTest {
    private final RequestReader reader = new RequestReader("smollm2", () -> 99);

    @Test
    void aShortRequestHasTheDefaults() {
        CompletionRequest request = chat("");
        assertThat(request.prompts()).containsExactly(new Prompt.Chat(List.of(new ChatMessage("user", "hi")), ""));
        assertThat(request.sampling()).isEqualTo(Sampling.standard(99));
        assertThat(request.mostTokens()).isEqualTo(Integer.MAX_VALUE);
        assertThat(request.choices()).isEqualTo(1);
        assertThat(request.topLogprobs()).isNegative();
        assertThat(request.stream()).isFalse();
    }

    @Test
    void everyFieldIsRead() {
        CompletionRequest request = chat("""
            , "temperature": 0.5, "top_p": 0.9, "top_k": 7, "min_p": 0.1, "seed": -3, "n": 2,
            "frequency_penalty": 1, "presence_penalty": -1, "repeat_penalty": 1.1, "logit_bias": {"5": -100},
            "max_tokens": 9, "max_completion_tokens": 8, "stop": ["a", "b"], "logprobs": true, "top_logprobs": 3,
            "ignore_eos": true, "stream": true, "stream_options": {"include_usage": true}, "user": "ada"
            """);
        assertThat(request.sampling()).isEqualTo(new Sampling(0.5f, 7, 0.9f, 0.1f, 1, -1, 1.1f, Map.of(5, -100f), -3));
        assertThat(request.mostTokens()).isEqualTo(8);
        assertThat(request.stops()).containsExactly("a", "b");
        assertThat(request.topLogprobs()).isEqualTo(3);
        assertThat(request.choices()).isEqualTo(2);
        assertThat(request.ignoreEnd()).isTrue();
        assertThat(request.usageInStream()).isTrue();
    }

    @Test
    void nullIsAsGoodAsAbsent() {
        assertThat(chat(", \"temperature\": null, \"stop\": null, \"tools\": null, \"seed\": null"))
                .isEqualTo(chat(""));
    }

    @Test
    void aFinalAssistantMessageIsContinuedUnlessTheClientSaysNo() {
        String messages = "[{\"role\":\"user\",\"content\":\"hi\"},{\"role\":\"assistant\",\"content\":\"Hel\"}]";
        assertThat(messages(messages, "")).isEqualTo(new Prompt.Chat(List.of(new ChatMessage("user", "hi")), "Hel"));
        Prompt.Chat whole =
                new Prompt.Chat(List.of(new ChatMessage("user", "hi"), new ChatMessage("assistant", "Hel")), "");
        assertThat(messages(messages, ", \"continue_final_message\": false")).isEqualTo(whole);
        assertThat(messages(messages, ", \"add_generation_prompt\": true")).isEqualTo(whole);
    }

    @Test
    void textPartsAreJoinedAndDevelopersAreTheSystem() {
        String messages =
                "[{\"role\":\"developer\",\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]}]";
        assertThat(messages(messages, "")).isEqualTo(new Prompt.Chat(List.of(new ChatMessage("system", "ab")), ""));
    }

    @Test
    void legacyPromptsComeInFourShapes() {
        assertThat(legacy("\"hi\"").prompts()).containsExactly(new Prompt.Text("hi"));
        assertThat(legacy("[\"a\", \"b\"]").prompts()).containsExactly(new Prompt.Text("a"), new Prompt.Text("b"));
        assertThat(legacy("[1, 2]").prompts())
                .singleElement()
                .satisfies(
                        prompt -> assertThat(((Prompt.Tokens) prompt).tokens()).containsExactly(1, 2));
        assertThat(legacy("[[1], [2]]").prompts()).hasSize(2);
        assertThat(legacy("\"hi\"").mostTokens()).isEqualTo(16);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "'temperature': 3|temperature|temperature is 3; allowed is 0.0 to 2.0.",
                "'temperature': 'hot'|temperature|temperature is \"hot\"; expected a number.",
                "'top_p': -1|top_p|allowed is 0.0 to 1.0",
                "'max_tokens': 0|max_tokens|allowed is 1 to 2147483647",
                "'max_tokens': 1.5|max_tokens|expected an integer",
                "'n': 17|n|allowed is 1 to 16",
                "'stop': ['']|stop|none of them empty",
                "'stop': 5|stop|expected a list",
                "'top_logprobs': 2|top_logprobs|without logprobs: true",
                "'logprobs': true, 'top_logprobs': 21|top_logprobs|allowed is 0 to 20",
                "'logit_bias': {'x': 1}|logit_bias|keys are tokens",
                "'logit_bias': {'1': 101}|logit_bias.1|allowed is -100.0 to 100.0",
                "'stream': 1|stream|expected true or false",
                "'stream': true, 'stream_options': {'include_usage': 1}|stream_options.include_usage|expected true or"
                        + " false",
                "'tools': [{'type': 'function'}]|tools|Calling tools is not supported",
                "'response_format': {'type': 'json_object'}|response_format|\"json_object\" is not supported",
                "'modalities': ['audio']|audio|Audio is not supported",
            })
    void aWrongFieldIsNamedWithItsValue(String field, String param, String message) {
        assertThatThrownBy(() -> chat(", " + field.replace('\'', '"')))
                .isInstanceOfSatisfying(ProtocolException.class, e -> {
                    assertThat(e.error().status()).isEqualTo(400);
                    assertThat(e.error().param()).isEqualTo(param);
                    assertThat(e.error().message()).contains(message);
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '^',
            value = {
                "[]|messages",
                "'hi'|messages",
                "[5]|messages[0]",
                "[{'content': 'hi'}]|role",
                "[{'role': 'tool', 'content': 'hi'}]|messages[0].role",
                "[{'role': 'user'}]|messages[0].content",
                "[{'role': 'user', 'content': 5}]|messages[0].content",
                "[{'role': 'user', 'content': [{'type': 'image_url'}]}]|messages[0].content",
                "[{'role': 'assistant', 'content': '', 'tool_calls': [{}]}]|messages[0].tool_calls",
            })
    void aWrongMessageIsNamed(String messages, String param) {
        assertThatThrownBy(() -> messages(messages.replace('\'', '"'), ""))
                .isInstanceOfSatisfying(
                        ProtocolException.class,
                        e -> assertThat(e.error().param()).isEqualTo(param));
    }

    @Test
    void aBodyThatIsNoObjectIsRefused() {
        for (String body : List.of("", "{", "[]", "5", "{\"model\":\"smollm2\"")) {
            assertThatThrownBy(() -> reader.read(body.getBytes(UTF_8), true))
                    .isInstanceOfSatisfying(
                            ProtocolException.class,
                            e -> assertThat(e.error().code()).isEqualTo("invalid_json"));
        }
    }

    @Test
    void anUnknownModelIsToldTheKnownOne() {
        assertThatThrownBy(() -> reader.read("{\"model\":\"gpt\",\"messages\":[]}".getBytes(UTF_8), true))
                .isInstanceOfSatisfying(ProtocolException.class, e -> {
                    OpenAiError error = e.error();
                    assertThat(error.status()).isEqualTo(404);
                    assertThat(error.code()).isEqualTo("model_not_found");
                    assertThat(error.message()).contains("\"gpt\"").contains("\"smollm2\"");
                });
    }

    private CompletionRequest chat(String more) {
        return reader.read(
                ("{\"model\":\"smollm2\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" + more + "}")
                        .getBytes(UTF_8),
                true);
    }

    private Prompt messages(String messages, String more) {
        return reader.read(("{\"model\":\"smollm2\",\"messages\":" + messages + more + "}").getBytes(UTF_8), true)
                .prompts()
                .getFirst();
    }

    private CompletionRequest legacy(String prompt) {
        return reader.read(("{\"model\":\"smollm2\",\"prompt\":" + prompt + "}").getBytes(UTF_8), false);
    }
}
