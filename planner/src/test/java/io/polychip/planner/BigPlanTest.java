package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.RequestClass;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A ChatGPT-size plan: ten vendors, three models, 24 hours, a dozen buckets, a state for the loss of each vendor. */
@Tag("slow")
final class BigPlanTest {
    private static final int VENDORS = 10;

    static Problem problem() {
        Random random = new Random(7);
        List<Bucket> buckets = new ArrayList<>();
        for (int bucket = 0; bucket < 12; bucket++) {
            RequestClass of = RequestClass.values()[bucket % 4];
            buckets.add(new Bucket("b" + bucket, "m" + bucket % 3, of, 200 << bucket % 5, 100 << bucket % 4));
        }
        List<Demand.Hour> hours = new ArrayList<>();
        for (int hour = 0; hour < 24; hour++) {
            double[] rates = new double[12];
            for (int bucket = 0; bucket < 12; bucket++) {
                double wave = 1 + 0.6 * Math.sin((hour + bucket) * Math.PI / 12);
                rates[bucket] = 100_000.0 / 12 / (1 + bucket % 5) * wave;
            }
            hours.add(new Demand.Hour("h" + hour, 1, rates));
        }
        List<Capacity> capacities = new ArrayList<>();
        List<Lot> lots = new ArrayList<>();
        for (int vendor = 0; vendor < VENDORS; vendor++) {
            String name = "v" + vendor % 7;
            String chip = name + "/chip" + vendor;
            double speed = 0.5 + 2 * random.nextDouble();
            for (int model = 0; model < 3; model++) {
                double[] rates = new double[12];
                for (int bucket = 0; bucket < 12; bucket++) {
                    if (bucket % 3 == model) {
                        rates[bucket] = speed
                                * (0.7 + 0.6 * random.nextDouble())
                                * 3000
                                / buckets.get(bucket).tokens()
                                * 8;
                    }
                }
                capacities.add(new Capacity(chip + " m" + model, chip, 1 << model, rates, Map.of("vendor", name)));
            }
            double usd = speed * (2 + random.nextDouble());
            Map<String, String> labels = Map.of("vendor", name, "provider", "p" + vendor % 4);
            lots.add(Lot.Chips.of(chip + " hour", chip, Lot.Kind.ON_DEMAND, labels, usd, 60_000, 1));
            double[] most = {80_000};
            lots.add(new Lot.Chips(
                    chip + " 3y", chip, Lot.Kind.COMMITTED, labels, usd * 0.55, 1024, most, 8, 1, 0.2, 0, 0, 1, 0, 0));
        }
        Demand demand = new Demand(
                buckets,
                hours,
                List.of(new Demand.Period("month", LocalDate.EPOCH, LocalDate.EPOCH, 730, 1, 1)),
                List.of());
        Rules rules = Rules.NONE.with(
                List.of(new Rules.Share("vendor", Rules.Share.ANY, Rules.Basis.TOKENS, 0, 0.4, false)),
                List.of(Rules.Survival.any("vendor", 0.9)));
        return new Problem(demand, capacities, lots, rules);
    }

    /** How soon there is a first plan is printed, not asserted: a wall clock on a busy machine proves nothing. */
    @Test
    void anIncumbentWithinOnePercentOfItsBoundAndAnEarlierOneToLookAt() {
        Search search = Search.best();
        List<Double> incumbents = new ArrayList<>();
        Milp milp = new Programme(problem()).milp();
        Solution solution = search.run(
                milp, new double[0], new Solver.Effort(60, 0.01), new Stop(), (seconds, step, incumbent, bound) -> {
                    System.err.printf(
                            "%5.1f s %-9s incumbent %.0f bound %.0f gap %.3f %%%n",
                            seconds, step, incumbent, bound, Solution.gap(incumbent, bound) * 100);
                    if (Double.isFinite(incumbent)) {
                        incumbents.add(incumbent);
                    }
                });
        System.err.printf("%d columns, %d rows, %d entries%n", milp.columns(), milp.rows(), milp.entries());
        assertThat(solution.gap()).isLessThanOrEqualTo(0.01);
        assertThat(incumbents.getFirst()).isGreaterThan(solution.objective());
        assertThat(milp.violation(solution.values())).isLessThan(1e-5);
    }
}
