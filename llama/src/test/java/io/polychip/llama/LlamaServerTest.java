package io.polychip.llama;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.net.SocketNetwork;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The real model over real sockets. */
@Tag("slow")
@Timeout(300)
@SuppressWarnings("NullAway.Init") // opened once, since loading is the slow part
final class LlamaServerTest {
    private static final String QUESTION =
            "\"messages\":[{\"role\":\"user\",\"content\":\"Write one sentence about the sea.\"}]";

    private static SocketNetwork network;
    private static LlamaServer server;
    private static HttpClient client;

    @BeforeAll
    static void start() {
        network = SocketNetwork.open(1);
        EngineOptions engine =
                EngineOptions.standard(2).withSlots(4).withContextTokens(512).withQueue(2);
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        server = LlamaServer.start(network, any, new LlamaOptions(RealModel.files(), "smollm2", engine))
                .join();
        client = HttpClient.newHttpClient();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
        network.close();
    }

    @Test
    void aChatIsAnsweredWhole() {
        JsonNode answer = post("/v1/chat/completions", chat("\"temperature\":0,\"max_tokens\":12"), 200);
        assertThat(answer.at("/object").stringValue()).isEqualTo("chat.completion");
        assertThat(answer.at("/choices/0/message/role").stringValue()).isEqualTo("assistant");
        assertThat(answer.at("/choices/0/message/content").stringValue()).isNotBlank();
        assertThat(answer.at("/choices/0/finish_reason").stringValue()).isEqualTo("length");
        assertThat(answer.at("/usage/completion_tokens").intValue()).isEqualTo(12);
        assertThat(answer.at("/usage/total_tokens").intValue())
                .isEqualTo(12 + answer.at("/usage/prompt_tokens").intValue());
    }

    @Test
    void aStreamSaysTheSameAndEndsWithUsageAndDone() {
        String fields = "\"temperature\":0,\"max_tokens\":10";
        String whole = post("/v1/chat/completions", chat(fields), 200)
                .at("/choices/0/message/content")
                .stringValue();
        List<JsonNode> chunks =
                stream("/v1/chat/completions", chat(fields + ",\"stream_options\":{\"include_usage\":true}"));
        assertThat(chunks.getFirst().at("/choices/0/delta/role").stringValue()).isEqualTo("assistant");
        assertThat(contentOf(chunks)).isEqualTo(whole);
        assertThat(chunks.get(chunks.size() - 2).at("/choices/0/finish_reason").stringValue())
                .isEqualTo("length");
        assertThat(chunks.getLast().get("choices")).isEmpty();
        assertThat(chunks.getLast().at("/usage/completion_tokens").intValue()).isEqualTo(10);
        assertThat(chunks.subList(0, chunks.size() - 1))
                .allMatch(chunk -> chunk.has("usage") && chunk.get("usage").isNull());
        assertThat(chunks)
                .extracting(chunk -> chunk.get("id"))
                .containsOnly(chunks.getFirst().get("id"));
    }

    @Test
    void severalChoicesAreSeveralAnswersToOnePrompt() {
        JsonNode answer =
                post("/v1/chat/completions", chat("\"n\":2,\"seed\":3,\"temperature\":1,\"max_tokens\":12"), 200);
        assertThat(answer.get("choices")).hasSize(2);
        assertThat(answer.at("/choices/0/message/content")).isNotEqualTo(answer.at("/choices/1/message/content"));
        assertThat(answer.at("/usage/completion_tokens").intValue()).isLessThanOrEqualTo(24);
        assertThat(answer.at("/usage/prompt_tokens").intValue()).isBetween(30, 45);
    }

    @Test
    void logProbabilitiesComeWithTheirTokens() {
        JsonNode answer = post(
                "/v1/chat/completions",
                chat("\"temperature\":0,\"max_tokens\":4,\"logprobs\":true,\"top_logprobs\":2"),
                200);
        JsonNode content = answer.at("/choices/0/logprobs/content");
        assertThat(content).hasSize(4);
        assertThat(content.get(0).get("top_logprobs")).hasSize(2);
        assertThat(content.get(0).get("token")).isEqualTo(content.at("/0/top_logprobs/0/token"));
        assertThat(content.get(0).get("bytes")).isNotEmpty();
    }

