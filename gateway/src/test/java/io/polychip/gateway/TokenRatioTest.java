package io.polychip.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.protocol.ChatScan;
import io.polychip.protocol.Endpoint;
import io.polychip.protocol.Prompt;
import java.nio.charset.StandardCharsets;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class TokenRatioTest {
    private final TokenRatio ratio = new TokenRatio();

    private static Prompt prompt(String content) {
        String body = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":" + content + "}]}";
        return ChatScan.of(body.getBytes(StandardCharsets.UTF_8), Endpoint.CHAT).prompt();
    }

    private static Prompt text(int bytes) {
        return prompt('"' + "x".repeat(bytes) + '"');
    }

    @Test
    void beginsWithFourBytesToAToken() {
        assertThat(ratio.promptTokens("m", text(4000))).isCloseTo(1007, Offset.offset(2));
    }

    @Test
    void learnsEachModelsOwnRatioFromUsage() {
        for (int i = 0; i < 50; i++) {
            ratio.learn("code", text(8000), 4007);
        }
        assertThat(ratio.perByte("code")).isCloseTo(0.5, Offset.offset(0.01));
        assertThat(ratio.perByte("prose")).isEqualTo(TokenRatio.FIRST_GUESS);
    }

    @Test
    void forgetsWhatIsLongPast() {
        for (int i = 0; i < 500; i++) {
            ratio.learn("m", text(10_000), 5000);
        }
        for (int i = 0; i < 500; i++) {
            ratio.learn("m", text(10_000), 2000);
        }
        assertThat(ratio.perByte("m")).isCloseTo(0.2, Offset.offset(0.01));
    }

    @Test
    void countsAnImageByItsRuleAndNotByItsBase64() {
        String image = "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64," + "A".repeat(100_000)
                + "\"}}]";
        assertThat(ratio.promptTokens("m", prompt(image))).isBetween(700, 900);
    }

    @Test
    void learnsNothingFromPromptsWithMedia() {
        ratio.learn("m", prompt("[{\"type\":\"image_url\",\"image_url\":{\"url\":\"http://a/b.png\"}}]"), 1000);
        assertThat(ratio.perByte("m")).isEqualTo(TokenRatio.FIRST_GUESS);
    }
}
