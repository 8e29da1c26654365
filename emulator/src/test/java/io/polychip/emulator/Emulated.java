package io.polychip.emulator;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.net.SocketNetwork;
import io.polychip.simulator.Truth;
import io.polychip.simulator.Where;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A fleet of five vendors on real sockets, twenty times as fast as the chips, and a client for it. */
final class Emulated implements AutoCloseable {
    static final JsonMapper JSON = JsonMapper.shared();
    private static final String FLEET = """
        models:
          - name: llama
            is: meta-llama/Llama-3.1-8B-Instruct
        pools:
          - name: h100
            model: llama
            chip: nvidia/h100-sxm
            precision: fp8
            engine: vllm@0.15.1
            price: {usd-per-chip-hour: 2.95}
            labels: {provider: own, region: us-east}
            replicas: [http://10.0.0.1:8000, http://10.0.0.2:8000]
          - name: b200
            model: llama
            chip: nvidia/b200
            precision: fp8
            engine: sglang@0.5
            price: {usd-per-chip-hour: 5}
            replicas: [http://10.0.0.3:8000]
          - name: h200
            model: llama
            chip: nvidia/h200-sxm
            precision: fp8
            engine: tensorrt-llm@1.3
            price: {usd-per-chip-hour: 4}
            replicas: [http://10.0.0.4:8000]
          - name: cpu
            model: llama
            chip: nvidia/l40s
            precision: int8
            engine: llama.cpp
            price: {usd-per-chip-hour: 0.1}
            replicas: [http://10.0.0.5:8000]
          - name: trainium
            model: llama
            chip: aws/trainium2
            precision: bf16
            engine: vllm-neuron@0.11
            price: {usd-per-chip-hour: 2.235}
            replicas: [http://10.0.1.1:8000]
          - name: groq
            model: llama
            chip: groq/lpu
            hosted: {provider: groq, model: llama-3.1-8b-instant, key: abc}
            price: {usd-per-million-input: 0.05, usd-per-million-output: 0.08}
            quota: {requests-per-minute: 100, tokens-per-minute: 250000}
          - name: cerebras
            model: llama
            chip: cerebras/wse-3
            hosted: {provider: cerebras, model: llama3.1-8b, key: abc}
            price: {usd-per-million-input: 0.1, usd-per-million-output: 0.1}
            quota: {tokens-per-minute: 1000000}
          - name: narrow
            model: llama
            chip: cerebras/wse-3
            hosted: {provider: cerebras, model: llama3.1-8b, key: abc}
            price: {usd-per-million-input: 0.1, usd-per-million-output: 0.1}
            quota: {tokens-per-minute: 20000}
        """;

    private final SocketNetwork network = SocketNetwork.open(1);
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    final Emulator emulator;

    Emulated() {
        this(EmulatorOptions.DEFAULT.withControlPort(0).withTruths(List.of(Truth.factor(Where.EVERYWHERE, 0.05))));
    }

    Emulated(EmulatorOptions options) {
        emulator = Emulator.start(fleet(), network, options).join();
    }

    static Fleet fleet() {
        return new FleetReader(CatalogueReader.shipped(), Map.of()).read("fleet.yaml", FLEET);
    }

    URI url(String pool, int replica) {
        return emulator.addresses().stream()
                .filter(address -> address.pool().equals(pool) && address.replica() == replica)
                .findFirst()
                .orElseThrow()
                .url();
    }

    /** Base URL up to and including the version segment. */
    String base(String pool) {
        URI url = url(pool, 0);
        return url.getPath().endsWith("/v1") ? url.toString() : url + "/v1";
    }

    HttpResponse<String> post(String url, String json) {
        return postAsync(url, json).join();
    }

    CompletableFuture<HttpResponse<String>> postAsync(String url, String json) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"')))
                .timeout(Duration.ofSeconds(30))
                .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    HttpResponse<String> chat(String pool, String fields) {
        return post(base(pool) + "/chat/completions", body(fields));
    }

    /** A chat request; fields come first and may repeat nothing. */
    static String body(String fields) {
        String model = fields.contains("'model'") ? "" : "'model':'llama',";
        String messages = fields.contains("'messages'") ? "" : ",'messages':[{'role':'user','content':'hello'}]";
        return "{" + model + fields + messages + "}";
    }

    HttpResponse<String> send(String method, String url) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                    .method(method, HttpRequest.BodyPublishers.noBody())
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    String control(String path) {
        return "http://127.0.0.1:" + emulator.controlPort() + "/control" + path;
    }

    static JsonNode json(HttpResponse<String> answer) {
        return JSON.readTree(answer.body());
    }

    /** Data of each event of a stream. */
    static List<String> events(HttpResponse<String> answer) {
        return List.of(answer.body().split("\n\n")).stream()
                .filter(event -> event.startsWith("data: "))
                .map(event -> event.substring("data: ".length()))
                .toList();
    }

    /** Text of a stream's first choice. */
    static String text(HttpResponse<String> answer) {
        StringBuilder text = new StringBuilder();
        for (String event : events(answer)) {
            if (event.startsWith("{") && event.endsWith("}")) {
                JsonNode choice = JSON.readTree(event).path("choices").path(0);
                if (choice.path("index").asInt(0) == 0) {
                    text.append(choice.path("delta").path("content").asString(""));
                }
            }
        }
        return text.toString();
    }

    ReplicaCounters counters(String pool, int replica) {
        return emulator.counters().join().stream()
                .filter(each -> each.pool().equals(pool) && each.replica() == replica)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        client.shutdownNow();
        emulator.close().join();
        network.close();
    }
}
