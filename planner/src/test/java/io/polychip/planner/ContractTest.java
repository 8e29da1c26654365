package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Deals;
import io.polychip.fleet.DealsReader;
import io.polychip.fleet.RequestClass;
import io.polychip.fleet.Supply;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/**
 * Two years, ten requests a second, one request a second for each chip: ten H100 at 4 dollars cost 700,800; Trainium2
 * can be had with the deal only.
 */
class ContractTest {
    private static final double HOURS = 8760;
    private static final double BASE = 10 * 4 * 2 * HOURS;
    private static final Offset<Double> NEAR = within(5.0);

    private final DealValue value = new DealValue(Search.named("ojalgo"), new Solver.Effort(30, 1e-9));

    @Test
    void anOfferComesWithItsDealOnly() {
        Problem problem = problem(2, "capacity: {tranches: [{chips: 4, from: 2027-01}]}");

        assertThat(value.standing(DealValue.without(problem, "deal")).usd()).isCloseTo(BASE, NEAR);
        assertThat(value.standing(problem).usd()).isCloseTo(BASE - 4 * 2 * 2 * HOURS, NEAR);
        assertThat(value.standing(problem).tokenShares().get("aws")).isCloseTo(0.4, within(1e-6));
    }

    @Test
    void aPlanThatTakesADealStillServesTheSameDemand() {
        Problem problem = problem(2, """
            capacity: {tranches: [{chips: 4, from: 2027-01}]}
                investment: {usd: 10e3, at: 2027-01, if: {of: aws, share: 30 %}}\
            """);
        Plan taken = Objects.requireNonNull(value.standing(problem).plan());
        assertThat(value.standing(problem).taken()).containsKey("deal");

        Replan again =
                Replan.of(problem, taken, taken.commitments(), Search.named("ojalgo"), new Solver.Effort(30, 1e-9));

        assertThat(again.keptUsd()).as("its counts were called too few").isCloseTo(taken.usd(), NEAR);
        assertThat(again.drifts()).isFalse();
    }

    @Test
    void aDealThatCostsTheSameTakenOrLeftIsLeftWhateverTheSolverSays() {
        Problem dear = problem(5, "capacity: {tranches: [{chips: 4, from: 2027-01}]}");
        Programme programme = new Programme(dear);
        double[] values = Search.named("ojalgo")
                .run(programme.milp(), new Solver.Effort(30, 1e-9))
                .values()
                .clone();
        Contract contract = programme.contracts.getFirst();
        values[contract.taken] = 1;

        assertThat(programme.milp().violation(values)).isLessThan(1e-9);
        assertThat(contract.isTaken(values)).isFalse();
        assertThat(value.standing(DealValue.taking(dear, "deal")).taken())
                .as("signed")
                .containsKey("deal");
    }

    @Test
    void aTrancheIsThereFromItsDay() {
        Problem problem = problem(2, "capacity: {tranches: [{chips: 4, from: 2027-01}, {chips: 6, from: 2028-01}]}");

        assertThat(value.worth(problem, "deal").usd()).isCloseTo(4 * 2 * HOURS + 10 * 2 * HOURS, NEAR);
    }

    @Test
    void whatIsNotTakenIsPaidAllTheSame() {
        String take = "minimum-take: {usd: 400e3, each: year, from: 2027-01, until: 2028-12%s}";

        DealValue.Worth all = value.worth(problem(2, take.formatted("")), "deal");
        assertThat(all.usd()).isCloseTo(BASE - 800_000, NEAR);
        assertThat(Objects.requireNonNull(all.with().taken().get("deal")).get("minimum-take"))
                .isCloseTo(2 * (400_000 - 10 * 2 * HOURS), NEAR);
        assertThat(value.standing(problem(2, take.formatted(""))).taken())
                .as("better left")
                .isEmpty();
        assertThat(value.worth(problem(2, take.formatted(", paid: 50 %")), "deal")
                        .usd())
                .isCloseTo(BASE - 2 * (175_200 + 112_400), NEAR);
    }

