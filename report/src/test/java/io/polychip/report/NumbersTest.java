package io.polychip.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NumbersTest {
    @Test
    void numbersKeepTheDigitsThatMatter() {
        assertThat(Numbers.plain(1234.4)).isEqualTo("1,234");
        assertThat(Numbers.plain(12.345)).isEqualTo("12.35");
        assertThat(Numbers.plain(0.5)).isEqualTo("0.5");
        assertThat(Numbers.plain(Double.NaN)).isEqualTo("-");
        assertThat(Numbers.rounded(999)).isEqualTo("999");
        assertThat(Numbers.rounded(1_234_000)).isEqualTo("1.23 M");
        assertThat(Numbers.rounded(45_600)).isEqualTo("45.6 k");
        assertThat(Numbers.usd(3.4)).isEqualTo("$3.40");
        assertThat(Numbers.usd(0.01234)).isEqualTo("$0.0123");
        assertThat(Numbers.millis(45.24)).isEqualTo("45.2 ms");
        assertThat(Numbers.millis(1234)).isEqualTo("1.23 s");
        assertThat(Numbers.millis(0.85)).isEqualTo("850 µs");
        assertThat(Numbers.clock(3909)).isEqualTo("1:05:09");
    }

    @Test
    void aShareIsNeverRoundedUpToAllOrDownToNothing() {
        assertThat(Numbers.percent(0.99996)).isEqualTo("99.996 %");
        assertThat(Numbers.percent(1)).isEqualTo("100 %");
        assertThat(Numbers.percent(0.995)).isEqualTo("99.50 %");
        assertThat(Numbers.percent(0.5)).isEqualTo("50.0 %");
        assertThat(Numbers.percent(0)).isEqualTo("0 %");
    }

    @Test
    void aSparklineShowsPeaksAndGaps() {
        assertThat(Sparkline.of(new double[] {0, 1, 8, 4}, 8, 4)).isEqualTo("▁▂█▅");
        assertThat(Sparkline.of(new double[] {0, 8, 0, 0}, 8, 2)).isEqualTo("█▁");
        assertThat(Sparkline.of(new double[] {Double.NaN, 4}, 8, 2)).isEqualTo(" ▅");
        assertThat(Sparkline.of(new double[] {}, 8, 9)).isEmpty();
    }
}
