package io.polychip.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Tens of thousands of mutated messages, cut at random: nothing is thrown, no buffer is lost, every request that is
 * handed over is answered, and every call ends at most once. One seed; a failure names its round, which replays alone.
 */
final class FuzzTest {
    private static final int ROUNDS = 30_000;

    private static final String CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";

    private static final List<String> REQUESTS = List.of(
            "GET /v1/models HTTP/1.1\r\nHost: a\r\nAccept: */*\r\n\r\n",
            "POST /v1/x?y=z HTTP/1.1\r\nHost: a:8000\r\nContent-Length: 5\r\n\r\nhello",
            "POST / HTTP/1.1\r\nHost: a\r\n" + CHUNKED + "5;a=b\r\nhello\r\n1a\r\n" + "z".repeat(26)
                    + "\r\n0\r\nT: u\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
            "GET http://b/x HTTP/1.0\r\nConnection: close\r\n\r\n",
            "HEAD / HTTP/1.1\r\nHost: [::1]\r\n\r\n");

    private static final List<String> ANSWERS = List.of(
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\n" + CHUNKED + "5\r\nhello\r\n5\r\nworld\r\n1f\r\n" + "z".repeat(31) + "\r\n0\r\n\r\n",
            "HTTP/1.1 100 Go\r\n\r\nHTTP/1.1 429 Slow Down\r\nContent-Length: 2\r\n\r\nno",
            "HTTP/1.0 200 OK\r\n\r\nuntil the end",
            "HTTP/1.1 204 No Content\r\n\r\n");

    private static final List<String> TOKENS = List.of(
            "\r\n",
            "\n",
            "\r",
            "\0",
            " ",
            "\t",
            ":",
            ";",
            "0",
            "-1",
            "FFFFFFFFFFFFFFFF",
            "chunked",
            "Content-Length: 7\r\n",
            "Transfer-Encoding: chunked\r\n",
            "Host: b\r\n",
            "HTTP/1.1",
            "HTTP/2.0",
            "\r\n\r\n",
            "\u00ff",
            "Connection: close\r\n");

    @Test
    void noRequestBreaksTheServer() {
        for (int round = 0; round < ROUNDS; round++) {
            SplittableRandom random = new SplittableRandom(round);
            byte[] input = mutated(random, REQUESTS);
            EmbeddedServer server = new EmbeddedServer();
            try {
                for (int at = 0; at < input.length; ) {
                    int end = Math.min(input.length, at + 1 + random.nextInt(1 + random.nextInt(200)));
                    server.read(Arrays.copyOfRange(input, at, end));
                    at = end;
                }
                int answers = server.sent().split("HTTP/1.1 200 OK\r\n", -1).length - 1;
                assertThat(answers).isEqualTo(server.handled().size());
                server.pass(Duration.ofMinutes(5)); // every time-out
                server.pass(Duration.ofSeconds(2)); // and the wait after its refusal
                assertThat(server.isOpen()).isFalse();
                server.assertCleanEnd();
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError("round " + round + ": " + printable(input), failed);
            }
        }
    }

    @Test
    void noAnswerBreaksTheClient() {
        for (int round = 0; round < ROUNDS; round++) {
            SplittableRandom random = new SplittableRandom(round);
            byte[] input = mutated(random, ANSWERS);
            EmbeddedClient client = new EmbeddedClient();
            try {
                Answer answer = new Answer();
                HttpCall call = client.begin(random.nextInt(5) == 0 ? "HEAD" : "POST", answer);
                boolean cancelled = false;
                for (int at = 0; at < input.length; ) {
                    int end = Math.min(input.length, at + 1 + random.nextInt(1 + random.nextInt(200)));
                    client.read(Arrays.copyOfRange(input, at, end));
                    at = end;
                    if (random.nextInt(40) == 0) {
                        call.cancel();
                        cancelled = true;
                    }
                }
                client.serverCloses();
                assertThat(answer.done() || cancelled).isTrue();
                client.assertCleanEnd();
            } catch (AssertionError | RuntimeException failed) {
                throw new AssertionError("round " + round + ": " + printable(input), failed);
            }
        }
    }

    private static byte[] mutated(SplittableRandom random, List<String> seeds) {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (int i = random.nextInt(3); i >= 0; i--) {
            whole.writeBytes(seeds.get(random.nextInt(seeds.size())).getBytes(StandardCharsets.ISO_8859_1));
        }
        byte[] bytes = whole.toByteArray();
        for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            bytes = switch (random.nextInt(4)) {
                case 0 -> replaced(bytes, at, 1, new byte[] {(byte) random.nextInt(256)});
                case 1 -> replaced(bytes, at, 1 + random.nextInt(Math.min(8, bytes.length - at)), new byte[0]);
                case 2 ->
                    replaced(
                            bytes,
                            at,
                            0,
                            TOKENS.get(random.nextInt(TOKENS.size())).getBytes(StandardCharsets.ISO_8859_1));
                default -> replaced(bytes, at, 0, Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 20)));
            };
        }
        return bytes;
    }

    private static byte[] replaced(byte[] bytes, int at, int removed, byte[] inserted) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        out.writeBytes(inserted);
        out.write(bytes, at + removed, bytes.length - at - removed);
        return out.toByteArray();
    }

    private static String printable(byte[] input) {
        return new String(input, StandardCharsets.ISO_8859_1)
                .replace("\r", "\\r")
                .replace("\n", "\\n\n");
    }
}
