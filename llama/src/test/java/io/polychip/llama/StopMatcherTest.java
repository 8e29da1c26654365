package io.polychip.llama;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StopMatcherTest {
    @Test
    void textWithoutAStopPassesAtOnce() {
        StopMatcher matcher = new StopMatcher(List.of("END"));
        assertThat(matcher.append("hello ")).isEqualTo("hello ");
        assertThat(matcher.stopped()).isFalse();
    }

    @Test
    void aBeginningOfAStopIsHeldUntilItIsClear() {
        StopMatcher matcher = new StopMatcher(List.of("END"));
        assertThat(matcher.append("the E")).isEqualTo("the ");
        assertThat(matcher.append("N")).isEmpty();
        assertThat(matcher.append("E")).isEqualTo("EN");
        assertThat(matcher.rest()).isEqualTo("E");
    }

    @Test
    void aStopAcrossPiecesNeverShows() {
        StopMatcher matcher = new StopMatcher(List.of("<|end|>"));
        String shown = matcher.append("so <") + matcher.append("|en") + matcher.append("d|> more");
        assertThat(shown).isEqualTo("so ");
        assertThat(matcher.stopped()).isTrue();
        assertThat(matcher.append("after")).isEmpty();
        assertThat(matcher.rest()).isEmpty();
    }

    @Test
    void theStopThatIsCompleteFirstWins() {
        StopMatcher matcher = new StopMatcher(List.of("abcd", "bc"));
        assertThat(matcher.append("xabcd")).isEqualTo("xa");
    }

    @Test
    void ofTwoThatEndTogetherTheLongerWins() {
        StopMatcher matcher = new StopMatcher(List.of("d", "bcd"));
        assertThat(matcher.append("abcd")).isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whereThePiecesAreCutChangesNothing(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 500; round++) {
            String text = word(random, 30);
            List<String> stops = List.of(word(random, 4), word(random, 3), word(random, 5));
            String whole = shown(new StopMatcher(stops), List.of(text));
            String cut = shown(
                    new StopMatcher(stops),
                    text.chars().mapToObj(c -> String.valueOf((char) c)).toList());
            assertThat(cut).as("stops %s in %s", stops, text).isEqualTo(whole);
            assertThat(stops).noneMatch(whole::contains);
        }
    }

    private static String shown(StopMatcher matcher, List<String> pieces) {
        StringBuilder text = new StringBuilder();
        for (String piece : pieces) {
            text.append(matcher.append(piece));
        }
        return text.append(matcher.rest()).toString();
    }

    private static String word(SplittableRandom random, int longest) {
        StringBuilder word = new StringBuilder();
        int length = 1 + random.nextInt(longest);
        for (int i = 0; i < length; i++) {
            word.append((char) ('a' + random.nextInt(3)));
        }
        return word.toString();
    }
}
