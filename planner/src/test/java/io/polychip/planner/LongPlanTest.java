package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.RequestClass;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Three years in half-years, of three typical hours, for which chips come by the hour or in eights for one year or
 * three: a fleet of some tens of chips, so that whole numbers cost several percent more than fractions say.
 */
@Tag("slow")
final class LongPlanTest {
    private static final int PERIODS = 6;

    static Problem problem() {
        Random random = new Random(3);
        List<Bucket> buckets = new ArrayList<>();
        for (int bucket = 0; bucket < 10; bucket++) {
            RequestClass of = bucket < 4 ? RequestClass.PRIORITY : RequestClass.DEFAULT;
            buckets.add(new Bucket("b" + bucket, "m", of, 300 + 500 * (bucket % 5), 60 + 60 * (bucket % 4)));
        }
        List<Demand.Hour> hours = new ArrayList<>();
        for (double busy : List.of(0.2, 1.0, 1.3)) {
            double[] rates = random.doubles(buckets.size(), 4, 12)
                    .map(rate -> rate * busy)
                    .toArray();
            hours.add(new Demand.Hour("h" + hours.size(), 8, rates));
        }
        List<Demand.Period> periods = new ArrayList<>();
        for (int period = 0; period < PERIODS; period++) {
            double years = (period + 1) / 2.0;
            periods.add(new Demand.Period(
                    "p" + period, LocalDate.EPOCH, LocalDate.EPOCH, 4380, Math.pow(1.5, years), Math.pow(0.92, years)));
        }
        List<Capacity> capacities = new ArrayList<>();
        List<Lot> lots = new ArrayList<>();
        for (String vendor : List.of("amd", "nvidia", "aws")) {
            double speed = 1 + random.nextDouble();
            for (int chips = 1; chips <= 2; chips++) {
                int of = chips;
                double[] rates = buckets.stream()
                        .mapToDouble(bucket -> of * speed * (0.8 + 0.4 * random.nextDouble()) * 4000 / bucket.tokens())
                        .toArray();
                capacities.add(new Capacity(vendor + chips, vendor + "/chip", chips, rates, Map.of("vendor", vendor)));
            }
            lots.add(Lot.Chips.of(
                    vendor + "-od",
                    vendor + "/chip",
                    Lot.Kind.ON_DEMAND,
                    Map.of("vendor", vendor),
                    2 * speed,
                    200,
                    PERIODS));
            lots.add(inEights(vendor, 1.5 * speed, 2));
            lots.add(inEights(vendor, 1.1 * speed, PERIODS));
        }
        Rules rules = Rules.NONE.with(
                List.of(new Rules.Share("vendor", Rules.Share.ANY, Rules.Basis.TOKENS, 0, 0.7, false)),
                List.of(Rules.Survival.any("vendor", 0.8)));
        return new Problem(new Demand(buckets, hours, periods, List.of()), capacities, lots, rules);
    }

    private static Lot inEights(String vendor, double usd, int term) {
        double[] most = new double[PERIODS];
        Arrays.fill(most, 800);
        return new Lot.Chips(
                vendor + "-" + term,
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
                term,
                0,
                0);
    }

    /** Ends as soon as it is that near; the time is what a busy machine may take. */
    @Test
    void chipsInEightsOverThreeYearsComeWithinOnePercentOfTheirBound() {
        Milp milp = new Programme(problem()).milp();
        Solution solution = Search.best()
                .run(
                        milp,
                        new double[0],
                        new Solver.Effort(120, 0.01),
                        new Stop(),
                        (seconds, step, incumbent, bound) -> System.err.printf(
                                "%5.1f s %-9s incumbent %.0f bound %.0f gap %.3f %%%n",
                                seconds, step, incumbent, bound, Solution.gap(incumbent, bound) * 100));
        assertThat(solution.gap()).isLessThanOrEqualTo(0.01);
        assertThat(milp.violation(solution.values())).isLessThan(1e-5);
    }
}
