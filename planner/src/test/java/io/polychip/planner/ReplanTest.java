package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ReplanTest {
    private static final Solver.Effort EFFORT = new Solver.Effort(30, 1e-9);

    /** amd bound at 1.5 for the term, or at 2 by the hour, as many as are offered. */
    private static Problem problem(double perSecond) {
        return Chats.problem(
                perSecond,
                Chats.amd(20),
                Lot.Chips.of("amd-year", "amd/chip", Lot.Kind.COMMITTED, Map.of("vendor", "amd"), 1.5, 10, 1));
    }

    private static Replan replan(double perSecond) {
        Plan planned = Chats.plan(problem(30));
        assertThat(planned.commitments())
                .singleElement()
                .satisfies(each -> assertThat(each.chips()).isEqualTo(10));
        return Replan.of(problem(perSecond), planned, planned.commitments(), Chats.SEARCH, EFFORT);
    }

    @Test
    void whatIsBoundIsPaidThoughLessComes() {
        Replan replan = replan(6);

        assertThat(replan.wanted().usd()).as("10 x 1.5, not 2 x 1.5").isCloseTo(15, within(1e-6));
        assertThat(replan.keptUsd()).isCloseTo(15, within(1e-6));
        assertThat(replan.drifts()).isFalse();
    }

    @Test
    void whatIsBoundFromALaterPeriodOnStaysToo() {
        Problem growing = grown(Chats.problem(
                30, Lot.Chips.of("amd-year", "amd/chip", Lot.Kind.COMMITTED, Map.of("vendor", "amd"), 1.5, 99, 2)));
        Plan planned = Chats.plan(growing);
        assertThat(planned.commitments())
                .as("ten for both years, ten more for the second")
                .extracting(Plan.Commitment::chips)
                .containsExactly(10.0, 10.0);
        Problem less = growing.with(Replan.scaled(growing.demand(), new double[] {0.2}));

        Replan both = Replan.of(less, planned, planned.commitments(), Chats.SEARCH, EFFORT);
        Replan first = Replan.of(less, planned, planned.commitments().subList(0, 1), Chats.SEARCH, EFFORT);

        assertThat(both.wanted().usd()).isCloseTo(1.5 * (10 + 20), within(1e-6));
        assertThat(first.wanted().usd()).isCloseTo(1.5 * (10 + 10), within(1e-6));
        assertThat(first.drifts()).as("the second ten need not be signed").isTrue();
    }

    /** Twice as much in the second year. */
    private static Problem grown(Problem problem) {
        Demand one = problem.demand();
        return problem.with(new Demand(
                one.buckets(),
                one.hours(),
                List.of(
                        new Demand.Period("1", LocalDate.EPOCH, LocalDate.EPOCH, 1, 1, 1),
                        new Demand.Period("2", LocalDate.EPOCH, LocalDate.EPOCH, 1, 2, 1)),
                List.of()));
    }

    @Test
    void whereMoreComesMoreAreWanted() {
        Replan replan = replan(36);

        assertThat(replan.keptUsd()).as("ten serve thirty").isInfinite();
        assertThat(replan.drifts()).isTrue();
        assertThat(replan.wanted().usd()).isCloseTo(15 + 2 * 2, within(1e-6));
    }

    @Test
    void countsNearTheBestStay() {
        Problem dearer = Chats.problem(30, Chats.lot("amd", 2, 99), Chats.nvidia(2.63));
        Plan planned = Chats.plan(Chats.problem(30, Chats.lot("amd", 2, 99)));
        // 6 nvidia and 2 amd do it for 19.78, ten amd for 20.
        Replan replan = Replan.of(dearer, planned, List.of(), Chats.SEARCH, EFFORT);

        assertThat(replan.wanted().usd()).isLessThan(20);
        assertThat(replan.keptUsd()).isCloseTo(20, within(1e-6));
        assertThat(replan.drifts()).isFalse();
    }

    @Test
    void moreThanIsOfferedIsRefusedInWords() {
        assertThatThrownBy(() -> replan(300))
                .isInstanceOf(PlanException.class)
                .hasMessageContaining("Nothing that is offered serves the present demand");
    }

    @Test
    void onlyTheBucketsMeantAreScaled() {
        Demand demand = Replan.scaled(Chats.problem(10).demand(), new double[] {1.5});

        assertThat(demand.rate(0, 0, 0)).isCloseTo(15, within(1e-9));
    }
}
