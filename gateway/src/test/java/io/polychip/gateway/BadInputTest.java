package io.polychip.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every kind of wrong request gets an error in OpenAI's shape, a line in the log, and reaches no upstream. */
class BadInputTest {
    private static final String KEYS = """
        keys:
          - {key: sk-priority-0123456789, tenant: acme, class: priority, weight: 2}
          - {key: sk-flexible-0123456789, tenant: globex, class: flex}
        """;
    private static final String KEY = "Bearer sk-priority-0123456789";

    private final World world = World.of(1, KEYS + "limits: {body-size: 64 KiB, header-size: 4 KiB}");

    @AfterEach
    void close() {
        world.close();
    }

    private void expect(HttpResponse<String> answer, int status, String body) {
        assertThat(answer.body()).isEqualTo(body);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("x-request-id")).isPresent();
        assertThat(world.replica().seen()).isEmpty();
        String id = answer.headers().firstValue("x-request-id").orElseThrow();
        World.until(() -> world.logLines().stream().anyMatch(line -> line.contains(id)));
        assertThat(world.logLines()).anyMatch(line -> line.contains(id) && line.contains("\"status\":" + status));
    }

    private HttpResponse<String> ask(String body) {
        return world.chat(body, "authorization", KEY);
    }

    @Test
    void jsonThatIsNone() {
        expect(
                ask("{\"model\":\"llama\",,}"),
                400,
                "{\"error\":{\"message\":\"The body is not valid JSON at byte 17: expected a key in double quotes."
                        + " Maybe check quotes, commas and escapes"
                        + " there.\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"invalid_json\"}}");
    }

    @Test
    void anUnknownModelIsToldTheKnownOnes() {
        expect(
                ask(World.CHAT.replace("llama", "gpt-5")),
                404,
                "{\"error\":{\"message\":\"The model 'gpt-5' does not exist here. Available:"
                    + " llama.\",\"type\":\"invalid_request_error\",\"param\":\"model\",\"code\":\"model_not_found\"}}");
    }

    @Test
    void aTooLongContextIsToldTheLongestThereIs() {
        try (World large = World.of(1, "limits: {body-size: 8 MiB}")) {
            String prompt = "word ".repeat(800_000);
            HttpResponse<String> answer = large.chat(World.CHAT.replace("Say hello.", prompt));
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body())
                    .contains("\"code\":\"context_length_exceeded\"")
                    .contains("131072");
            assertThat(large.replica().seen()).isEmpty();
        }
    }

    @Test
    void wrongTypesNameTheField() {
        expect(
                ask(World.CHAT.replace("\"llama\"", "5")),
                400,
                "{\"error\":{\"message\":\"Invalid type for 'model': expected a string, but got a number"
                    + " instead.\",\"type\":\"invalid_request_error\",\"param\":\"model\",\"code\":\"invalid_type\"}}");
        expect(
                ask("{\"model\":\"llama\",\"messages\":\"hello\"}"),
                400,
                "{\"error\":{\"message\":\"Invalid type for 'messages': expected an array of messages, but got a"
                    + " string"
                    + " instead.\",\"type\":\"invalid_request_error\",\"param\":\"messages\",\"code\":\"invalid_type\"}}");
        expect(
                ask(World.CHAT.replace("{\"model\"", "{\"stream\":\"yes\",\"model\"")),
                400,
                "{\"error\":{\"message\":\"Invalid type for 'stream': expected a boolean, but got a string"
                    + " instead.\",\"type\":\"invalid_request_error\",\"param\":\"stream\",\"code\":\"invalid_type\"}}");
    }

    @Test
    void emptyMessages() {
        expect(
                ask("{\"model\":\"llama\",\"messages\":[]}"),
                400,
                "{\"error\":{\"message\":\"Invalid 'messages': empty array. Expected an array with at least one"
                    + " message.\",\"type\":\"invalid_request_error\",\"param\":\"messages\",\"code\":\"empty_array\"}}");
    }

    @Test
    void aTierThatDoesNotExist() {
        expect(
                ask(World.CHAT.replace("{\"model\"", "{\"service_tier\":\"gold\",\"model\"")),
                400,
                "{\"error\":{\"message\":\"Invalid value for 'service_tier': 'gold'. Allowed are 'auto', 'default',"
                    + " 'priority', 'flex', 'scale' and"
                    + " 'batch'.\",\"type\":\"invalid_request_error\",\"param\":\"service_tier\",\"code\":\"invalid_value\"}}");
    }

    @Test
    void noKey() {
        expect(
                world.chat(World.CHAT),
                401,
                "{\"error\":{\"message\":\"You didn't provide an API key. Expected the header 'Authorization: Bearer"
                    + " YOUR_KEY'.\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"missing_api_key\"}}");
    }

    @Test
    void anUnknownKeyIsNotRepeatedInTheAnswer() {
        expect(
                world.chat(World.CHAT, "authorization", "Bearer sk-nobody-knows-this"),
                401,
                "{\"error\":{\"message\":\"The API key is not known here. Maybe it belongs to another service or was"
                        + " taken"
                        + " back.\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"invalid_api_key\"}}");
        assertThat(world.logLines()).noneMatch(line -> line.contains("nobody-knows"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x-api-key", "api-key", "x-goog-api-key"})
    void aKeyInTheWrongHeader(String header) {
        expect(
                world.chat(World.CHAT, header, "sk-priority-0123456789"),
                401,
                "{\"error\":{\"message\":\"The API key came in the header '%s', which is not read here. Expected 'Authorization: Bearer YOUR_KEY'.\",\"type\":\"invalid_request_error\",\"param\":null,\"code\":\"key_in_wrong_header\"}}"
                        .formatted(header));
    }

    @Test
    void aKeyWithoutBearer() {
        assertThat(world.chat(World.CHAT, "authorization", "sk-priority-0123456789")
                        .body())
                .contains("invalid_authorization");
    }

    @Test
    void aBodyThatIsTooLarge() {
        HttpResponse<String> answer = ask(World.CHAT.replace("Say hello.", "x".repeat(100_000)));
        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).contains("\"code\":\"body_too_large\"").contains("65536");
    }

    @Test
    void headersThatAreTooLarge() {
        HttpResponse<String> answer = world.chat(World.CHAT, "authorization", KEY, "x-long", "x".repeat(5000));
        assertThat(answer.statusCode()).isEqualTo(431);
    }

    @Test
    void aBodyThatStopsHalfWay() {
        String half = World.CHAT.substring(0, 50);
        HttpResponse<String> answer = ask(half);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("The body stops half-way after 50 bytes");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "X-Bare: line\nContent-Length: 0\r\n\r\n",
                "X-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n",
                "Content-Length : 0\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"
            })
    void malformedHttpIsRefusedAndClosedAndReachesNoUpstream(String rest) throws IOException {
        try (RawClient client = new RawClient(world.gateway.port())) {
            String answer = client.send(
                            "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: " + KEY + "\r\n" + rest)
                    .readAll();
            assertThat(answer)
                    .startsWith("HTTP/1.1 400 ")
                    .contains("connection: close")
                    .contains("\"error\":{\"message\"");
        }
        assertThat(world.replica().seen()).isEmpty();
    }

    @Test
    void aPathThatOnlyLooksLikeOne() throws IOException {
        for (String path :
                new String[] {"/v1/%2e%2e/metrics", "/v1/../metrics", "/v1/chat/completions/", "/V1/chat/completions"
                }) {
            try (RawClient client = new RawClient(world.gateway.port())) {
                String answer = client.send("GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                        .readAll();
                assertThat(answer).startsWith("HTTP/1.1 4");
            }
        }
        assertThat(world.replica().seen()).isEmpty();
    }

    @Test
    void aWrongMethodIsToldTheRightOne() {
        HttpResponse<String> answer = world.get("/v1/chat/completions");
        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(answer.headers().firstValue("allow")).hasValue("POST");
    }

    @Test
    void aKeyMayAskForLessUrgencyButNotForMore() {
        ask(World.CHAT.replace("{\"model\"", "{\"service_tier\":\"flex\",\"model\""));
        world.chat(
                World.CHAT.replace("{\"model\"", "{\"service_tier\":\"priority\",\"model\""),
                "authorization",
                "Bearer sk-flexible-0123456789");
        World.until(() -> world.logLines().size() == 2);
        assertThat(world.logLines().get(0)).contains("\"tenant\":\"acme\"").contains("\"class\":\"flex\"");
        assertThat(world.logLines().get(1)).contains("\"tenant\":\"globex\"").contains("\"class\":\"flex\"");
    }
}
