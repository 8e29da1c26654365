package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OutdoneTest {
    private static Lot.Chips lot(String provider, double usd, double most) {
        Map<String, String> labels = Map.of("vendor", "amd", "provider", provider);
        return Lot.Chips.of(provider, "amd/chip", Lot.Kind.ON_DEMAND, labels, usd, most, 1);
    }

    private static Problem problem(Rules rules, Lot... lots) {
        Problem chats = Chats.problem(10, lots);
        return new Problem(chats.demand(), chats.capacities(), chats.lots(), rules);
    }

    @Test
    void theDearerOfTwoThatNothingTellsApartIsLeftAlone() {
        Problem problem = problem(Rules.NONE, lot("dear", 3, Lot.NO_LIMIT), lot("cheap", 2, Lot.NO_LIMIT));
        assertThat(Outdone.in(problem)).containsExactly(true, false);
        Plan plan = Chats.plan(problem);
        assertThat(plan.usd()).isEqualTo(8);
        assertThat(plan.spendUsd().get("cheap")).containsExactly(8);
    }

    @Test
    void ofTwoThatAreEqualOneIsLeft() {
        assertThat(Outdone.in(problem(Rules.NONE, lot("one", 2, Lot.NO_LIMIT), lot("other", 2, Lot.NO_LIMIT))))
                .containsExactly(true, false);
    }

    @Test
    void aCheapOneOfWhichThereAreFewOutdoesNothing() {
        assertThat(Outdone.in(problem(Rules.NONE, lot("dear", 3, Lot.NO_LIMIT), lot("cheap", 2, 3))))
                .containsExactly(false, false);
    }

    @Test
    void providersAreToldApartWhereOneMayBeLost() {
        Rules rules = Rules.NONE.with(List.of(), List.of(Rules.Survival.any("provider", 1)));
        Problem problem = problem(rules, lot("dear", 3, Lot.NO_LIMIT), lot("cheap", 2, Lot.NO_LIMIT));
        assertThat(Outdone.in(problem)).containsExactly(false, false);
        assertThat(Chats.plan(problem).usd()).isEqualTo(20);
    }
}