    @Test
    void aMinimumInChipsIsPaidAtTheOffersPrice() {
        Problem problem = problem(3, "minimum-take: {chips: 15, each: year, from: 2027-01, until: 2028-12}");

        assertThat(value.worth(problem, "deal").usd()).isCloseTo(BASE - 15 * 3 * 2 * HOURS, NEAR);
    }

    @Test
    void excessTiersDiscountWhatExceedsThem() {
        Problem problem = problem(
                2,
                "tiers: {on: excess, each: year, steps: [{above-usd: 100e3, discount: 10 %}, {above-usd: 150e3,"
                        + " discount: 20 %}]}");

        assertThat(value.worth(problem, "deal").usd()).isCloseTo(BASE / 2 + 2 * (5_000 + 25_200 * 0.2), NEAR);
    }

    @Test
    void wholeVolumeTiersDiscountAll() {
        Problem problem = problem(
                2,
                "tiers: {on: whole-volume, each: year, steps: [{above-usd: 100e3, discount: 10 %}, {above-usd: 900e3,"
                        + " discount: 20 %}]}");

        assertThat(value.worth(problem, "deal").usd()).isCloseTo(BASE / 2 + 2 * 17_520, NEAR);
    }

    @Test
    void aCreditPaysItsShareOfBillsUntilItExpires() {
        String credit = "credit: {usd: 100e3, from: 2027-01, expires: %s, of-bill: 50 %%}";

        assertThat(value.worth(problem(2, credit.formatted("2028-12")), "deal").usd())
                .isCloseTo(BASE / 2 + 100_000, NEAR);
        assertThat(value.worth(problem(2, credit.formatted("2027-12")), "deal").usd())
                .isCloseTo(BASE / 2 + 87_600, NEAR);
    }

    @Test
    void anInvestmentOnAShareIsWorthWhatTheShareLeavesOfIt() {
        Problem problem =
                problem(5, "investment: {usd: 200e3, at: 2027-01, if: {of: aws, share: 60 %, from: 2027-01}}");

        DealValue.Worth worth = value.worth(problem, "deal");
        assertThat(worth.usd()).isCloseTo(200_000 - 6 * 2 * HOURS, NEAR);
        assertThat(worth.shift("aws")).isCloseTo(0.6, within(1e-6));
        assertThat(worth.with().concentration()).isCloseTo(0.52, within(1e-6));

        Knob sum = Knob.terms(problem.deals(), "deal", 2).getFirst();
        DealValue.Turn turn = value.turn(
                problem(5, "investment: {usd: 200e3, at: 2027-01, if: {of: aws, share: 60 %, from: 2027-01}}"),
                "deal",
                sum);
        assertThat(sum.name()).isEqualTo("investment sum");
        assertThat(turn.turns()).as("it is left unmet, not lost on").isFalse();
        assertThat(value.worth(problem(5, "investment: {usd: 100e3, at: 2027-01, if: {of: aws, share: 60 %}}"), "deal")
                        .usd())
                .isCloseTo(0, NEAR);
    }

    @Test
    void breakEvenOfAnInvestmentIsWhatTheMinimumCosts() {
        Problem problem = problem(
                5,
                "minimum-take: {chips: 6, each: year, from: 2027-01, until: 2028-12}",
                "investment: {usd: 200e3, at: 2027-01}");

        Knob sum = Knob.terms(problem.deals(), "deal", 2).get(1);
        DealValue.Turn turn = value.turn(problem, "deal", sum);

        assertThat(turn.at()).isCloseTo(6 * 2 * HOURS, within(400e3 / 1024));
        assertThat(turn.unit()).isEqualTo("USD");
    }

    @Test
    void warrantsVestOnceWhenSoMuchIsInUse() {
        Problem problem = problem(
                5,
                "warrants: {shares: 1000, share-usd: 200, steps: [{chips: 3, vested: 20 %}, {chips: 8, vested: 100"
                        + " %}], expires: 2028-12}");

        assertThat(value.worth(problem, "deal").usd()).isCloseTo(200_000 - 8 * HOURS, NEAR);
    }

