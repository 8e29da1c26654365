package io.polychip.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.Quota;
import io.polychip.fleet.RequestClass;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each rival picks as its project does. */
final class RivalsTest {
    private final FakeHost host = new FakeHost();

    private static Fleets twoVendors() {
        return Fleets.of()
                .owned("h100", "nvidia", 2, 2, 3)
                .owned("mi300", "amd", 2, 1, 1)
                .objective(RequestClass.DEFAULT, 1_000, 40);
    }

    private void serve(Fleets fleets, Policy policy, Tuning tuning) {
        host.serve(fleets.roster(), Options.DEFAULT.with(policy).with(tuning));
    }

    private String poolOf(Asks asks) {
        host.accept(asks);
        return host.lastSent().replica().pool();
    }

    private Map<String, Integer> spread(int requests) {
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < requests; i++) {
            Call call = host.accept(Asks.plain().seed(i));
            counts.merge(host.lastSent().replica().pool(), 1, Integer::sum);
            host.pass(1);
            host.complete(call, 10);
        }
        return counts;
    }

    private void observe(int replica, int waiting, double kvUsed) {
        host.dispatcher().observed(replica, new Reading(host.now, 0, waiting, kvUsed, true, true), host.now);
    }

    @Test
    void roundRobinGivesEveryReplicaTheSame() {
        serve(twoVendors(), Policy.ROUND_ROBIN, Tuning.DEFAULT);
        assertThat(spread(100)).containsEntry("h100", 50).containsEntry("mi300", 50);
    }

    @Test
    void capacitySplitGivesTheFasterChipMore() {
        serve(twoVendors(), Policy.CAPACITY_SPLIT, Tuning.DEFAULT);
        host.dispatcher().tick(host.now);
        Map<String, Integer> spread = spread(3_000);
        assertThat(spread.getOrDefault("h100", 0) / 3_000.0)
                .as("twice the speed, two thirds or more since its knee is higher too")
                .isBetween(0.6, 0.9);
    }

    @Test
    void leastKvAvoidsTheReplicaWhoseCacheIsFull() {
        serve(twoVendors(), Policy.LEAST_KV, Tuning.DEFAULT);
        observe(0, 0, 0.9);
        observe(1, 0, 0.8);
        observe(2, 0, 0.7);
        observe(3, 0, 0.1);
        host.accept(Asks.plain());
        assertThat(host.lastSent().replica().index()).isEqualTo(3);
    }

    @Test
    void weightedScoresPreferACachedPrefixToAShorterQueueAsFarAsTheirWeightsSay() {
        Asks turn = Asks.plain().prefix(new long[] {11, 12}, new int[] {240, 480});
        for (double prefixWeight : new double[] {3, 0}) {
            serve(twoVendors(), Policy.WEIGHTED_SCORES, Tuning.DEFAULT.withScores(prefixWeight, 2, 2));
            Call first = host.accept(turn);
            int home = host.lastSent().replica().index();
            host.complete(first, 10);
            for (int i = 0; i < 4; i++) {
                observe(i, i == home ? 1 : 0, 0);
            }
            host.accept(turn.seed(2));
            boolean stayed = host.lastSent().replica().index() == home;
            assertThat(stayed).isEqualTo(prefixWeight > 2);
        }
    }

    @Test
    void overlapAndLoadReturnsToTheCacheUntilTheReplicaIsLoaded() {
        serve(twoVendors(), Policy.OVERLAP_AND_LOAD, Tuning.DEFAULT);
        Asks turn = Asks.plain().prefix(new long[] {11, 12}, new int[] {240, 480});
        Call first = host.accept(turn);
        int home = host.lastSent().replica().index();
        host.complete(first, 10);
        host.accept(turn.seed(2));
        assertThat(host.lastSent().replica().index()).isEqualTo(home);
        host.accept(turn.seed(3));
        assertThat(host.lastSent().replica().index())
                .as("the blocks in use there now outweigh the overlap")
                .isNotEqualTo(home);
    }

    @Test
    void predictedLatencyTakesTheLeastSlackThatStillMeetsTheObjective() {
        serve(twoVendors(), Policy.PREDICTED_LATENCY, Tuning.DEFAULT);
        Map<String, Integer> spread = spread(200);
        assertThat(spread.getOrDefault("mi300", 0))
                .as("the slower chip meets it with less slack")
                .isGreaterThan(180);
    }

    @Test
    void theGridSendsALengthToItsPool() {
        Tuning grid = Tuning.DEFAULT.withGrid(List.of(new Tuning.Row(1_000, "mi300"), new Tuning.Row(10_000, "h100")));
        serve(twoVendors(), Policy.LENGTH_GRID, grid);
        assertThat(poolOf(Asks.plain().prompt(900))).isEqualTo("mi300");
        assertThat(poolOf(Asks.plain().prompt(1_001))).isEqualTo("h100");
    }

    @Test
    void theCheapestListPriceWinsWhateverItsLoad() {
        serve(twoVendors(), Policy.CHEAPEST_LIST, Tuning.DEFAULT);
        assertThat(spread(50)).containsEntry("mi300", 50);
    }

    @Test
    void hostedLastMeansOnlyWhenOwnedReplicasAreFull() {
        Fleets fleets =
                Fleets.of().owned("h100", "nvidia", 1, 1, 3).hosted("groq", "groq", 0.001, 0.001, Quota.UNLIMITED);
        serve(fleets, Policy.CHEAPEST_LIST, Tuning.DEFAULT.withCap(2 / 64.0, true));
        assertThat(poolOf(Asks.plain())).isEqualTo("h100");
        assertThat(poolOf(Asks.plain().seed(2))).isEqualTo("h100");
        assertThat(poolOf(Asks.plain().seed(3))).isEqualTo("groq");
    }

    @Test
    void twoChoicesBalanceBetterThanOneRandomChoiceWould() {
        Fleets fleets = Fleets.of().owned("h100", "nvidia", 10, 1, 3);
        serve(fleets, Policy.TWO_CHOICES, Tuning.DEFAULT);
        int[] counts = new int[10];
        for (int i = 0; i < 1_000; i++) {
            host.accept(Asks.plain().seed(i));
            counts[host.lastSent().replica().index()]++;
        }
        for (int count : counts) {
            assertThat((double) count).isCloseTo(100, within(5.0));
        }
    }
}
