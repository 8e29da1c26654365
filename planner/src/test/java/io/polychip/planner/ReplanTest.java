package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

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