    @Test
    void anOptionIsCalledWhereItPays() {
        Problem problem = problem(
                2,
                "capacity: {tranches: [{chips: 4, from: 2027-01}]}",
                "option: {chips: 6, premium-usd: 10e3, exercise-until: 2027-12, from: 2028-01, until: 2028-12}");

        assertThat(value.worth(problem, "deal").usd()).isCloseTo(4 * 2 * 2 * HOURS + 6 * 2 * HOURS - 10_000, NEAR);
    }

    @Test
    void aLoanToTheSupplierBringsItsInterest() {
        Problem problem = problem(9, "loan: {usd: 1e6, rate: 6 %, from: 2027-01-01, until: 2029-01-01, to: supplier}");

        assertThat(value.worth(problem, "deal").usd()).isCloseTo(1e6 * 0.06 * 731 / 365.25, NEAR);
    }

    @Test
    void aLeaseIsPaidByTheYear() {
        Problem problem = problem(0, "lease: {chips: 10, usd-per-year: 100e3, from: 2027-01, until: 2028-12}");

        assertThat(value.worth(problem, "deal").usd()).isCloseTo(BASE - 2e5 * 365.5 / 365.25, within(50.0));
    }

    @Test
    void aPrepaymentBuysMoreThanItCosts() {
        Problem problem = problem(2, "prepayment: {usd: 100e3, at: 2027-01, discount: 20 %}");

        assertThat(value.worth(problem, "deal").usd()).isCloseTo(BASE / 2 + 25_000, NEAR);
    }

    @Test
    void exclusiveTrafficRunsNowhereElse() {
        Problem problem = problem(5, "exclusivity: {traffic: default, from: 2028-01}");

        DealValue.Worth worth = value.worth(problem, "deal");

        assertThat(worth.usd()).isCloseTo(-10 * HOURS, NEAR);
        assertThat(worth.shift("aws")).isCloseTo(0.5, within(1e-6));
    }

    @Test
    void aGenerationEndsWhereTheNextBegins() {
        Problem problem = problem(2, "generations: [{from: 2028-01, offer: trn2}]");

        assertThat(value.worth(problem, "deal").usd()).isCloseTo(10 * 2 * HOURS, NEAR);
    }

    @Test
    void unusedCommitmentsGoBackAtTheBackstopsPrice() {
        Problem free = problem(2, "backstop: {usd-per-chip-hour: 1, from: 2027-01}");
        List<Lot> lots = new ArrayList<>(free.lots());
        lots.set(
                1,
                new Lot.Chips(
                        "trn2",
                        "aws/trainium2",
                        Lot.Kind.COMMITTED,
                        Map.of("vendor", "aws"),
                        2,
                        0,
                        new double[] {16, 16},
                        1,
                        1,
                        0,
                        0,
                        1,
                        2,
                        16,
                        0));
        Problem owned = free.withLots(lots);

        DealValue.Standing standing = value.standing(DealValue.taking(owned, "deal"));

        assertThat(standing.usd()).isCloseTo(16 * 2 * 2 * HOURS - 6 * 2 * HOURS, NEAR);
    }

    @Test
    void moneyOfLaterYearsIsWorthLess() {
        Problem problem = problem(9, "investment: {usd: 110e3, at: 2028-01}");
        Deals later = new Deals(
                LocalDate.of(2027, 1, 1),
                0.1,
                Map.of(),
                problem.deals().offers(),
                problem.deals().deals());

        assertThat(value.worth(problem.with(later), "deal").usd()).isCloseTo(100_000, within(100.0));
    }

