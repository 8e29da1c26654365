package io.polychip.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.Quota;
import org.junit.jupiter.api.Test;

/** Breakers, quarantine, budget and reload. */
final class RecoveryTest {
    private final FakeHost host = new FakeHost();

    private int sendAndFail(int times, Fault.Kind kind) {
        int before = host.sent.size();
        for (int i = 0; i < times; i++) {
            Call call = host.accept(Asks.plain().seed(1000 + host.sent.size()));
            while (call.current != null) {
                host.fail(call, kind);
            }
        }
        return host.sent.size() - before;
    }

    private Snapshot.PoolView pool(int index) {
        return host.dispatcher().snapshot(host.now).pools().get(index);
    }

    @Test
    void neverMoreThanHalfOfAPoolIsEjectedForErrors() {
        host.serve(Fleets.of().owned("h100", "nvidia", 6, 1, 3));
        sendAndFail(60, Fault.Kind.SERVER_ERROR);
        assertThat(pool(0).ejected()).isEqualTo(3);
    }

    @Test
    void anAnswerThatWasRunningWhenItsReplicaWasEjectedDoesNotBringItBack() {
        host.serve(Fleets.of().owned("h100", "nvidia", 2, 1, 3));
        Call old = host.accept(Asks.plain().seed(1));
        int replica = host.attempt(old).replica().index();
        while (pool(0).ejected() == 0) {
            Call call = host.accept(Asks.plain().seed(100 + host.sent.size()));
            while (call.current != null && host.attempt(call).replica().index() == replica) {
                host.fail(call, Fault.Kind.SERVER_ERROR);
            }
            if (call.current != null) {
                host.complete(call, 5);
            }
        }
        host.pass(1);
        host.complete(old, 100);
        assertThat(pool(0).ejected()).isEqualTo(1);
        assertThat(pool(0).replicas().get(replica).health()).isEqualTo("ejected");
    }

    @Test
    void aPoolThatAnswersOnlyErrorsSwallowsNothingWhileAnotherServes() {
        host.serve(Fleets.of().owned("broken", "nvidia", 2, 1, 1).owned("sound", "amd", 2, 1, 3));
        int failures = 0;
        for (int i = 0; i < 400; i++) {
            Call call = host.accept(Asks.plain().seed(i));
            while (call.current != null && host.attempt(call).replica().pool().equals("broken")) {
                host.fail(call, Fault.Kind.SERVER_ERROR);
                failures++;
            }
            if (call.current != null) {
                host.complete(call, 5);
            }
            host.pass(10);
        }
        assertThat(failures).isLessThan(25);
        assertThat(pool(0).ejected()).isEqualTo(2);
    }

    @Test
    void allEjectedAtOnceNeverMeansThatNobodyIsAsked() {
        host.serve(Fleets.of().owned("h100", "nvidia", 2, 1, 3).owned("mi300", "amd", 2, 1, 3));
        sendAndFail(60, Fault.Kind.CONNECT);
        assertThat(pool(0).ejected() + pool(1).ejected()).isLessThan(4);
        host.dispatcher().tick(host.now);
        int before = host.sent.size();
        Call call = host.accept(Asks.plain().seed(5));
        assertThat(host.sent).hasSizeGreaterThan(before);
        host.complete(call, 5);
        assertThat(host.ending(call)).isInstanceOf(Ending.Completed.class);
    }

    @Test
    void aVendorThatIsGoneIsLeftAloneAltogetherWhileAnotherServes() {
        host.serve(Fleets.of().owned("h100", "nvidia", 3, 1, 3).owned("mi300", "amd", 3, 1, 3));
        for (int i = 0; i < 60; i++) {
            Call call = host.accept(Asks.plain().seed(i));
            while (call.current != null && host.attempt(call).replica().pool().equals("h100")) {
                host.fail(call, Fault.Kind.CONNECT);
            }
            if (call.current != null) {
                host.complete(call, 5);
            }
        }
        assertThat(pool(0).ejected()).isEqualTo(3);
        assertThat(pool(1).ejected()).isZero();
    }

