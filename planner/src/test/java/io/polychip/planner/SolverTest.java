package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every adapter of the port must do. */
final class SolverTest {
    private static final Solver.Effort EXACT = new Solver.Effort(30, 1e-9);
    private static final double[] NO_START = new double[0];

    static Stream<Solver> solvers() {
        return Stream.of(new ScipSolver(), new OjalgoSolver());
    }

    /** Two chips at 3 and 5, work 7 of which the second does 2 each: 3 of the second and 1 of the first is 18. */
    private static Milp small() {
        Milp.Builder builder = new Milp.Builder();
        int one = builder.column("one", 0, 10, 3, true);
        int two = builder.column("two", 0, 3, 5, true);
        int row = builder.atLeast("work", 7);
        builder.term(row, one, 1).term(row, two, 2);
        return builder.build();
    }

    @ParameterizedTest
    @MethodSource("solvers")
    void wholeNumbersAreWholeAndProven(Solver solver) {
        Solution solution = solver.solve(small(), NO_START, EXACT, new Stop());
        assertThat(solution.status()).isEqualTo(Solution.Status.OPTIMAL);
        assertThat(solution.values()).containsExactly(1, 3);
        assertThat(solution.objective()).isEqualTo(18);
        assertThat(solution.bound()).isCloseTo(18, within(1e-6));
        assertThat(solution.gap()).isLessThan(1e-6);
    }

    @ParameterizedTest
    @MethodSource("solvers")
    void fractionsAreNoDearer(Solver solver) {
        Relaxation relaxation = solver.relax(small(), EXACT);
        assertThat(relaxation.solution().objective()).isCloseTo(18, within(1e-6));
        assertThat(solver.relax(small().bounded(1, 0, 2.5), EXACT).solution().objective())
                .isCloseTo(18.5, within(1e-6));
    }

