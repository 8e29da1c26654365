package io.polychip.net;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encrypted on both sides, with the name in the certificate checked. */
final class TlsTest {
    @TempDir
    private static Path folder;

    private static Certificates local;
    private static Certificates elsewhere;

    @BeforeAll
    static void makeCertificates() {
        local = Certificates.forHost(folder, "ip:127.0.0.1");
        elsewhere = Certificates.forHost(folder, "dns:elsewhere.test");
    }

    private static HttpServer serve(CountedNetwork network, Certificates with) {
        return network.serve(
                ServerOptions.standard().withTls(new ServerTls(with.certificate(), with.key())),
                exchange -> exchange.respond(
                        200, new DefaultHttpHeaders(), exchange.body().retain()));
    }

    private static Answer post(CountedNetwork network, HttpServer server, ClientTls trust, String body) {
        HttpClient client = network.client(ClientOptions.standard().withTls(trust));
        Answer answer = new Answer();
        network.on(() -> client.send(
                URI.create("https://127.0.0.1:" + server.port()),
                "POST",
                "/",
                new DefaultHttpHeaders(),
                Unpooled.copiedBuffer(body, UTF_8),
                answer));
        return answer.await();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 300_000})
    void aTrustedServerIsSpokenTo(int size) {
        String body = "x".repeat(size);
        try (CountedNetwork network = new CountedNetwork()) {
            HttpServer server = serve(network, local);
            Answer answer = post(network, server, ClientTls.trusting(local.certificate()), body);
            assertThat(answer.failure()).isNull();
            assertThat(answer.text()).isEqualTo(body);
        }
    }

    @Test
    void aServerNobodyVouchesForIsNot() {
        try (CountedNetwork network = new CountedNetwork()) {
            Answer answer = post(network, serve(network, local), ClientTls.system(), "secret");
            assertThat(answer.failureKind()).isEqualTo(HttpFailure.Kind.CONNECT);
            assertThat(answer.failure()).asString().contains("TLS with 127.0.0.1");
        }
    }

    @Test
    void aServerWithAnotherNameIsNot() {
        try (CountedNetwork network = new CountedNetwork()) {
            Answer answer =
                    post(network, serve(network, elsewhere), ClientTls.trusting(elsewhere.certificate()), "secret");
            assertThat(answer.failureKind()).isEqualTo(HttpFailure.Kind.CONNECT);
            assertThat(answer.failure()).asString().contains("No subject alternative names");
        }
    }

    @Test
    void aServerIsSpokenToByTheNameThatIsExpectedOfIt() {
        try (CountedNetwork network = new CountedNetwork()) {
            ClientTls trust = ClientTls.trusting(elsewhere.certificate());
            HttpServer server = serve(network, elsewhere);

            assertThat(post(network, server, trust.expecting("elsewhere.test"), "hello")
                            .text())
                    .isEqualTo("hello");
            assertThat(post(network, server, trust.expecting("nowhere.test"), "secret")
                            .failureKind())
                    .isEqualTo(HttpFailure.Kind.CONNECT);
        }
    }

    @Test
    void newFilesServeNewConnections() throws IOException {
        Path chain = Files.copy(elsewhere.certificate(), folder.resolve("live.crt"));
        Path key = Files.copy(elsewhere.key(), folder.resolve("live.key"));
        ServerTls tls = new ServerTls(chain, key);
        try (CountedNetwork network = new CountedNetwork()) {
            HttpServer server = network.serve(
                    ServerOptions.standard().withTls(tls),
                    exchange -> exchange.respond(200, new DefaultHttpHeaders(), Unpooled.EMPTY_BUFFER));
            ClientTls trust = ClientTls.trusting(local.certificate());
            assertThat(post(network, server, trust, "").failureKind()).isEqualTo(HttpFailure.Kind.CONNECT);

            Files.writeString(chain, "not a certificate");
            assertThatThrownBy(tls::reload)
                    .isInstanceOf(TlsException.class)
                    .hasMessageContaining("live.crt")
                    .hasMessageContaining("Allowed are PEM files");

            Files.copy(local.certificate(), chain, StandardCopyOption.REPLACE_EXISTING);
            Files.copy(local.key(), key, StandardCopyOption.REPLACE_EXISTING);
            tls.reload();
            assertThat(post(network, server, trust, "").status()).isEqualTo(200);
        }
    }

    @Test
    void aPlainRequestToATlsPortIsClosed() {
        try (CountedNetwork network = new CountedNetwork()) {
            HttpServer server = serve(network, local);
            try (RawClient client = new RawClient(server.port()).send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")) {
                assertThat(client.readToEnd()).doesNotContain("HTTP/1.1");
            }
        }
    }

    @Test
    void aClientThatLeavesAnEncryptedStreamIsNoticed() throws Exception {
        CompletableFuture<Boolean> abandoned = new CompletableFuture<>();
        CompletableFuture<HttpExchange> arrived = new CompletableFuture<>();
        try (CountedNetwork network = new CountedNetwork()) {
            HttpServer server = network.serve(
                    ServerOptions.standard().withTls(new ServerTls(local.certificate(), local.key())), exchange -> {
                        exchange.onAbandoned(() -> abandoned.complete(true));
                        exchange.start(200, new DefaultHttpHeaders());
                        exchange.flush();
                        arrived.complete(exchange);
                    });
            HttpClient client =
                    network.client(ClientOptions.standard().withTls(ClientTls.trusting(local.certificate())));
            HttpCall call = network.on(() -> client.send(
                    URI.create("https://127.0.0.1:" + server.port()),
                    "GET",
                    "/",
                    new DefaultHttpHeaders(),
                    Unpooled.EMPTY_BUFFER,
                    new Answer()));
            arrived.get(5, TimeUnit.SECONDS);
            network.on(() -> {
                call.cancel();
                return true;
            });
            assertThat(abandoned.get(5, TimeUnit.SECONDS)).isTrue();
        }
    }
}
