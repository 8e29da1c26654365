package io.polychip.gateway;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.net.SocketNetwork;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A gateway on real sockets before a few fake replicas, one pool each, and a client for it. */
final class World implements AutoCloseable {
    static final String CHAT = "{\"model\":\"llama\",\"messages\":[{\"role\":\"user\",\"content\":\"Say hello.\"}]}";
    static final String STREAM =
            "{\"model\":\"llama\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Say hello.\"}]}";

    final SocketNetwork upstreams = SocketNetwork.open(1);
    final SocketNetwork network = SocketNetwork.open(2);
    final List<FakeReplica> replicas = new ArrayList<>();
    final ByteArrayOutputStream log = new ByteArrayOutputStream();
    final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    final Gateway gateway;
    final String url;

    private World(int pools, String extra, GatewayOptions options) {
        for (int i = 0; i < pools; i++) {
            replicas.add(FakeReplica.started(upstreams));
        }
        gateway = Gateway.start(
                        network,
                        fleet(extra),
                        options.withListen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                                .withAccessLog(log))
                .join();
        url = "http://127.0.0.1:" + gateway.port();
    }

    static World of(int pools) {
        return of(pools, "");
    }

    /** @param extra top-level entries of the fleet file */
    static World of(int pools, String extra) {
        return new World(pools, extra, GatewayOptions.standard(7));
    }

    static World of(int pools, String extra, GatewayOptions options) {
        return new World(pools, extra, options);
    }

    Fleet fleet(String extra) {
        return fleet(replicas, extra);
    }

    /** One pool for each replica, on chips of two vendors. */
    static Fleet fleet(List<FakeReplica> replicas, String extra) {
        StringBuilder pools = new StringBuilder();
        for (int i = 0; i < replicas.size(); i++) {
            pools.append("""
                - name: pool%d
                  model: llama
                  chip: %s
                  precision: bf16
                  engine: vllm@0.15.1
                  price: {usd-per-chip-hour: 2}
                  replicas: [%s]
                """.formatted(
                            i,
                            i % 2 == 0 ? "nvidia/h100-sxm" : "amd/mi300x",
                            replicas.get(i).url()));
        }
        return read("models: [{name: llama, is: meta-llama/Llama-3.1-8B-Instruct}]\npools:\n" + pools + extra + "\n");
    }

    static Fleet read(String yaml) {
        return new FleetReader(CatalogueReader.shipped(), Map.of()).read("fleet.yaml", yaml);
    }

    FakeReplica replica() {
        return replicas.getFirst();
    }

    HttpResponse<String> post(String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(20))
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.build());
    }

    HttpResponse<String> chat(String body, String... headers) {
        return post("/v1/chat/completions", body, headers);
    }

    HttpResponse<String> get(String path, String... headers) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url + path)).timeout(Duration.ofSeconds(20));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.build());
    }

    HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    int open() {
        return gateway.open().join();
    }

    /** Lines of the access log so far. */
    List<String> logLines() {
        return log.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /** Waits until something is so; fails after thirty seconds. */
    static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Not so within thirty seconds.");
            }
            Thread.onSpinWait();
            LockSupport.parkNanos(200_000);
        }
    }

    @Override
    public void close() {
        gateway.close().orTimeout(10, TimeUnit.SECONDS).join();
        replicas.forEach(FakeReplica::close);
        client.close();
        network.close();
        upstreams.close();
    }
}
