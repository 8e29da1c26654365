package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.simulator.Outage;
import io.polychip.simulator.Report;
import io.polychip.simulator.Where;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LossStoryTest {
    private static String told(long refused, long failed, double recoveredSeconds) {
        return told(refused, failed, recoveredSeconds, 600);
    }

    private static String told(long refused, long failed, double recoveredSeconds, double afterSeconds) {
        return new LossStory(
                        "amd", 600, 0.999, 0.995, 0.997, afterSeconds, 9_000, refused, failed, 0, 3, recoveredSeconds)
                .sentence();
    }

    @Test
    void aRunThatEndsBeforeTenMinutesIsNotSaidToHaveThem() {
        assertThat(told(5, 0, 90, 600)).contains("99.70 % in the first ten;");
        assertThat(told(5, 0, 90, 400))
                .contains("in all 6:40 of the run after it;")
                .doesNotContain("first ten");
        assertThat(told(5, 0, -1, 400)).endsWith("Not back to what it was within the run.");
    }

    /** A first half minute that holds, while queues fill up, is no recovery. */
    @Test
    void whatGetsWorseAfterAGoodHalfMinuteHasNotRecovered() {
        List<Long> met = new ArrayList<>();
        for (int i = 0; i < Report.OfOutage.BUCKETS; i++) {
            met.add(i < 20 ? 100L : 40L);
        }
        LossStory story = LossStory.of("amd", outage(met));
        assertThat(story.recoveredSeconds()).isNegative();
        assertThat(story.sentence()).endsWith("Not back to what it was within ten minutes.");
    }

    @Test
    void whatDipsAndComesBackIsTimedToWhereItStays() {
        List<Long> met = new ArrayList<>();
        for (int i = 0; i < Report.OfOutage.BUCKETS; i++) {
            met.add(i >= 14 && i < 24 ? 10L : 100L);
        }
        assertThat(LossStory.of("amd", outage(met)).recoveredSeconds()).isEqualTo(60);
    }

    private static Report.OfOutage outage(List<Long> met) {
        List<Long> hundred = Collections.nCopies(Report.OfOutage.BUCKETS, 100L);
        List<Long> none = Collections.nCopies(Report.OfOutage.BUCKETS, 0L);
        return new Report.OfOutage(
                Outage.of(Where.vendor("amd"), 600_000_000_000L, Long.MAX_VALUE),
                hundred,
                hundred,
                met,
                none,
                none,
                none,
                none,
                none,
                none,
                Map.of());
    }

    @Test
    void whereNobodyWasTurnedAwayClientsHardlyNoticed() {
        assertThat(told(0, 0, 0)).endsWith("Clients hardly noticed.");
    }

    @Test
    void refusedClientsNoticed() {
        assertThat(told(164, 0, 0)).contains("164 refused").doesNotContain("hardly noticed");
        assertThat(told(0, 2, 0)).contains("2 failed").doesNotContain("hardly noticed");
    }

    @Test
    void howLongItTookIsSaid() {
        assertThat(told(5, 0, 90)).endsWith("Back to what it was after 1:30.");
        assertThat(told(5, 0, -1)).endsWith("Not back to what it was within ten minutes.");
    }
}
