package io.polychip.performance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

final class StepTimeTest {
    private final RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(20_261_123);

    @Test
    void aLeapOfAnyLengthEqualsTheSumOfItsSteps() {
        for (int world = 0; world < 500; world++) {
            StepTime time = randomTime();
            int batch = random.nextInt(1, time.maxBatch() + 1);
            long kv = random.nextLong(1_000_000);
            long sum = 0;
            for (long steps = 1; steps <= 300; steps++) {
                sum += time.stepPicos(0, batch, kv + (steps - 1) * batch);
                assertThat(time.decodePicos(batch, kv, steps)).isEqualTo(sum);
            }
        }
    }

    @Test
    void stepsWithinABudgetAreTheMostThatEndInIt() {
        for (int world = 0; world < 5_000; world++) {
            StepTime time = randomTime();
            int batch = random.nextInt(1, time.maxBatch() + 1);
            long kv = random.nextLong(1_000_000);
            long limit = random.nextLong(1, 100_000);
            long budget = random.nextInt(3) == 0
                    ? time.decodePicos(batch, kv, random.nextLong(1, limit + 1)) - random.nextInt(2)
                    : random.nextLong(100_000_000_000_000L);
            long steps = time.decodeStepsWithin(batch, kv, budget, limit);
            assertThat(steps).isBetween(0L, limit);
            if (steps > 0) {
                assertThat(time.decodePicos(batch, kv, steps)).isLessThanOrEqualTo(budget);
            }
            if (steps < limit) {
                assertThat(time.decodePicos(batch, kv, steps + 1)).isGreaterThan(budget);
            }
        }
    }

    @Test
    void noStepEndsWithinABudgetShorterThanOne() {
        StepTime time = new StepTime(new long[] {0, 100}, 1, 1, 1, 0, 0);
        assertThat(time.decodeStepsWithin(1, 7, 106, 10)).isZero();
        assertThat(time.decodeStepsWithin(1, 7, 107, 10)).isEqualTo(1);
        assertThat(time.decodeStepsWithin(1, 7, 1_000, 0)).isZero();
    }

    @Test
    void prefillCostsAtLeastTheFloorAndOnlyPrefillDoes() {
        StepTime time = new StepTime(new long[] {10, 100}, 3, 2, 1, 0, 500);
        assertThat(time.stepPicos(time.prefillPicos(4, 5), 1, 0)).isEqualTo(500);
        assertThat(time.stepPicos(0, 1, 0)).isEqualTo(100);
        assertThat(time.stepPicos(time.prefillPicos(40, 0), 1, 7)).isEqualTo(100 + 3 * 40 + 2 * 800 + 7);
    }

    @Test
    void aLeapBeyondTheRangeThrowsInsteadOfWrapping() {
        StepTime time = new StepTime(new long[] {0, 1_000_000_000_000L}, 1, 1, 1_000_000, 0, 0);
        assertThatThrownBy(() -> time.decodePicos(1, 0, 10_000_000)).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> time.prefillPicos(Long.MAX_VALUE / 2, 1)).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void aHiddenTruthScalesEveryCoefficient() {
        StepTime slow = new StepTime(new long[] {10, 100, 200}, 30, 20, 10, 50, 40).scaled(1.4);
        assertThat(slow.alphaPicos(2)).isEqualTo(280);
        assertThat(slow.tokenPicos()).isEqualTo(42);
        assertThat(slow.pairPicos()).isEqualTo(28);
        assertThat(slow.kvPicos()).isEqualTo(14);
        assertThat(slow.arrivalPicos()).isEqualTo(70);
        assertThat(slow.floorPicos()).isEqualTo(56);
    }

    @Test
    void impossibleCoefficientsAreRefusedWithTheirValue() {
        assertThatThrownBy(() -> new StepTime(new long[] {0}, 0, 0, 0, 0, 0))
                .isInstanceOf(ProfileException.class)
                .hasMessageContaining("not 1 entries");
        assertThatThrownBy(() -> new StepTime(new long[] {0, 0}, 0, 0, 0, 0, 0))
                .isInstanceOf(ProfileException.class)
                .hasMessageContaining("alphaPicos[1] is 0");
        assertThatThrownBy(() -> new StepTime(new long[] {0, 1}, -5, 0, 0, 0, 0))
                .isInstanceOf(ProfileException.class)
                .hasMessageContaining("tokenPicos (-5)");
        assertThatThrownBy(() -> new StepTime(new long[] {0, 1}, 0, 0, 0, 0, 0).scaled(0))
                .isInstanceOf(ProfileException.class)
                .hasMessageContaining("0.0");
    }

    @Test
    void aLongerTableKeepsItsLastStep() {
        StepTime time = new StepTime(new long[] {10, 100, 200}, 0, 0, 0, 0, 0).withMaxBatch(4);
        assertThat(time.maxBatch()).isEqualTo(4);
        assertThat(time.alphaPicos(4)).isEqualTo(200);
    }

    private StepTime randomTime() {
        long[] alpha = new long[random.nextInt(2, 300)];
        for (int n = 0; n < alpha.length; n++) {
            alpha[n] = random.nextLong(1, 50_000_000_000L);
        }
        return new StepTime(
                alpha,
                random.nextLong(100_000_000),
                random.nextLong(1_000),
                random.nextInt(4) == 0 ? 0 : random.nextLong(1_000_000),
                random.nextLong(20_000_000_000L),
                random.nextLong(20_000_000_000L));
    }
}
