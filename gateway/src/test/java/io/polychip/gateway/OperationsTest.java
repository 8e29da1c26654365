package io.polychip.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetException;
import io.polychip.fleet.FleetException.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What an operator sees and does while requests go on. */
class OperationsTest {
    private static HttpResponse<String> post(World world, String path) {
        return world.post(path, "");
    }

    @Test
    void everyRequestIsOneLineOfTheLog() {
        try (World world = World.of(1)) {
            world.chat(World.STREAM, "x-client-request-id", "one");
            World.until(() -> world.logLines().size() == 1);
            assertThat(world.logLines().getFirst())
                    .startsWith("{\"time\":\"")
                    .contains("\"id\":\"one\"")
                    .contains("\"tenant\":\"anyone\"")
                    .contains("\"model\":\"llama\"")
                    .contains("\"pool\":\"pool0\"")
                    .contains("\"vendor\":\"nvidia\"")
                    .contains("\"status\":200")
                    .contains("\"ending\":\"completed\"")
                    .contains("\"attempts\":1")
                    .contains("\"prompt_tokens\":11")
                    .contains("\"completion_tokens\":2")
                    .containsPattern("\"ttft_ms\":\\d+\\.\\d{3}")
                    .containsPattern("\"arrived\":\"20\\d\\d-[^\"]+Z\"")
                    .containsPattern("\"prompt_estimate\":[1-9]")
                    .contains("\"max_tokens\":")
                    .containsPattern("\"overhead_us\":\\d+")
                    .endsWith("}");
        }
    }

    @Test
    void aFailedCallsWholeTimeIsNotLoggedAsItsTimeToFirstToken() throws IOException {
        try (World world = World.of(1);
                RawClient cutOff = new RawClient(world.gateway.port())) {
            world.replica().does(exchange -> FakeReplica.text(exchange, 500, "text/plain", "boom"));
            world.chat(World.STREAM, "x-client-request-id", "no-token");
            world.replica().does(exchange -> {
                FakeReplica.events(exchange, FakeReplica.role(), FakeReplica.token("one"));
                FakeReplica.later(exchange, 20, exchange::finish);
            });
            cutOff.post("/v1/chat/completions", World.STREAM).readAll();
            World.until(() -> world.logLines().size() == 2);
            assertThat(world.logLines().get(0))
                    .contains("\"id\":\"no-token\"", "\"ending\":\"failed\"", "\"e2e_ms\":")
                    .doesNotContain("ttft_ms", "itl_ms");
            assertThat(world.logLines().get(1))
                    .contains("\"ending\":\"failed\"", "\"completion_tokens\":1", "\"ttft_ms\":")
                    .doesNotContain("itl_ms");
        }
    }

    @Test
    void metricsCountWhatHappenedByPoolAndVendor() {
        try (World world = World.of(1)) {
            world.chat(World.STREAM);
            world.chat(World.CHAT);
            String page = world.get("/metrics").body();
            assertThat(page)
                    .contains("polychip_requests_total{class=\"default\",model=\"llama\"} 2.0")
                    .contains(
                            "polychip_endings_total{class=\"default\",ending=\"completed\",pool=\"pool0\",reason=\"ok\",vendor=\"nvidia\"}"
                                + " 2.0")
                    .contains("polychip_tokens_total{kind=\"prompt\",pool=\"pool0\",vendor=\"nvidia\"} 22.0")
                    .contains("polychip_ttft_seconds_count{class=\"default\",pool=\"pool0\",vendor=\"nvidia\"} 2")
                    .contains("polychip_overhead_seconds_count 2")
                    .contains("polychip_inflight_requests{pool=\"pool0\",vendor=\"nvidia\"} 0.0");
        }
    }

    @Test
    void stateAndDecisionsAreToldAsJson() {
        try (World world = World.of(2, "disclosure: {decision-sample: 100 %}")) {
            world.chat(World.CHAT);
            assertThat(world.get("/admin/state").body())
                    .contains("\"name\":\"pool0\"")
                    .contains("\"chip\":\"amd/mi300x\"")
                    .contains("\"health\":\"serving\"");
            assertThat(world.get("/admin/decisions").body())
                    .contains("\"candidates\":[{")
                    .contains("\"model\":\"llama\"");
        }
    }

