package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.RequestClass;
import io.polychip.simulator.Arrival;
import io.polychip.simulator.Traffic;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DemandCellsTest {
    private static final long SECOND = 1_000_000_000L;

    private static Traffic every(long nanos, int count) {
        Iterator<Arrival> all = IntStream.range(0, count)
                .mapToObj(i -> Arrival.of(i * nanos, i % 4 == 0 ? 4000 : 200 + i % 40, i % 3 == 0 ? 30 : 300))
                .iterator();
        return () -> all.hasNext() ? all.next() : null;
    }

    private static Demand demand(TraceDemand trace, int buckets) {
        return trace.cells().demand(trace.hours(), trace.seconds(), Demand.ONE_HOUR, List.of(), buckets);
    }

    @Test
    void aShortTraceIsOneHourWhoseRatesAddUpToItsOwn() {
        TraceDemand trace = TraceDemand.of(every(SECOND / 2, 3600), "m", 1800 * SECOND);
        Demand demand = demand(trace, 6);
        double rate = 0;
        double tokens = 0;
        for (int bucket = 0; bucket < demand.buckets().size(); bucket++) {
            rate += demand.rate(0, 0, bucket);
            tokens += demand.rate(0, 0, bucket) * demand.buckets().get(bucket).tokens();
        }
        assertThat(demand.hours()).hasSize(1);
        assertThat(demand.buckets()).hasSizeBetween(4, 6);
        assertThat(rate).isCloseTo(2, within(1e-9));
        double mean = IntStream.range(0, 3600)
                .mapToDouble(i -> (i % 4 == 0 ? 4000 : 200 + i % 40) + (i % 3 == 0 ? 30 : 300))
                .average()
                .orElseThrow();
        assertThat(tokens).isCloseTo(2 * mean, within(1e-6));
        assertThat(trace.burst()).isCloseTo(1, within(0.05));
    }

    @Test
    void lengthsThatDifferMostAreCutFirst() {
        TraceDemand trace = TraceDemand.of(every(SECOND / 2, 3600), "m", 1800 * SECOND);
        List<Bucket> two = demand(trace, 2).buckets();
        assertThat(two).hasSize(2);
        assertThat(two.get(0).inputTokens()).isBetween(200.0, 240.0);
        assertThat(two.get(1).inputTokens()).isCloseTo(4000, within(1.0));
    }

    @Test
    void aLongTraceHasAnHourForEachOfItsDay() {
        TraceDemand trace = TraceDemand.of(every(60 * SECOND, 30 * 60), "m", 30 * 3600 * SECOND);
        Demand demand = demand(trace, 3);
        assertThat(demand.hours()).hasSize(24);
        for (int hour = 0; hour < 24; hour++) {
            double rate = 0;
            for (double each : demand.hours().get(hour).perSecond()) {
                rate += each;
            }
            assertThat(rate).as("hour %d", hour).isCloseTo(1 / 60.0, within(1e-9));
        }
    }

    @Test
    void modelsAndClassesAreNeverInOneBucket() {
        DemandCells cells = new DemandCells(1);
        cells.add(0, "a", RequestClass.DEFAULT, 100, 100, 1);
        cells.add(0, "b", RequestClass.DEFAULT, 100, 100, 1);
        cells.add(0, "a", RequestClass.BATCH, 100, 100, 1);
        Demand demand = cells.demand(
                List.of(new Demand.Hour("all", 1, new double[0])), new double[] {1}, Demand.ONE_HOUR, List.of(), 1);
        assertThat(demand.buckets()).hasSize(3);
    }

    @Test
    void aBusyMinuteShowsInTheBurst() {
        Iterator<Arrival> all = IntStream.range(0, 1200)
                .mapToObj(i -> Arrival.of(i < 600 ? i * SECOND : 600 * SECOND + (i - 600) * SECOND / 10, 100, 100))
                .iterator();
        TraceDemand trace = TraceDemand.of(() -> all.hasNext() ? all.next() : null, "m", 660 * SECOND);
        assertThat(trace.burst()).isBetween(4.0, 7.0);
    }
}
