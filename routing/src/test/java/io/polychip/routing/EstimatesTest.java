package io.polychip.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.Quota;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is learned and estimated: lengths, residuals, margins, beliefs, prefixes, quota, board. */
final class EstimatesTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void outputLengthsFollowWhatWasSeenAndRespectTheCap() {
        OutputLengths lengths = new OutputLengths();
        for (int i = 0; i < 1_000; i++) {
            lengths.learn(i % 2 == 0 ? 100 : 1_000);
        }
        assertThat(lengths.mean(Integer.MAX_VALUE)).isCloseTo(550, within(60.0));
        assertThat(lengths.mean(100)).isLessThanOrEqualTo(100);
        assertThat(lengths.quantile(0.9, Integer.MAX_VALUE)).isBetween(900.0, 1_250.0);
        assertThat(lengths.quantile(0.9, 300)).isEqualTo(300);
    }

    @Test
    void survivorsAreExpectedToBecomeLonger() {
        OutputLengths lengths = new OutputLengths();
        for (int i = 0; i < 1_000; i++) {
            lengths.learn(i % 2 == 0 ? 100 : 1_000);
        }
        assertThat(lengths.meanBeyond(200, Integer.MAX_VALUE)).isBetween(900.0, 1_150.0);
        assertThat(lengths.meanBeyond(5_000, Integer.MAX_VALUE)).isGreaterThan(5_000);
        assertThat(lengths.meanBeyond(200, 256)).isEqualTo(256);
    }

    @Test
    void aCorrectionFindsTheMedianAndOneWildAnswerDoesNotMoveItFar() {
        Residuals residuals = new Residuals(0.1);
        Random random = new Random(3);
        for (int i = 0; i < 500; i++) {
            residuals.learn(140 * Math.exp(0.1 * random.nextGaussian()), 100);
        }
        double before = residuals.factor();
        assertThat(before).isCloseTo(1.4, within(0.05));
        residuals.learn(10_000, 100);
        assertThat(residuals.factor()).isCloseTo(before, within(0.01));
        assertThat(residuals.proven()).isTrue();
    }

    @Test
    void aShiftOfTheResidualsWidensTheBandUntilItIsLearned() {
        Residuals residuals = new Residuals(0.1);
        for (int i = 0; i < 300; i++) {
            residuals.learn(100 + i % 5, 100);
        }
        double narrow = residuals.band();
        for (int i = 0; i < 20; i++) {
            residuals.learn(180, 100);
        }
        assertThat(residuals.drifting()).isTrue();
        assertThat(residuals.band()).isGreaterThan(3 * narrow);
        for (int i = 0; i < 1_000; i++) {
            residuals.learn(180 + i % 5, 100);
        }
        assertThat(residuals.drifting()).isFalse();
        assertThat(residuals.factor()).isCloseTo(1.8, within(0.05));
    }

    @Test
    void aMarginSettlesWhereThePromisedShareIsKept() {
        Margin margin = new Margin(95);
        Random random = new Random(5);
        int kept = 0;
        for (int i = 0; i < 20_000; i++) {
            boolean met = Math.exp(0.3 * random.nextGaussian()) <= margin.multiplier(0.5);
            margin.learn(met);
            kept += i >= 5_000 && met ? 1 : 0;
        }
        assertThat(kept / 15_000.0).isCloseTo(0.95, within(0.01));
    }

    @Test
    void aWideBandThatAnswersDoNotConfirmNoLongerKeepsAPoolOut() {
        Margin margin = new Margin(99);
        Residuals residuals = new Residuals(0.25);
        double before = margin.multiplier(residuals.band());
        for (int i = 0; i < 64; i++) {
            residuals.learn(1.05 + 0.02 * (i % 2), 1);
            margin.learn(true);
        }
        assertThat(before).isGreaterThan(1.7);
        assertThat(margin.multiplier(residuals.band())).isLessThan(1.2);
    }

    @Test
    void whatOthersHaveIsTheScrapedTotalLessOurOwnAtThatTime() {
        Belief belief = new Belief();
        for (int i = 0; i < 10; i++) {
            belief.started(0, 0, false, i * SECOND / 10);
        }
        // the scrape was taken at 0.45 s, when 5 of ours were there, and arrives late
        belief.observed(new Reading(45 * SECOND / 100, 12, 0, -1, true, true), 0, 1_000_000, SECOND);
        assertThat(belief.lastOutside()).isEqualTo(7);
        assertThat(belief.outside(3, 45 * SECOND / 100)).isEqualTo(7);
    }

    /** An engine whose cache is 90 % full and has ten more in its queue looked as if it still had room. */
    @Test
    void whatOthersHaveWaitingWillTakeCacheToo() {
        Belief belief = new Belief();
        belief.observed(new Reading(SECOND, 20, 10, 0.9, true, true), 0, 100_000, SECOND);
        assertThat(belief.outsideKvTokens(belief.outside(0, SECOND), 4_500, SECOND))
                .isEqualTo(30 * 4_500);
        assertThat(belief.outsideKvTokens(belief.outside(0, SECOND), 1_000, SECOND))
                .isEqualTo(90_000);
    }

    @Test
    void anOldScrapeFadesIntoWhatIsUsualAndSilenceChangesNothing() {
        Belief belief = new Belief();
        belief.observed(new Reading(SECOND, 20, 0, -1, true, true), 0, 1_000_000, SECOND);
        belief.observed(new Reading(2 * SECOND, 0, 0, 0, false, false), 0, 1_000_000, 2 * SECOND);
        assertThat(belief.outside(4, SECOND)).isEqualTo(20);
        assertThat(belief.outside(4, 2 * SECOND)).isCloseTo(12, within(0.01));
        assertThat(belief.outside(4, 1_000 * SECOND)).isCloseTo(4, within(0.1));
    }

    @Test
    void aReadingFromTheFutureAgesAndIsReplacedLikeAnyOther() {
        Belief belief = new Belief();
        belief.observed(new Reading(3_600 * SECOND, 90, 0, -1, true, true), 0, 1_000_000, SECOND);
        assertThat(belief.outside(0, 2 * SECOND)).isCloseTo(45, within(0.01));
        belief.observed(new Reading(2 * SECOND, 6, 0, -1, true, true), 0, 1_000_000, 2 * SECOND);
        assertThat(belief.outside(0, 2 * SECOND)).isEqualTo(6);
    }

    @Test
    void aClockSetBackDoesNotFreezeWhatIsKnownOfAReplica() {
        Belief belief = new Belief();
        belief.started(0, 0, false, 3_600 * SECOND);
        belief.observed(new Reading(3_601 * SECOND, 90, 0, -1, true, true), 0, 1_000_000, 3_601 * SECOND);
        belief.started(0, 0, false, SECOND);
        belief.started(0, 0, false, 2 * SECOND);
        belief.observed(new Reading(3 * SECOND, 10, 0, -1, true, true), 0, 1_000_000, 3 * SECOND);
        assertThat(belief.lastOurs()).isEqualTo(3);
        assertThat(belief.outside(0, 3 * SECOND)).isEqualTo(7);
    }

    @Test
    void aPrefixIsFoundWhereItWasSentAndACommonOneBelongsToNobody() {
        PrefixIndex index = new PrefixIndex(1 << 16);
        Asks conversation = Asks.plain().prefix(new long[] {1, 2, 3}, new int[] {100, 200, 300});
        index.sent(conversation.ask(), 5);
        Ask next = conversation
                .prefix(new long[] {1, 2, 3, 4}, new int[] {100, 200, 300, 400})
                .ask();
        index.find(next);
        assertThat(index.home()).isEqualTo(5);
        assertThat(index.cachedTokens(5)).isEqualTo(300);
        assertThat(index.cachedTokens(6)).isZero();
        for (int replica = 0; replica < 4; replica++) {
            index.sent(
                    Asks.plain()
                            .prefix(new long[] {1, 70 + replica}, new int[] {100, 150})
                            .ask(),
                    replica);
        }
        index.find(Asks.plain().prefix(new long[] {1, 99}, new int[] {100, 150}).ask());
        assertThat(index.home()).isEqualTo(-1);
        assertThat(index.cachedTokens(17)).isEqualTo(100);
        index.find(next);
        assertThat(index.home()).isEqualTo(5);
    }

    @Test
    void thePrefixIndexForgetsTheOldestAndNeverGrows() {
        PrefixIndex index = new PrefixIndex(1 << 14);
        int bytes = index.bytes();
        assertThat(bytes).isLessThanOrEqualTo(1 << 14);
        for (int i = 1; i < 50_000; i++) {
            index.sent(
                    Asks.plain()
                            .prefix(new long[] {Mix.scramble(i)}, new int[] {10})
                            .ask(),
                    i % 100);
        }
        assertThat(index.bytes()).isEqualTo(bytes);
        index.find(Asks.plain()
                .prefix(new long[] {Mix.scramble(1)}, new int[] {10})
                .ask());
        assertThat(index.home()).isEqualTo(-1);
        index.find(Asks.plain()
                .prefix(new long[] {Mix.scramble(49_999)}, new int[] {10})
                .ask());
        assertThat(index.home()).isEqualTo(49_999 % 100);
    }

    @Test
    void noMinuteSpendsMoreThanTheQuota() {
        QuotaPacer pacer = new QuotaPacer(new Quota(60, 6_000, Quota.NONE, Quota.NONE), 1, 0);
        int[] perMinute = new int[5];
        for (long now = 0; now < 300 * SECOND; now += SECOND / 20) {
            if (pacer.opensAt(100, now) <= now) {
                pacer.take(100, now);
                perMinute[(int) (now / (60 * SECOND))]++;
            }
        }
        for (int count : perMinute) {
            assertThat(count).isBetween(55, 60);
        }
    }

    @Test
    void aQuotaOfOneRequestAMinuteIsSpentWhole() {
        QuotaPacer pacer = new QuotaPacer(new Quota(1, Quota.NONE, Quota.NONE, Quota.NONE), 1, 0);
        List<Long> sentSeconds = new ArrayList<>();
        for (long now = 0; now < 300 * SECOND; now += SECOND) {
            if (pacer.opensAt(100, now) <= now) {
                pacer.take(100, now);
                sentSeconds.add(now / SECOND);
            }
        }
        assertThat(sentSeconds).containsExactly(0L, 60L, 120L, 180L, 240L);
    }

    @Test
    void whatWasReservedButNotUsedComesBack() {
        QuotaPacer pacer = new QuotaPacer(new Quota(Quota.NONE, 60_000, Quota.NONE, Quota.NONE), 1, 0);
        pacer.take(3_000, 0);
        assertThat(pacer.opensAt(2_000, 0)).isPositive();
        pacer.settle(2_500);
        assertThat(pacer.opensAt(2_000, 0)).isZero();
    }

    @Test
    void theBoardSumsTheRowsOfOtherLoops() {
        Board board = new Board(3);
        board.write(0, 200, 5, 1_600, 6_400);
        board.write(1, 200, 7, 160, 640);
        assertThat(Board.inFlightOf(board.others(200, 0))).isEqualTo(7);
        assertThat(Board.inFlightOf(board.others(200, 2))).isEqualTo(12);
        assertThat(Board.prefillTokensOf(board.others(200, 2))).isEqualTo(1_760);
        assertThat(Board.kvTokensOf(board.others(200, 2))).isEqualTo(7_040);
        assertThat(board.inFlight(9_999)).isZero();
    }
}
