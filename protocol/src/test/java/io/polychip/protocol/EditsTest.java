package io.polychip.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EditsTest {
    private static final String MESSAGES = "\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]";

    @Test
    void replacesAValueAndNothingElse() {
        String body = "{ \"seed\": 123456789012345678901234567890 ,\"model\" : \"a\", \"zz\":1.10e+05, %s }"
                .formatted(MESSAGES);
        assertThat(edit(body, edits -> edits.set("model", "\"bb\""))).isEqualTo(body.replace("\"a\"", "\"bb\""));
    }

    @Test
    void addsAMemberInFront() {
        String body = "{\"model\":\"a\",%s}".formatted(MESSAGES);
        assertThat(edit(body, edits -> edits.set("x", "1").set("y", "[]")))
                .isEqualTo("{\"x\":1,\"y\":[],\"model\":\"a\",%s}".formatted(MESSAGES));
    }

    @Test
    void removesMembersWhereverTheyStand() {
        String body = "{\"a\":1, \"model\":\"m\", \"b\":2, %s, \"c\":3, \"d\":4 }".formatted(MESSAGES);
        assertThat(edit(body, edits -> edits.remove("a").remove("b").remove("none")))
                .isEqualTo("{\"model\":\"m\", %s, \"c\":3, \"d\":4 }".formatted(MESSAGES));
        assertThat(edit(body, edits -> edits.remove("c").remove("d")))
                .isEqualTo("{\"a\":1, \"model\":\"m\", \"b\":2, %s }".formatted(MESSAGES));
        assertThat(edit(body, edits -> edits.set("b", "5").remove("b").remove("d")))
                .isEqualTo("{\"a\":1, \"model\":\"m\", %s, \"c\":3 }".formatted(MESSAGES));
    }

    @Test
    void withoutEditsTheBodyIsItself() {
        String body = "{\"model\":\"a\",%s}".formatted(MESSAGES);
        ChatScan scan = ChatScan.of(body.getBytes(StandardCharsets.UTF_8), Endpoint.CHAT);
        assertThat(scan.edits().none()).isTrue();
        assertThat(edit(body, edits -> edits)).isEqualTo(body);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",\"stream_options\":null",
                ",\"stream_options\":{}",
                ",\"stream_options\":{ }",
                ",\"stream_options\":{\"include_usage\":false}",
                ",\"stream_options\":{\"include_usage\":null,\"x\":1}",
                ",\"stream_options\":{\"include_obfuscation\":false}"
            })
    void asksForTheUsageTheClientDidNotAskFor(String options) {
        String body = "{\"model\":\"a\",\"stream\":true%s,%s}".formatted(options, MESSAGES);
        ChatScan scan = ChatScan.of(body.getBytes(StandardCharsets.UTF_8), Endpoint.CHAT);
        assertThat(scan.includeUsage()).isFalse();
        byte[] changed = scan.askForUsage(scan.edits()).apply(body.getBytes(StandardCharsets.UTF_8));
        ChatScan again = ChatScan.of(changed, Endpoint.CHAT);
        assertThat(again.includeUsage()).isTrue();
        assertThat(again.askForUsage(again.edits()).none()).isTrue();
        String text = new String(changed, StandardCharsets.UTF_8);
        assertThat(text).contains(MESSAGES);
        if (options.contains("obfuscation")) {
            assertThat(text).contains("\"include_obfuscation\":false");
        }
    }

    @Test
    void anyMixOfEditsKeepsTheUntouchedMembersByteForByte() {
        for (int seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            List<String> names = new ArrayList<>(List.of("model", "messages"));
            for (int i = random.nextInt(6); i > 0; i--) {
                names.add("f" + i);
            }
            java.util.Collections.shuffle(names, random);
            String body = names.stream()
                    .map(name -> space(random) + "\"" + name + "\"" + space(random) + ":" + space(random) + value(name)
                            + space(random))
                    .collect(Collectors.joining(",", "{", "}"));
            byte[] original = body.getBytes(StandardCharsets.UTF_8);
            ChatScan scan = ChatScan.of(original, Endpoint.CHAT);
            Edits edits = scan.edits();
            List<String> kept = new ArrayList<>(names);
            for (String name : names) {
                if (name.startsWith("f") && random.nextInt(3) == 0) {
                    edits.remove(name);
                    kept.remove(name);
                } else if (name.equals("model") && random.nextBoolean()) {
                    edits.set("model", "\"other\"");
                }
            }
            if (random.nextBoolean()) {
                edits.set("new", "7");
            }
            byte[] changed = edits.apply(original);
            ChatScan after = ChatScan.of(changed, Endpoint.CHAT);
            for (String name : names) {
                assertThat(after.has(name))
                        .as("seed %d: %s of %s", seed, name, body)
                        .isEqualTo(kept.contains(name));
                if (kept.contains(name) && !name.equals("model")) {
                    assertThat(raw(changed, after, name)).isEqualTo(value(name));
                }
            }
        }
    }

    private static String space(Random random) {
        return " ".repeat(random.nextInt(2)) + "\n".repeat(random.nextInt(2));
    }

    private static String value(String name) {
        return switch (name) {
            case "model" -> "\"m\"";
            case "messages" -> "[ {\"role\":\"user\",\"content\":\"\\u00e9\",\"extra\":1.000000000000000000001} ]";
            default -> "{\"k\" : [123456789012345678901234567890, 1.10E+05 ,\"\\/\"]}";
        };
    }

    private static String raw(byte[] body, ChatScan scan, String name) {
        long range = scan.valueRange(name);
        int from = (int) (range >>> 32);
        return new String(body, from, (int) range - from, StandardCharsets.UTF_8);
    }

    private static String edit(String body, UnaryOperator<Edits> change) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        ChatScan scan = ChatScan.of(bytes, Endpoint.CHAT);
        return new String(change.apply(scan.edits()).apply(bytes), StandardCharsets.UTF_8);
    }
}
