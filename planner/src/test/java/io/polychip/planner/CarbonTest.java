package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.RequestClass;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Cheap chips where power comes from coal, and chips at twice their price where it comes from water. */
class CarbonTest {
    private static final double YEAR = 365.25 * 24;
    private static final double COAL = 800;
    private static final double WATER = 20;
    private static final double IDLE = 400;
    private static final double FULL = 1000;
    private static final double RATE = 10;

    private static Lot lot(String vendor, String region, double usd) {
        return Lot.Chips.of(
                vendor + "-od",
                vendor + "/chip",
                Lot.Kind.ON_DEMAND,
                Map.of("vendor", vendor, "region", region),
                usd,
                99,
                8);
    }

    private static Capacity capacity(String vendor) {
        return new Capacity(
                vendor + "-pool", vendor + "/chip", 1, new double[] {1}, Map.of("vendor", vendor), IDLE, FULL, FULL);
    }

    /** @param periods of a quarter each, the rate of the fifth and later twice that of the first */
    private static Problem problem(int periods, double tonnes, Lot... lots) {
        List<Demand.Period> quarters = new ArrayList<>();
        for (int i = 0; i < periods; i++) {
            quarters.add(new Demand.Period("q" + i, LocalDate.EPOCH, LocalDate.EPOCH, YEAR / 4, i < 4 ? 1 : 2, 1));
        }
        return new Problem(
                new Demand(
                        List.of(new Bucket("chat", "m", RequestClass.DEFAULT, 900, 100)),
                        List.of(new Demand.Hour("hour", 1, new double[] {RATE})),
                        quarters,
                        List.of()),
                List.of(capacity("amd"), capacity("nvidia")),
                List.of(lots),
                Rules.NONE.with(List.of(), 0, tonnes, Map.of("coal", COAL, "water", WATER)));
    }

    private static Problem both(int periods, double tonnes) {
        return problem(periods, tonnes, lot("amd", "coal", 2), lot("nvidia", "water", 4));
    }

    private static double tonnes(Plan plan, int period) {
        double tonnes = 0;
        for (Plan.Replicas each : plan.replicas()) {
            double grams = each.lot().startsWith("amd") ? COAL : WATER;
            tonnes += each.period() == period ? each.count() * IDLE / 1e3 * YEAR / 4 * grams / 1e6 : 0;
        }
        for (Plan.Route route : plan.routes()) {
            double grams = route.capacity().startsWith("amd") ? COAL : WATER;
            tonnes += route.period() == period ? route.perSecond() * (FULL - IDLE) / 1e3 * YEAR / 4 * grams / 1e6 : 0;
        }
        return tonnes;
    }

    private static double year(Plan plan, int first) {
        return tonnes(plan, first) + tonnes(plan, first + 1) + tonnes(plan, first + 2) + tonnes(plan, first + 3);
    }

    @Test
    void aCapOnCarbonSendsToCleanerRegionsWhatItMustAndNoMore() {
        double free = RATE * FULL / 1e3 * YEAR * COAL / 1e6;
        Plan plain = Chats.plan(both(4, Double.POSITIVE_INFINITY));
        assertThat(year(plain, 0)).isCloseTo(free, within(1e-6));
        Plan held = Chats.plan(both(4, free / 2));
        assertThat(year(held, 0)).isBetween(free * 0.45, free / 2 + 1e-6);
        assertThat(held.usd()).isBetween(plain.usd() * 1.3, plain.usd() * 1.7);
    }

    /** The same chip where power comes from coal, and dearer where it comes from water. */
    private static Plan oneChip(double tonnes, double most) {
        return Chats.plan(problem(4, tonnes, amd("coal", 2, most), amd("water", 3, most)));
    }

    private static Lot amd(String region, double usd, double most) {
        return Lot.Chips.of(
                "amd-" + region,
                "amd/chip",
                Lot.Kind.ON_DEMAND,
                Map.of("vendor", "amd", "region", region),
                usd,
                most,
                4);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Lot.NO_LIMIT, 99})
    void aCapThatACleanRegionsOfferKeepsIsNotCalledImpossibleWhereTheSameChipIsCheaperInADirtyOne(double most) {
        double free = RATE * FULL / 1e3 * YEAR * COAL / 1e6;
        assertThat(oneChip(Double.POSITIVE_INFINITY, most).usd()).isCloseTo(10 * 2 * YEAR, within(1e-3));
        // Of four quarters' forty chips seven where coal is: 7 x 800 + 33 x 20 of 40 x 160 g.
        assertThat(oneChip(free / 5, most).usd()).isCloseTo((7 * 2 + 33 * 3) * YEAR / 4, within(1e-3));
    }

    @Test
    void whereCarbonHasAPriceALoadInACleanRegionPaysNoneOfADirtyOneWithTheSameChip() {
        Problem problem = problem(4, Double.POSITIVE_INFINITY, amd("coal", 2, 99), amd("water", 2.5, 99));
        Rules rules = Rules.NONE.with(
                List.of(), 1_000, Double.POSITIVE_INFINITY, problem.rules().gramsCo2PerKwh());
        Plan plan =
                Chats.plan(new Problem(problem.demand(), problem.capacities(), problem.lots(), rules, problem.deals()));
        assertThat(plan.usd()).isCloseTo(RATE * (2.5 + WATER / 1e3) * YEAR, within(1e-3));
    }

    @Test
    void eachYearIsHeldToTheCapByItselfAndQuartersMayDiffer() {
        double free = RATE * FULL / 1e3 * YEAR * COAL / 1e6;
        Plan plan = Chats.plan(both(8, free));
        assertThat(year(plan, 0)).isCloseTo(free, within(1e-6));
        assertThat(year(plan, 4)).isBetween(free * 0.9, free + 1e-6);
        Plan half = Chats.plan(both(6, free));
        assertThat(tonnes(half, 4) + tonnes(half, 5))
                .as("of half a year half the cap")
                .isBetween(free * 0.4, free / 2 + 1e-6);
    }

    @Test
    void aCapThatCannotBeKeptSaysHowManyTonnesItIsShortOf() {
        Programme programme = new Programme(problem(4, 50, lot("amd", "coal", 2)));
        List<Conflict.Way> ways = Conflict.of(programme, Chats.SEARCH, new Solver.Effort(30, 1e-6));
        assertThat(ways)
                .extracting(Conflict.Way::words)
                .containsExactly("The cap on carbon: needs 20.13 t of CO2 a year more than 50.");
    }

    @Test
    void oneMoreTonneIsWorthWhatItLetsBeCheaper() {
        Problem problem = both(4, 30);
        Plan plan = Chats.plan(problem);
        Sensitivity sensitivity =
                Sensitivity.of(problem, plan, Chats.SEARCH, new Solver.Effort(20, 1e-6), new Stop(), _ -> {});
        double perTonne = (4 - 2) * YEAR / (FULL / 1e3 * YEAR * (COAL - WATER) / 1e6);
        assertThat(sensitivity.scarce())
                .filteredOn(more -> more.kind() == Promise.Kind.CARBON)
                .singleElement()
                .satisfies(more -> {
                    assertThat(more.step()).isEqualTo(1);
                    assertThat(more.fractionsUsd()).isCloseTo(perTonne, within(perTonne * 0.01));
                });
    }
}
