package io.polychip.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.emulator.Emulator;
import io.polychip.emulator.EmulatorOptions;
import io.polychip.emulator.Fault;
import io.polychip.fleet.Fleet;
import io.polychip.net.SocketNetwork;
import io.polychip.simulator.Where;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The gateway in front of five vendors' chips in real time. */
class EmulatedFleetTest {
    private static final String FLEET = """
        listen: 127.0.0.1:0
        timeouts: {first-token: 3 s, stall: 2 s}
        models: [{name: llama, is: meta-llama/Llama-3.1-8B-Instruct}]
        pools:
          - {name: h100, model: llama, chip: nvidia/h100-sxm, precision: fp8, engine: vllm@0.15.1,
             price: {usd-per-chip-hour: 2.95}, replicas: [http://10.0.0.1:8000, http://10.0.0.2:8000]}
          - {name: mi300x, model: llama, chip: amd/mi300x, precision: fp8, engine: vllm@0.15.1,
             price: {usd-per-chip-hour: 2.1}, replicas: [http://10.0.0.3:8000]}
          - {name: trainium, model: llama, chip: aws/trainium2, precision: bf16, engine: vllm-neuron@0.11,
             price: {usd-per-chip-hour: 2.235}, replicas: [http://10.0.0.4:8000]}
          - {name: tpu, model: llama, chip: google/tpu-v6e, precision: bf16, engine: vllm@0.15.1,
             price: {usd-per-chip-hour: 2.7}, replicas: [http://10.0.0.5:8000]}
          - {name: groq, model: llama, chip: groq/lpu,
             hosted: {provider: groq, model: llama-3.1-8b-instant, key: gsk-0123456789abcdef, url: "http://10.0.0.9:8000/openai/v1"},
             price: {usd-per-million-input: 0.05, usd-per-million-output: 0.08}, quota: {requests-per-minute: 1000}}
        objectives:
          default: {ttft: 2 s + 100 ms/1k, itl: 100 ms, percentile: 99}
        disclosure: {route-header: true}
        """;
    private static final Pattern CONTENT = Pattern.compile("\"content\":\"((?:[^\"\\\\]|\\\\.)*)\"");

    private final SocketNetwork network = SocketNetwork.open(2);
    private final Emulator emulator =
            Emulator.start(World.read(FLEET), network, EmulatorOptions.DEFAULT).join();
    private final Fleet fleet = emulator.fleet();
    private final Gateway gateway =
            Gateway.start(network, fleet, GatewayOptions.standard(3)).join();
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @AfterEach
    void close() throws Exception {
        gateway.close().get(10, TimeUnit.SECONDS);
        emulator.close().get(10, TimeUnit.SECONDS);
        client.close();
        network.close();
    }

    /** What a client has of one answer. */
    private record Received(int status, String route, String body, boolean brokenOff) {
        String text() {
            StringBuilder text = new StringBuilder();
            Matcher contents = CONTENT.matcher(body);
            while (contents.find()) {
                text.append(contents.group(1));
            }
            return text.toString();
        }

        boolean complete() {
            return status == 200 && body.endsWith("data: [DONE]\n\n");
        }

        boolean explicitError() {
            return body.contains("{\"error\":{\"message\":\"") && !body.contains("[DONE]");
        }
    }

    private Received ask(String prompt, int tokens, boolean stream) {
        String body =
                "{\"model\":\"llama\",\"stream\":%s,\"max_tokens\":%d,\"ignore_eos\":true,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                        .formatted(stream, tokens, prompt);
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + gateway.port() + "/v1/chat/completions"))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        int status = 0;
        String route = "";
        try {
            HttpResponse<InputStream> answer = client.send(request, BodyHandlers.ofInputStream());
            status = answer.statusCode();
            route = answer.headers().firstValue("x-polychip-route").orElse("");
            try (InputStream in = answer.body()) {
                in.transferTo(received);
            }
            return new Received(status, route, received.toString(StandardCharsets.UTF_8), false);
        } catch (IOException cut) {
            return new Received(status, route, received.toString(StandardCharsets.UTF_8), true);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theSamePromptGetsTheSameTextFromEveryVendor() {
        Received whole = ask("What is a chip?", 12, false);
        assertThat(whole.status).isEqualTo(200);
        assertThat(whole.text()).isNotEmpty();
        for (int i = 0; i < 10; i++) {
            Received stream = ask("What is a chip?", 12, true);
            assertThat(stream.complete()).as(stream.body).isTrue();
            assertThat(stream.text()).isEqualTo(whole.text());
        }
    }

    @Test
    void aVendorLostInTheMiddleHangsNothingAndSilentlyCutsNothing() throws Exception {
        try (ExecutorService users = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Received>> answers = new ArrayList<>();
            for (int i = 0; i < 120; i++) {
                String prompt = "Question " + i;
                answers.add(users.submit(() -> ask(prompt, 150, true)));
                TimeUnit.MILLISECONDS.sleep(5); // the pace of arrivals
                if (i == 60) {
                    emulator.inject(Fault.of(Fault.Kind.DIE, Where.vendor("nvidia")));
                }
            }
            int complete = 0;
            for (Future<Received> future : answers) {
                Received answer = future.get(30, TimeUnit.SECONDS);
                assertThat(answer.complete() || answer.explicitError())
                        .as("%s", answer)
                        .isTrue();
                complete += answer.complete() ? 1 : 0;
            }
            assertThat(complete).as("of 120").isGreaterThan(60);
        }
        assertThat(gateway.open().get(5, TimeUnit.SECONDS)).isZero();
        for (int i = 0; i < 10; i++) {
            Received after = ask("And now?", 5, true);
            assertThat(after.complete()).isTrue();
            assertThat(after.route).doesNotStartWith("h100");
        }
    }

    @Test
    void aHostedPoolGetsItsOwnModelNameItsKeyAndNoFieldItRefuses() {
        for (String vendor : List.of("nvidia", "amd", "aws", "google")) {
            emulator.inject(Fault.of(Fault.Kind.DIE, Where.vendor(vendor)));
        }
        World.until(
                () -> { // three attempts may all go to the dead; then breakers are open
                    Received answer = ask("Only Groq is left", 5, true);
                    assertThat(answer.complete() || answer.explicitError())
                            .as("%s", answer)
                            .isTrue();
                    return answer.complete() && answer.route.startsWith("groq ");
                });
        assertThat(ask("Only Groq is left", 5, true).complete()).isTrue();
    }
}
