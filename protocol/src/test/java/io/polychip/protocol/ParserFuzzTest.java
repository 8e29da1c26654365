package io.polychip.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whatever comes in, the parsers answer with a result or their own error. A failure names its seed. */
class ParserFuzzTest {
    private static final int ROUNDS = 20_000;
    private static final List<Endpoint> ENDPOINTS = List.of(Endpoint.values());
    private static final String REQUEST = """
        {"model":"m","stream":true,"stream_options":{"include_usage":false},"n":2,"max_tokens":10,"tools":[{"a":1}],
        "messages":[{"role":"user","name":"n","content":[{"type":"text","text":"gr\\u00fc\\n"},{"type":"image_url",
        "image_url":{"url":"data:;base64,AAAA","detail":"low"}}]},{"role":"assistant","content":"中"}],"stop":["x"],
        "response_format":{"type":"json_object"},"seed":123456789012345678901234567890,"logit_bias":{"1":-1}}
        """;
    private static final String STREAM = """
        data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}],"x_groq":{"usage":{"queue_time":1}}}

        data: {"choices":[],"usage":{"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":1}},"error":null}

        data: {"choices":[{"index":12,"delta":{"tool_calls":[{}]},"finish_reason":"stop"}],"object":"x"}

        data: [DONE]

        """;

    @Test
    void aRequestIsReadOrRefused() {
        byte[] valid = REQUEST.getBytes(StandardCharsets.UTF_8);
        for (int seed = 0; seed < ROUNDS; seed++) {
            byte[] body = mutated(valid, new Random(seed));
            try {
                ChatScan scan = ChatScan.of(body, ENDPOINTS.get(seed % 3));
                assertThat(scan.edits().apply(body)).as("seed %d", seed).isEqualTo(body);
                byte[] changed = scan.askForUsage(scan.edits())
                        .set("model", "\"q\"")
                        .remove("n")
                        .apply(body);
                assertThat(ChatScan.of(changed, scan.endpoint()).model())
                        .as("seed %d", seed)
                        .isEqualTo("q");
            } catch (ProtocolException refused) {
                assertThat(refused.error().message()).as("seed %d", seed).isNotEmpty();
            } catch (RuntimeException unexpected) {
                throw new AssertionError("seed " + seed + ": " + new String(body, StandardCharsets.UTF_8), unexpected);
            }
        }
    }

    @Test
    void aStreamHasOneVerdictHoweverItIsCut() {
        byte[] valid = STREAM.getBytes(StandardCharsets.UTF_8);
        for (int seed = 0; seed < ROUNDS; seed++) {
            Random random = new Random(seed);
            byte[] stream = mutated(valid, random);
            SseScanner whole = new SseScanner(1);
            whole.feed(stream, 0, stream.length, (kind, from, to) -> {});
            whole.end((kind, from, to) -> {});
            SseScanner pieces = new SseScanner(1);
            for (int at = 0; at < stream.length; ) {
                int to = Math.min(stream.length, at + 1 + random.nextInt(40));
                pieces.feed(stream, at, to, (kind, from, end) -> {});
                at = to;
            }
            pieces.end((kind, from, to) -> {});
            assertThat(pieces.verdict()).as("seed %d", seed).isEqualTo(whole.verdict());
            assertThat(pieces.usage()).as("seed %d", seed).isEqualTo(whole.usage());
            assertThat(pieces.visibleEvents()).as("seed %d", seed).isEqualTo(whole.visibleEvents());
            assertThat(AnswerScan.of(stream).verdict()).isNotNull();
        }
    }

    private static byte[] mutated(byte[] valid, Random random) {
        byte[] bytes = valid.clone();
        int length = bytes.length;
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] = (byte) "\"{}[],:\\0-e\n ".charAt(random.nextInt(13));
                case 2 -> length = at + 1;
                default ->
                    System.arraycopy(valid, random.nextInt(valid.length - 8), bytes, Math.min(at, valid.length - 8), 8);
            }
        }
        return Arrays.copyOf(bytes, length);
    }
}