    @Test
    void oneProbeFindsOutThatAReplicaIsBackAndLoadReturnsSlowly() {
        host.serve(Fleets.of().owned("h100", "nvidia", 2, 1, 3));
        while (pool(0).ejected() == 0) {
            Call call = host.accept(Asks.plain().seed(host.sent.size()));
            while (call.current != null && host.attempt(call).replica().index() == 0) {
                host.fail(call, Fault.Kind.RESET);
            }
            if (call.current != null) {
                host.complete(call, 5);
            }
        }
        host.pass(3_000);
        int probes = 0;
        for (int i = 0; i < 10; i++) {
            host.accept(Asks.plain().seed(5000 + i));
            probes += host.lastSent().replica().index() == 0 ? 1 : 0;
        }
        assertThat(probes).isEqualTo(1);
        assertThat(pool(0).replicas().getFirst().health()).isEqualTo("probing");
        host.sent.stream()
                .filter(attempt -> attempt.replica().index() == 0 && attempt.call().current == attempt)
                .toList()
                .forEach(attempt -> host.complete(attempt.call(), 5));
        assertThat(pool(0).replicas().getFirst().health()).isEqualTo("warming");
        host.pass(30_000);
        assertThat(pool(0).replicas().getFirst().health()).isEqualTo("serving");
    }

    @Test
    void aProbeWhoseClientLeavesMakesRoomForTheNext() {
        host.serve(Fleets.of().owned("h100", "nvidia", 2, 1, 3));
        while (pool(0).ejected() == 0) {
            sendAndFail(1, Fault.Kind.RESET);
        }
        host.pass(5_000);
        Call probe = host.accept(Asks.plain().seed(77));
        assertThat(host.attempt(probe).probe).isTrue();
        host.dispatcher().abandoned(probe, host.now);
        assertThat(host.attempt(host.accept(Asks.plain().seed(78))).probe).isTrue();
    }

    @Test
    void aRequestThatKilledTwoEnginesIsNotTriedAgainUntilItsQuarantineEnds() {
        host.serve(Fleets.of().owned("h100", "nvidia", 8, 1, 3));
        Call killer = host.accept(Asks.plain().fingerprint(666));
        host.fail(killer, Fault.Kind.RESET);
        host.fail(killer, Fault.Kind.RESET);
        assertThat(host.ending(killer)).isInstanceOf(Ending.Failed.class);
        assertThat(host.sent).hasSize(2);
        Ending.Refused refused = host.refusal(host.accept(Asks.plain().fingerprint(666)));
        assertThat(refused.code()).isEqualTo("request_quarantined");
        assertThat(refused.retryable()).isFalse();
        assertThat(host.endings).doesNotContainKey(host.accept(Asks.plain().fingerprint(667)));
        host.pass(Quarantine.EXPIRY_NANOS / 1_000_000 + 1);
        assertThat(host.endings).doesNotContainKey(host.accept(Asks.plain().fingerprint(666)));
    }

    @Test
    void aClockSetBackDoesNotProlongAQuarantine() {
        host.serve(Fleets.of().owned("h100", "nvidia", 8, 1, 3));
        host.dispatcher().tick(host.now);
        Call killer = host.accept(Asks.plain().fingerprint(666));
        host.fail(killer, Fault.Kind.RESET);
        host.fail(killer, Fault.Kind.RESET);
        host.now -= 3_600_000_000_000L;
        host.dispatcher().tick(host.now);
        assertThat(host.refusal(host.accept(Asks.plain().fingerprint(666))).code())
                .isEqualTo("request_quarantined");
        host.pass(Quarantine.EXPIRY_NANOS / 1_000_000 + 1);
        assertThat(host.endings).doesNotContainKey(host.accept(Asks.plain().fingerprint(666)));
    }

    @Test
    void theQuarantineForgetsTheOldestWhenItIsFull() {
        Quarantine quarantine = new Quarantine();
        for (int i = 0; i < 5_000; i++) {
            quarantine.blame(i, 1, i);
        }
        assertThat(quarantine.size()).isEqualTo(1024);
        quarantine.blame(4_999, 2, 5_000);
        assertThat(quarantine.remainingNanos(4_999, 5_001)).isPositive();
        quarantine.clear(4_999);
        assertThat(quarantine.remainingNanos(4_999, 5_001)).isZero();
    }

