package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SearchTest {
    private static final int COLUMNS = 1600;
    private static final double SECONDS = 59;

    /** So many that it is solved step by step. */
    private static Milp large() {
        Milp.Builder builder = new Milp.Builder();
        for (int column = 0; column < COLUMNS; column++) {
            builder.column("x" + column, 0, 1e6, 1, true);
        }
        return builder.build();
    }

    /** Never has whole numbers, however often it is asked: what was half a replica is then half of the next. */
    private static final class Halves implements Solver {
        private final List<Double> seconds = new ArrayList<>();
        private final Stop stop;
        private final int last;

        /** @param last relaxation after which the search is stopped */
        Halves(Stop stop, int last) {
            this.stop = stop;
            this.last = last;
        }

        @Override
        public String name() {
            return "halves";
        }

        @Override
        public Solution solve(Milp milp, double[] start, Effort effort, Stop asked) {
            return Solution.none(Solution.Status.UNKNOWN, 1);
        }

        @Override
        public Relaxation relax(Milp milp, Effort effort, Stop asked) {
            seconds.add(effort.seconds());
            if (seconds.size() == last) {
                stop.stop();
            }
            double[] values = IntStream.range(0, COLUMNS)
                    .mapToDouble(column -> Math.min(milp.upper(column), milp.lower(column) + 0.5))
                    .toArray();
            Solution solution = new Solution(Solution.Status.OPTIMAL, values, milp.objective(values), 1);
            return new Relaxation(solution, new double[milp.rows()], new double[COLUMNS]);
        }
    }

    private static Solution run(Halves solver, Stop stop) {
        return new Search(solver)
                .run(large(), new double[0], new Solver.Effort(SECONDS, 0), stop, Solver.Progress.SILENT);
    }

    @Test
    void aSearchStoppedWhileItDivesRoundsWhatItHasAndEnds() {
        Stop stop = new Stop();
        Halves solver = new Halves(stop, 4);
        assertThat(run(solver, stop).found()).isTrue();
        assertThat(solver.seconds).as("relaxations").hasSize(5);
    }

    @Test
    void noStepOfASearchMayTakeLongerThanAllOfIt() {
        Stop never = new Stop();
        Halves solver = new Halves(never, Integer.MAX_VALUE);
        assertThat(run(solver, never).found()).isTrue();
        assertThat(solver.seconds)
                .hasSizeGreaterThan(1)
                .allSatisfy(each -> assertThat(each).isLessThanOrEqualTo(SECONDS));
    }

    /** Is at its first relaxation when the user stops it. */
    private static final class Interrupted implements Solver {
        private final Stop stop;
        private boolean told;

        Interrupted(Stop stop) {
            this.stop = stop;
        }

        @Override
        public String name() {
            return "interrupted";
        }

        @Override
        public Solution solve(Milp milp, double[] start, Effort effort, Stop asked) {
            throw new IllegalStateException("It was stopped before.");
        }

        @Override
        public Relaxation relax(Milp milp, Effort effort, Stop asked) {
            asked.ends(() -> told = true);
            stop.stop();
            asked.ends(null);
            Solution nothing = Solution.none(Solution.Status.UNKNOWN, Double.NEGATIVE_INFINITY);
            return new Relaxation(nothing, new double[milp.rows()], new double[COLUMNS]);
        }
    }

    @Test
    void aStopReachesTheRelaxationAtWorkAndKeepsTheStart() {
        Stop stop = new Stop();
        Interrupted solver = new Interrupted(stop);
        double[] start = new double[COLUMNS];
        Solution solution =
                new Search(solver).run(large(), start, new Solver.Effort(SECONDS, 0), stop, Solver.Progress.SILENT);
        assertThat(solver.told).isTrue();
        assertThat(solution.values()).isEqualTo(start);
        assertThat(solution.gap()).isInfinite();
    }
}
