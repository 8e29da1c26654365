package io.polychip.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AnswerScanTest {
    private static final String WHOLE = """
        {"id":"x","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},
        "finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":1}}
        """;

    @Test
    void aWholeAnswerIsCompleteWithItsUsage() {
        AnswerScan scan = scan(WHOLE);
        assertThat(scan.verdict()).isEqualTo(Verdict.COMPLETE);
        assertThat(scan.usage().promptTokens()).isEqualTo(5);
        assertThat(scan.usage().completionTokens()).isEqualTo(1);
    }

    @Test
    void everyBeginningOfAnAnswerIsCut() {
        String trimmed = WHOLE.strip();
        for (int length = 0; length < trimmed.length(); length++) {
            assertThat(scan(trimmed.substring(0, length)).verdict()).isEqualTo(Verdict.CUT);
        }
    }

    @Test
    void anErrorUnderStatus200IsAnError() {
        AnswerScan scan = scan("{\"error\":{\"message\":\"no\",\"type\":\"t\",\"param\":null,\"code\":503}}");
        assertThat(scan.verdict()).isEqualTo(Verdict.ERROR);
        assertThat(Objects.requireNonNull(scan.error()).status()).isEqualTo(503);
        assertThat(scan("{\"error\":null,\"choices\":[{}]}").verdict()).isEqualTo(Verdict.COMPLETE);
    }

    @Test
    void anAnswerWithoutChoicesIsNone() {
        assertThat(scan("{\"choices\":[]}").verdict()).isEqualTo(Verdict.CUT);
        assertThat(scan("{}").verdict()).isEqualTo(Verdict.CUT);
        assertThat(scan("{\"data\":[{\"embedding\":[0.1,-2e-5]}]}").verdict()).isEqualTo(Verdict.COMPLETE);
    }

    @Test
    void htmlAndOtherTextIsGarbled() {
        assertThat(scan("<html>").verdict()).isEqualTo(Verdict.GARBLED);
        assertThat(scan("upstream connect error").verdict()).isEqualTo(Verdict.GARBLED);
        assertThat(scan("{\"choices\":[{}]} {}").verdict()).isEqualTo(Verdict.GARBLED);
    }

    private static AnswerScan scan(String body) {
        return AnswerScan.of(body.getBytes(StandardCharsets.UTF_8));
    }
}
