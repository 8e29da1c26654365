package io.polychip.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.FleetReader;
import io.polychip.routing.Options;
import io.polychip.routing.Policy;
import io.polychip.simulator.Arrival;
import io.polychip.simulator.RecordedTraffic;
import io.polychip.simulator.Trace;
import io.polychip.simulator.Traffic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The comparison itself: same conditions for all, intervals that mean something, a winner that is one. */
final class RoutingScoreTest {
    private static final String FLEET = """
        models: [{name: m, is: meta-llama/Llama-3.1-8B-Instruct}]
        pools:
          - {name: h100, model: m, chip: nvidia/h100-sxm, precision: fp8, engine: vllm@0.15.1,
             price: {usd-per-chip-hour: 2}, replicas: ["http://a:80"]}
          - {name: l4, model: m, chip: nvidia/l4, precision: fp8, engine: vllm@0.15.1,
             price: {usd-per-chip-hour: 0.7}, replicas: ["http://b:80"]}
        objectives: {default: {ttft: 1 s, itl: 50 ms, percentile: 99}}
        """;

    static Contest contest() {
        return contest(FLEET, 8, 30);
    }

    static Contest contest(String fleet, double requestsPerSecond, long seconds) {
        List<String> lines = new ArrayList<>(List.of("arrival_seconds,input_tokens,output_tokens"));
        for (int i = 0; i < 400; i++) {
            lines.add("%.3f,%d,%d".formatted(i * 0.25, 200 + i % 7 * 300, 50 + i % 5 * 40));
        }
        RecordedTraffic trace = RecordedTraffic.of(Trace.read("test", lines.iterator()));
        return new Contest(
                "small",
                new FleetReader(CatalogueReader.shipped(), Map.of()).read("fleet.yaml", fleet),
                trace,
                requestsPerSecond,
                seconds * 1_000_000_000L,
                0.4,
                false,
                1);
    }

    @Test
    void aSeedMeansTheSamePartOfTheTraceAtTheWantedRate() {
        Contest contest = contest();
        Traffic once = contest.traffic(3);
        Traffic again = contest.traffic(3);
        int count = 0;
        for (Arrival arrival = once.next(); arrival != null; arrival = once.next()) {
            assertThat(again.next()).usingRecursiveComparison().isEqualTo(arrival);
            count++;
        }
        assertThat(count).isBetween(235, 245);
    }

    @Test
    void theSameSeedGivesTheSameOutcomeAndAnotherPolicyAnother() {
        Contest contest = contest();
        double once = contest.run(Options.DEFAULT, 5).usdPerMillionGood();
        assertThat(contest.run(Options.DEFAULT, 5).usdPerMillionGood()).isEqualTo(once);
        assertThat(contest.run(Options.DEFAULT.with(Policy.ROUND_ROBIN), 5).usdPerMillionGood())
                .isNotEqualTo(once);
    }

    @Test
    void aRatioIsPairedAndItsIntervalHoldsIt() {
        List<Standing.Outcome> ours = new ArrayList<>();
        List<Standing.Outcome> theirs = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            double weather = 1 + i % 6;
            ours.add(new Standing.Outcome(1, weather * 0.8));
            theirs.add(new Standing.Outcome(0.99, weather * (1 + 0.01 * (i % 3 - 1))));
        }
        Standing standing = Standing.of(Entrant.shipped(Policy.LEAST_REQUEST), theirs, ours);
        assertThat(standing.ratio()).isCloseTo(0.8, within(0.005));
        assertThat(standing.low()).isLessThan(standing.ratio()).isGreaterThan(0.79);
        assertThat(standing.high()).isGreaterThan(standing.ratio()).isLessThan(0.81);
    }

    @Test
    void aCheapRivalThatBreaksThePromiseDoesNotCountAndADearOneThatKeepsItDoes() {
        Standing us = new Standing("polychip", "", 0.995, 1, 1, 1, 1);
        Standing cheap = new Standing("cheapest-list", "", 0.9, 0.5, 2, 2, 2);
        Standing dear = new Standing("least-kv", "", 0.992, 1.25, 0.8, 0.8, 0.8);
        assertThat(RoutingScore.ratioToBestRival(List.of(us, cheap, dear), 0.99))
                .isEqualTo(0.8);
        assertThat(RoutingScore.ratioToBestRival(List.of(us, cheap), 0.99)).isZero();
    }
}
