package io.polychip.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.Quota;
import io.polychip.fleet.RequestClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Who waits, who goes first, who is refused. */
final class QueueTest {
    private final FakeHost host = new FakeHost();

    /** One replica with two places. */
    private static Fleets tiny() {
        return Fleets.of().owned("h100", "nvidia", 1, Fleets.profile("h100", "nvidia", 1, 2, 100_000), 3);
    }

    private List<Call> fill() {
        List<Call> running = new ArrayList<>();
        for (int i = 0; host.dispatcher().snapshot(host.now).waiting() == 0; i++) {
            running.add(host.accept(Asks.plain().seed(i).requestClass(RequestClass.PRIORITY)));
        }
        host.dispatcher().abandoned(running.removeLast(), host.now);
        return running;
    }

    @Test
    void aCallWaitsForAPlaceAndGetsIt() {
        host.serve(tiny());
        List<Call> running = fill();
        assertThat(running).hasSize(2);
        Call waiting = host.accept(Asks.plain());
        assertThat(host.sent).hasSize(2);
        host.complete(running.getFirst(), 5);
        assertThat(host.sent)
                .hasSize(3)
                .last()
                .satisfies(attempt -> assertThat(attempt.call()).isSameAs(waiting));
    }

    @Test
    void urgentClassesGoBeforeOthersThatCameEarlier() {
        host.serve(tiny());
        List<Call> running = fill();
        Call batch = host.accept(Asks.plain().requestClass(RequestClass.BATCH));
        Call flex = host.accept(Asks.plain().requestClass(RequestClass.FLEX));
        Call ordinary = host.accept(Asks.plain());
        Call urgent = host.accept(Asks.plain().requestClass(RequestClass.PRIORITY));
        List<Call> order = new ArrayList<>();
        for (Call next = running.getFirst(); order.size() < 4; next = order.getLast()) {
            int before = host.sent.size();
            host.complete(next, 5);
            if (host.sent.size() == before) {
                host.complete(running.getLast(), 5);
            }
            assertThat(host.sent).hasSizeGreaterThan(before);
            for (int i = before; i < host.sent.size(); i++) {
                order.add(host.sent.get(i).call());
            }
        }
        assertThat(order).containsExactly(urgent, ordinary, flex, batch);
    }

    @Test
    void tenantsShareByTokensNotByRequests() {
        host.serve(tiny().queue(100, 60_000));
        List<Call> running = fill();
        for (int i = 0; i < 20; i++) {
            host.accept(
                    Asks.plain().seed(100 + i).tenant("long", 1).prompt(4_000).output(100));
            host.accept(
                    Asks.plain().seed(200 + i).tenant("short", 1).prompt(400).output(10));
        }
        running.forEach(call -> host.complete(call, 5));
        int served = host.sent.size();
        while (host.sent.size() < served + 20) {
            Call call = host.lastSent().call();
            host.complete(call, call.ask().estimatedOutput());
        }
        long longs = host.sent.stream()
                .filter(a -> a.call().ask().tenant().equals("long"))
                .count();
        long shorts = host.sent.stream()
                .filter(a -> a.call().ask().tenant().equals("short"))
                .count();
        assertThat(shorts).isGreaterThan(4 * longs);
    }

    @Test
    void aTenantWithTwiceTheWeightGetsTwiceTheTokens() {
        WaitingRoom room = new WaitingRoom();
        for (int i = 0; i < 300; i++) {
            room.join(waiting(Asks.plain().seed(i).tenant("heavy", 2)));
            room.join(waiting(Asks.plain().seed(i).tenant("light", 1)));
        }
        int heavy = 0;
        for (int i = 0; i < 90; i++) {
            Call next = Objects.requireNonNull(room.peek(0, 0));
            room.leave(next);
            room.charge(next.ask(), 700);
            heavy += next.ask().tenant().equals("heavy") ? 1 : 0;
        }
        assertThat(heavy).isBetween(58, 62);
    }

    @Test
    void lookingInVainForAPlaceCostsATenantNothing() {
        WaitingRoom room = new WaitingRoom();
        room.join(waiting(Asks.plain().seed(1).tenant("ahead", 1)));
        room.charge(Asks.plain().tenant("ahead", 1).ask(), 10_000);
        room.join(waiting(Asks.plain().seed(2).tenant("ahead", 1)));
        room.charge(Asks.plain().tenant("behind", 1).ask(), -5_000);
        Call behind = waiting(Asks.plain().seed(3).tenant("behind", 1));
        room.join(behind);
        for (int i = 0; i < 3; i++) {
            room.charge(Asks.plain().tenant("ahead", 1).ask(), 1_000);
            assertThat(room.peek(0, 0)).isSameAs(behind);
            room.leave(behind);
            room.putBack(behind);
        }
    }

