package io.polychip.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonCursorTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "[]",
                "0",
                "-0.0e-0",
                "1E+30",
                "123456789012345678901234567890",
                "\"\"",
                "\"a\\u00e9\\n\\\\ \\\" \\/\"",
                "\"grüße 中文 🚀\"",
                "\"\\ud800\"",
                " { \"a\" : [ 1 , true , false , null ] } ",
                "[[[[[]]]]]",
                "\"0123456789abcdef\\\"0123456789abcdef\""
            })
    void acceptsEveryValidText(String json) {
        assertThat(length(json.getBytes(StandardCharsets.UTF_8))).isNotNegative();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[",
                "[1,]",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{'a':1}",
                "01",
                "-",
                "1.",
                ".5",
                "1e",
                "+1",
                "NaN",
                "Infinity",
                "tru",
                "nul",
                "\"",
                "\"\\x\"",
                "\"\\u12g4\"",
                "\"\\u12",
                "\"\t\"",
                "[1 2]",
                "[1}",
                "{\"a\":1]",
                "1 1",
                "[,1]",
                "{,}",
                "\u0000",
                "[\u00a01]"
            })
    void refusesEveryInvalidText(String json) {
        assertThatThrownBy(() -> length(json.getBytes(StandardCharsets.UTF_8))).isInstanceOf(JsonFault.class);
    }

    @Test
    void refusesBytesThatAreNoUtf8AndSaysWhere() {
        int[][] wrong = {
            {0x80},
            {0xc0, 0xaf},
            {0xc3},
            {0xe0, 0x80, 0x80},
            {0xed, 0xa0, 0x80},
            {0xf5, 0x80, 0x80, 0x80},
            {0xf4, 0x90, 0x80, 0x80},
            {0xe4, 0xb8},
            {0xff}
        };
        for (int[] sequence : wrong) {
            byte[] json = new byte[sequence.length + 14];
            java.util.Arrays.fill(json, (byte) 'a');
            json[0] = '"';
            json[json.length - 1] = '"';
            for (int i = 0; i < sequence.length; i++) {
                json[4 + i] = (byte) sequence[i];
            }
            assertThatThrownBy(() -> length(json))
                    .isInstanceOfSatisfying(
                            JsonFault.class,
                            fault -> assertThat(fault.position()).isEqualTo(4));
        }
    }

    @Test
    void noByteThatEndsAPlainRunIsPassedOverWhereverItStands() {
        for (int length = 1; length <= 100; length++) {
            for (int at = 0; at < length; at++) {
                byte[] json = ("\"" + "~".repeat(length) + "\"").getBytes(StandardCharsets.UTF_8);
                int stop = 1 + at;
                json[stop] = 0x1f;
                assertThatThrownBy(() -> length(json))
                        .isInstanceOfSatisfying(
                                JsonFault.class,
                                fault -> assertThat(fault.position()).isEqualTo(stop));
                json[stop] = (byte) 0xff;
                assertThatThrownBy(() -> length(json))
                        .isInstanceOfSatisfying(
                                JsonFault.class,
                                fault -> assertThat(fault.position()).isEqualTo(stop));
                json[stop] = '"'; // ends the string: more follows unless it is the last
                assertThatThrownBy(() -> length(json)).isInstanceOf(JsonFault.class);
            }
        }
    }

    @Test
    void aStringIsMeasuredAsTheUtf8ItStandsFor() {
        for (String text : new String[] {"", "plain", "a\"b\\c\nd", "grüße", "中文字", "🚀 go", "tab\tand\u0001control"}) {
            byte[] json = JsonText.quote(text).getBytes(StandardCharsets.UTF_8);
            assertThat(length(json)).isEqualTo(text.getBytes(StandardCharsets.UTF_8).length);
        }
        assertThat(length("\"\\u4e2d\\ud83d\\ude80\"".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(7);
    }

    @Test
    void nestingEndsAtItsLimit() {
        String deep = "[".repeat(JsonCursor.MAX_DEPTH) + "]".repeat(JsonCursor.MAX_DEPTH);
        assertThat(length(deep.getBytes(StandardCharsets.UTF_8))).isPositive();
        assertThatThrownBy(() -> length(("[" + deep + "]").getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("nested deeper");
    }

    @Test
    void everyBeginningOfAValidTextIsTruncatedAndNothingElse() {
        byte[] json = "{\"a\":[1.5e3,\"x\\u00e9ü\",true,null],\"b\":{}}".getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length < json.length; length++) {
            int cut = length;
            assertThatThrownBy(() -> over(json, cut))
                    .isInstanceOfSatisfying(
                            JsonFault.class,
                            fault -> assertThat(fault.truncated()).isTrue());
        }
    }

    private static int length(byte[] json) {
        return over(json, json.length);
    }

    /** Decoded length of a string, 1 for anything else. */
    private static int over(byte[] json, int to) {
        JsonCursor cursor = new JsonCursor().over(json, 0, to);
        int length = 1;
        if (cursor.peek() == '"') {
            length = cursor.string();
        } else {
            cursor.skip();
        }
        if (!cursor.atEnd()) {
            throw cursor.fault("more");
        }
        return length;
    }
}
