package io.polychip.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.performance.StepTime;
import io.polychip.routing.Options;
import io.polychip.routing.Policy;
import io.polychip.simulator.Arrival;
import io.polychip.simulator.Traffic;
import java.util.HashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ClairvoyantTest {
    private static final String OWNED = """
        models: [{name: m, is: meta-llama/Llama-3.1-8B-Instruct}]
        pools:
          - {name: l4, model: m, chip: nvidia/l4, precision: fp8, engine: vllm@0.15.1,
             price: {usd-per-chip-hour: 0.7}, replicas: ["http://b:80"]}
        objectives: {default: {ttft: 1 s, itl: 50 ms, percentile: 99}}
        """;
    private static final String API = """
          - {name: groq, model: m, chip: groq/lpu, hosted: {provider: groq, model: m, key: none},
             price: {usd-per-million-input: 0.05, usd-per-million-output: 0.08}}
        """;
    private static final String WITH_API = OWNED.replace("objectives:", API + "objectives:");

    @ParameterizedTest
    @ValueSource(doubles = {0.5, 4, 20, 60})
    void noPolicyIsCheaperUnderAnyLoad(double requestsPerSecond) {
        for (String fleet : new String[] {OWNED, WITH_API}) {
            Contest contest = RoutingScoreTest.contest(fleet, requestsPerSecond, 20);
            for (long seed = 0; seed < 3; seed++) {
                double bound = contest.clairvoyantUsdPerMillionGood(seed);
                assertThat(bound).isPositive();
                for (Policy policy : Policy.values()) {
                    assertThat(contest.run(Options.DEFAULT.with(policy), seed).usdPerMillionGood())
                            .as("%s, seed %d, %s", policy, seed, fleet)
                            .isGreaterThanOrEqualTo(bound);
                }
            }
        }
    }

    @Test
    void anIdleFleetCostsItsRentOverAllTokens() {
        Contest contest = RoutingScoreTest.contest(OWNED, 0.5, 20);
        long tokens = 0;
        double last = 0;
        Traffic traffic = contest.traffic(1);
        for (Arrival arrival = traffic.next(); arrival != null; arrival = traffic.next()) {
            tokens += arrival.outputTokens();
            last = arrival.arrivalNanos() / 1e9;
        }
        double rent = 0.7 * last / 3600;
        assertThat(contest.clairvoyantUsdPerMillionGood(1))
                .isCloseTo(1e6 * rent / tokens, within(1e-3 * rent / tokens * 1e6));
    }

    @Test
    void whatTheChipsCannotCarryIsNotCountedAsGood() {
        double full = RoutingScoreTest.contest(OWNED, 60, 20).clairvoyantUsdPerMillionGood(1);
        double fuller = RoutingScoreTest.contest(OWNED, 240, 20).clairvoyantUsdPerMillionGood(1);
        assertThat(fuller).isGreaterThan(0.5 * full); // were all of it good, it would be a quarter
    }

    @Test
    void aMixtureOfBatchesMayBeLongerAndShorterThanTheObjectiveOnAverage() {
        long[] alpha = {0, 10_000_000_000L, 16_000_000_000L};
        StepTime time = new StepTime(alpha, 1, 0, 0, 0, 0);
        assertThat(Clairvoyant.share(time, 0.02)).isCloseTo(0.008, within(1e-9));
        assertThat(Clairvoyant.share(time, 0.013)).isCloseTo((0.010 + 0.008) / 2, within(1e-9));
        assertThat(Clairvoyant.share(time, 0.005)).isInfinite();
    }

    @Test
    void anAnswerOfOneTokenNeedsItsPromptsTimeWhereNoBatchKeepsThePace() {
        StepTime time = new StepTime(new long[] {0, 10_000_000_000L}, 1_000_000, 0, 0, 0, 0);
        Clairvoyant.Owned owned = new Clairvoyant.Owned(time, 1, new HashMap<>());
        assertThat(owned.seconds(1000, 0, 1, 0.005)).isCloseTo(0.001, within(1e-9));
        assertThat(owned.seconds(1000, 0, 2, 0.005)).isInfinite();
    }
}
