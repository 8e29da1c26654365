package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

final class ChoicesTest {
    private static final Solver.Effort EXACT = new Solver.Effort(60, 1e-9);

    private final ScipSolver solver = new ScipSolver();

    /** Twenty of something at 2, or with a deal at 1, of which it is then so many at least and a thousand at most. */
    private static Milp milp(double least) {
        Milp.Builder builder = new Milp.Builder();
        int dear = builder.column("dear", 0, 1000, 2, false);
        int cheap = builder.column("cheap", 0, 1000, 1, false);
        int deal = builder.column("deal", 0, 1, 0, true);
        int asked = builder.atLeast("asked", 20);
        builder.term(asked, dear, 1).term(asked, cheap, 1);
        int most = builder.atMost("most", 0);
        builder.term(most, cheap, 1).term(most, deal, -1000);
        int minimum = builder.atLeast("minimum", 0);
        builder.term(minimum, cheap, 1).term(minimum, deal, -least);
        return builder.build();
    }

    private Solution made(Milp milp, Stop stop) {
        long now = System.nanoTime();
        Search.Time time = new Search.Time(EXACT, stop, now, now);
        return new Choices(solver, time)
                .made(milp.choices(), solver.relax(milp, EXACT).solution(), 1);
    }

    @Test
    void aDealOfWhichFractionsTakeAFiftiethIsTakenWhereThatIsCheaper() {
        Solution made = made(milp(10), new Stop());
        assertThat(made.values()).containsExactly(0, 20, 1);
        assertThat(made.objective()).isCloseTo(20, within(1e-9));
    }

    @Test
    void aDealWhoseMinimumIsBeyondAnyNeedIsLeft() {
        Solution made = made(milp(500), new Stop());
        assertThat(made.values()).containsExactly(20, 0, 0);
        assertThat(made.objective()).isCloseTo(40, within(1e-9));
        assertThat(made.bound()).as("nothing is proven by it").isCloseTo(20, within(1e-6));
    }

    @Test
    void stoppedNothingIsMade() {
        Stop stop = new Stop();
        stop.stop();
        assertThat(made(milp(10), stop).found()).isFalse();
    }
}
