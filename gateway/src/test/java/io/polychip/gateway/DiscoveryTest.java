package io.polychip.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.net.SocketNetwork;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pools whose file says where to look for replicas. */
class DiscoveryTest {
    @TempDir
    Path folder;

    private static String yaml(String replicas) {
        return """
            listen: 127.0.0.1:0
            models: [{name: llama, is: meta-llama/Llama-3.1-8B-Instruct}]
            pools:
              - {name: h100, model: llama, chip: nvidia/h100-sxm, precision: bf16, engine: vllm@0.15.1,
                 price: {usd-per-chip-hour: 2}, replicas: "%s"}
            """.formatted(replicas);
    }

    private static int status(HttpClient client, Gateway gateway) throws IOException, InterruptedException {
        return client.send(
                        HttpRequest.newBuilder(
                                        URI.create("http://127.0.0.1:" + gateway.port() + "/v1/chat/completions"))
                                .POST(HttpRequest.BodyPublishers.ofString(World.CHAT))
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void everyAddressOfANameIsAReplica() throws Exception {
        try (SocketNetwork network = SocketNetwork.open(1);
                HttpClient client = HttpClient.newHttpClient()) {
            FakeReplica replica = FakeReplica.started(network);
            Gateway gateway = Gateway.start(
                            network, World.read(yaml("dns:localhost:" + replica.port())), GatewayOptions.standard(1))
                    .get(20, TimeUnit.SECONDS);
            assertThat(status(client, gateway)).isEqualTo(200);
            gateway.close().get(10, TimeUnit.SECONDS);
            replica.close();
        }
    }

    @Test
    void aChangedFileOfReplicasIsFollowedAndAnEmptyOneIsNot() throws Exception {
        try (SocketNetwork network = SocketNetwork.open(1);
                HttpClient client = HttpClient.newHttpClient()) {
            FakeReplica first = FakeReplica.started(network);
            FakeReplica second = FakeReplica.started(network);
            Path file = Files.writeString(folder.resolve("replicas"), first.url() + " # the first\n");
            Gateway gateway = Gateway.start(network, World.read(yaml("file:" + file)), GatewayOptions.standard(1))
                    .get(20, TimeUnit.SECONDS);
            assertThat(status(client, gateway)).isEqualTo(200);
            Files.writeString(file, "# being written\n");
            Files.writeString(file, second.url() + "\n");
            World.until(() -> {
                try {
                    assertThat(status(client, gateway)).isEqualTo(200);
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }
                return !second.seen().isEmpty();
            });
            gateway.close().get(10, TimeUnit.SECONDS);
            first.close();
            second.close();
        }
    }
}
