package io.polychip.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EmulatedTextTest {
    @Test
    void aTokenIsAWordWithItsSpaceAndTokensMakeTheText() {
        EmulatedText text = EmulatedText.of(List.of("be brief", "hi"));
        assertThat(text.token(0)).matches(" [a-z]{4,6}");
        assertThat(text.text(0, 10)).isEqualTo(text.text(0, 4) + text.text(4, 6));
        assertThat(EmulatedText.tokensIn(text.text(0, 10))).isEqualTo(10);
        assertThat(EmulatedText.tokensIn("")).isZero();
    }

    @Test
    void anotherPromptIsAnotherText() {
        Set<String> texts = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            texts.add(EmulatedText.of(List.of("prompt " + i)).text(0, 4));
        }
        texts.add(EmulatedText.of(List.of("prompt", " 1")).text(0, 4));
        assertThat(texts).hasSize(1_001);
    }

    @Test
    void theSamePromptIsTheSameTextEverywhere() {
        assertThat(EmulatedText.of(List.of("hello")).text(0, 3)).isEqualTo(GOLDEN);
        assertThat(EmulatedText.of(List.of("hello")).naturalTokens()).isBetween(16, 255);
    }

    private static final String GOLDEN = " gidi rofe nefo";
}
