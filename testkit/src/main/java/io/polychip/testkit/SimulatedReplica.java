package io.polychip.testkit;

import io.polychip.fleet.Pool;
import io.polychip.performance.Profile;
import io.polychip.performance.StepTime;
import io.polychip.routing.Ask;
import io.polychip.routing.Fault;
import io.polychip.routing.Reading;
import io.polychip.routing.Roster;
import io.polychip.simulator.Backend;
import io.polychip.simulator.Engine;
import io.polychip.simulator.HostedApi;
import io.polychip.simulator.TokenSink;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;

/**
 * One replica of a {@link SimulatedHost}: its backend, the attempts inside it, what is wrong with it, and the wire to
 * the dispatchers, which takes its time.
 */
final class SimulatedReplica {
    private static final long PICOS = 1000;
    private static final long[] NO_HASHES = {};
    private static final double SLOWNESS = 3;

    /** How far a busy replica may run before its tokens are told. */
    private static final long MOST_LEAP_NANOS = 200_000_000L;

    final int index;
    private final Timeline timeline;
    private final Ledger ledger;
    private final RandomGenerator random;
    private final long latencyNanos;
    private final boolean hosted;
    private final Pool pool;
    private final Profile profile;
    private final StepTime truth;
    private final Map<Long, Leg> legs = new LinkedHashMap<>();
    private final Inbox inbox = new Inbox();
    private Backend backend;
    private Trouble trouble = Trouble.NONE;
    private long scheduledAt = Long.MAX_VALUE;
    private long requests;

    /** @param truthFactor by which everything takes longer than its profile says */
    SimulatedReplica(
            Roster.Target target,
            Roster.Replica replica,
            double truthFactor,
            Timeline timeline,
            Ledger ledger,
            RandomGenerator random) {
        this.index = replica.index();
        this.timeline = timeline;
        this.ledger = ledger;
        this.random = random;
        this.pool = target.pool();
        this.profile = target.profile();
        this.hosted = pool.hosted() != null;
        this.latencyNanos = random.nextLong(100_000, hosted ? 30_000_000 : 2_000_000);
        this.truth = profile.stepTime().scaled(truthFactor);
        this.backend = newBackend();
    }

    private Backend newBackend() {
        return hosted
                ? new HostedApi(truth, profile.maxSequences(), pool.quota())
                : new Engine(truth, profile.batching(), profile.kvTokens());
    }

    /** When what is sent now arrives. */
    long arrivesAt() {
        return timeline.now() + latencyNanos;
    }

    boolean hosted() {
        return hosted;
    }

    /** A request arrives. */
    void submit(Leg leg) {
        advance();
        if (leg.cancelled) {
            leg.over = true;
            return;
        }
        boolean chosen = requests++ % 2 == 0;
        switch (trouble) {
            case REFUSE, DIE -> fail(leg, Fault.Kind.CONNECT, 0, 0, "refused");
            case HANG -> legs.put((long) leg.number, leg);
            case BUSY -> fail(leg, Fault.Kind.BUSY, 503, random.nextLong(100_000_000, 3_000_000_000L), "busy");
            case ERROR -> fail(leg, Fault.Kind.SERVER_ERROR, 500, 0, "broken");
            case CUT, STALL -> {
                leg.troubleAfter = chosen ? random.nextInt(leg.client.outputTokens) : Integer.MAX_VALUE;
                leg.cuts = trouble == Trouble.CUT;
                admit(leg);
            }
            case NONE, SLOW -> admit(leg);
        }
        schedule();
    }

    private void admit(Leg leg) {
        HostedApi.Admission admission = offer(leg, leg.client.ask, leg.client.outputTokens);
        switch (admission.status()) {
            case 200 -> legs.put((long) leg.number, leg);
            case 429, 498 ->
                fail(leg, Fault.Kind.BUSY, admission.status(), admission.retryAfterPicos() / PICOS + 1, "quota");
            default -> fail(leg, Fault.Kind.CLIENT_ERROR, admission.status(), 0, "too long");
        }
    }

    private HostedApi.Admission offer(Leg leg, Ask ask, int output) {
        return switch (backend) {
            case Engine engine -> {
                long[] hashes = hashes(ask.conversation(), ask.promptTokens() + output);
                boolean taken = engine.submit(leg.number, ask.promptTokens(), output, hashes, picos());
                yield new HostedApi.Admission(taken ? 200 : 400, 0);
            }
            case HostedApi api -> api.submit(leg.number, ask.promptTokens(), output, true, picos());
        };
    }

    /** A conversation's content is the same at the same place in each of its turns. */
    private long[] hashes(long conversation, int tokens) {
        if (conversation == 0) {
            return NO_HASHES;
        }
        long[] hashes = new long[tokens / profile.blockTokens()];
        for (int i = 0; i < hashes.length; i++) {
            hashes[i] = SimulatedHost.mix(conversation, i);
        }
        return hashes;
    }

