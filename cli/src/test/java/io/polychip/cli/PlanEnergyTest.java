package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class PlanEnergyTest {
    private static List<String> sentences(double tonnesCap) {
        return new PlanEnergy(1e6, 0, 120, 0, tonnesCap, Set.of(), Set.of()).sentences(12);
    }

    @Test
    void aCapThatAnEvenSplitOverADeploymentsPoolsExceedsIsNotSaidToBeHeld() {
        assertThat(sentences(120)).singleElement().asString().contains(", held to 120 t a year, hosted APIs");
        assertThat(sentences(100))
                .singleElement()
                .asString()
                .contains(", MORE THAN the 100 t a year it was to be held to: ")
                .doesNotContain(", held to");
        assertThat(sentences(Double.POSITIVE_INFINITY))
                .singleElement()
                .asString()
                .doesNotContain("a year");
    }
}
