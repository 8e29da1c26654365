package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.RequestClass;
import io.polychip.performance.Profiles;
import io.polychip.simulator.Arrival;
import io.polychip.simulator.Report;
import io.polychip.simulator.Simulation;
import io.polychip.simulator.Traffic;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Two vendors' chips, one bucket; what a trial shows is either simulated or made up. */
class PlannerTest {
    private static final long SECONDS = 60;
    private static final int INPUT = 400;
    private static final int OUTPUT = 200;

    private final Fleet fleet = new FleetReader(CatalogueReader.shipped(), Map.of()).read("fleet.yaml", """
        models:
          - {name: chat, is: meta-llama/Llama-3.1-8B-Instruct, continuation: text}
        pools:
          - name: l4
            model: chat
            chip: nvidia/l4
            precision: fp8
            price: {usd-per-chip-hour: 0.7}
            replicas: [http://10.0.0.1:8000]
          - name: mi300x
            model: chat
            chip: amd/mi300x
            precision: fp8
            price: {usd-per-chip-hour: 1.85}
            replicas: [http://10.0.0.2:8000]
        objectives:
          default: {ttft: 2 s, itl: 200 ms}
        """);

    private Planner.Question question(double perSecond, Rules rules, double mostChips) {
        Demand demand = new Demand(
                List.of(new Bucket("b", "chat", RequestClass.DEFAULT, INPUT, OUTPUT)),
                List.of(new Demand.Hour("all", 1, new double[] {perSecond})),
                Demand.ONE_HOUR,
                List.of());
        List<Candidate> candidates = fleet.pools().stream()
                .map(pool -> new Candidate(pool, Profiles.of(pool, fleet.catalogue())))
                .toList();
        List<Lot> lots = new ArrayList<>();
        for (Lot lot : PresentLots.of(fleet, 1, true)) {
            lots.add(((Lot.Chips) lot).limited(new double[] {mostChips}));
        }
        Problem problem = new Problem(
                demand,
                candidates.stream()
                        .map(candidate -> candidate.capacity(demand, fleet.objectives(), fleet.catalogue()))
                        .toList(),
                lots,
                rules);
        PlannedFleet.Service service =
                new PlannedFleet.Service(fleet.models(), fleet.objectives(), fleet.independence(), fleet.catalogue());
        return new Planner.Question(problem, candidates, service, 1, 8);
    }

    /** Pools wanted in other hours than the busiest were missing, and so were their shares of the routing. */
    @Test
    void theWrittenFleetHasThePoolsOfEveryHourAtTheirLargest() {
        Planner.Question one = question(6, Rules.NONE, 100);
        Demand demand = new Demand(
                one.problem().demand().buckets(),
                List.of(new Demand.Hour("day", 16, new double[] {6}), new Demand.Hour("night", 8, new double[] {1})),
                Demand.ONE_HOUR,
                List.of());
        Problem problem =
                new Problem(demand, one.problem().capacities(), one.problem().lots(), Rules.NONE);
        Plan plan = new Plan(
                1,
                1,
                List.of(),
                List.of(
                        new Plan.Replicas("l4", "l4", 0, 0, 3, 1),
                        new Plan.Replicas("l4", "l4", 0, 1, 1, 1),
                        new Plan.Replicas("mi300x", "mi300x", 0, 1, 2, 1)),
                List.of(new Plan.Route("l4", 0, 0, 1, 0.25, 0.25), new Plan.Route("mi300x", 0, 0, 1, 0.75, 0.75)),
                Map.of(),
                List.of());
        PlannedRouting routing = new PlannedRouting(problem, plan, one.candidates(), one.service(), List.of());
        assertThat(routing.written(0).fleet().pools())
                .extracting(pool -> pool.name() + " " + pool.replicas().size())
                .containsExactly("l4 3", "mi300x 2");
        assertThat(routing.start(0, 1).kinds().getFirst().shares()).isEqualTo(Map.of("l4", 0.25, "mi300x", 0.75));
    }

    private static Planner planner(Planner.Trials trials, Stop stop) {
        return new Planner(
                new Search(new OjalgoSolver()), new Solver.Effort(60, 1e-6), trials, Planner.Watch.SILENT, stop);
    }

    private static Traffic traffic(double perSecond) {
        return traffic(perSecond, SECONDS);
    }

    private static Traffic traffic(double perSecond, long seconds) {
        long[] number = {0};
        return () -> {
            long at = (long) (number[0]++ * 1e9 / perSecond);
            return at < seconds * 1_000_000_000L ? Arrival.of(at, INPUT, OUTPUT) : null;
        };
    }

