package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.planner.DealValue;
import io.polychip.planner.Plan;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PlanDealsTest {
    /** Costs 100, and no plan less than 98. */
    private static final Plan PLAN = new Plan(100e6, 98e6, List.of(), List.of(), List.of(), Map.of(), List.of());

    private static String otherwise(double usd, double doubtUsd) {
        return PlanDeals.otherwise(PLAN, new DealValue.Standing(usd, doubtUsd, Map.of(), 0, Map.of(), null), "without");
    }

    @Test
    void aDifferenceOfTwoSearchesIsSaidWithinTheirBounds() {
        assertThat(otherwise(300e6, 1e6)).isEqualTo("; the best plan without it costs $200.0 million more");
        assertThat(otherwise(110e6, 4e6))
                .isEqualTo("; the best plan without it costs $6.0 million to $12.0 million more, by what the searches"
                        + " proved");
    }

    @Test
    void aPlanThatWasFoundCheaperIsNotSaidToCostNegativeDollarsMore() {
        assertThat(otherwise(99e6, 5e6))
                .startsWith("; whether the best plan without it costs more is not proven: from $6.0 million less to"
                        + " $1.0 million more.");
    }

    @Test
    void aDealThatCostsTheSameTakenOrLeftIsNotSaidToCostNothingMoreAsIfThatWereDear() {
        assertThat(otherwise(100e6, 0)).isEqualTo("; the best plan without it that was found costs the same");
    }

    @Test
    void aSearchThatFoundNothingProvesNothing() {
        assertThat(otherwise(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY))
                .contains("which proves nothing");
        assertThat(otherwise(Double.POSITIVE_INFINITY, 0))
                .contains("without it no plan of the offers there are keeps all that is asked");
    }
}
