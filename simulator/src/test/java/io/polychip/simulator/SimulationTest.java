package io.polychip.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.RequestClass;
import io.polychip.routing.Mix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class SimulationTest {
    private static final long SECOND = 1_000_000_000L;
    private static final Fleet MIXED = fleet(owned("h100", "nvidia/h100-sxm", 3) + owned("mi300x", "amd/mi300x", 3));

    @Test
    void theSameSeedGivesTheSameReportAndAnotherSeedAnother() {
        Scenario scenario =
                Scenario.of(MIXED).withGateways(3, 2).withTruths(List.of(Truth.factor(Where.pool("h100"), 1.3)));
        Report report = Simulation.run(scenario, steady(3_000, 30));
        assertThat(Simulation.run(scenario, steady(3_000, 30))).isEqualTo(report);
        assertThat(Simulation.run(scenario.withSeed(2), steady(3_000, 30))).isNotEqualTo(report);
    }

    @Test
    void aRunInPiecesIsTheSameAsOneInOne() {
        Scenario scenario = Scenario.of(MIXED);
        Simulation simulation = new Simulation(scenario, steady(2_000, 20));
        long until = 0;
        while (simulation.run(until)) {
            until += SECOND / 3;
        }
        assertThat(simulation.report()).isEqualTo(Simulation.run(scenario, steady(2_000, 20)));
    }

    @Test
    void rentIsPaidForTheWholeSpanWhetherBusyOrNot() {
        Report report = Simulation.run(Scenario.of(MIXED), steady(100, 10));
        double hours = report.spanNanos() / 3600e9;
        assertThat(report.usd()).isCloseTo(6 * 2 * hours, within(1e-9));
        assertThat(report.goodTokens()).isEqualTo(100L * 100);
        assertThat(report.usdPerMillionGood()).isCloseTo(report.usd() / 1e4 * 1e6, within(1e-6));
        assertThat(report.joules()).isGreaterThan(0);
    }

    /** Each cell had paid to its own last answer only, so a fleet in cells cost less an hour than its rent. */
    @Test
    void aCellThatIsDoneEarlyIsPaidToTheEnd() {
        List<Report> cells = new ArrayList<>();
        for (int cell = 0; cell < 3; cell++) {
            cells.add(Simulation.run(
                    Scenario.of(MIXED).cell(cell, 3), steady(40, 10).cell(cell, 3)));
        }
        assertThat(cells.stream().map(Report::spanNanos)).doesNotHaveDuplicates();
        Report whole = Report.merge(cells);
        assertThat(whole.usd()).isCloseTo(6 * 2 * whole.spanNanos() / 3600e9, within(1e-9));
    }

    /** Its rent was paid to the end, yet it drew nothing: cost and energy were of different spans. */
    @Test
    void aCellThatIsDoneEarlyDrawsIdlePowerToTheEnd() {
        Scenario whole = Scenario.of(MIXED);
        Outage amd = Outage.of(Where.vendor("amd"), 0, Long.MAX_VALUE);
        assertThat(joulesAfterTheirCellsEnd(whole))
                .as("0.15 of 700 W and of 750 W in each cell")
                .isCloseTo(105 + 112.5, within(0.01));
        assertThat(joulesAfterTheirCellsEnd(whole.withOutages(List.of(amd))))
                .as("what is lost draws nothing")
                .isCloseTo(105, within(0.01));
    }

    /** For each second that a cell was done early. */
    private static double joulesAfterTheirCellsEnd(Scenario scenario) {
        List<Report> cells = new ArrayList<>();
        for (int cell = 0; cell < 3; cell++) {
            cells.add(Simulation.run(scenario.cell(cell, 3), steady(40, 10).cell(cell, 3)));
        }
        Report whole = Report.merge(cells);
        double seconds = cells.stream()
                .mapToDouble(cell -> (whole.spanNanos() - cell.spanNanos()) / 1e9)
                .sum();
        assertThat(seconds).isPositive();
        return (whole.joules() - cells.stream().mapToDouble(Report::joules).sum()) / seconds;
    }

    /** The second replica of every cell's pool had been meant, or none at all. */
    @Test
    void aReplicaIsLostOrSlowInItsOwnCellOnly() {
        Where fifth = Where.replica("h100", 4);
        Fleet six = fleet(owned("h100", "nvidia/h100-sxm", 6));
        Scenario scenario = Scenario.of(six).withOutages(List.of(Outage.of(fifth, 0, Long.MAX_VALUE)));
        List<Report> cells = new ArrayList<>();
        for (int cell = 0; cell < 3; cell++) {
            cells.add(Simulation.run(scenario.cell(cell, 3), steady(600, 30).cell(cell, 3)));
        }
        assertThat(cells.get(1).pools().getFirst().runningByReplica().get(1)).isZero(); // 1, 4
        List<Double> others = new ArrayList<>();
        cells.forEach(cell -> others.addAll(cell.pools().getFirst().runningByReplica()));
        others.remove(3);
        assertThat(others).allMatch(running -> running > 0);
        assertThat(Report.merge(cells).outages()).hasSize(1);
        Scenario slow = Scenario.of(six).withTruths(List.of(Truth.factor(fifth, 3)));
        assertThat(slow.cell(1, 3).truths().getFirst().where()).isEqualTo(Where.replica("h100", 1));
        assertThat(slow.cell(0, 3).truths())
                .noneMatch(truth -> truth.where().matches(six.pools().getFirst(), 1));
    }

    /** It was lost in the first cell only, whole as it is in each. */
    @Test
    void aHostedPoolsReplicaIsLostInEveryCell() {
        Scenario whole = Scenario.of(fleet("""
              - name: groq
                model: llama
                chip: groq/lpu
                hosted: {provider: groq, model: llama-3.1-8b-instant, key: none}
                price: {usd-per-million-input: 0.05, usd-per-million-output: 0.08}
            """));
        Scenario lost = whole.withOutages(List.of(Outage.of(Where.replica("groq", 0), 0, Long.MAX_VALUE)));
        for (int cell = 0; cell < 3; cell++) {
            Report before = Simulation.run(whole.cell(cell, 3), steady(60, 10).cell(cell, 3));
            Report after = Simulation.run(lost.cell(cell, 3), steady(60, 10).cell(cell, 3));
            assertThat(before.pools().getFirst().completed()).isPositive();
            assertThat(after.pools().getFirst().completed()).as("cell %d", cell).isZero();
        }
    }

    @Test
    void knownBlocksAreReusedAndAskedForWhereTheyAre() {
        Traffic turns = numbered(400, number -> {
            long conversation = number % 20;
            long[] blocks = new long[4 + (int) (number / 20) % 8];
            for (int i = 0; i < blocks.length; i++) {
                blocks[i] = conversation * 1_000 + i;
            }
            return new Arrival(
                    number * SECOND / 2,
                    "",
                    "",
                    RequestClass.DEFAULT,
                    blocks.length * 512,
                    20,
                    0,
                    conversation,
                    blocks);
        });
        Report report = Simulation.run(Scenario.of(MIXED), turns);
        long prompts =
                report.pools().stream().mapToLong(Report.OfPool::promptTokens).sum();
        long cached =
                report.pools().stream().mapToLong(Report.OfPool::cachedTokens).sum();
        assertThat(cached).isGreaterThan(prompts * 6 / 10);
    }

    @Test
    void theLossOfAVendorIsSeenMinuteByMinuteAndNoRequestIsForgotten() {
        Outage outage = Outage.of(Where.vendor("nvidia"), 120 * SECOND, 120 * SECOND);
        Report report = Simulation.run(Scenario.of(MIXED).withOutages(List.of(outage)), steady(12_000, 20));
        Report.OfClass all = report.classes().getFirst();
        assertThat(all.arrived()).isEqualTo(12_000);
        assertThat(all.completed() + all.refused() + all.failed()).isEqualTo(12_000);
        Report.OfOutage seen = report.outages().getFirst();
        assertThat(sum(seen.arrived(), 0, 132)).isBetween(9_000L, 12_000L);
        assertThat(sum(seen.retried(), 0, 12)).as("before it").isZero();
        assertThat(sum(seen.broken(), 10, 13)).as("answers under way are cut").isPositive();
        assertThat(sum(seen.retried(), 12, 14)).as("at the loss").isPositive();
        assertThat(sum(seen.met(), 90, 96)).as("ten minutes later").isEqualTo(sum(seen.arrived(), 90, 96));
        Series nvidia = report.pools().getFirst().running();
        double[] running = report.mean(nvidia);
        assertThat(running[(int) (300 * SECOND / nvidia.widthNanos())])
                .as("still starting")
                .isZero();
        assertThat(running[(int) (400 * SECOND / nvidia.widthNanos())])
                .as("back after 360 s")
                .isPositive();
        assertThat(report.pools().getFirst().failed()).isPositive();
    }

    @Test
    void aSilentOutageEndsInTimeoutsAndAllAnswersComeFromElsewhere() {
        Outage outage = new Outage(Where.vendor("nvidia"), 30 * SECOND, Long.MAX_VALUE, true, Outage.Restart.USUAL);
        Report report = Simulation.run(Scenario.of(MIXED).withOutages(List.of(outage)), steady(4_000, 10));
        Report.OfClass all = report.classes().getFirst();
        assertThat(all.completed()).isGreaterThan(3_800);
        assertThat(report.pools().getFirst().cancelled()).isPositive();
        assertThat(all.ttftNanos().max()).isGreaterThan(29 * SECOND);
    }

    @Test
    void clientsAskAgainWhenTheyAreToldTo() {
        Fleet small = fleet("""
              - name: groq
                model: llama
                chip: groq/lpu
                hosted: {provider: groq, model: llama-3.1-8b-instant, key: k}
                price: {usd-per-million-input: 0.05, usd-per-million-output: 0.08}
                quota: {requests-per-minute: 60}
            """);
        Scenario patient = Scenario.of(small);
        Report once = Simulation.run(patient, steady(2_000, 20));
        Report again = Simulation.run(patient.with(new Clients(5, SECOND, false, 0, 0)), steady(2_000, 20));
        long refused =
                once.refusals().values().stream().mapToLong(Long::longValue).sum();
        assertThat(refused).isPositive();
        assertThat(once.work().calls()).isEqualTo(2_000);
        assertThat(again.work().calls()).isGreaterThan(2_000);
        assertThat(again.classes().getFirst().completed())
                .isGreaterThan(once.classes().getFirst().completed());
        Report.OfPool groq = once.pools().getFirst();
        assertThat(groq.usd())
                .isCloseTo((groq.promptTokens() * 0.05 + groq.completionTokens() * 0.08) / 1e6, within(1e-9));
    }

    @Test
    void whoHangsUpIsCountedAndExcusedIfNothingWasBrokenYet() {
        Clients impatient = new Clients(0, SECOND, true, 0.5, SECOND / 2);
        Report report = Simulation.run(Scenario.of(MIXED).with(impatient), steady(2_000, 20));
        Report.OfClass all = report.classes().getFirst();
        assertThat(all.abandoned()).isBetween(500L, 1_000L);
        assertThat(all.completed() + all.abandoned()).isEqualTo(2_000);
        assertThat(all.excused()).isPositive();
        assertThat(report.pools().stream()
                        .mapToLong(Report.OfPool::wastedTokens)
                        .sum())
                .isPositive();
    }

    @Test
    void aPromptThatFitsNowhereIsRefusedAndCounted() {
        Traffic one = numbered(3, number -> Arrival.of(number, number == 1 ? 1_000_000 : 100, 10));
        Report report = Simulation.run(Scenario.of(MIXED), one);
        assertThat(report.classes().getFirst().refused()).isEqualTo(1);
        assertThat(report.classes().getFirst().completed()).isEqualTo(2);
        assertThat(report.attainment()).isCloseTo(2 / 3.0, within(1e-9));
    }

    @Test
    void cellsTogetherServeEveryRequestOnceAndConversationsStayTogether() {
        List<Report> parts = new ArrayList<>();
        Scenario whole = Scenario.of(MIXED);
        for (int cell = 0; cell < 3; cell++) {
            parts.add(Simulation.run(whole.cell(cell, 3), talk().cell(cell, 3)));
        }
        Report merged = Report.merge(parts);
        assertThat(merged.work().requests()).isEqualTo(3_000);
        assertThat(merged.classes().getFirst().completed()).isEqualTo(3_000);
        assertThat(merged.pools().getFirst().replicas()).isEqualTo(3);
        assertThat(merged.whole().arrived().sum()).isEqualTo(3_000);
        assertThat(merged.usd()).isBetween(0.9 * 12 * merged.spanNanos() / 3600e9, 12 * merged.spanNanos() / 3600e9);
        assertThat(parts).allSatisfy(part -> assertThat(part.work().requests()).isBetween(600L, 1_500L));
    }

    @Test
    void fourGatewaysThatSeeLateKeepReplicasAlike() {
        Scenario late = Scenario.of(fleet(owned("h100", "nvidia/h100-sxm", 8)))
                .withGateways(4, 1)
                .with(new Observation(SECOND, SECOND, 0, 0));
        Report report = Simulation.run(late, steady(30_000, 120));
        assertThat(report.imbalance()).isLessThan(1.3);
    }

    @Test
    void unsortedTrafficIsToldWithItsPlace() {
        Traffic wrong = numbered(3, number -> Arrival.of(number == 2 ? 0 : number, 10, 10));
        assertThatThrownBy(() -> Simulation.run(Scenario.of(MIXED), wrong))
                .isInstanceOf(ScenarioException.class)
                .hasMessageContaining("Request 2");
    }

    private static Traffic talk() {
        return numbered(
                3_000,
                number -> new Arrival(
                        number * SECOND / 30,
                        "",
                        "",
                        RequestClass.DEFAULT,
                        600,
                        50,
                        0,
                        1 + Math.floorMod(Mix.scramble(number), 500L),
                        Arrival.NO_BLOCKS));
    }

    private static Traffic steady(int requests, double perSecond) {
        return numbered(requests, number -> Arrival.of((long) (number * SECOND / perSecond), 500, 100));
    }

    private static Traffic numbered(int requests, LongFunction<Arrival> each) {
        return new Traffic() {
            private long number;

            @Override
            public @Nullable Arrival next() {
                return number == requests ? null : each.apply(number++);
            }
        };
    }

    private static long sum(List<Long> counts, int from, int to) {
        return counts.subList(from, to).stream().mapToLong(Long::longValue).sum();
    }

    private static Fleet fleet(String pools) {
        return new FleetReader(CatalogueReader.shipped(), Map.of()).read("test", """
            models:
              - {name: llama, is: meta-llama/Llama-3.1-8B-Instruct}
            pools:
            """ + pools + """
            objectives:
              default: {ttft: 2 s + 100 ms/1k, itl: 100 ms, percentile: 99}
            """);
    }

    private static String owned(String name, String chip, int replicas) {
        List<String> urls = Stream.iterate(0, i -> i + 1)
                .limit(replicas)
                .map(i -> "http://%s-%d:8000".formatted(name, i))
                .toList();
        return """
              - name: %s
                model: llama
                chip: %s
                engine: vllm@0.15.1
                price: {usd-per-chip-hour: 2}
                replicas: [%s]
            """.formatted(name, chip, String.join(", ", urls));
    }
}
