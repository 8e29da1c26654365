package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.RequestClass;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class KnapsacksTest {
    private static final Solver.Effort EXACT = new Solver.Effort(60, 1e-9);

    private final ScipSolver solver = new ScipSolver();

    private static Lot.Chips inEights(String vendor, double usd) {
        return new Lot.Chips(
                vendor + "-1y",
                vendor + "/chip",
                Lot.Kind.COMMITTED,
                Map.of("vendor", vendor),
                usd,
                0,
                new double[] {800},
                8,
                1,
                0,
                0,
                0,
                1,
                0,
                0);
    }

    private static Problem problem(double perSecond, Rules rules, Lot... lots) {
        Problem chats = Chats.problem(perSecond, lots);
        return new Problem(chats.demand(), chats.capacities(), chats.lots(), rules);
    }

    @Test
    void whatIsAskedIsHeldToTheEightsThatCarryIt() {
        Milp milp = new Programme(problem(36, Rules.NONE, inEights("amd", 2))).milp();
        Milp more = Knapsacks.in(milp, solver.relax(milp, EXACT));
        assertThat(more.rows()).isEqualTo(milp.rows() + 1);
        int row = milp.rows();
        assertThat(more.rowStart(row + 1) - more.rowStart(row)).isEqualTo(1);
        assertThat(more.columnName(more.entryColumn(more.rowStart(row)))).isEqualTo("amd-1y from now");
        assertThat(more.entryValue(more.rowStart(row)))
                .as("eight chips of 3 a second over 36")
                .isCloseTo(24 / 36.0, within(1e-9));
        assertThat(more.rowLower(row)).isEqualTo(1);
    }

    /** At least 1 twice, of what one carrier bounds: by the greater weight alone, two carriers would be asked. */
    @Test
    void whatTwoRowsAskOfOneColumnWeighsTwice() {
        Milp.Builder builder = new Milp.Builder();
        int served = builder.column("served", 0, 9, 0, false);
        int carriers = builder.column("carriers", 0, 9, 1, true);
        for (String asking : List.of("demand", "promise")) {
            builder.term(builder.atLeast(asking, 1), served, 1);
        }
        int load = builder.atMost("load", 0);
        builder.term(load, served, 1).term(load, carriers, -1);
        Milp milp = builder.build();
        double[] best = {1, 1};
        Relaxation relaxed = new Relaxation(
                new Solution(Solution.Status.OPTIMAL, best, 1, 1), new double[] {0.5, 0.5, -1}, new double[2]);
        Milp more = Knapsacks.in(milp, relaxed);
        assertThat(more.rows()).isEqualTo(milp.rows() + 1);
        assertThat(more.violation(best)).isLessThan(1e-9);
        assertThat(more.entryValue(more.rowStart(milp.rows()))).isCloseTo(1, within(1e-9));
    }

    /** Two models in three hours, vendors by the hour and in eights, with a cap and losses to be survived. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void noPlanIsLost(long seed) {
        Random random = new Random(seed);
        List<Bucket> buckets = List.of(
                new Bucket("chat", "m", RequestClass.DEFAULT, 900, 100),
                new Bucket("code", "m", RequestClass.PRIORITY, 3000, 200),
                new Bucket("night", "m", RequestClass.BATCH, 500, 500));
        List<Demand.Hour> hours = new ArrayList<>();
        for (int hour = 0; hour < 3; hour++) {
            hours.add(new Demand.Hour("h" + hour, 8, random.doubles(3, 1, 60).toArray()));
        }
        List<Capacity> capacities = new ArrayList<>();
        List<Lot> lots = new ArrayList<>();
        for (String vendor : List.of("amd", "nvidia", "aws")) {
            for (int chips = 1; chips <= 2; chips++) {
                capacities.add(new Capacity(
                        vendor + chips,
                        vendor + "/chip",
                        chips,
                        random.doubles(3, 2 * chips, 5 * chips).toArray(),
                        Map.of("vendor", vendor)));
            }
            lots.add(Chats.lot(vendor, 1.5 + random.nextDouble(), 99));
            lots.add(inEights(vendor, 1 + random.nextDouble()));
        }
        Demand demand = new Demand(
                buckets,
                hours,
                List.of(new Demand.Period("now", LocalDate.EPOCH, LocalDate.EPOCH, 24, 1, 1)),
                List.of());
        Rules rules = Rules.NONE.with(
                List.of(new Rules.Share("vendor", Rules.Share.ANY, Rules.Basis.TOKENS, 0, 0.6, false)),
                List.of(Rules.Survival.any("vendor", 0.9)));
        Milp milp = new Programme(new Problem(demand, capacities, lots, rules)).milp();
        Relaxation relaxed = solver.relax(milp, EXACT);
        Milp more = Knapsacks.in(milp, relaxed);
        assertThat(more.rows()).isGreaterThan(milp.rows() + 3);
        assertThat(solver.relax(more, EXACT).solution().objective())
                .isCloseTo(relaxed.solution().objective(), within(1e-6));
        Solver.Effort quick = new Solver.Effort(60, 1e-4);
        Solution best = solver.solve(milp, new double[0], quick, new Stop());
        assertThat(more.violation(best.values())).isLessThan(1e-6);
        assertThat(solver.solve(more, new double[0], quick, new Stop()).objective())
                .isCloseTo(best.objective(), within(best.objective() * 2e-4));
    }
}
