package io.polychip.testkit;

import io.polychip.routing.Ending;
import io.polychip.routing.Fault;
import io.polychip.routing.Usage;

/**
 * Writes down what happens in a {@link SimulatedHost} and holds it to the promises of a call's life: one ending; every
 * attempt charged once, before the ending, with what its engine did or what was told of it; one attempt shows text to a
 * client, and only while the call lives; nothing complete that was not; silence after the end. Keeps a hash of it all.
 */
final class Ledger {
    private final long seed;
    private long transcript;

    Ledger(long seed) {
        this.seed = seed;
    }

    long transcript() {
        return transcript;
    }

    void sent(Leg leg, long now) {
        SimulatedCall client = leg.client;
        open(client, now, "sent");
        check(client.running == null, now, "call %d is sent while an attempt of it runs", client.number);
        check(client.shownTokens == 0, now, "call %d is sent again after text was shown", client.number);
        client.sends++;
        client.running = leg;
        note(now, 1, client.number, leg.replica.index);
    }

    void cancelled(Leg leg, long now) {
        open(leg.client, now, "cancelled");
        check(!leg.cancelled, now, "attempt %d is cancelled twice", leg.number);
        check(leg.client.running == leg, now, "attempt %d is cancelled and was not running", leg.number);
        leg.cancelled = true;
        leg.client.running = null;
        note(now, 2, leg.client.number, leg.number);
    }

    void charged(Leg leg, Usage usage, long now) {
        open(leg.client, now, "charged");
        check(!leg.charged, now, "attempt %d is charged twice", leg.number);
        leg.charged = true;
        leg.client.charges++;
        if (usage.estimated()) {
            check(!leg.done, now, "attempt %d has exact usage and is charged an estimate", leg.number);
            check(
                    usage.completionTokens() == leg.told,
                    now,
                    "attempt %d is charged %s of %d",
                    leg.number,
                    usage,
                    leg.told);
        } else {
            check(leg.done && usage.equals(leg.usage()), now, "attempt %d is charged %s", leg.number, usage);
        }
        note(now, 3, leg.number, usage.completionTokens());
    }

    /** Tokens reach the dispatcher and, unless the attempt was cancelled meanwhile, the client. */
    void told(Leg leg, int count, long now) {
        note(now, 4, leg.number, count);
        if (leg.cancelled) {
            return;
        }
        leg.told += count;
        show(leg, count, now);
    }

    void done(Leg leg, long now) {
        note(now, 5, leg.number, leg.produced);
        leg.done = true;
        if (leg.cancelled) {
            return;
        }
        if (!leg.client.ask.stream()) {
            show(leg, leg.produced, now);
        }
        check(
                leg.client.shownTokens == leg.produced,
                now,
                "call %d got %d tokens of %d",
                leg.client.number,
                leg.client.shownTokens,
                leg.produced);
    }

    void failed(Leg leg, Fault fault, long now) {
        note(now, 6, leg.number, fault.kind().ordinal());
        if (!leg.cancelled) {
            check(leg.client.running == leg, now, "attempt %d fails and was not running", leg.number);
            leg.client.running = null;
        }
    }

    void ended(SimulatedCall client, Ending ending, long now) {
        open(client, now, "ended");
        check(
                client.charges == client.sends,
                now,
                "call %d ends with %d of %d attempts charged",
                client.number,
                client.charges,
                client.sends);
        switch (ending) {
            case Ending.Completed completed -> {
                Leg leg = client.running;
                check(
                        leg != null && leg.done && completed.usage().equals(leg.usage()),
                        now,
                        "call %d is complete with %s",
                        client.number,
                        completed.usage());
                check(
                        client.shownTokens == client.outputTokens,
                        now,
                        "call %d is complete with %d of %d tokens",
                        client.number,
                        client.shownTokens,
                        client.outputTokens);
            }
            case Ending.Failed failed ->
                check(
                        failed.shown() == client.shownTokens > 0,
                        now,
                        "call %d failed, shown is %s after %d tokens",
                        client.number,
                        failed.shown(),
                        client.shownTokens);
            case Ending.Refused refused ->
                check(
                        client.shownTokens == 0,
                        now,
                        "call %d is refused (%s) after text was shown",
                        client.number,
                        refused.code());
            case Ending.Cancelled _ ->
                check(client.running == null, now, "call %d is cancelled, an attempt runs on", client.number);
        }
        note(now, 7, client.number, kind(ending));
    }

    void troubled(int replica, Trouble trouble, long now) {
        note(now, 8, replica, trouble.ordinal());
    }

    void open(SimulatedCall client, long now, String what) {
        check(client.ending == null, now, "call %d is %s after its end", client.number, what);
    }

    private void note(long now, long kind, long subject, long detail) {
        transcript = SimulatedHost.mix(transcript, now);
        transcript = SimulatedHost.mix(transcript, kind << 56 ^ subject << 24 ^ detail);
    }

    @SuppressWarnings("AnnotateFormatMethod") // its annotation would be one more library for this one method
    void check(boolean holds, long now, String broken, Object... values) {
        if (!holds) {
            throw new AssertionError("seed %d at %d ns: %s".formatted(seed, now, broken.formatted(values)));
        }
    }

    private void show(Leg leg, int count, long now) {
        SimulatedCall client = leg.client;
        open(client, now, "shown text");
        check(client.running == leg, now, "call %d is shown text of an attempt that does not run", client.number);
        client.shownTokens += count;
    }

    private static int kind(Ending ending) {
        return switch (ending) {
            case Ending.Completed _ -> 0;
            case Ending.Refused refused -> refused.status();
            case Ending.Failed failed -> 1 + failed.fault().kind().ordinal();
            case Ending.Cancelled _ -> 100;
        };
    }
}
