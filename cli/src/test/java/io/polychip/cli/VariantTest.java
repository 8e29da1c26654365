package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class VariantTest {
    /** Between the runs of three pairs lay a range called nine of ten, which held one of them. */
    @Test
    void aRangeHoldsNineOfTenRunsHoweverFew() {
        for (int runs = 1; runs <= 60; runs++) {
            double[] sorted = IntStream.range(0, runs).asDoubleStream().toArray();
            double low = Variant.at(sorted, 0.05);
            double high = Variant.at(sorted, 0.95);
            assertThat(Arrays.stream(sorted)
                            .filter(each -> each >= low && each <= high)
                            .count())
                    .isGreaterThanOrEqualTo(Math.round(Math.ceil(0.9 * runs)));
        }
        assertThat(Variant.at(new double[] {3, 7, 9}, 0.95)).isEqualTo(9);
    }
}
