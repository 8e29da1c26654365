package io.polychip.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SamplerTest {
    /** Probabilities 0.5, 0.3, 0.15, 0.05. */
    private static final float[] FOUR = {
        (float) Math.log(0.15), (float) Math.log(0.5), (float) Math.log(0.05), (float) Math.log(0.3)
    };

    @Test
    void greedyTakesTheLowestOfTheMostLikely() {
        assertThat(new Sampler(Sampling.greedy()).next(new float[] {1, 5, 5, 2}))
                .isEqualTo(1);
    }

    @Test
    void drawsFollowTheProbabilities() {
        double[] shares = shares(sampling(1, 0, 1, 0));
        assertThat(shares[1]).isCloseTo(0.5, within(0.02));
        assertThat(shares[3]).isCloseTo(0.3, within(0.02));
        assertThat(shares[0]).isCloseTo(0.15, within(0.02));
        assertThat(shares[2]).isCloseTo(0.05, within(0.02));
    }

    @Test
    void aHighTemperatureFlattensThem() {
        double[] shares = shares(sampling(100, 0, 1, 0));
        assertThat(shares[2]).isCloseTo(0.25, within(0.03));
    }

    @Test
    void topKKeepsTheMostLikely() {
        double[] shares = shares(sampling(1, 2, 1, 0));
        assertThat(shares[1]).isCloseTo(0.625, within(0.02));
        assertThat(shares[0] + shares[2]).isZero();
    }

    @Test
    void topPKeepsTheSmallestSetThatReachesIt() {
        assertThat(shares(sampling(1, 0, 0.5f, 0))[1]).isEqualTo(1);
        double[] shares = shares(sampling(1, 0, 0.7f, 0));
        assertThat(shares[1] + shares[3]).isCloseTo(1, within(1e-9));
        assertThat(shares[3]).isPositive();
    }

    @Test
    void topPIsAShareOfWhatTopKLeaves() {
        double[] shares = shares(sampling(1, 2, 0.63f, 0)); // 0.5 of 0.8 is 0.625, not enough
        assertThat(shares[3]).isPositive();
        assertThat(shares(sampling(1, 2, 0.62f, 0))[1]).isEqualTo(1);
    }

    @Test
    void minPDropsWhatIsFarBelowTheMostLikely() {
        double[] shares = shares(sampling(1, 0, 1, 0.5f));
        assertThat(shares[1]).isCloseTo(0.625, within(0.02));
        assertThat(shares[0] + shares[2]).isZero();
    }

    @Test
    void penaltiesOfTheAnswerPushRepetitionsDown() {
        Sampling sampling = new Sampling(0, 0, 1, 0, 0, 2, 1, Map.of(), 0);
        Sampler sampler = new Sampler(sampling);
        assertThat(sampler.next(FOUR.clone())).isEqualTo(1);
        assertThat(sampler.next(FOUR.clone())).isEqualTo(3);
        assertThat(sampler.next(FOUR.clone())).isEqualTo(0);
    }

    @Test
    void theRepeatPenaltyKnowsThePrompt() {
        Sampler sampler = new Sampler(new Sampling(0, 0, 1, 0, 0, 0, 4, Map.of(), 0));
        sampler.prompted(1);
        assertThat(sampler.next(FOUR.clone())).isEqualTo(3);
    }

    @Test
    void aBiasDecides() {
        Sampler sampler = new Sampler(new Sampling(0, 0, 1, 0, 0, 0, 1, Map.of(2, 100f), 0));
        assertThat(sampler.next(FOUR.clone())).isEqualTo(2);
    }

    @Test
    void theMostLikelyAreFoundAsByFullSorting() {
        SplittableRandom random = new SplittableRandom(11);
        float[] logits = new float[3000];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) (random.nextInt(2000) - 1000) / 7; // with many equals
        }
        int[] expected = IntStream.range(0, logits.length)
                .boxed()
                .sorted((a, b) -> logits[a] == logits[b] ? a - b : Float.compare(logits[b], logits[a]))
                .mapToInt(Integer::intValue)
                .limit(300)
                .toArray();
        assertThat(Sampler.mostLikely(logits, 300)).isEqualTo(expected);
        assertThat(Sampler.mostLikely(logits, 20))
                .isEqualTo(IntStream.of(expected).limit(20).toArray());
    }

    @Test
    void logProbabilitiesSumToOne() {
        TokenLogprobs logprobs = TokenLogprobs.of(FOUR, 3, 4, token -> new byte[0]);
        assertThat(Math.exp(logprobs.chosen().logprob())).isCloseTo(0.3, within(1e-6));
        assertThat(logprobs.top().stream()
                        .mapToDouble(entry -> Math.exp(entry.logprob()))
                        .sum())
                .isCloseTo(1, within(1e-6));
    }

    @Test
    void anImpossibleRuleIsNamedWithItsValue() {
        assertThatThrownBy(() -> sampling(1, 0, 1.5f, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("top_p (1.5) must be from 0.0 to 1.0.");
    }

    private static Sampling sampling(float temperature, int topK, float topP, float minP) {
        return new Sampling(temperature, topK, topP, minP, 0, 0, 1, Map.of(), 42);
    }

    private static double[] shares(Sampling sampling) {
        Sampler sampler = new Sampler(sampling);
        double[] shares = new double[FOUR.length];
        int draws = 20_000;
        for (int i = 0; i < draws; i++) {
            shares[sampler.next(FOUR.clone())] += 1.0 / draws;
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] = Math.round(shares[i] * 1e9) / 1e9;
        }
        return shares;
    }
}
