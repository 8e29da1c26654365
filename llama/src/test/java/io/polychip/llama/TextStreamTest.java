package io.polychip.llama;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TextStreamTest {
    @Test
    void anEmojiInFourTokensShowsOnceAndWhole() {
        Utf8Assembler characters = new Utf8Assembler();
        byte[] party = "🎉".getBytes(UTF_8);
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            assertThat(characters.append(new byte[] {party[i]})).isEmpty();
        }
        shown.append(characters.append(new byte[] {party[3]}));
        assertThat(shown).hasToString("🎉");
    }

    @Test
    void bytesOfNoCharacterBecomeTheReplacementCharacter() {
        Utf8Assembler characters = new Utf8Assembler();
        assertThat(characters.append(new byte[] {(byte) 0xff, 'a'})).isEqualTo("\uFFFDa");
        assertThat(characters.append(new byte[] {(byte) 0xe2})).isEmpty();
        assertThat(characters.append(new byte[] {'b'})).isEqualTo("\uFFFDb");
    }

    @Test
    void everyCutOfATextGivesTheSameText() {
        byte[] text = "a é € 🌍 z".getBytes(UTF_8);
        for (int cut = 0; cut <= text.length; cut++) {
            Utf8Assembler characters = new Utf8Assembler();
            String both = characters.append(Arrays.copyOfRange(text, 0, cut))
                    + characters.append(Arrays.copyOfRange(text, cut, text.length));
            assertThat(both).isEqualTo("a é € 🌍 z");
        }
    }

    @Test
    void logProbabilitiesOfHeldTokensAreHeldToo() {
        TextStream stream = new TextStream(List.of("END"));
        assertThat(stream.append("so ".getBytes(UTF_8), logprobs(1))).isEqualTo("so ");
        assertThat(stream.append("EN".getBytes(UTF_8), logprobs(2))).isEmpty();
        assertThat(stream.shownLogprobs(false))
                .extracting(entry -> entry.chosen().token())
                .containsExactly(1);
        assertThat(stream.append("D".getBytes(UTF_8), logprobs(3))).isEmpty();
        assertThat(stream.stopped()).isTrue();
        assertThat(stream.shownLogprobs(true)).isEmpty();
    }

    @Test
    void whatWasHeldInVainShowsAtTheEnd() {
        TextStream stream = new TextStream(List.of("END"));
        stream.append("EN".getBytes(UTF_8), logprobs(1));
        assertThat(stream.rest()).isEqualTo("EN");
        assertThat(stream.shownLogprobs(true)).hasSize(1);
    }

    private static TokenLogprobs logprobs(int token) {
        return new TokenLogprobs(new TokenLogprobs.Entry(token, new byte[0], -1), List.of());
    }
}
