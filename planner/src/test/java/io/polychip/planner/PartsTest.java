package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.RequestClass;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PartsTest {
    private static final Solver.Effort EXACT = new Solver.Effort(60, 1e-9);
    private static final int PERIODS = 3;

    private final ScipSolver solver = new ScipSolver();

    private static Demand.Period period(int index) {
        return new Demand.Period("p" + index, LocalDate.EPOCH, LocalDate.EPOCH, 24, 1 + index * 0.3, 1);
    }

    private static Lot.Chips inEights(String vendor, double usd) {
        double[] most = new double[PERIODS];
        Arrays.fill(most, 800);
        return new Lot.Chips(
                vendor + "-2",
                vendor + "/chip",
                Lot.Kind.COMMITTED,
                Map.of("vendor", vendor),
                usd,
                0,
                most,
                8,
                1,
                0,
                0,
                PERIODS - 1,
                2,
                0,
                0);
    }

    private static Demand demand(List<Bucket> buckets, double[]... hours) {
        List<Demand.Hour> all = new ArrayList<>();
        for (double[] rates : hours) {
            all.add(new Demand.Hour("h" + all.size(), 12, rates));
        }
        return new Demand(buckets, all, List.of(period(0), period(1), period(2)), List.of());
    }

    private static Lot byTheHour(String vendor, double usd) {
        return Lot.Chips.of(
                vendor + "-od", vendor + "/chip", Lot.Kind.ON_DEMAND, Map.of("vendor", vendor), usd, 99, PERIODS);
    }

    private Parts.Tight tight(Milp milp) {
        return new Parts(milp, solver.relax(milp, EXACT)).tightened(solver, 600, new Stop());
    }

    /** 5, 6.5 and 8 a second of a chip that does 3: 2, 3 and 3 of them, not 1.67, 2.17 and 2.67. */
    @Test
    void hoursThatShareNothingCostWhatWholeChipsDo() {
        Demand demand = demand(
                List.of(new Bucket("chat", "m", RequestClass.DEFAULT, 900, 100)), new double[] {5}, new double[] {2.5});
        Problem problem =
                new Problem(demand, List.of(Chats.capacity("amd", 1, 3)), List.of(byTheHour("amd", 2)), Rules.NONE);
        Milp milp = new Programme(problem).milp();
        double few = 12 * 2 * (2 + 3 + 3) + 12 * 2 * (1 + 2 + 2);
        assertThat(solver.relax(milp, EXACT).solution().objective()).isLessThan(few * 0.8);
        Parts.Tight tight = tight(milp);
        assertThat(tight.cuts()).hasSize(2 * PERIODS);
        assertThat(solver.relax(tight.milp(), EXACT).solution().objective()).isCloseTo(few, within(few * 2e-6));
        assertThat(milp.objective(tight.chosen())).isCloseTo(few, within(1e-4));
    }

    @Test
    void hoursOfAPeriodThatShareACommitmentAreOnePart() {
        Milp milp = new Programme(problem(1)).milp();
        Parts parts = new Parts(milp, solver.relax(milp, EXACT));
        assertThat(parts.all()).hasSize(PERIODS);
        assertThat(parts.all().getFirst().commitments()).hasSize(3);
    }

    /** Two kinds of requests in two hours of three periods, vendors by the hour and in eights over two periods. */
    private static Problem problem(long seed) {
        Random random = new Random(seed);
        List<Bucket> buckets = List.of(
                new Bucket("chat", "m", RequestClass.DEFAULT, 900, 100),
                new Bucket("code", "m", RequestClass.PRIORITY, 3000, 200));
        double[] busy = random.doubles(2, 15, 30).toArray();
        double[] quiet = random.doubles(2, 1, 9).toArray();
        List<Capacity> capacities = new ArrayList<>();
        List<Lot> lots = new ArrayList<>();
        for (String vendor : List.of("amd", "nvidia", "aws")) {
            for (int chips = 1; chips <= 2; chips++) {
                capacities.add(new Capacity(
                        vendor + chips,
                        vendor + "/chip",
                        chips,
                        random.doubles(2, 2 * chips, 5 * chips).toArray(),
                        Map.of("vendor", vendor)));
            }
            lots.add(byTheHour(vendor, 1.5 + random.nextDouble()));
            lots.add(inEights(vendor, 1 + random.nextDouble()));
        }
        Rules rules = Rules.NONE.with(
                List.of(new Rules.Share("vendor", Rules.Share.ANY, Rules.Basis.TOKENS, 0, 0.6, false)),
                List.of(Rules.Survival.any("vendor", 0.9)));
        return new Problem(demand(buckets, busy, quiet), capacities, lots, rules);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void noPlanIsLostAndTheBoundRises(long seed) {
        Milp milp = new Programme(problem(seed)).milp();
        double fractions = solver.relax(milp, EXACT).solution().objective();
        Parts.Tight tight = tight(milp);
        Solver.Effort near = new Solver.Effort(60, 0.02);
        Solution best = solver.solve(milp, new double[0], near, new Stop());
        assertThat(tight.milp().violation(best.values())).isLessThan(1e-6);
        double bound = solver.relax(tight.milp(), EXACT).solution().objective();
        assertThat(bound).isLessThanOrEqualTo(best.objective() * (1 + 1e-9));
        assertThat(best.objective() - bound).isLessThan((best.objective() - fractions) / 2);
    }

    @Test
    void aPoorPlanComesNearToTheBestPartByPart() {
        Milp milp = new Programme(problem(1)).milp();
        Relaxation relaxed = solver.relax(milp, EXACT);
        double[] dear = relaxed.solution().values().clone();
        for (int column = 0; column < dear.length; column++) {
            dear[column] = Math.ceil(dear[column]) + 3;
        }
        Solution poor = solver.relax(milp.fixed(dear), EXACT).solution();
        assertThat(poor.found()).isTrue();
        Solution before = new Solution(
                Solution.Status.FEASIBLE,
                poor.values(),
                poor.objective(),
                relaxed.solution().bound());
        assertThat(before.gap()).isGreaterThan(0.2);
        Partwise partwise = new Partwise(
                solver,
                new Search.Time(new Solver.Effort(600, 0.01), new Stop(), System.nanoTime(), System.nanoTime()),
                Solver.Progress.SILENT);
        Partwise.Found found = partwise.in(milp, milp, before);
        assertThat(found.best().gap()).isLessThan(0.02);
        assertThat(milp.violation(found.best().values())).isLessThan(1e-6);
    }
}