    @ParameterizedTest
    @MethodSource("solvers")
    void whatCannotBeIsToldSo(Solver solver) {
        Milp.Builder builder = small().toBuilder();
        int row = builder.atMost("too little", 2);
        builder.term(row, 0, 1).term(row, 1, 2);
        Solution solution = solver.solve(builder.build(), NO_START, EXACT, new Stop());
        assertThat(solution.status()).isEqualTo(Solution.Status.INFEASIBLE);
        assertThat(solution.found()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("solvers")
    void aStopNeverLosesTheStart(Solver solver) {
        Milp milp = hard();
        double[] start = new double[milp.columns()];
        Arrays.fill(start, 40);
        Stop stop = new Stop();
        stop.stop();
        Solution solution = solver.solve(milp, start, EXACT, stop);
        assertThat(solution.found()).isTrue();
        assertThat(milp.violation(solution.values())).isLessThan(1e-6);
        assertThat(solution.objective()).isLessThanOrEqualTo(milp.objective(start));
    }

    @ParameterizedTest
    @MethodSource("solvers")
    void aStopFromAnotherThreadEndsTheSearch(Solver solver) {
        Milp milp = hard();
        double[] start = new double[milp.columns()];
        Arrays.fill(start, 40);
        Stop stop = new Stop();
        Thread.ofVirtual().start(stop::stop);
        long began = System.nanoTime();
        Solution solution = solver.solve(milp, start, EXACT, stop);
        assertThat(solution.found()).isTrue();
        assertThat(System.nanoTime() - began).isLessThan(10_000_000_000L);
    }

    @ParameterizedTest
    @MethodSource("solvers")
    void aTimeLimitKeepsIncumbentAndBound(Solver solver) {
        Milp milp = hard();
        Solution solution = solver.solve(milp, NO_START, new Solver.Effort(1, 0), new Stop());
        assertThat(solution.status()).isEqualTo(Solution.Status.FEASIBLE);
        assertThat(milp.violation(solution.values())).isLessThan(1e-6);
        assertThat(solution.bound()).isGreaterThan(0).isLessThanOrEqualTo(solution.objective());
        assertThat(solution.gap()).isBetween(1e-4, 0.2);
    }

    /** Whose best with fractions takes seconds. */
    private static Milp wide() {
        Random random = new Random(2);
        Milp.Builder builder = new Milp.Builder();
        for (int column = 0; column < 1500; column++) {
            builder.column("x" + column, 0, 50, 10 + random.nextInt(90) + random.nextDouble(), false);
        }
        for (int row = 0; row < 800; row++) {
            int index = builder.atLeast("row" + row, 100 + random.nextInt(100));
            for (int column = 0; column < 1500; column += 1 + random.nextInt(9)) {
                builder.term(index, column, 1 + random.nextDouble());
            }
        }
        return builder.build();
    }

    @ParameterizedTest
    @MethodSource("solvers")
    void aStopEndsARelaxation(Solver solver) {
        Stop before = new Stop();
        before.stop();
        assertThat(solver.relax(small(), EXACT, before).solution().status()).isEqualTo(Solution.Status.UNKNOWN);
        Stop within = new Stop();
        Thread.ofPlatform().daemon().start(() -> {
            while (!within.ends()) {
                Thread.onSpinWait();
            }
            within.stop();
        });
        Solution solution =
                solver.relax(wide(), new Solver.Effort(60, 0), within).solution();
        assertThat(solution.bound()).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @ParameterizedTest
    @MethodSource("solvers")
    void aRelaxationOutOfTimeProvesNothing(Solver solver) {
        Solution solution = solver.relax(wide(), new Solver.Effort(0.02, 0)).solution();
        assertThat(solution.bound()).isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @ParameterizedTest
    @MethodSource("solvers")
    void termsOfOnePlaceAddUp(Solver solver) {
        Milp.Builder builder = new Milp.Builder();
        int column = builder.column("x", 0, 100, 1, true);
        int row = builder.atLeast("row", 9);
        builder.term(row, column, 1).term(row, column, 1);
        assertThat(solver.solve(builder.build(), NO_START, EXACT, new Stop()).values())
                .containsExactly(5);
    }

    @ParameterizedTest
    @MethodSource("solvers")
    void smallRandomProgrammesAgreeWithTrialOfAll(Solver solver) {
        for (int seed = 0; seed < 20; seed++) {
            Milp milp = random(seed);
            Solution solution = solver.solve(milp, NO_START, EXACT, new Stop());
            double best = tried(milp);
            if (Double.isInfinite(best)) {
                assertThat(solution.status()).as("seed %d", seed).isEqualTo(Solution.Status.INFEASIBLE);
            } else {
                assertThat(solution.objective()).as("seed %d", seed).isCloseTo(best, within(1e-6));
            }
        }
    }

    private static Milp random(int seed) {
        Random random = new Random(seed);
        Milp.Builder builder = new Milp.Builder();
        for (int column = 0; column < 4; column++) {
            builder.column("x" + column, 0, 4, 1 + random.nextInt(9), true);
        }
        for (int row = 0; row < 3; row++) {
            int index = row == 2
                    ? builder.atMost("most", 4 + random.nextInt(12))
                    : builder.atLeast("least", 3 + random.nextInt(14));
            for (int column = 0; column < 4; column++) {
                builder.term(index, column, random.nextInt(5));
            }
        }
        return builder.build();
    }

    private static double tried(Milp milp) {
        double best = Double.POSITIVE_INFINITY;
        for (int code = 0; code < 625; code++) {
            int rest = code / 5;
            double[] values = {code % 5, rest % 5, rest / 5 % 5, Math.floorDiv(rest, 25)};
            if (milp.violation(values) <= 1e-9) {
                best = Math.min(best, milp.objective(values));
            }
        }
        return best;
    }

    /** Two hundred columns whose best takes long to prove. */
    private static Milp hard() {
        Random random = new Random(1);
        Milp.Builder builder = new Milp.Builder();
        for (int column = 0; column < 200; column++) {
            builder.column("x" + column, 0, 50, 10 + random.nextInt(90) + random.nextDouble(), true);
        }
        for (int row = 0; row < 40; row++) {
            int index = builder.atLeast("row" + row, 100 + random.nextInt(100));
            for (int column : columns(random)) {
                builder.term(index, column, 1 + random.nextInt(9));
            }
        }
        return builder.build();
    }

    private static List<Integer> columns(Random random) {
        return random.ints(0, 200).distinct().limit(50).boxed().toList();
    }
}
