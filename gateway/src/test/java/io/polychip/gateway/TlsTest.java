package io.polychip.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.Fleet;
import io.polychip.net.HttpServer;
import io.polychip.net.ServerOptions;
import io.polychip.net.ServerTls;
import io.polychip.net.SocketNetwork;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Encrypted on both sides, with a private authority upstream. */
class TlsTest {
    @TempDir
    Path folder;

    private static Fleet fleet(Certificates ours, int replicaPort, String upstreamTls) {
        return World.read("""
            listen: 127.0.0.1:0
            tls: {certificate: %s, key: %s}
            models: [{name: llama, is: meta-llama/Llama-3.1-8B-Instruct}]
            pools:
              - name: h100
                model: llama
                chip: nvidia/h100-sxm
                precision: bf16
                engine: vllm@0.15.1
                price: {usd-per-chip-hour: 2}
                key: sk-of-the-replicas
                %s
                replicas: [https://127.0.0.1:%d]
            """.formatted(ours.certificate(), ours.key(), upstreamTls, replicaPort));
    }

    @Test
    void bothSidesAreEncryptedAndAnUntrustedReplicaGetsNothing() throws Exception {
        Certificates ours = Certificates.of(Files.createDirectory(folder.resolve("ours")), "ip:127.0.0.1");
        Certificates theirs = Certificates.of(Files.createDirectory(folder.resolve("theirs")), "dns:chips.internal");
        try (SocketNetwork network = SocketNetwork.open(1)) {
            HttpServer replica = HttpServer.start(
                            network,
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            ServerOptions.standard().withTls(new ServerTls(theirs.certificate(), theirs.key())),
                            exchange -> {
                                assertThat(exchange.requestHeaders().get("authorization"))
                                        .isEqualTo("Bearer sk-of-the-replicas");
                                FakeReplica.answer(exchange);
                            })
                    .join();
            String trusted = "tls: {ca: %s, server-name: chips.internal}".formatted(theirs.certificate());
            assertThat(ask(network, fleet(ours, replica.port(), trusted), ours).body())
                    .isEqualTo(FakeReplica.WHOLE);
            String otherName = "tls: {ca: %s}".formatted(theirs.certificate());
            HttpResponse<String> wrongName = ask(network, fleet(ours, replica.port(), otherName), ours);
            assertThat(wrongName.statusCode()).isEqualTo(502);
            assertThat(wrongName.body()).contains("upstream_unreachable");
            assertThat(ask(network, fleet(ours, replica.port(), ""), ours).statusCode())
                    .as("the platform's authorities do not know it")
                    .isEqualTo(502);
            replica.close();
        }
    }

    private static HttpResponse<String> ask(SocketNetwork network, Fleet fleet, Certificates trusted) throws Exception {
        Gateway gateway =
                Gateway.start(network, fleet, GatewayOptions.standard(1)).join();
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .sslContext(trusting(trusted.certificate()))
                .build()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + gateway.port() + "/v1/chat/completions"))
                            .POST(HttpRequest.BodyPublishers.ofString(World.CHAT))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } finally {
            gateway.close().get(10, TimeUnit.SECONDS);
        }
    }

    private static SSLContext trusting(Path certificate) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (var in = Files.newInputStream(certificate)) {
            trusted.setCertificateEntry(
                    "it", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