    private static Report simulated(Trial trial, double perSecond) {
        return simulated(trial, perSecond, SECONDS);
    }

    private static Report simulated(Trial trial, double perSecond, long seconds) {
        Simulation simulation =
                new Simulation(trial.scenario(seconds * 1_000_000_000L, 1), traffic(perSecond, seconds));
        while (simulation.run(Long.MAX_VALUE)) {
            // until all is done
        }
        return simulation.report();
    }

    private static Planner.Trials simulatedAt(double perSecond) {
        return wanted -> wanted.stream()
                .map(trial -> trial.outcome(simulated(trial, perSecond), 1))
                .toList();
    }

    private static Planner.Verified found(Planner.Answer answer) {
        assertThat(answer).isInstanceOf(Planner.Answer.Found.class);
        return ((Planner.Answer.Found) answer).best();
    }

    @Test
    void aPlanThatSurvivesEitherVendorHasEnoughOfEachAndSimulationSaysSo() {
        Rules rules = Rules.NONE.with(List.of(), List.of(Rules.Survival.any("vendor", 1)));
        // An hour, in which the few answers cut in flight are less than may be missed.
        Planner.Trials hour = wanted -> wanted.stream()
                .map(trial -> trial.outcome(simulated(trial, 6, 3600), 1))
                .toList();
        Planner.Verified best = found(planner(hour, new Stop()).plan(question(6, rules, 100)));
        assertThat(best.kept()).isTrue();
        assertThat(best.outcomes()).hasSize(3);
        for (String name : List.of("l4", "mi300x")) {
            Capacity capacity = best.problem().capacities().stream()
                    .filter(each -> each.name().equals(name))
                    .findFirst()
                    .orElseThrow();
            assertThat(best.plan().count(name, 0, 0) * capacity.perSecond()[0]).isGreaterThanOrEqualTo(6 - 1e-6);
        }
    }

    @Test
    void withoutAPromiseTheCheapestIsTakenAndWhatLossesLeaveIsOnlyTold() {
        Planner.Verified best = found(planner(simulatedAt(6), new Stop()).plan(question(6, Rules.NONE, 100)));
        assertThat(best.plan().replicas()).hasSize(1);
        Trial.Outcome loss = best.outcomes().get(1);
        assertThat(loss.trial().promised()).isFalse();
        // Of all of the run a third was well served before it; after it nobody was.
        assertThat(loss.attained().get(RequestClass.DEFAULT)).isZero();
        assertThat(best.kept()).isTrue();
    }

    @Test
    void answersThatALossCutsAreMissedAndNoHeadRoomIsTakenForThem() {
        // Requests come until a second after the loss only, so that those in flight then are many of those judged.
        Planner.Trials brief = wanted -> wanted.stream()
                .map(trial -> {
                    Traffic all = traffic(6);
                    long until = Math.round(SECONDS * 1e9 * Trial.LOST_AFTER) + 1_000_000_000L;
                    Traffic part = () -> {
                        Arrival next = all.next();
                        return next == null || next.arrivalNanos() > until ? null : next;
                    };
                    Simulation simulation = new Simulation(trial.scenario(SECONDS * 1_000_000_000L, 1), part);
                    while (simulation.run(Long.MAX_VALUE)) {
                        // until all is done
                    }
                    return trial.outcome(simulation.report(), 1);
                })
                .toList();
        Rules rules = Rules.NONE.with(List.of(), List.of(Rules.Survival.any("vendor", 1)));
        Planner.Verified best = found(planner(brief, new Stop()).plan(question(6, rules, 100)));
        assertThat(best.kept()).isFalse();
        assertThat(best.rounds()).isEqualTo(1);
        assertThat(best.outcomes())
                .filteredOn(each -> !each.kept())
                .isNotEmpty()
                .allSatisfy(each -> {
                    assertThat(each.cut()).isPositive();
                    assertThat(each.guilty()).isEmpty();
                    assertThat(each.report().attainment())
                            .isGreaterThan(each.attained().get(RequestClass.DEFAULT));
                });
    }