    @Test
    void twoDealsThatFillTheSameNeedAreWorthLessThanTheirSum() {
        Deals both = read(HEAD
                + offer(2, "trn2", "aws/trainium2", "deal")
                + offer(2.5, "trn3", "aws/trainium3", "other")
                + "deals:\n"
                + deal("deal", "trn2", "capacity: {tranches: [{chips: 10, from: 2027-01}]}")
                + deal("other", "trn3", "capacity: {tranches: [{chips: 10, from: 2027-01}]}"));

        assertThat(value.pairs(problem(both))).singleElement().satisfies(pair -> {
            assertThat(pair.usd()).isCloseTo(BASE / 2, NEAR);
            assertThat(pair.beyondSumUsd()).isCloseTo(-10 * 1.5 * 2 * HOURS, NEAR);
        });
    }

    @Test
    void aPriceAtWhichADealTurnsIsFound() {
        Problem problem = problem(2, "minimum-take: {chips: 10, each: year, from: 2027-01, until: 2028-12}");

        DealValue.Turn turn = value.turn(problem, "deal", Knob.price("nvidia", 0.1, 1));

        assertThat(turn.at()).isCloseTo(0.5, within(0.002));
        assertThat(turn.lowUsd()).isNegative();
        assertThat(value.turn(problem, "deal", Knob.speed("aws/trainium2", 0.1, 1))
                        .at())
                .as("five chips' work from ten")
                .isCloseTo(0.5, within(0.06));
        assertThat(value.turn(problem, "deal", Knob.demand(0.1, 1)).at())
                .as("five chips are needed from there on")
                .isCloseTo(0.4, within(0.002));
    }

    /** Ten requests a second of each, on one chip: twenty of it, and no model alone asks for more than ten. */
    @Test
    void aDealsChipsMayServeSeveralModelsAtOnce() {
        Problem one = problem(2, "minimum-take: {chips: 1, each: year, from: 2027-01, until: 2028-12}");
        Demand demand = new Demand(
                List.of(
                        new Bucket("chat", "m", RequestClass.DEFAULT, 900, 100),
                        new Bucket("code", "n", RequestClass.DEFAULT, 900, 100)),
                List.of(new Demand.Hour("all", 1, new double[] {10, 10})),
                one.demand().periods(),
                List.of());
        List<Capacity> capacities = new ArrayList<>();
        for (Capacity each : one.capacities()) {
            for (double[] rates : List.of(new double[] {1, 0}, new double[] {0, 1})) {
                String name = each.name() + " " + capacities.size();
                capacities.add(new Capacity(name, each.chip(), 1, rates, each.labels()));
            }
        }
        Problem two = new Problem(demand, capacities, one.lots(), one.rules(), one.deals());

        assertThat(value.standing(two).usd()).isCloseTo(20 * 2 * 2 * HOURS, NEAR);
    }

    @Test
    void aPlanSaysWhereEachTermPriceDemandAndSpeedTurnADeal() {
        // 600,000 a year must be taken of what needs 175,200 and costs 350,400 elsewhere.
        Problem problem = problem(2, "minimum-take: {usd: 600e3, each: year, from: 2027-01, until: 2028-12}");
        DealTurns turns = turns(problem, new Stop()).getFirst();

        assertThat(turns.worthUsd()).isCloseTo(BASE - 1_200_000, NEAR);
        assertThat(turns.left()).isEmpty();
        assertThat(at(turns, "minimum-take minimum").below()).isCloseTo(BASE / 2, within(1e3));
        assertThat(at(turns, "price of nvidia elsewhere").above()).isCloseTo(600e3 / (BASE / 2), within(0.01));
        assertThat(at(turns, "demand").above()).isCloseTo(600e3 / (BASE / 2), within(0.01));
        assertThat(at(turns, "price of its chips").turns())
                .as("the minimum is paid at any price")
                .isFalse();
        assertThat(at(turns, "speed of aws/trainium2").turns()).isFalse();
    }

    @Test
    void whatThereWasNoTimeForIsNamedNotGuessed() {
        Problem problem = problem(2, "minimum-take: {usd: 600e3, each: year, from: 2027-01, until: 2028-12}");
        Stop stop = new Stop();
        stop.stop();

        DealTurns turns = turns(problem, stop).getFirst();
        assertThat(turns.turns()).isEmpty();
        assertThat(turns.left()).contains("minimum-take minimum", "demand", "speed of aws/trainium2");
    }

