package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.RequestClass;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class ProgrammeTest {
    private static final Bucket CHAT = new Bucket("chat", "m", RequestClass.DEFAULT, 900, 100);
    private static final Bucket NIGHT = new Bucket("night", "m", RequestClass.BATCH, 900, 100);
    private static final Search SEARCH = Search.best();

    private static Capacity capacity(String vendor, double perSecond) {
        return new Capacity(vendor + "-pool", vendor + "/chip", 1, new double[] {perSecond}, Map.of("vendor", vendor));
    }

    private static Lot.Chips onDemand(String vendor, double usd, double most) {
        return Lot.Chips.of(
                vendor + "-od", vendor + "/chip", Lot.Kind.ON_DEMAND, Map.of("vendor", vendor), usd, most, 1);
    }

    private static Lot.Chips committed(String vendor, double usd, double most) {
        return Lot.Chips.of(
                vendor + "-3y", vendor + "/chip", Lot.Kind.COMMITTED, Map.of("vendor", vendor), usd, most, 1);
    }

    private static Demand demand(Bucket bucket, double... perSecond) {
        List<Demand.Hour> hours = java.util.stream.IntStream.range(0, perSecond.length)
                .mapToObj(hour -> new Demand.Hour("h" + hour, 1, new double[] {perSecond[hour]}))
                .toList();
        Demand.Period day = new Demand.Period("day", LocalDate.EPOCH, LocalDate.EPOCH, perSecond.length, 1, 1);
        return new Demand(List.of(bucket), hours, List.of(day), List.of());
    }

    private static Solution solve(Programme programme) {
        return SEARCH.run(programme.milp(), new Solver.Effort(30, 1e-9));
    }

    private static Plan plan(Problem problem) {
        Programme programme = new Programme(problem);
        return Plan.of(programme, solve(programme));
    }

    @Test
    void theCheaperChipServesAlone() {
        Problem problem = new Problem(
                demand(CHAT, 10),
                List.of(capacity("nvidia", 4), capacity("amd", 3)),
                List.of(onDemand("nvidia", 4, 99), onDemand("amd", 2, 99)),
                Rules.NONE);
        Plan plan = plan(problem);
        assertThat(plan.usd()).isCloseTo(8, within(1e-6));
        assertThat(plan.count("amd-pool", 0, 0)).isEqualTo(4);
        assertThat(plan.tokenShares(problem, "vendor")).containsOnlyKeys("amd");
    }

    @Test
    void losingEitherVendorLeavesAllServed() {
        Problem problem = new Problem(
                demand(CHAT, 10),
                List.of(capacity("nvidia", 4), capacity("amd", 3)),
                List.of(onDemand("nvidia", 4, 99), onDemand("amd", 2, 99)),
                Rules.NONE.with(List.of(), List.of(Rules.Survival.any("vendor", 1))));
        Plan plan = plan(problem);
        assertThat(plan.count("nvidia-pool", 0, 0)).isEqualTo(3);
        assertThat(plan.count("amd-pool", 0, 0)).isEqualTo(4);
    }

    @Test
    void halfIsEnoughWherePhiIsHalf() {
        Problem problem = new Problem(
                demand(CHAT, 10),
                List.of(capacity("nvidia", 4), capacity("amd", 3)),
                List.of(onDemand("nvidia", 4, 99), onDemand("amd", 2, 99)),
                Rules.NONE.with(
                        List.of(), List.of(new Rules.Survival("vendor", Set.of(), Map.of(RequestClass.DEFAULT, 0.5)))));
        Plan plan = plan(problem);
        assertThat(plan.usd()).isCloseTo(12, within(1e-6));
        assertThat(plan.count("nvidia-pool", 0, 0)).isEqualTo(2);
    }

    @Test
    void aCapMakesRoomForTheOther() {
        Problem problem = new Problem(
                demand(CHAT, 10),
                List.of(capacity("nvidia", 4), capacity("amd", 3)),
                List.of(onDemand("nvidia", 4, 99), onDemand("amd", 2, 99)),
                Rules.NONE.with(List.of(new Rules.Share("vendor", "*", Rules.Basis.TOKENS, 0, 0.7, false)), List.of()));
        Plan plan = plan(problem);
        assertThat(plan.tokenShares(problem, "vendor").get("amd")).isCloseTo(0.6, within(1e-6));
        assertThat(plan.usd()).isCloseTo(8, within(1e-6));
    }

    @Test
    void commitmentsCarryWhatEachHourNeedsAndTheRestIsRented() {
        Problem problem = new Problem(
                demand(CHAT, 10, 2, 2, 2),
                List.of(capacity("amd", 2)),
                List.of(onDemand("amd", 3, 99), committed("amd", 2, 99)),
                Rules.NONE);
        Plan plan = plan(problem);
        assertThat(plan.commitments()).containsExactly(new Plan.Commitment("amd-3y", 0, 1));
        assertThat(plan.usd()).isCloseTo(4 * 2 + 4 * 3, within(1e-6));
    }

    @Test
    void batchWaitsForTheHourThatIsCheap() {
        Demand both = new Demand(
                List.of(CHAT, NIGHT),
                List.of(new Demand.Hour("day", 1, new double[] {10, 4}), new Demand.Hour("night", 1, new double[] {2, 4
                })),
                List.of(new Demand.Period("day", LocalDate.EPOCH, LocalDate.EPOCH, 2, 1, 1)),
                List.of());
        Capacity capacity = new Capacity("amd-pool", "amd/chip", 1, new double[] {2, 2}, Map.of("vendor", "amd"));
        Plan plan = plan(new Problem(both, List.of(capacity), List.of(committed("amd", 1, 99)), Rules.NONE));
        assertThat(plan.commitments()).containsExactly(new Plan.Commitment("amd-3y", 0, 5));
    }

    @Test
    void trainingFillsWhatAnswersLeaveIdle() {
        Demand busy = demand(CHAT, 10, 2);
        Demand training = new Demand(
                busy.buckets(),
                busy.hours(),
                busy.periods(),
                List.of(new Demand.Training("tune", Map.of("amd/chip", 4.0), 0)));
        Problem problem =
                new Problem(training, List.of(capacity("amd", 2)), List.of(committed("amd", 1, 99)), Rules.NONE);
        Plan plan = plan(problem);
        assertThat(plan.commitments()).containsExactly(new Plan.Commitment("amd-3y", 0, 5));
        assertThat(plan.trainings()).hasSize(1);
        assertThat(plan.trainings().getFirst().hour()).isEqualTo(1);
    }

    @Test
    void hostedTokensServeWhatIsTooLittleForAChip() {
        Capacity hosted = new Capacity("groq", "groq/lpu", 0, new double[] {Double.POSITIVE_INFINITY}, Map.of());
        Lot.Hosted api = new Lot.Hosted("groq", "groq/lpu", Map.of("vendor", "groq"), 1, 1, 5, 1e9, 0, 0);
        Problem problem = new Problem(
                demand(CHAT, 10),
                List.of(capacity("amd", 8), hosted),
                List.of(onDemand("amd", 20, 99), api),
                Rules.NONE);
        Plan plan = plan(problem);
        // 2 requests/s of 1000 tokens at 1 USD per million are 7.20 USD an hour, a second replica 20.
        assertThat(plan.usd()).isCloseTo(27.2, within(1e-5));
    }

    @Test
    void equalHoursAreOne() {
        assertThat(demand(CHAT, 5, 7, 5, 5).merged().hours())
                .extracting(Demand.Hour::weight)
                .containsExactly(3.0, 1.0);
    }

    @Test
    void growthAndDiscountCount() {
        List<Demand.Period> years = List.of(
                new Demand.Period("year 1", LocalDate.EPOCH, LocalDate.EPOCH, 100, 1, 1),
                new Demand.Period("year 2", LocalDate.EPOCH, LocalDate.EPOCH, 100, 2, 0.5));
        Demand demand =
                new Demand(List.of(CHAT), List.of(new Demand.Hour("all", 1, new double[] {10})), years, List.of());
        Lot.Chips lot = Lot.Chips.of("amd-od", "amd/chip", Lot.Kind.ON_DEMAND, Map.of("vendor", "amd"), 1, 99, 2);
        Plan plan = plan(new Problem(demand, List.of(capacity("amd", 2)), List.of(lot), Rules.NONE));
        assertThat(plan.usd()).isCloseTo(5 * 100 + 10 * 100 * 0.5, within(1e-6));
    }

    @Test
    void aBudgetThatIsTooSmallIsNamedWithTheLeastThatIsMissing() {
        // Dollars of thousands: the miss of one cost less than SCIP looks at, and any plan however dear would do.
        Rules rules =
                new Rules(List.of(), List.of(), List.of(), List.of(), 12_000, 0, Double.POSITIVE_INFINITY, Map.of(), 1);
        Problem problem = new Problem(
                demand(CHAT, 10),
                List.of(capacity("nvidia", 4), capacity("amd", 3)),
                List.of(onDemand("nvidia", 5_000, 99), onDemand("amd", 4_000, 99)),
                rules);
        Programme programme = new Programme(problem);
        List<Conflict.Way> ways = Conflict.of(programme, SEARCH, new Solver.Effort(30, 0.005));
        assertThat(ways).singleElement().satisfies(way -> {
            assertThat(way.kind()).isEqualTo(Promise.Kind.BUDGET);
            assertThat(way.by()).as("3 x 5,000, or 1 x 5,000 and 2 x 4,000").isCloseTo(1_000, within(1e-3));
            assertThat(way.least()).isTrue();
            assertThat(way.words()).startsWith("The budget: $1,000 more is needed than the $12,000 it allows");
        });
    }

    @Test
    void theLeastThatABudgetMissesIsWhatTheCheapestPlanCostsMoreAndNotAHundredthBesideIt() {
        Random random = new Random(7);
        for (int i = 0; i < 25; i++) {
            List<Capacity> capacities = List.of(
                    capacity("nvidia", 2 + 3 * random.nextDouble()),
                    capacity("amd", 1 + 3 * random.nextDouble()),
                    capacity("google", 1 + random.nextDouble()));
            List<Lot> lots = List.of(
                    onDemand("nvidia", 400 + random.nextInt(100), 9),
                    onDemand("amd", 300 + random.nextInt(100), 9),
                    onDemand("google", 150 + random.nextInt(100), 9));
            Demand demand = demand(CHAT, 20 + random.nextInt(10));
            double cheapest =
                    plan(new Problem(demand, capacities, lots, Rules.NONE)).usd();
            double budget = cheapest * (0.5 + 0.49 * random.nextDouble());
            Programme programme = new Programme(new Problem(demand, capacities, lots, Rules.NONE.withBudget(budget)));
            assertThat(Conflict.of(programme, SEARCH, new Solver.Effort(30, 0.005)))
                    .as("problem " + i)
                    .singleElement()
                    .satisfies(way -> {
                        assertThat(way.by()).isCloseTo(cheapest - budget, within(cheapest * 1e-6));
                        assertThat(way.least()).isTrue();
                    });
        }
    }

    @Test
    void aBudgetMissedByWholeDollarsIsNotSaidToNeedOneMoreForASolversTolerance() {
        Conflict.Way way = new Conflict.Way(Promise.Kind.BUDGET, "budget", 5_320.000_000_1, 10_000, "USD", 0.468, true);
        assertThat(way.words()).startsWith("The budget: $5,320 more is needed");
    }

    @Test
    void whatIsTooLittleIsNamedWithHowMuch() {
        Problem problem = new Problem(
                demand(CHAT, 10),
                List.of(capacity("nvidia", 4), capacity("amd", 3)),
                List.of(onDemand("nvidia", 4, 99), onDemand("amd", 2, 3)),
                Rules.NONE.with(List.of(), List.of(Rules.Survival.any("vendor", 1))));
        Programme programme = new Programme(problem);
        assertThat(solve(programme).status()).isEqualTo(Solution.Status.INFEASIBLE);
        List<Conflict.Way> ways = Conflict.of(programme, SEARCH, new Solver.Effort(30, 1e-9));
        assertThat(ways).hasSize(1);
        assertThat(ways.getFirst().subject()).isEqualTo("vendor nvidia");
        assertThat(ways.getFirst().kept()).isCloseTo(0.9, within(1e-6));
    }
}
