package io.polychip.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polychip.fleet.Quota;
import io.polychip.performance.StepTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HostedApiTest {
    private static final long SECOND = 1_000_000_000_000L;

    /** 10 tokens a second, 1,000 prompt tokens a second, half a second on the way. */
    private static final StepTime SPEED = new StepTime(new long[] {0, SECOND / 10}, SECOND / 1000, 0, 0, SECOND / 2, 0);

    private final Events events = new Events();

    @Test
    void aStreamBeginsAfterItsWayAndPromptAndThenKeepsItsSpeed() {
        HostedApi api = new HostedApi(SPEED, 4, Quota.UNLIMITED);
        assertThat(api.submit(7, 200, 5, true, 0).taken()).isTrue();
        assertThat(api.nextChange()).isEqualTo(SECOND * 8 / 10);
        api.advance(SECOND * 8 / 10, events);
        assertThat(api.nextStep()).isEqualTo(SECOND * 9 / 10);
        api.advance(SECOND * 105 / 100, events);
        assertThat(api.produced(7, SECOND * 105 / 100)).isEqualTo(3);
        api.advance(SECOND * 3, events);
        assertThat(events.log)
                .containsExactly(
                        "first 7 at 800 ms", "2 of 7 at 1000 ms", "2 of 7 at 1200 ms", "finished 7 at 1200 ms");
        assertThat(api.nextChange()).isEqualTo(Backend.NEVER);
        assertThat(api.nextStep()).isEqualTo(Backend.NEVER);
    }

    @Test
    void aRefusalSaysWhenToComeAgainInWholeSecondsAsTheHeaderDoes() {
        HostedApi api = new HostedApi(SPEED, 4, new Quota(1, Quota.NONE, Quota.NONE, Quota.NONE));
        assertThat(api.submit(1, 10, 1, true, 0).taken()).isTrue();
        api.advance(SECOND * 205 / 10, events);
        assertThat(api.submit(2, 10, 1, true, SECOND * 205 / 10)).isEqualTo(new HostedApi.Admission(429, 40 * SECOND));
    }

    @Test
    void whoFindsNoStreamWaitsForOneOrIsRefusedIfImpatient() {
        HostedApi api = new HostedApi(SPEED, 1, Quota.UNLIMITED);
        api.submit(1, 100, 1, true, 0);
        api.submit(2, 100, 1, true, 0);
        assertThat(api.submit(3, 100, 1, false, 0)).isEqualTo(new HostedApi.Admission(498, SECOND));
        assertThat(api.waiting()).isEqualTo(1);
        assertThat(api.queuedPicos(2, SECOND / 2)).isEqualTo(SECOND / 2);
        api.advance(10 * SECOND, events);
        assertThat(events.log)
                .containsExactly(
                        "first 1 at 700 ms", "finished 1 at 700 ms", "first 2 at 1400 ms", "finished 2 at 1400 ms");
    }

    @Test
    void overTheMinuteOneIsToldItsRest() {
        HostedApi api = new HostedApi(SPEED, 100, new Quota(2, 1_000, Quota.NONE, Quota.NONE));
        assertThat(api.submit(1, 400, 100, true, 10 * SECOND).taken()).isTrue();
        assertThat(api.submit(2, 400, 101, true, 10 * SECOND))
                .as("tokens")
                .isEqualTo(new HostedApi.Admission(429, 50 * SECOND));
        assertThat(api.submit(2, 10, 10, true, 10 * SECOND).taken()).isTrue();
        assertThat(api.submit(3, 10, 10, true, 10 * SECOND).status())
                .as("requests")
                .isEqualTo(429);
        api.advance(60 * SECOND, events);
        assertThat(api.submit(3, 10, 10, true, 60 * SECOND).taken()).isTrue();
    }

    @Test
    void theDaysQuotaOutlastsTheMinutes() {
        HostedApi api = new HostedApi(SPEED, 100, new Quota(Quota.NONE, Quota.NONE, 1, Quota.NONE));
        assertThat(api.submit(1, 10, 10, true, 0).taken()).isTrue();
        api.advance(3600 * SECOND, events);
        assertThat(api.submit(2, 10, 10, true, 3600 * SECOND))
                .isEqualTo(new HostedApi.Admission(429, 23 * 3600 * SECOND));
    }

    @Test
    void whatNoWindowHoldsIsTooLargeForEver() {
        HostedApi api = new HostedApi(SPEED, 100, new Quota(Quota.NONE, 1_000, Quota.NONE, Quota.NONE));
        assertThat(api.submit(1, 1_000, 1, true, 0).status()).isEqualTo(413);
    }

    @Test
    void aCancelledStreamIsSilentAndFreesItsPlace() {
        HostedApi api = new HostedApi(SPEED, 1, Quota.UNLIMITED);
        api.submit(1, 100, 50, true, 0);
        api.submit(2, 100, 1, true, 0);
        api.advance(SECOND, events);
        events.log.clear();
        assertThat(api.cancel(1, SECOND)).isTrue();
        assertThat(api.cancel(1, SECOND)).isFalse();
        api.advance(10 * SECOND, events);
        assertThat(events.log).containsExactly("first 2 at 1700 ms", "finished 2 at 1700 ms");
    }

    @Test
    void whatIsDueMustBeDoneBeforeMoreIsSubmitted() {
        HostedApi api = new HostedApi(SPEED, 1, Quota.UNLIMITED);
        api.submit(1, 100, 1, true, 0);
        assertThatThrownBy(() -> api.submit(2, 100, 1, true, SECOND))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("advance to 1000000000000 first");
    }

    private static final class Events implements TokenSink {
        final List<String> log = new ArrayList<>();

        @Override
        public void firstToken(long id, long atPicos) {
            log.add("first %d at %d ms".formatted(id, atPicos / 1_000_000_000));
        }

        @Override
        public void tokens(long id, int count, long atPicos) {
            log.add("%d of %d at %d ms".formatted(count, id, atPicos / 1_000_000_000));
        }

        @Override
        public void finished(long id, int cachedTokens, long atPicos) {
            log.add("finished %d at %d ms".formatted(id, atPicos / 1_000_000_000));
        }
    }
}
