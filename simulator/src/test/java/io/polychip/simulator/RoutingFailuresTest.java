package io.polychip.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.RequestClass;
import io.polychip.routing.Mix;
import io.polychip.routing.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What goes wrong in mixed fleets when the engines are the simulator's, each with what keeps it from happening. */
final class RoutingFailuresTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int PROMPT = 7_200;
    private static final int ANSWER = 1_000;
    private static final Fleet TWENTY_CHIPS = fleet(h100(4), mi325x(8), gaudi3(8));
    private static final Observation A_SECOND_LATE = new Observation(SECOND, SECOND, 0, 0);

    @Test
    void theFleetOfThreeVendorsYieldsNineTenthsOfItsCeilingAtLeast() {
        double ceiling = ceiling(List.of());
        Report calm = run(0.9 * ceiling, List.of());
        Report full = run(ceiling, List.of());
        assertThat(metPerSecond(calm)).isGreaterThan(0.88 * ceiling);
        assertThat(metPerSecond(full)).isGreaterThan(0.95 * ceiling);
    }

    /** In an overload a place given to somebody who is late anyway makes the next one late: a fifth of the ceiling. */
    @Test
    void anOverloadYieldsNineTenthsOfTheCeilingToo() {
        double ceiling = ceiling(List.of());
        assertThat(metPerSecond(run(1.1 * ceiling, List.of()))).isGreaterThan(0.95 * ceiling);
        assertThat(metPerSecond(run(1.3 * ceiling, List.of()))).isGreaterThan(0.9 * ceiling);
    }

    @Test
    void profilesFortyPercentWrongLeaveNineTenthsOfTheCeilingToo() {
        List<Truth> truths = List.of(
                Truth.factor(Where.pool("h100"), 1.4),
                Truth.factor(Where.pool("mi325x"), 1 / 1.4),
                Truth.factor(Where.pool("gaudi3"), 1.4));
        double ceiling = ceiling(truths);
        assertThat(metPerSecond(run(ceiling, truths))).isGreaterThan(0.95 * ceiling);
        assertThat(metPerSecond(run(1.3 * ceiling, truths))).isGreaterThan(0.88 * ceiling);
    }

    @Test
    void fourGatewaysThatSeeASecondLateLoadNoReplicaOverThirteenTenthsOfItsPoolsMean() {
        Scenario late = Scenario.of(TWENTY_CHIPS).withGateways(4, 1).with(A_SECOND_LATE);
        for (double perSecond : new double[] {20, 26, 30}) {
            Report report = Simulation.run(late, same(perSecond, 300));
            assertThat(report.imbalance()).as("%.0f requests/s", perSecond).isBetween(1.0, 1.3);
        }
    }

    @Test
    void theLoopOfPricesAndTheLoopOfRequestsDoNotSwingAgainstEachOther() {
        Fleet twelve = fleet(h100(4), mi325x(4), gaudi3(4));
        Report nearlyFull = Simulation.run(Scenario.of(twelve).withGateways(2, 1), same(19.5, 1_200));
        for (Report.OfPool pool : nearlyFull.pools()) {
            List<Double> shares = shares(nearlyFull, pool, 300, 1_150);
            double least = shares.stream().mapToDouble(share -> share).min().orElseThrow();
            double most = shares.stream().mapToDouble(share -> share).max().orElseThrow();
            assertThat(most - least).as("%s of %s", pool.pool(), shares).isLessThan(0.3);
        }
        assertThat(nearlyFull.attainment()).isGreaterThan(0.99);
    }

    @Test
    void aReplicaThatHasAHotPrefixIsNotGivenEverybodyWhoSharesIt() {
        Report report = Simulation.run(Scenario.of(fleet(h100(8))).withGateways(2, 1), halfWithOneBeginning(40, 200));
        Report.OfPool pool = report.pools().getFirst();
        assertThat(report.imbalance()).as("%s", pool.runningByReplica()).isLessThan(1.3);
        assertThat(pool.cachedTokens()).as("the cache is used all the same").isGreaterThan(pool.promptTokens() / 2);
        assertThat(report.attainment()).isGreaterThan(0.99);
    }

    /** Requests per second that all engines can finish, late or not, each kind alone at the best rate for it. */
    private static double ceiling(List<Truth> truths) {
        return 4 * most(h100(1), truths) + 8 * most(mi325x(1), truths) + 8 * most(gaudi3(1), truths);
    }

    private static double most(String pool, List<Truth> truths) {
        Scenario alone = Scenario.of(fleet(pool)).with(Policy.ROUND_ROBIN).withTruths(truths);
        double most = 0;
        for (double offered = 0.8; offered < 3.2; offered += 0.1) {
            Report report = Simulation.run(alone, same(offered, 600));
            most = Math.max(most, perSecond(report.pools().getFirst().tokens(), 120, 540) / ANSWER);
        }
        return most;
    }

    private static Report run(double perSecond, List<Truth> truths) {
        return Simulation.run(Scenario.of(TWENTY_CHIPS).withGateways(4, 1).withTruths(truths), same(perSecond, 600));
    }

    private static double metPerSecond(Report report) {
        return perSecond(report.whole().met(), 120, 540);
    }

    /** Mean of a series between two moments in seconds. */
    private static double perSecond(Series series, int from, int to) {
        double width = series.widthNanos() / 1e9;
        double[] values = series.values();
        int first = (int) (from / width);
        int last = (int) (to / width);
        double sum = 0;
        for (int i = first; i < Math.min(last, values.length); i++) {
            sum += values[i];
        }
        return sum / ((last - first) * width);
    }

    /** Part of all requests that a pool got in each half minute. */
    private static List<Double> shares(Report report, Report.OfPool pool, int from, int to) {
        List<Double> shares = new ArrayList<>();
        for (int second = from; second + 30 <= to; second += 30) {
            double all = 0;
            for (Report.OfPool each : report.pools()) {
                all += perSecond(each.sentOverTime(), second, second + 30);
            }
            shares.add(perSecond(pool.sentOverTime(), second, second + 30) / all);
        }
        return shares;
    }

    private static Traffic same(double perSecond, int seconds) {
        return random(perSecond, seconds, (number, at) -> Arrival.of(at, PROMPT, ANSWER));
    }

    /** Half of all prompts begin alike, the others each like one in four hundred; the last part is always new. */
    private static Traffic halfWithOneBeginning(double perSecond, int seconds) {
        return random(perSecond, seconds, (number, at) -> {
            boolean hot = Mix.unit(80, number) < 0.5;
            long beginning = hot ? 7_000_000 : 1_000L * (1 + Mix.below(400, 81, number));
            long[] blocks = LongStream.range(beginning, beginning + 10).toArray();
            blocks[9] = 900_000_000L + number;
            return new Arrival(at, "", "", RequestClass.DEFAULT, 10 * 512, 100, 0, 0, blocks);
        });
    }

    @FunctionalInterface
    private interface Each {
        Arrival arrival(int number, long atNanos);
    }

    private static Traffic random(double perSecond, int seconds, Each each) {
        return new Traffic() {
            private int number;
            private double at;

            @Override
            public @Nullable Arrival next() {
                number++;
                at += -StrictMath.log(1 - Mix.unit(77, number)) / perSecond * SECOND;
                return at > seconds * (double) SECOND ? null : each.arrival(number, (long) at);
            }
        };
    }

    private static Fleet fleet(String... pools) {
        return new FleetReader(CatalogueReader.shipped(), Map.of()).read("test", """
            models:
              - {name: llama, is: meta-llama/Llama-3.1-8B-Instruct}
            pools:
            """ + String.join("", pools) + """
            objectives:
              default: {ttft: 2 s + 200 ms/1k, itl: 100 ms, percentile: 90}
            """);
    }

    private static String h100(int replicas) {
        return pool("h100", "nvidia/h100-sxm", replicas, 2.0);
    }

    private static String mi325x(int replicas) {
        return pool("mi325x", "amd/mi325x", replicas, 1.95);
    }

    private static String gaudi3(int replicas) {
        return pool("gaudi3", "intel/gaudi3", replicas, 1.5);
    }

    private static String pool(String name, String chip, int replicas, double usd) {
        String urls = IntStream.range(0, replicas)
                .mapToObj(i -> "http://%s-%d:8000".formatted(name, i))
                .collect(Collectors.joining(", "));
        return """
              - name: %s
                model: llama
                chip: %s
                precision: bf16
                engine: vllm@0.15.1
                price: {usd-per-chip-hour: %s, committed: true}
                replicas: [%s]
            """.formatted(name, chip, usd, urls);
    }
}
