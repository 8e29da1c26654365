package io.polychip.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateLimitsTest {
    @Test
    void durationsAreWrittenAsGoWritesThem() {
        assertThat(RateLimits.duration(360)).isEqualTo("6m0s");
        assertThat(RateLimits.duration(7.66)).isEqualTo("7.66s");
        assertThat(RateLimits.duration(0)).isEqualTo("0s");
    }
}