    @Test
    void legacyCompletionsTakeSeveralPrompts() {
        JsonNode answer = post(
                "/v1/completions",
                "{\"model\":\"smollm2\",\"prompt\":[\"The capital of France is\",\"One, two,"
                        + " three,\"],\"temperature\":0,\"max_tokens\":3,\"logprobs\":1}",
                200);
        assertThat(answer.at("/object").stringValue()).isEqualTo("text_completion");
        assertThat(answer.at("/choices/0/text").stringValue()).contains("Paris");
        assertThat(answer.at("/choices/1/index").intValue()).isEqualTo(1);
        assertThat(answer.at("/choices/1/logprobs/tokens")).hasSize(3);
    }

    @Test
    void aBeginningIsContinued() {
        JsonNode whole = post("/v1/chat/completions", chat("\"temperature\":0,\"max_tokens\":14"), 200);
        String text = whole.at("/choices/0/message/content").stringValue();
        String begun = text.substring(0, text.indexOf(' ', text.length() / 2));
        JsonNode rest = post(
                "/v1/chat/completions",
                "{\"model\":\"smollm2\",\"temperature\":0,\"max_tokens\":4,\"messages\":[{\"role\":\"user\",\"content\":\"Write one sentence about the sea.\"},{\"role\":\"assistant\",\"content\":%s}]}"
                        .formatted(JsonMapper.shared().writeValueAsString(begun)),
                200);
        String continued = rest.at("/choices/0/message/content").stringValue();
        assertThat(continued).isNotBlank();
        assertThat(begun + continued).startsWith(text.substring(0, Math.min(text.length(), begun.length() + 4)));
    }

    @Test
    void mistakesAreAnsweredInOpenAisShape() {
        assertThat(post("/v1/chat/completions", chat("\"temperature\":9"), 400)
                        .at("/error/param")
                        .stringValue())
                .isEqualTo("temperature");
        assertThat(post("/v1/chat/completions", "{", 400).at("/error/code").stringValue())
                .isEqualTo("invalid_json");
        assertThat(post("/v1/chat/completions", "{\"model\":\"x\"}", 404)
                        .at("/error/code")
                        .stringValue())
                .isEqualTo("model_not_found");
        assertThat(post("/v1/embeddings", "{}", 404).at("/error/code").stringValue())
                .isEqualTo("unknown_url");
        String longPrompt = "{\"model\":\"smollm2\",\"prompt\":\"%s\"}".formatted("sea ".repeat(2000));
        JsonNode tooLong = post("/v1/completions", longPrompt, 400);
        assertThat(tooLong.at("/error/code").stringValue()).isEqualTo("context_length_exceeded");
        assertThat(tooLong.at("/error/message").stringValue()).contains("512");
    }