    @Test
    void aHeaderNamesPoolAndReplicaWhereTheOperatorAllows() {
        try (World world = World.of(1, "disclosure: {route-header: true}")) {
            assertThat(world.chat(World.CHAT).headers().firstValue("x-polychip-route"))
                    .hasValue("pool0 " + world.replica().url());
        }
    }

    @Test
    void operatorsPathsAreForThisMachineAndForTheOperatorsKey() {
        GatewayOptions options = GatewayOptions.standard(1).withAdmin(null, "operator-key-0123456789");
        try (World world = World.of(1, "", options)) {
            assertThat(world.get("/admin/state").statusCode()).isEqualTo(200);
            HttpResponse<String> forwarded = world.get("/admin/state", "x-forwarded-for", "203.0.113.7");
            assertThat(forwarded.statusCode()).isEqualTo(403);
            assertThat(forwarded.body()).contains("operator_only");
            assertThat(world.get(
                                    "/metrics",
                                    "x-forwarded-for",
                                    "203.0.113.7",
                                    "authorization",
                                    "Bearer operator-key-0123456789")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void aDrainedPoolGetsNoMoreRequestsUntilEnabled() {
        try (World world = World.of(2)) {
            assertThat(post(world, "/admin/pools/pool0/drain").statusCode()).isEqualTo(200);
            World.until(() -> world.get("/admin/state").body().contains("\"enabled\":false"));
            for (int i = 0; i < 10; i++) {
                assertThat(world.chat(World.CHAT).statusCode()).isEqualTo(200);
            }
            assertThat(world.replica().seen()).isEmpty();
            assertThat(post(world, "/admin/pools/pool1/drain").statusCode()).isEqualTo(200);
            assertThat(post(world, "/admin/pools/pool0/enable").statusCode()).isEqualTo(200);
            World.until(() -> world.chat(World.CHAT).statusCode() == 200
                    && !world.replica().seen().isEmpty());
            assertThat(post(world, "/admin/pools/nowhere/drain").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void aReloadUnderLoadDropsNothing() throws Exception {
        try (World world = World.of(2)) {
            world.replicas.forEach(replica ->
                    replica.does(exchange -> FakeReplica.later(exchange, 5, () -> FakeReplica.whole(exchange))));
            List<CompletableFuture<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                answers.add(CompletableFuture.supplyAsync(
                        () -> world.chat(World.CHAT).statusCode()));
                if (i % 40 == 0) {
                    String change = i % 80 == 0 ? "objectives: {default: {ttft: 2 s}}" : "";
                    Fleet whole = world.fleet(change);
                    Fleet half = whole.withPools(whole.pools().subList(0, 1));
                    world.gateway.reload(i % 80 == 0 ? half : whole).get(5, TimeUnit.SECONDS);
                }
            }
            assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).isEqualTo(200));
        }
    }

    @Test
    void aStreamOnAPoolThatAReloadRemovesRunsToItsEnd() throws Exception {
        try (World world = World.of(1)) {
            AtomicReference<Runnable> goOn = new AtomicReference<>();
            world.replica().does(exchange -> {
                FakeReplica.events(exchange, FakeReplica.role(), FakeReplica.token("one"));
                goOn.set(() -> exchange.loop().execute(() -> {
                    FakeReplica.more(exchange, FakeReplica.token("two"), FakeReplica.finish(), FakeReplica.done());
                    exchange.finish();
                }));
            });
            try (RawClient client = new RawClient(world.gateway.port())) {
                client.post("/v1/chat/completions", World.STREAM).readUntil("\"one\"");
                Fleet without = World.read("""
                    models: [{name: other, is: meta-llama/Llama-3.1-8B-Instruct}]
                    pools:
                      - {name: elsewhere, model: other, chip: nvidia/h100-sxm, precision: bf16, engine: vllm@0.15.1,
                         price: {usd-per-chip-hour: 2}, replicas: ["http://127.0.0.1:9"]}
                    """);
                world.gateway.reload(without).get(5, TimeUnit.SECONDS);
                assertThat(world.chat(World.CHAT).statusCode()).isEqualTo(404);
                goOn.get().run();
                assertThat(client.readUntil("[DONE]")).contains("\"two\"");
            }
        }
    }

    private static FleetSource source(AtomicReference<String> stamp, Supplier<Fleet> fleet) {
        return new FleetSource() {
            @Override
            public Fleet load() {
                return fleet.get();
            }

            @Override
            public String stamp() {
                return stamp.get();
            }
        };
    }

    @Test
    void aBadFleetIsRefusedAndTheOldOneStays() {
        AtomicReference<String> stamp = new AtomicReference<>("1");
        FleetSource source = source(stamp, () -> {
            throw new FleetException(List.of(new Problem("fleet.yaml", 14, "chip: \"h100\" is unknown.")));
        });
        try (World world = World.of(1, "", GatewayOptions.standard(1).withSource(source))) {
            HttpResponse<String> answer = post(world, "/admin/reload");
            assertThat(answer.statusCode()).isEqualTo(422);
            assertThat(answer.body()).contains("fleet.yaml:14: chip");
            assertThat(world.chat(World.CHAT).statusCode()).isEqualTo(200);
            assertThat(world.get("/metrics").body()).contains("polychip_reloads_total{outcome=\"refused\"} 1.0");
        }
    }

    @Test
    void aChangedFileIsTakenByItself() {
        AtomicReference<String> stamp = new AtomicReference<>("1");
        AtomicReference<Fleet> changed = new AtomicReference<>();
        FleetSource source = source(stamp, changed::get);
        try (World world = World.of(1, "", GatewayOptions.standard(1).withSource(source))) {
            changed.set(world.fleet("disclosure: {route-header: true}"));
            World.until(() -> {
                stamp.set("2" + System.nanoTime());
                return world.chat(World.CHAT)
                        .headers()
                        .firstValue("x-polychip-route")
                        .isPresent();
            });
        }
    }

    @Test
    void drainingLetsStreamsEndAndRefusesNewRequests() throws Exception {
        try (World world = World.of(1)) {
            AtomicReference<Runnable> goOn = new AtomicReference<>();
            world.replica().does(exchange -> {
                FakeReplica.events(exchange, FakeReplica.role(), FakeReplica.token("one"));
                goOn.set(() -> exchange.loop().execute(() -> {
                    FakeReplica.more(exchange, FakeReplica.finish(), FakeReplica.done());
                    exchange.finish();
                }));
            });
            HttpRequest request = HttpRequest.newBuilder(URI.create(world.url + "/v1/chat/completions"))
                    .POST(HttpRequest.BodyPublishers.ofString(World.STREAM))
                    .build();
            HttpResponse<InputStream> stream = world.client.send(request, BodyHandlers.ofInputStream());
            CompletableFuture<Void> drained = world.gateway.drain();
            World.until(() -> world.get("/health/ready").statusCode() == 503);
            assertThat(world.get("/health/live").statusCode()).isEqualTo(200);
            HttpResponse<String> refused = world.chat(World.CHAT);
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).contains("\"code\":\"draining\"");
            assertThat(refused.headers().firstValue("connection")).hasValue("close");
            assertThat(drained).isNotDone();
            goOn.get().run();
            assertThat(text(stream.body())).endsWith("[DONE]\n\n");
            drained.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void stoppingAtOnceTellsWhoStillWaits() throws Exception {
        try (World world = World.of(1)) {
            world.replica().does(exchange -> {
                if (world.replica().seen().size() == 1) {
                    FakeReplica.events(exchange, FakeReplica.role(), FakeReplica.token("one"));
                }
            });
            RawClient begun = new RawClient(world.gateway.port()).post("/v1/chat/completions", World.STREAM);
            begun.readUntil("one");
            RawClient unbegun = new RawClient(world.gateway.port()).post("/v1/chat/completions", World.CHAT);
            World.until(() -> world.replica().seen().size() == 2);
            CompletableFuture<Void> closed = world.gateway.close();
            assertThat(begun.readAll()).contains("\"code\":\"gateway_stopped\"").doesNotContain("[DONE]");
            assertThat(unbegun.readAll()).startsWith("HTTP/1.1 503 ").contains("\"code\":\"gateway_stopped\"");
            closed.get(10, TimeUnit.SECONDS);
        }
    }

    private static String text(InputStream in) throws IOException {
        try (in) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
