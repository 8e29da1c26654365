package io.polychip.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.Quota;
import org.junit.jupiter.api.Test;

final class DispatcherTest {
    private final FakeHost host = new FakeHost();

    private static Fleets twoPools() {
        return Fleets.of().owned("h100", "nvidia", 2, 1, 3).owned("mi300", "amd", 2, 1, 2);
    }

    @Test
    void aCallIsSentAtOnceAndEndsCompletedWithItsUsage() {
        host.serve(twoPools());
        Call call = host.accept(Asks.plain());
        assertThat(host.sent).hasSize(1);
        host.complete(call, 10);
        assertThat(host.ending(call)).isEqualTo(new Ending.Completed(new Usage(500, 0, 10, false)));
        assertThat(host.dispatcher().open()).isZero();
        assertThat(host.charges).hasSize(1);
    }

    @Test
    void aFailureBeforeAnythingWasShownIsRetriedOnAnotherReplica() {
        host.serve(twoPools());
        Call call = host.accept(Asks.plain());
        host.fail(call, Fault.Kind.SERVER_ERROR);
        host.fail(call, Fault.Kind.SERVER_ERROR);
        assertThat(host.sent)
                .hasSize(3)
                .extracting(attempt -> attempt.replica().index())
                .doesNotHaveDuplicates();
        host.fail(call, Fault.Kind.SERVER_ERROR);
        assertThat(host.ending(call)).isInstanceOf(Ending.Failed.class);
        assertThat(host.sent).hasSize(3);
    }

    @Test
    void aFailureAfterTextWasShownEndsInAnExplicitFailure() {
        host.serve(twoPools());
        Call call = host.accept(Asks.plain());
        host.dispatcher().firstToken(call, host.attempt(call), true, host.now);
        host.dispatcher().tokens(call, host.attempt(call), 4, host.now);
        host.fail(call, Fault.Kind.CUT);
        assertThat(host.ending(call)).isInstanceOfSatisfying(Ending.Failed.class, failed -> {
            assertThat(failed.shown()).isTrue();
            assertThat(failed.usage()).isEqualTo(new Usage(500, 0, 5, true));
        });
        assertThat(host.sent).hasSize(1);
    }

    @Test
    void hiddenReasoningCountsAsNothingShownUntilTextIsShown() {
        host.serve(twoPools());
        Call hidden = host.accept(Asks.plain());
        host.dispatcher().firstToken(hidden, host.attempt(hidden), false, host.now);
        host.fail(hidden, Fault.Kind.RESET);
        assertThat(host.endings).doesNotContainKey(hidden);
        host.dispatcher().firstToken(hidden, host.attempt(hidden), false, host.now);
        host.dispatcher().shown(hidden, host.attempt(hidden), host.now);
        host.fail(hidden, Fault.Kind.RESET);
        assertThat(host.ending(hidden))
                .isInstanceOfSatisfying(
                        Ending.Failed.class, f -> assertThat(f.shown()).isTrue());
    }

    @Test
    void aClientsOwnErrorIsPassedOnAndNotRetried() {
        host.serve(twoPools());
        Call call = host.accept(Asks.plain());
        Fault fault = new Fault(Fault.Kind.CLIENT_ERROR, 400, 0, "bad temperature");
        host.dispatcher().failed(call, host.attempt(call), fault, host.now);
        assertThat(host.ending(call)).isEqualTo(new Ending.Failed(fault, false, Usage.NOTHING));
    }

    @Test
    void anUpstreamThatRefusesOurKeyIsNotTheClientsFault() {
        host.serve(Fleets.of().owned("h100", "nvidia", 1, 1, 3));
        Call call = host.accept(Asks.plain());
        for (int i = 0; i < 3; i++) {
            host.dispatcher()
                    .failed(call, host.attempt(call), new Fault(Fault.Kind.CLIENT_ERROR, 401, 0, "key"), host.now);
            host.pass(1000);
        }
        assertThat(host.ending(call))
                .isInstanceOfSatisfying(
                        Ending.Failed.class,
                        failed -> assertThat(failed.fault().status()).isEqualTo(502));
    }

    @Test
    void withASingleReplicaARetryWaitsAMomentFirst() {
        host.serve(Fleets.of().owned("h100", "nvidia", 1, 1, 3));
        Call call = host.accept(Asks.plain());
        host.fail(call, Fault.Kind.SERVER_ERROR);
        assertThat(host.sent).hasSize(1);
        host.pass(500);
        assertThat(host.sent).hasSize(2);
    }

    @Test
    void lateAndDoubleEventsOfAnEarlierAttemptAreIgnored() {
        host.serve(twoPools());
        Call call = host.accept(Asks.plain());
        Attempt first = host.attempt(call);
        host.fail(call, Fault.Kind.RESET);
        host.dispatcher().failed(call, first, new Fault(Fault.Kind.RESET, 0, 0, "again"), host.now);
        host.dispatcher().firstToken(call, first, true, host.now);
        host.dispatcher().completed(call, first, Usage.NOTHING, host.now);
        assertThat(host.endings).isEmpty();
        host.complete(call, 5);
        host.dispatcher().completed(call, first, Usage.NOTHING, host.now);
        host.dispatcher().abandoned(call, host.now);
        assertThat(host.endings).hasSize(1);
        assertThat(host.dispatcher().snapshot(host.now).pools())
                .allSatisfy(pool -> assertThat(pool.inFlight()).isZero());
    }

