package io.polychip.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class PaceTest {
    private static final long MILLI = 1_000_000;
    private static final int REPLICAS = 100;
    private static final long INTERVAL = 100 * MILLI;

    private final Pace pace = new Pace();
    private long now = -5 * MILLI; // the ticker's zero means nothing

    /** Armed anew from the moment it fired, a timer that is always 3 ms late let each be read every 400 ms. */
    @Test
    void timersThatFireLateSlowNobodyDown() {
        pace.start(REPLICAS, INTERVAL, now);
        long end = now + 10 * INTERVAL;
        int turns = 0;
        while (now < end) {
            now += pace.untilNext(now) + 3 * MILLI;
            turns += pace.take(REPLICAS, now);
        }
        assertThat(turns).isBetween(10 * REPLICAS, 10 * REPLICAS + 5);
    }

    @Test
    void inTimeEachHasItsOwnMoment() {
        pace.start(4, 100, now);
        for (int turn = 0; turn < 8; turn++) {
            assertThat(pace.untilNext(now)).isEqualTo(25);
            now += 25;
            assertThat(pace.take(4, now)).isEqualTo(1);
        }
    }

    @Test
    void beforeItsTimeNothingIsDue() {
        pace.start(4, 100, now);
        assertThat(pace.take(4, now + 24)).isZero();
        assertThat(pace.untilNext(now + 24)).isEqualTo(1);
    }

    @Test
    void aLoopThatStoodStillReadsEachOnceAndGoesOnInTime() {
        pace.start(4, 100, now);
        now += 1_010;
        assertThat(pace.take(4, now)).isEqualTo(4);
        assertThat(pace.untilNext(now)).isEqualTo(15);
    }
}
