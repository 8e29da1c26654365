package io.polychip.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Writes down what a dispatcher asks for and keeps its clock; the test plays the chips and the clients. */
final class FakeHost implements Host {
    final List<Attempt> sent = new ArrayList<>();
    final List<Attempt> cancelled = new ArrayList<>();
    final Map<Call, Ending> endings = new HashMap<>();
    final Map<Attempt, Usage> charges = new HashMap<>();
    final Map<Call, Long> wakes = new LinkedHashMap<>();
    private @Nullable Dispatcher dispatcher;
    private boolean inside;
    long now = 1_000_000_000L;

    Dispatcher serve(Roster roster, Options options) {
        dispatcher = new Dispatcher(this, roster, new Board(1), 0, 7, options, now);
        return dispatcher();
    }

    /** One of several loops of a process. */
    Dispatcher serve(Roster roster, Board board, int shard) {
        dispatcher = new Dispatcher(this, roster, board, shard, 7, Options.DEFAULT, now);
        return dispatcher();
    }

    Dispatcher serve(Fleets fleets) {
        return serve(fleets.roster(), Options.DEFAULT);
    }

    Dispatcher dispatcher() {
        return Objects.requireNonNull(dispatcher);
    }

    Call accept(Asks asks) {
        return dispatcher().accept(asks.ask(), "client", now);
    }

    Ending ending(Call call) {
        return Objects.requireNonNull(endings.get(call), "the call has not ended");
    }

    Ending.Refused refusal(Call call) {
        assertThat(ending(call)).isInstanceOf(Ending.Refused.class);
        return (Ending.Refused) ending(call);
    }

    Attempt lastSent() {
        return sent.getLast();
    }

    /** The running attempt of a call. */
    Attempt attempt(Call call) {
        return Objects.requireNonNull(call.current, "the call has no attempt under way");
    }

    void fail(Call call, Fault.Kind kind) {
        dispatcher().failed(call, attempt(call), new Fault(kind, 0, 0, "test"), now);
    }

    void complete(Call call, int tokens) {
        Attempt attempt = attempt(call);
        dispatcher().firstToken(call, attempt, true, now);
        dispatcher().tokens(call, attempt, tokens - 1, now);
        dispatcher().completed(call, attempt, new Usage(call.ask().promptTokens(), 0, tokens, false), now);
    }

    /** Lets time pass and wakes whom it is due to, in order. */
    void pass(long millis) {
        long until = now + millis * 1_000_000;
        while (true) {
            Call next = null;
            for (Map.Entry<Call, Long> wake : wakes.entrySet()) {
                if (wake.getValue() <= until
                        && (next == null || wake.getValue() < Objects.requireNonNull(wakes.get(next)))) {
                    next = wake.getKey();
                }
            }
            if (next == null) {
                break;
            }
            now = Math.max(now, Objects.requireNonNull(wakes.remove(next)));
            dispatcher().woken(next, now);
        }
        now = until;
    }

    @Override
    public void send(Call call, Attempt attempt, long at) {
        enter();
        assertThat(endings).doesNotContainKey(call);
        sent.add(attempt);
        inside = false;
    }

    @Override
    public void cancel(Call call, Attempt attempt, long at) {
        enter();
        cancelled.add(attempt);
        inside = false;
    }

    @Override
    public void wake(Call call, long at) {
        enter();
        assertThat(at).isGreaterThanOrEqualTo(now);
        wakes.put(call, at);
        inside = false;
    }

    @Override
    public void end(Call call, Ending ending, long at) {
        enter();
        assertThat(endings.put(call, ending)).as("one ending per call").isNull();
        wakes.remove(call);
        inside = false;
    }

    @Override
    public void charge(Call call, Attempt attempt, Usage usage, long at) {
        enter();
        assertThat(endings).doesNotContainKey(call);
        assertThat(charges.put(attempt, usage)).as("one charge per attempt").isNull();
        inside = false;
    }

    private void enter() {
        assertThat(inside).isFalse();
        inside = true;
    }
}