    @Test
    void aFullQueueIsAnsweredWithALaterTry() throws IOException, InterruptedException {
        List<Socket> holders = IntStream.range(0, 6)
                .mapToObj(i -> openStream(chat("\"max_tokens\":400,\"ignore_eos\":true")))
                .toList();
        while (server.status().running() + server.status().waiting() < 6) {
            Thread.onSpinWait();
        }
        HttpResponse<String> refused = client.send(
                request("/v1/chat/completions", chat("\"max_tokens\":2")), HttpResponse.BodyHandlers.ofString());
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("retry-after")).contains("1");
        assertThat(refused.body()).contains("engine_overloaded");
        for (Socket holder : holders) {
            holder.close();
        }
        awaitIdle();
    }

    @Test
    void aClientThatGoesAwayFreesItsSlot() throws IOException {
        try (Socket socket = openStream(chat("\"max_tokens\":450,\"ignore_eos\":true"))) {
            assertThat(socket.getInputStream().read()).isPositive();
            assertThat(server.status().running()).isPositive();
        }
        long before = server.status().answerTokens();
        awaitIdle();
        assertThat(server.status().answerTokens() - before).isLessThan(300);
    }

    @Test
    void aSlowReaderStopsItsOwnAnswerAndNobodyElses() throws IOException {
        int tokens = 200;
        // Twenty alternatives make each token some kilobytes, so that buffers fill soon.
        String verbose =
                "\"max_tokens\":%d,\"ignore_eos\":true,\"logprobs\":true,\"top_logprobs\":20".formatted(tokens);
        try (Socket slow = openStream(chat(verbose))) {
            InputStream in = slow.getInputStream();
            assertThat(in.read()).isPositive();
            long growth;
            do {
                long before = server.status().answerTokens();
                JsonNode other = post("/v1/chat/completions", chat("\"max_tokens\":6,\"ignore_eos\":true"), 200);
                assertThat(other.at("/usage/completion_tokens").intValue()).isEqualTo(6);
                growth = server.status().answerTokens() - before;
            } while (growth > 5); // the sixth token is drawn and never computed
            awaitRunning(1);
            String rest = new String(in.readAllBytes(), UTF_8);
            assertThat(rest).contains("data: [DONE]");
            assertThat(rest.split("\"logprob\":", -1)).hasSizeGreaterThan(tokens * 20);
        }
        awaitIdle();
    }

    @Test
    void healthModelsAndMetricsAreThere() throws IOException, InterruptedException {
        assertThat(get("/health").body()).isEqualTo("{\"status\":\"ok\"}");
        assertThat(get("/v1/models").body()).contains("\"id\":\"smollm2\"");
        assertThat(get("/v1/models/smollm2").statusCode()).isEqualTo(200);
        assertThat(get("/v1/models/other").statusCode()).isEqualTo(404);
        post("/v1/chat/completions", chat("\"max_tokens\":3"), 200);
        awaitIdle();
        assertThat(get("/metrics").body())
                .contains("llamacpp:requests_processing 0\n")
                .contains("llamacpp:requests_deferred 0\n")
                .contains("# TYPE llamacpp:tokens_predicted_total counter\n");
    }

    private static void awaitIdle() {
        awaitRunning(0);
    }

    /** An answer is out a moment before the engine's status says so. */
    private static void awaitRunning(int count) {
        while (server.status().running() != count || server.status().waiting() > 0) {
            Thread.onSpinWait();
        }
    }

    private static String chat(String fields) {
        return "{\"model\":\"smollm2\"," + QUESTION + "," + fields + "}";
    }

    private static JsonNode post(String path, String body, int status) {
        HttpResponse<String> answer = send(request(path, body));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static List<JsonNode> stream(String path, String body) {
        HttpResponse<String> answer = send(request(path, body.substring(0, body.length() - 1) + ",\"stream\":true}"));
        assertThat(answer.headers().firstValue("content-type")).contains("text/event-stream; charset=utf-8");
        assertThat(answer.body()).endsWith("data: [DONE]\n\n");
        return answer.body()
                .lines()
                .filter(line -> line.startsWith("data: {"))
                .map(line -> JsonMapper.shared().readTree(line.substring("data: ".length())))
                .toList();
    }

    private static String contentOf(List<JsonNode> chunks) {
        StringBuilder text = new StringBuilder();
        chunks.forEach(chunk -> text.append(chunk.at("/choices/0/delta/content").asString("")));
        return text.toString();
    }

    /** A stream by hand, over a socket that takes little at once. */
    private static Socket openStream(String body) {
        try {
            Socket socket = new Socket();
            socket.setReceiveBufferSize(4096);
            socket.connect(server.address());
            String streamed = body.substring(0, body.length() - 1) + ",\"stream\":true}";
            socket.getOutputStream()
                    .write(
                            "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: %d\r\n\r\n%s"
                                    .formatted(streamed.length(), streamed)
                                    .getBytes(UTF_8));
            return socket;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpRequest request(String path, String body) {
        return HttpRequest.newBuilder(uri(path))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    }

    private static HttpResponse<String> send(HttpRequest request) {
        CompletableFuture<HttpResponse<String>> answer =
                client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
        return answer.join();
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri(path)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