    @Test
    void whatALossCutsItCutsOnceInTheHourThatARunIsASampleOf() {
        Rules rules = Rules.NONE.with(List.of(), List.of(Rules.Survival.any("vendor", 1)));
        Map<Double, Double> attained = new HashMap<>();
        for (double sampled : List.of(1.0, 6.0)) {
            Planner.Trials trials = wanted -> wanted.stream()
                    .map(trial -> trial.outcome(simulated(trial, 6), 1, sampled))
                    .toList();
            Trial.Outcome loss = found(planner(trials, new Stop()).plan(question(6, rules, 100))).outcomes().stream()
                    .filter(each -> each.cut() > 0)
                    .findFirst()
                    .orElseThrow();
            Report.OfOutage.After after = Objects.requireNonNull(
                    loss.report().outages().getFirst().after().get(RequestClass.DEFAULT));
            double others = after.ended() - after.excused() - after.cut();
            assertThat(loss.attained().get(RequestClass.DEFAULT))
                    .isCloseTo(after.met() * sampled / (others * sampled + after.cut()), within(1e-12));
            attained.put(sampled, loss.attained().get(RequestClass.DEFAULT));
        }
        assertThat(attained.get(6.0)).isGreaterThan(attained.get(1.0));
    }

    @Test
    void missesTakeRoomOffTheGuiltyUntilThePlanIsAnother() {
        List<Long> counts = new ArrayList<>();
        Planner.Trials strict = wanted -> wanted.stream()
                .map(trial -> {
                    long replicas = trial.fleet().fleet().pools().stream()
                            .mapToLong(pool -> pool.replicas().size())
                            .sum();
                    counts.add(replicas);
                    return replicas >= counts.getFirst() + 2
                            ? trial.outcome(simulated(trial, 6), 1)
                            : trial.outcome(simulated(trial, 200), 1);
                })
                .toList();
        Planner.Verified best = found(planner(strict, new Stop()).plan(question(60, Rules.NONE, 100)));
        assertThat(best.rounds()).isGreaterThan(1);
        assertThat(best.room().values()).anyMatch(room -> room < 1);
        assertThat(counts.getLast()).isGreaterThanOrEqualTo(counts.getFirst() + 2);
        assertThat(best.kept()).isTrue();
    }

    @Test
    void whatIsNeverKeptIsSaidAfterItsRounds() {
        Planner.Verified best =
                found(planner(simulatedAt(2000), new Stop()).plan(question(6, Rules.NONE, Lot.NO_LIMIT)));
        assertThat(best.rounds()).isEqualTo(8);
        assertThat(best.kept()).isFalse();
    }

    @Test
    void tooFewChipsAreNamedWithHowManyMoreItTakes() {
        Planner.Answer answer = planner(simulatedAt(6), new Stop()).plan(question(5000, Rules.NONE, 20));
        assertThat(answer).isInstanceOf(Planner.Answer.Infeasible.class);
        assertThat(((Planner.Answer.Infeasible) answer).ways())
                .anySatisfy(way -> assertThat(way.words()).contains("more chips than the 20 offered"));
    }

    @Test
    void whatElseCouldGiveWayIsSaidToo() {
        Rules rules = Rules.NONE.with(List.of(), List.of(Rules.Survival.any("vendor", 1)));
        // By SCIP: what is missed counts a thousandth beside a switch, which ojAlgo takes for nothing now and then.
        Planner planner = new Planner(
                Search.best(), new Solver.Effort(60, 1e-6), simulatedAt(6), Planner.Watch.SILENT, new Stop());
        Planner.Answer answer = planner.plan(question(20, rules, 3));
        assertThat(answer).isInstanceOf(Planner.Answer.Infeasible.class);
        Planner.Answer.Infeasible infeasible = (Planner.Answer.Infeasible) answer;
        List<String> words = new ArrayList<>();
        infeasible.ways().forEach(way -> words.add(way.words()));
        infeasible.others().forEach(way -> words.add(way.words()));
        assertThat(words)
                .hasSize(2)
                .anySatisfy(each -> assertThat(each).matches("Losing vendor amd: at most [1-9][0-9] % of what .*"))
                .anySatisfy(each -> assertThat(each).matches("l4: needs [0-9]+ more chips than the 3 offered\\."));
    }

    @Test
    void whoStopsItGetsTheBestSoFar() {
        Stop stop = new Stop();
        Planner.Trials interrupted = wanted -> {
            stop.stop();
            return simulatedAt(2000).run(wanted);
        };
        Planner.Verified best = found(planner(interrupted, stop).plan(question(6, Rules.NONE, 100)));
        assertThat(best.rounds()).isEqualTo(1);
        assertThat(best.stopped()).isTrue();
        assertThat(best.plan().replicas()).isNotEmpty();
    }
}
