package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Twelve requests a second: three of nvidia's chips for 7.5, or four of amd's for 8. */
final class BandsTest {
    private static final Solver.Effort EFFORT = new Solver.Effort(30, 1e-9);
    private static final Problem PROBLEM = Chats.problem(12, Chats.amd(99), Chats.nvidia(2.5));
    private static final Map<String, Double> SIGMAS = Map.of("amd-pool", StrictMath.log(1.5));

    private static Bands bands(Search search) {
        return Bands.of(PROBLEM, SIGMAS, Chats.plan(PROBLEM), search, EFFORT, new Stop());
    }

    @Test
    void aChipWhoseBandDecidesIsNamedWithWhatItWouldCarryAndSave() {
        Bands bands = bands(Chats.SEARCH);

        assertThat(bands.fastUsd()).isCloseTo(6, within(1e-6));
        assertThat(bands.slowUsd()).isCloseTo(7.5, within(1e-6));
        assertThat(bands.flips()).singleElement().satisfies(flip -> {
            assertThat(flip.chip()).isEqualTo("amd/chip");
            assertThat(flip.faster()).isTrue();
            assertThat(flip.share()).isZero();
            assertThat(flip.otherShare()).isCloseTo(1, within(1e-9));
            assertThat(flip.savesUsd()).isCloseTo(1.5, within(1e-6));
        });
    }

    @Test
    void aSearchThatFindsLittleMakesFasterChipsNoDearerThanThePlan() {
        Bands bands = bands(new Search(new Idle()));

        assertThat(bands.fastUsd()).isCloseTo(7.5, within(1e-6));
        assertThat(bands.slowUsd()).isCloseTo(7.5, within(1e-6));
        assertThat(bands.flips()).isEmpty();
    }

    @Test
    void aDearerMixFoundInHasteIsNotSaidToWin() {
        assertThat(bands(new Search(new Dearest())).flips()).isEmpty();
    }

    @Test
    void moreOfASlowerChipIsTheSameMixNotAnother() {
        // 8/s: two of nvidia's for 5, or three of amd's for 6; 10 % slower, three of nvidia's would cost 7.5.
        Problem problem = Chats.problem(8, Chats.amd(99), Chats.nvidia(2.5));
        Map<String, Double> slower = Map.of("nvidia-pool", StrictMath.log(1.1));
        Plan plan = Chats.plan(problem);

        Bands proven = Bands.of(problem, slower, plan, Chats.SEARCH, EFFORT, new Stop());
        assertThat(proven.flips()).as("a plan on amd's is cheaper then").hasSize(1);
        Bands hasty = Bands.of(problem, slower, plan, new Search(new Idle()), EFFORT, new Stop());
        assertThat(hasty.flips()).isEmpty();
        assertThat(hasty.slowUsd()).as("three of nvidia's").isGreaterThanOrEqualTo(5);
    }

    @Test
    void nothingIsLookedAtOnceItWasStopped() {
        Stop stop = new Stop();
        stop.stop();

        assertThat(Bands.of(PROBLEM, SIGMAS, Chats.plan(PROBLEM), Chats.SEARCH, EFFORT, stop)
                        .flips())
                .isEmpty();
    }

    /** Gives back where it began. */
    private static class Idle implements Solver {
        private final Solver real = new OjalgoSolver();

        @Override
        public String name() {
            return "idle";
        }

        @Override
        public Relaxation relax(Milp milp, Effort effort, Stop stop) {
            return real.relax(milp, effort, stop);
        }

        @Override
        public Solution solve(Milp milp, double[] start, Effort effort, Stop stop) {
            return start.length == 0
                    ? Solution.none(Solution.Status.UNKNOWN, Double.NEGATIVE_INFINITY)
                    : new Solution(Solution.Status.FEASIBLE, start, milp.objective(start), 0);
        }
    }

    /** Finds a plan on amd's chips only, however dear. */
    private static final class Dearest extends Idle {
        @Override
        public Solution solve(Milp milp, double[] start, Effort effort, Stop stop) {
            Milp.Builder dear = milp.toBuilder();
            for (int column = 0; column < milp.columns(); column++) {
                if (milp.columnName(column).contains("nvidia")) {
                    dear.cost(column, 100);
                }
            }
            Solution other = new OjalgoSolver().solve(dear.build().raised(more(milp)), new double[0], effort, stop);
            return new Solution(other.status(), other.values(), milp.objective(other.values()), 0);
        }

        /** Twice as many of amd's as are needed. */
        private static double[] more(Milp milp) {
            double[] least = new double[milp.columns()];
            for (int column = 0; column < least.length; column++) {
                least[column] = milp.whole(column) && milp.columnName(column).contains("amd") ? 8 : 0;
            }
            return least;
        }
    }
}