    @Test
    void retriesStopWhenTheBudgetIsSpent() {
        host.serve(Fleets.of().owned("h100", "nvidia", 8, 1, 3));
        int sends = sendAndFail(200, Fault.Kind.SERVER_ERROR);
        assertThat(sends).isBetween(210, 245);
    }

    @Test
    void aReloadMovesNothingInFlightAndForgetsNothingLearned() {
        Roster first = Fleets.of()
                .owned("h100", "nvidia", 2, 1, 3)
                .owned("mi300", "amd", 2, 1, 3)
                .roster();
        Dispatcher dispatcher = host.serve(first, Options.DEFAULT);
        for (int i = 0; i < 100; i++) {
            Call call = host.accept(Asks.plain().seed(i));
            host.pass(200);
            host.complete(call, 20);
        }
        double learned = pool(1).ttftFactor();
        assertThat(learned).isGreaterThan(1.5);
        Call running = host.accept(Asks.plain().seed(1000));
        Attempt attempt = host.attempt(running);
        Fleets changed = Fleets.of().owned("mi300", "amd", 3, 1, 2).owned("trn2", "aws", 2, 1, 1);
        dispatcher.reload(changed.after(first), host.now);
        assertThat(host.cancelled).isEmpty();
        assertThat(host.sent).hasSize(101);
        assertThat(pool(0).pool()).isEqualTo("mi300");
        assertThat(pool(0).ttftFactor()).isEqualTo(learned);
        dispatcher.completed(running, attempt, new Usage(500, 0, 5, false), host.now);
        assertThat(host.ending(running)).isInstanceOf(Ending.Completed.class);
        assertThat(pool(0).inFlight() + pool(1).inFlight()).isZero();
        for (int i = 0; i < 40; i++) {
            Call call = host.accept(Asks.plain().seed(2000 + i));
            assertThat(host.attempt(call).replica().pool()).isNotEqualTo("h100");
        }
    }

    @Test
    void replicasKeepTheirIndexOverReloadsAndFreedOnesAreReused() {
        Roster first =
                Fleets.of().owned("a", "x", 2, 1, 3).owned("b", "y", 2, 1, 3).roster();
        Roster second = Fleets.of().owned("b", "y", 3, 1, 3).after(first);
        assertThat(second.targets().getFirst().replicas())
                .extracting(Roster.Replica::index)
                .containsExactly(2, 3, 4);
        Roster third =
                Fleets.of().owned("b", "y", 3, 1, 3).owned("c", "z", 2, 1, 3).after(second);
        assertThat(third.targets().getLast().replicas())
                .extracting(Roster.Replica::index)
                .containsExactly(0, 1);
    }

    @Test
    void aPoolTakenOutByHandGetsNothingNewAndFinishesWhatItHas() {
        Dispatcher dispatcher =
                host.serve(Fleets.of().owned("h100", "nvidia", 2, 1, 3).owned("mi300", "amd", 2, 1, 3));
        Call call = host.accept(Asks.plain());
        String pool = host.attempt(call).replica().pool();
        assertThat(dispatcher.enable(pool, false, host.now)).isTrue();
        for (int i = 0; i < 30; i++) {
            assertThat(host.attempt(host.accept(Asks.plain().seed(i))).replica().pool())
                    .isNotEqualTo(pool);
        }
        host.complete(call, 5);
        assertThat(host.ending(call)).isInstanceOf(Ending.Completed.class);
        assertThat(dispatcher.enable("nowhere", false, host.now)).isFalse();
    }

    @Test
    void anExpensiveHostedPoolIsStillBetterThanNoAnswer() {
        host.serve(Fleets.of().owned("h100", "nvidia", 1, 1, 3).hosted("groq", "groq", 50, 80, Quota.UNLIMITED));
        Call call = host.accept(Asks.plain());
        assertThat(host.attempt(call).replica().pool()).isEqualTo("h100");
        host.fail(call, Fault.Kind.CONNECT);
        assertThat(host.attempt(call).replica().pool()).isEqualTo("groq");
    }
}