    @Test
    void aTenantCannotSaveUpWhileItIsAway() {
        WaitingRoom room = new WaitingRoom();
        for (int i = 0; i < 100; i++) {
            room.join(waiting(Asks.plain().seed(i).tenant("steady", 1)));
        }
        for (int i = 0; i < 50; i++) {
            Call next = Objects.requireNonNull(room.peek(0, 0));
            room.leave(next);
            room.charge(next.ask(), 1_000);
        }
        for (int i = 0; i < 50; i++) {
            room.join(waiting(Asks.plain().seed(i).tenant("newcomer", 1)));
        }
        int newcomer = 0;
        for (int i = 0; i < 20; i++) {
            Call next = Objects.requireNonNull(room.peek(0, 0));
            room.leave(next);
            room.charge(next.ask(), 1_000);
            newcomer += next.ask().tenant().equals("newcomer") ? 1 : 0;
        }
        assertThat(newcomer).isBetween(9, 11);
    }

    @Test
    void aTenantThatFillsItsShareOfTheQueueIsToldSoWhileOthersMayStillWait() {
        host.serve(tiny().queue(20, 60_000));
        fill();
        List<Call> flood = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            flood.add(host.accept(Asks.plain().seed(i).tenant("flood", 1)));
        }
        Ending.Refused refused = host.refusal(flood.getLast());
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.retryAfterNanos()).isPositive();
        Call other = host.accept(Asks.plain().tenant("other", 1));
        assertThat(host.endings).doesNotContainKey(other);
    }

    @Test
    void aFullQueueIsASaturationThatClientsMustNotRetryAtOnce() {
        host.serve(tiny().queue(4, 60_000));
        fill();
        List<Call> calls = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            calls.add(host.accept(Asks.plain().seed(i).tenant("tenant" + i, 1)));
        }
        Ending.Refused refused = host.refusal(calls.getLast());
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.retryable()).isFalse();
        assertThat(refused.retryAfterNanos()).isPositive();
    }

    @Test
    void aPlaceThatAnotherLoopFreesIsNoticed() {
        Board board = new Board(2);
        Roster roster = tiny().roster();
        FakeHost other = new FakeHost();
        other.serve(roster, board, 1);
        host.serve(roster, board, 0);
        other.accept(Asks.plain().seed(1).requestClass(RequestClass.PRIORITY));
        other.accept(Asks.plain().seed(2).requestClass(RequestClass.PRIORITY));
        Call waiting = host.accept(Asks.plain().seed(3));
        assertThat(host.sent).isEmpty();
        other.complete(other.sent.getFirst().call(), 5);
        host.pass(100);
        assertThat(host.sent).hasSize(1);
        assertThat(host.attempt(waiting).number()).isZero();
    }

    @Test
    void whoWaitsTooLongIsRefusedAndNotForgotten() {
        host.serve(tiny().queue(10, 2_000));
        fill();
        Call waiting = host.accept(Asks.plain());
        host.pass(1_900);
        assertThat(host.endings).doesNotContainKey(waiting);
        host.pass(200);
        assertThat(host.refusal(waiting).code()).isEqualTo("queue_timeout");
        assertThat(host.dispatcher().snapshot(host.now).waiting()).isZero();
    }

    /** Four places, as many calls in them, and one that waited until it could not keep its objective any more. */
    private Call lateBehindFour(List<Call> running) {
        for (int i = 0; i < 4; i++) {
            running.add(host.accept(Asks.plain().seed(500 + i)));
        }
        Call late = host.accept(Asks.plain().seed(600));
        host.pass(5_000);
        return late;
    }

    private boolean sent(Call call) {
        return host.sent.stream().anyMatch(attempt -> attempt.call() == call);
    }

    @Test
    void whoIsLateTakesNoPlaceThatTheNextOnesNeedToBeOnTime() {
        host.serve(four());
        for (int i = 0; i < 100; i++) {
            host.complete(host.accept(Asks.plain().seed(i)), 5);
        }
        List<Call> running = new ArrayList<>();
        Call late = lateBehindFour(running);
        host.complete(running.removeFirst(), 5);
        assertThat(sent(late)).as("one place is free, and many come").isFalse();
        Call onTime = host.accept(Asks.plain().seed(700));
        assertThat(sent(onTime)).isTrue();
        host.complete(running.removeFirst(), 5);
        host.complete(running.removeFirst(), 5);
        assertThat(sent(late)).as("two are").isTrue();
    }

    /** Who was late kept places free, and was asked so often that no other tenant was asked whether it needed one. */
    @Test
    void lateCallsOfOneTenantDoNotKeepAPlaceFromAnother() {
        host.serve(four());
        for (int i = 0; i < 100; i++) {
            host.complete(host.accept(Asks.plain().seed(i)), 5);
        }
        List<Call> running = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            running.add(host.accept(Asks.plain().seed(500 + i).tenant("b", 1)));
        }
        for (int i = 0; i < 6; i++) {
            host.accept(Asks.plain().seed(600 + i).tenant("a", 1000));
        }
        host.pass(5_000);
        Call onTime = host.accept(Asks.plain().seed(700).tenant("b", 1));
        assertThat(sent(onTime)).isFalse();
        host.complete(running.removeFirst(), 5);
        assertThat(sent(onTime)).isTrue();
        running.add(onTime);
        host.complete(running.removeFirst(), 5);
        Call newcomer = host.accept(Asks.plain().seed(701).tenant("c", 1));
        assertThat(sent(newcomer)).as("of a tenant that had nobody waiting").isTrue();
    }

    @Test
    void whoIsLateTakesAnyPlaceWhereFewCome() {
        host.serve(four());
        List<Call> running = new ArrayList<>();
        Call late = lateBehindFour(running);
        host.complete(running.removeFirst(), 5);
        assertThat(sent(late)).isTrue();
    }

    private static Fleets four() {
        return Fleets.of()
                .owned("h100", "nvidia", 1, Fleets.profile("h100", "nvidia", 1, 4, 100_000), 3)
                .objective(RequestClass.DEFAULT, 1_000, 100);
    }

    /** Only its own share of the cache was looked at, so four gateways filled an engine four times over. */
    @Test
    void aCacheFilledByOtherGatewaysHasNoPlace() {
        host.serve(four());
        Call own = host.accept(Asks.plain());
        host.dispatcher().observed(0, new Reading(host.now, 3, 0, 0.999, true, true), host.now);
        Call waiting = host.accept(Asks.plain().seed(2));
        assertThat(sent(own)).isTrue();
        assertThat(sent(waiting)).isFalse();
        host.dispatcher().observed(0, new Reading(host.now + 1, 3, 0, 0.5, true, true), host.now + 1);
        assertThat(sent(waiting)).isTrue();
    }

    @Test
    void whoWouldWaitTooLongIsRefusedAtOnce() {
        host.serve(tiny().queue(1_000, 3_000));
        List<Call> running = fill();
        for (int i = 0; i < 8; i++) { // about one a second
            host.pass(1_000);
            host.complete(running.removeFirst(), 5);
            running.add(host.accept(Asks.plain().seed(50 + i).requestClass(RequestClass.PRIORITY)));
        }
        List<Call> burst = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            burst.add(host.accept(Asks.plain().seed(100 + i)));
        }
        assertThat(host.refusal(burst.getLast()).code()).isEqualTo("no_capacity");
        assertThat(host.endings).doesNotContainKey(burst.getFirst());
    }

    @Test
    void aClientThatLeavesTheQueueFreesItsPlace() {
        host.serve(tiny());
        List<Call> running = fill();
        Call leaver = host.accept(Asks.plain().seed(1));
        Call stayer = host.accept(Asks.plain().seed(2));
        host.dispatcher().abandoned(leaver, host.now);
        assertThat(host.ending(leaver)).isEqualTo(new Ending.Cancelled(Usage.NOTHING));
        host.complete(running.getFirst(), 5);
        assertThat(host.lastSent().call()).isSameAs(stayer);
    }

    @Test
    void aBusyReplicaIsLeftAloneUntilItsRetryAfterAndThenAskedAgain() {
        host.serve(tiny().queue(10, 60_000));
        Call call = host.accept(Asks.plain());
        host.dispatcher()
                .failed(call, host.attempt(call), new Fault(Fault.Kind.BUSY, 429, 5_000_000_000L, "busy"), host.now);
        assertThat(host.sent).hasSize(1);
        host.pass(4_900);
        assertThat(host.sent).hasSize(1);
        host.pass(1_000);
        assertThat(host.sent).hasSize(2);
        host.complete(call, 5);
        assertThat(host.ending(call)).isInstanceOf(Ending.Completed.class);
    }

    @Test
    void retryAfterOfAHostedProviderHoldsForTheWholeOrganisation() {
        host.serve(Fleets.of()
                .hosted("groq-a", "groq", 0.05, 0.08, Quota.UNLIMITED)
                .hosted("groq-b", "groq", 0.05, 0.08, Quota.UNLIMITED)
                .owned("h100", "nvidia", 1, 1, 30));
        Call call = host.accept(Asks.plain());
        while (host.attempt(call).replica().pool().equals("h100")) {
            call = host.accept(Asks.plain().seed(host.sent.size()));
        }
        host.dispatcher()
                .failed(call, host.attempt(call), new Fault(Fault.Kind.BUSY, 429, 5_000_000_000L, "busy"), host.now);
        assertThat(host.lastSent().replica().pool()).isEqualTo("h100");
    }

    @Test
    void aBusyProviderWithALongRetryAfterIsNotWaitedFor() {
        host.serve(
                Fleets.of().hosted("groq", "groq", 0.05, 0.08, Quota.UNLIMITED).queue(10, 5_000));
        Call call = host.accept(Asks.plain());
        host.dispatcher()
                .failed(call, host.attempt(call), new Fault(Fault.Kind.BUSY, 429, 60_000_000_000L, "busy"), host.now);
        Ending.Refused refused = host.refusal(host.accept(Asks.plain().seed(2)));
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.retryAfterNanos()).isGreaterThan(30_000_000_000L);
    }

    private static Call waiting(Asks asks) {
        return new Call(asks.ask(), "client", 0);
    }
}