    @Test
    void aClientThatLeavesStopsItsUpstreamAndIsChargedWhatWasProduced() {
        host.serve(twoPools());
        Call call = host.accept(Asks.plain());
        host.dispatcher().firstToken(call, host.attempt(call), true, host.now);
        host.dispatcher().abandoned(call, host.now);
        assertThat(host.cancelled).hasSize(1);
        assertThat(host.ending(call)).isEqualTo(new Ending.Cancelled(new Usage(500, 0, 1, true)));
    }

    @Test
    void aHangBeforeTheFirstTokenIsCancelledAndTriedElsewhere() {
        host.serve(twoPools().timeouts(2_000, 1_000, 60_000));
        Call call = host.accept(Asks.plain());
        host.pass(2_001);
        assertThat(host.cancelled).hasSize(1);
        assertThat(host.sent).hasSize(2);
        host.complete(call, 3);
        assertThat(host.ending(call)).isInstanceOf(Ending.Completed.class);
    }

    @Test
    void silenceInTheMiddleOfAnAnswerIsAStall() {
        host.serve(twoPools().timeouts(2_000, 1_000, 60_000));
        Call call = host.accept(Asks.plain());
        host.dispatcher().firstToken(call, host.attempt(call), true, host.now);
        host.pass(900);
        host.dispatcher().tokens(call, host.attempt(call), 1, host.now);
        host.pass(900);
        assertThat(host.endings).isEmpty();
        host.pass(200);
        assertThat(host.ending(call))
                .isInstanceOfSatisfying(
                        Ending.Failed.class,
                        failed -> assertThat(failed.fault().kind()).isEqualTo(Fault.Kind.STALL));
    }

    @Test
    void aSlowReaderDoesNotLookLikeAStalledChip() {
        host.serve(twoPools().timeouts(2_000, 1_000, 60_000));
        Call call = host.accept(Asks.plain());
        host.dispatcher().firstToken(call, host.attempt(call), true, host.now);
        host.dispatcher().paused(call, host.attempt(call), true, host.now);
        host.pass(30_000);
        assertThat(host.endings).isEmpty();
        host.dispatcher().paused(call, host.attempt(call), false, host.now);
        host.pass(900);
        assertThat(host.endings).isEmpty();
        host.pass(200);
        assertThat(host.endings).hasSize(1);
    }

    @Test
    void theTotalTimeEndsEvenAPausedCall() {
        host.serve(twoPools().timeouts(2_000, 1_000, 5_000));
        Call call = host.accept(Asks.plain());
        host.dispatcher().firstToken(call, host.attempt(call), true, host.now);
        host.dispatcher().paused(call, host.attempt(call), true, host.now);
        host.pass(5_001);
        assertThat(host.ending(call)).isInstanceOf(Ending.Failed.class);
        assertThat(host.cancelled).hasSize(1);
    }

    @Test
    void anUnknownModelIsRefusedWithTheKnownOnes() {
        host.serve(twoPools());
        Ending.Refused refused = host.refusal(host.accept(Asks.plain().model("gpt-9")));
        assertThat(refused.status()).isEqualTo(404);
        assertThat(refused.message()).contains("gpt-9").contains("llama");
    }

    @Test
    void aContextTooLongForEveryPoolIsRefusedWithTheLongest() {
        host.serve(twoPools());
        Ending.Refused refused = host.refusal(host.accept(Asks.plain().prompt(300_000)));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.code()).isEqualTo("context_length_exceeded");
        assertThat(refused.message()).contains("131072");
    }

    @Test
    void aFeatureNoPoolHasIsRefusedByName() {
        host.serve(Fleets.of().hosted("groq", "groq", 0.05, 0.08, Quota.UNLIMITED, "logprobs"));
        Ending.Refused refused = host.refusal(host.accept(Asks.plain().needs(Needs.bit("logprobs"))));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.param()).isEqualTo("logprobs");
    }

    @Test
    void aRequestThatNeedsAFeatureGoesWhereItExists() {
        host.serve(twoPools().hosted("groq", "groq", 0, 0, Quota.UNLIMITED, "logprobs"));
        for (int i = 0; i < 50; i++) {
            host.accept(Asks.plain().seed(i).needs(Needs.bit("logprobs")));
        }
        assertThat(host.sent)
                .noneSatisfy(attempt -> assertThat(attempt.replica().pool()).isEqualTo("groq"));
    }

    @Test
    void whileDrainingNewCallsAreSentElsewhereAndOldOnesFinish() {
        host.serve(twoPools());
        Call old = host.accept(Asks.plain());
        host.dispatcher().drain();
        assertThat(host.refusal(host.accept(Asks.plain())).retryable()).isTrue();
        host.complete(old, 5);
        assertThat(host.ending(old)).isInstanceOf(Ending.Completed.class);
        assertThat(host.dispatcher().open()).isZero();
    }
}