    /** A cancellation arrives. */
    void stop(Leg leg) {
        advance();
        legs.remove((long) leg.number);
        backend.cancel(leg.number, picos());
        leg.over = true;
        schedule();
    }

    /** From now on this is wrong with it. */
    void suffer(Trouble next) {
        advance();
        trouble = next;
        if (next == Trouble.DIE) {
            for (Leg leg : legs.values()) {
                fail(leg, Fault.Kind.RESET, 0, 0, "died");
            }
            legs.clear();
            backend = newBackend();
        }
        StepTime stepTime = next == Trouble.SLOW ? truth.scaled(SLOWNESS) : truth;
        switch (backend) {
            case Engine engine -> engine.retime(stepTime);
            case HostedApi api -> api.retime(stepTime);
        }
        scheduledAt = Long.MAX_VALUE;
        schedule();
    }

    private void fail(Leg leg, Fault.Kind kind, int status, long retryAfter, String detail) {
        leg.over = true;
        timeline.addFault(arrivesAt(), leg, new Fault(kind, status, retryAfter, detail));
    }

    /** What a scrape of its metrics says now. */
    Reading reading() {
        advance();
        schedule();
        return trouble == Trouble.DIE || trouble == Trouble.REFUSE
                ? new Reading(timeline.now(), -1, -1, -1, false, false)
                : new Reading(timeline.now(), backend.running(), backend.waiting(), backend.kvUsed(), true, true);
    }

    /** The time it asked for has come. */
    void due() {
        if (scheduledAt == timeline.now()) {
            scheduledAt = Long.MAX_VALUE;
            advance();
            schedule();
        }
    }

    private void advance() {
        backend.advance(picos(), inbox);
        inbox.cutFallen();
    }

    private void schedule() {
        long change = backend.nextChange();
        if (change == Backend.NEVER) {
            return;
        }
        long at = Math.min(Math.ceilDiv(change, PICOS), timeline.now() + MOST_LEAP_NANOS);
        if (at < scheduledAt) {
            scheduledAt = at;
            timeline.add(at, Timeline.Kind.ADVANCE, index, 0);
        }
    }

    private long picos() {
        return timeline.now() * PICOS;
    }

    /** Nobody wants anything of it any more: nothing may be left. */
    void checkQuiet(long now) {
        ledger.check(legs.isEmpty(), now, "replica %d still holds attempts %s", index, legs.keySet());
        ledger.check(backend.running() + backend.waiting() == 0, now, "replica %d still works", index);
        ledger.check(backend.kvUsed() == 0, now, "replica %d still holds cache", index);
    }

    /** Takes what the backend did and sends it on its way to the dispatcher, up to where an attempt is in trouble. */
    private final class Inbox implements TokenSink {
        private final List<Leg> fallen = new ArrayList<>();

        @Override
        public void firstToken(long id, long atPicos) {
            tokens(id, 1, atPicos);
        }

        @Override
        public void tokens(long id, int count, long atPicos) {
            Leg leg = leg(id);
            int heard = Math.min(leg.produced, leg.troubleAfter);
            leg.produced += count;
            int news = Math.min(leg.produced, leg.troubleAfter) - heard;
            if (leg.client.ask.stream() && news > 0) {
                if (heard == 0) {
                    timeline.add(arrivesAt(), Timeline.Kind.FIRST, leg.number, 0);
                    news--;
                }
                if (news > 0) {
                    timeline.add(arrivesAt(), Timeline.Kind.TOKENS, leg.number, news);
                }
            }
            if (leg.cuts && leg.produced > leg.troubleAfter) {
                leg.cuts = false;
                fallen.add(leg);
            }
        }

        @Override
        public void finished(long id, int cachedTokens, long atPicos) {
            Leg leg = leg(id);
            leg.cachedTokens = cachedTokens;
            boolean whole = leg.produced == leg.client.outputTokens;
            ledger.check(whole, timeline.now(), "the engine ended attempt %d early", leg.number);
            legs.remove(id);
            leg.over = true;
            if (leg.produced <= leg.troubleAfter) {
                timeline.add(arrivesAt(), Timeline.Kind.DONE, leg.number, 0);
            }
        }

        /** Breaks off the answers that were cut while the backend advanced. */
        void cutFallen() {
            for (Leg leg : fallen) {
                legs.remove((long) leg.number);
                backend.cancel(leg.number, picos());
                fail(leg, leg.number % 2 == 0 ? Fault.Kind.CUT : Fault.Kind.RESET, 0, 0, "cut");
            }
            fallen.clear();
        }

        private Leg leg(long id) {
            Leg leg = legs.get(id);
            boolean known = leg != null && !leg.over;
            ledger.check(known, timeline.now(), "replica %d works on attempt %d, which is over", index, id);
            return Objects.requireNonNull(leg);
        }
    }
}
