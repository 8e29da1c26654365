package io.polychip.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.Quota;
import org.junit.jupiter.api.Test;

class QuotaMeterTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void aMinutesWorthMayBeTakenAtOnceAndThenAsItRefills() {
        QuotaMeter meter = new QuotaMeter(new Quota(2, 600, Quota.NONE, Quota.NONE), 0);
        assertThat(meter.take(100, 0)).isZero();
        assertThat(meter.take(400, 0)).isZero();
        assertThat(meter.take(1, 0)).isEqualTo(30 * SECOND);
        assertThat(meter.take(401, 30 * SECOND)).isEqualTo(SECOND / 10);
        assertThat(meter.take(400, 30 * SECOND)).isZero();
    }

    @Test
    void withoutLimitsNothingWaits() {
        assertThat(new QuotaMeter(Quota.UNLIMITED, 0).take(Integer.MAX_VALUE, 0))
                .isZero();
    }

    @Test
    void durationsAreWrittenAsGoWritesThem() {
        assertThat(QuotaMeter.duration(360)).isEqualTo("6m0s");
        assertThat(QuotaMeter.duration(7.66)).isEqualTo("7.66s");
        assertThat(QuotaMeter.duration(0)).isEqualTo("0s");
    }
}