    @Test
    void aSpeedThatTurnsADealInsideItsBandIsToBeMeasured() {
        // At 3.6 dollars for what one of 4 does, a chip 15 % slower is not worth its minimum.
        Problem problem = problem(3.6, "minimum-take: {chips: 10, each: year, from: 2027-01, until: 2028-12}");
        DealStudy.Turned speed = turns(problem, new Stop()).getFirst().turns().stream()
                .filter(each -> each.turn().knob().equals("speed of aws/trainium2"))
                .findFirst()
                .orElseThrow();

        assertThat(speed.turn().below()).isCloseTo(0.9, within(0.01));
        assertThat(speed.insideBand()).isTrue();
    }

    private static List<DealTurns> turns(Problem problem, Stop stop) {
        return DealTurns.of(
                problem,
                Map.of("trn2", 0.35),
                Search.named("ojalgo"),
                new Solver.Effort(300, 1e-9),
                stop,
                heard -> assertThat(heard).startsWith("deal, "));
    }

    private static DealValue.Turn at(DealTurns turns, String knob) {
        return turns.turns().stream()
                .map(DealStudy.Turned::turn)
                .filter(turn -> turn.knob().equals(knob))
                .findFirst()
                .orElseThrow();
    }

    private static final String HEAD = """
        as-of: 2026-11-24
        offers:
          - {name: h100, chip: nvidia/h100-sxm, provider: aws, price: {usd-per-chip-hour: 4, date: 2026-10}}
        """;

    private static String offer(double usd, String name, String chip, String deal) {
        return "  - {name: %s, chip: %s, provider: aws, price: {usd-per-chip-hour: %s, date: 2026-10}, only-with: %s}%n"
                .formatted(name, chip, usd, deal);
    }

    private static String deal(String name, String offer, String... parts) {
        return "  - name: %s%n    supplier: aws%n    offers: [%s]%n    %s%n"
                .formatted(name, offer, String.join("\n    ", parts));
    }

    private static Deals read(String yaml) {
        return new DealsReader(CatalogueReader.shipped(), Map.of()).read("deals.yaml", yaml);
    }

    private static Problem problem(double trainiumUsd, String... parts) {
        return problem(read(
                HEAD + offer(trainiumUsd, "trn2", "aws/trainium2", "deal") + "deals:\n" + deal("deal", "trn2", parts)));
    }

    private static Problem problem(Deals deals) {
        Demand demand = new Demand(
                List.of(new Bucket("chat", "m", RequestClass.DEFAULT, 900, 100)),
                List.of(new Demand.Hour("all", 1, new double[] {10})),
                List.of(
                        new Demand.Period("2027", LocalDate.of(2027, 1, 1), LocalDate.of(2027, 12, 31), HOURS, 1, 1),
                        new Demand.Period("2028", LocalDate.of(2028, 1, 1), LocalDate.of(2028, 12, 31), HOURS, 1, 1)),
                List.of());
        List<Capacity> capacities = List.of(
                new Capacity("gpu", "nvidia/h100-sxm", 1, new double[] {1}, Map.of("vendor", "nvidia")),
                new Capacity("trn2", "aws/trainium2", 1, new double[] {1}, Map.of("vendor", "aws")),
                new Capacity("trn3", "aws/trainium3", 1, new double[] {1}, Map.of("vendor", "aws")));
        List<Lot> lots = new ArrayList<>();
        for (Supply offer : deals.offers()) {
            lots.add(Lot.Chips.of(
                    offer.name(),
                    offer.chip(),
                    Lot.Kind.ON_DEMAND,
                    Map.of("vendor", offer.vendor()),
                    offer.usdPerChipHour(),
                    Lot.NO_LIMIT,
                    2));
        }
        return new Problem(demand, capacities, lots, Rules.NONE, deals);
    }
}
