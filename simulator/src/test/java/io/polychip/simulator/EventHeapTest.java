package io.polychip.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

final class EventHeapTest {
    @Test
    void eventsComeByTimeAndThenInTheOrderTheyWereAdded() {
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(5);
        EventHeap heap = new EventHeap();
        List<long[]> pending = new ArrayList<>();
        for (long number = 0; number < 20_000; number++) {
            if (pending.isEmpty() || random.nextInt(5) < 3) {
                long at = random.nextInt(50);
                heap.add(at, number);
                pending.add(new long[] {at, number});
            } else {
                long[] first = pending.stream()
                        .min(Comparator.<long[]>comparingLong(e -> e[0]).thenComparingLong(e -> e[1]))
                        .orElseThrow();
                pending.remove(first);
                assertThat(heap.nextAt()).isEqualTo(first[0]);
                assertThat(heap.poll()).isEqualTo(first[1]);
            }
        }
        assertThat(heap.size()).isEqualTo(pending.size());
    }

    @Test
    void anEmptyHeapHasNoNextTime() {
        EventHeap heap = new EventHeap();
        assertThat(heap.isEmpty()).isTrue();
        assertThat(heap.nextAt()).isEqualTo(Long.MAX_VALUE);
        heap.add(3, 1);
        assertThat(heap.nextAt()).isEqualTo(3);
    }
}
