package io.polychip.testkit;

import io.polychip.fleet.Fleet;
import io.polychip.routing.Ask;
import io.polychip.routing.Attempt;
import io.polychip.routing.Board;
import io.polychip.routing.Call;
import io.polychip.routing.Dispatcher;
import io.polychip.routing.Ending;
import io.polychip.routing.Fault;
import io.polychip.routing.Host;
import io.polychip.routing.Options;
import io.polychip.routing.Reading;
import io.polychip.routing.Roster;
import io.polychip.routing.Usage;
import io.polychip.testkit.Timeline.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Real dispatchers over simulated replicas on one virtual clock: engines and hosted APIs behind a network with latency,
 * clients that hang up or read slowly, replicas that fail, scrapes that come late or not at all. One thread, one heap
 * of events, one seed: the same seed gives the same {@link #transcript}, bit for bit.
 *
 * <p>Every event is checked as it happens (see {@link Ledger}); a broken promise throws with seed and time. Answers
 * reach the dispatcher on later turns, as on a real event loop, and late ones of cancelled attempts reach it, too.
 */
public final class SimulatedHost implements Host {
    private static final long TICK_NANOS = 10_000_000_000L;
    private static final long MILLI = 1_000_000;
    private static final Trouble[] TROUBLES = Trouble.values();

    private final RandomGenerator random;
    private final Timeline timeline = new Timeline();
    private final Ledger ledger;
    private final Board board;
    private final List<Dispatcher> dispatchers = new ArrayList<>();
    private final List<SimulatedReplica> replicas = new ArrayList<>();
    private final List<SimulatedCall> calls = new ArrayList<>();
    private final List<Leg> legs = new ArrayList<>();
    private final List<Reading> readings = new ArrayList<>();
    private final List<Fleet> fleets = new ArrayList<>();
    private Roster roster;
    private long scrapeNanos;
    private double scrapeLoss;
    private int open;

    /**
     * A world at time zero.
     *
     * @param loops dispatchers that share a board and know nothing else of each other
     * @param truth one sigma by which replicas are really faster or slower than their profile says
     */
    public SimulatedHost(Fleet fleet, int loops, long seed, Options options, double truth) {
        this.random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        this.ledger = new Ledger(seed);
        this.board = new Board(loops);
        Roster first = Roster.of(fleet);
        this.roster = first;
        for (Roster.Target target : first.targets()) {
            for (Roster.Replica replica : target.replicas()) {
                ledger.check(replica.index() == replicas.size(), 0, "replica indexes are not dense");
                double factor = StrictMath.exp(Math.clamp(random.nextGaussian(), -2, 2) * truth);
                replicas.add(new SimulatedReplica(target, replica, factor, timeline, ledger, random));
            }
        }
        for (int loop = 0; loop < loops; loop++) {
            dispatchers.add(new Dispatcher(this, first, board, loop, seed, options, timeline.now()));
            timeline.add(TICK_NANOS + loop, Kind.TICK, loop, 0);
        }
    }

    public long now() {
        return timeline.now();
    }

    /** All calls that came or will come, in the order of {@link #arrive}. */
    public List<SimulatedCall> calls() {
        return calls;
    }

    public int replicas() {
        return replicas.size();
    }

    public Dispatcher dispatcher(int loop) {
        return dispatchers.get(loop);
    }

    /** Hash of everything that happened so far. */
    public long transcript() {
        return ledger.transcript();
    }

    /** Attempts that were started so far. */
    public int attempts() {
        return legs.size();
    }

    /** Scrapes every replica from now on. @param loss share of the readings that a dispatcher never gets */
    public void scrapeEvery(long nanos, double loss) {
        scrapeNanos = nanos;
        scrapeLoss = loss;
        for (SimulatedReplica replica : replicas) {
            timeline.add(now() + random.nextLong(nanos), Kind.SCRAPE, replica.index, 0);
        }
    }

    /** A request that will come. @param outputTokens how long its answer will be, which nobody knows */
    public SimulatedCall arrive(long at, int loop, Ask ask, int outputTokens) {
        SimulatedCall call = new SimulatedCall(calls.size(), loop, ask, outputTokens);
        calls.add(call);
        open++;
        timeline.add(at, Kind.ARRIVE, call.number, 0);
        return call;
    }

    /** The client will hang up then, if its call has not ended. */
    public void hangUp(SimulatedCall call, long at) {
        timeline.add(at, Kind.HANG_UP, call.number, 0);
    }

    /** The client will stop reading then, for a while: what comes for it meanwhile is not even read. */
    public void pause(SimulatedCall call, long at, long nanos) {
        timeline.add(at, Kind.PAUSE, call.number, (int) (nanos / MILLI));
    }

    /** Every dispatcher will get a changed fleet then; it has the same replicas. */
    public void reload(long at, Fleet fleet) {
        fleets.add(fleet);
        timeline.add(at, Kind.RELOAD, fleets.size() - 1, 0);
    }

    /** A replica will be so troubled from then on. */
    public void trouble(long at, int replica, Trouble trouble) {
        timeline.add(at, Kind.TROUBLE, replica, trouble.ordinal());
    }

    /** Runs up to a time. */
    public void run(long until) {
        while (timeline.next(until)) {
            handle();
        }
    }

    /** Runs until every call has ended, at most that long. @return whether all have */
    public boolean runToEnd(long mostNanos) {
        long limit = now() + mostNanos;
        while (open > 0 && timeline.next(limit)) {
            handle();
        }
        return open == 0;
    }

    /** All calls have ended: nothing may be left anywhere. */
    public void checkQuiet() {
        run(now() + 2_000_000_000L); // cancellations are on their way
        for (int loop = 0; loop < dispatchers.size(); loop++) {
            ledger.check(dispatchers.get(loop).open() == 0, now(), "dispatcher %d has open calls", loop);
        }
        for (SimulatedReplica replica : replicas) {
            int left = board.inFlight(replica.index);
            ledger.check(left == 0, now(), "the board counts %d in flight on replica %d", left, replica.index);
            replica.checkQuiet(now());
        }
        for (Leg leg : legs) {
            ledger.check(leg.charged, now(), "attempt %d of call %d was not charged", leg.number, leg.client.number);
        }
    }

    @Override
    public void send(Call call, Attempt attempt, long at) {
        SimulatedReplica replica = replicas.get(attempt.replica().index());
        Leg leg = new Leg(legs.size(), client(call), attempt, replica);
        legs.add(leg);
        attempt.handle(leg);
        ledger.sent(leg, at);
        timeline.add(replica.arrivesAt(), Kind.SUBMIT, leg.number, 0);
    }

    @Override
    public void cancel(Call call, Attempt attempt, long at) {
        Leg leg = leg(attempt);
        ledger.cancelled(leg, at);
        timeline.add(leg.replica.arrivesAt(), Kind.CANCEL, leg.number, 0);
    }

    @Override
    public void wake(Call call, long at) {
        SimulatedCall client = client(call);
        ledger.open(client, now(), "woken");
        ledger.check(at >= now(), now(), "call %d is to be woken in the past", client.number);
        client.wakeAt = at;
        timeline.add(at, Kind.WAKE, client.number, 0);
    }

    @Override
    public void charge(Call call, Attempt attempt, Usage usage, long at) {
        ledger.charged(leg(attempt), usage, at);
    }

    @Override
    public void end(Call call, Ending ending, long at) {
        SimulatedCall client = client(call);
        ledger.ended(client, ending, at);
        client.ending = ending;
        open--;
    }

    private void handle() {
        int subject = timeline.subject();
        switch (timeline.kind()) {
            case ARRIVE -> accept(calls.get(subject));
            case HANG_UP -> hangUp(calls.get(subject));
            case PAUSE -> pause(calls.get(subject), timeline.detail());
            case RESUME -> resume(calls.get(subject));
            case WAKE -> wake(calls.get(subject));
            case SUBMIT -> legs.get(subject).replica.submit(legs.get(subject));
            case CANCEL -> legs.get(subject).replica.stop(legs.get(subject));
            case ADVANCE -> replicas.get(subject).due();
            case FIRST, TOKENS, DONE, FAILED -> report(legs.get(subject));
            case SCRAPE -> scrape(replicas.get(subject));
            case READING -> observe(subject, readings.get(timeline.detail()));
            case TICK -> tick(subject);
            case TROUBLE -> suffer(replicas.get(subject), TROUBLES[timeline.detail()]);
            case RELOAD -> reload(fleets.get(subject));
        }
    }

    private void accept(SimulatedCall client) {
        client.call = dispatchers.get(client.dispatcher).accept(client.ask, client, now());
    }

    private void hangUp(SimulatedCall client) {
        if (client.ending == null && client.call != null) {
            dispatchers.get(client.dispatcher).abandoned(client.call, now());
            ledger.check(client.ending != null, now(), "call %d was abandoned and goes on", client.number);
        }
    }

    private void wake(SimulatedCall client) {
        if (client.wakeAt == now() && client.ending == null && client.call != null) {
            client.wakeAt = Long.MAX_VALUE;
            dispatchers.get(client.dispatcher).woken(client.call, now());
        }
    }

    private void pause(SimulatedCall client, int millis) {
        if (client.ending == null && client.running != null && client.shownTokens > 0) {
            client.pausedUntil = now() + millis * MILLI;
            dispatcher(client.running).paused(call(client.running), client.running.attempt, true, now());
            timeline.add(client.pausedUntil, Kind.RESUME, client.number, 0);
        }
    }

    private void resume(SimulatedCall client) {
        if (client.ending == null && client.running != null) {
            dispatcher(client.running).paused(call(client.running), client.running.attempt, false, now());
        }
    }

    /** Something of an answer has come over the wire. */
    private void report(Leg leg) {
        if (leg.client.pausedUntil >= now() && !leg.cancelled) {
            timeline.postpone(leg.client.pausedUntil + 1); // it is read when the client reads again
            return;
        }
        switch (timeline.kind()) {
            case FIRST -> {
                ledger.told(leg, 1, now());
                dispatcher(leg).firstToken(call(leg), leg.attempt, !leg.cancelled, now());
            }
            case TOKENS -> {
                ledger.told(leg, timeline.detail(), now());
                dispatcher(leg).tokens(call(leg), leg.attempt, timeline.detail(), now());
            }
            case DONE -> {
                ledger.done(leg, now());
                dispatcher(leg).completed(call(leg), leg.attempt, leg.usage(), now());
            }
            default -> {
                Fault fault = timeline.fault();
                ledger.failed(leg, fault, now());
                dispatcher(leg).failed(call(leg), leg.attempt, fault, now());
            }
        }
    }

    private void scrape(SimulatedReplica replica) {
        timeline.add(now() + scrapeNanos, Kind.SCRAPE, replica.index, 0);
        if (replica.hosted()) {
            return; // it shows no metrics
        }
        readings.add(replica.reading());
        for (int loop = 0; loop < dispatchers.size(); loop++) {
            if (random.nextDouble() >= scrapeLoss) {
                long at = now() + random.nextLong(1_000_000, 500_000_000);
                int subject = replica.index * dispatchers.size() + loop;
                timeline.add(at, Kind.READING, subject, readings.size() - 1);
            }
        }
    }

    private void observe(int subject, Reading reading) {
        int loop = subject % dispatchers.size();
        dispatchers.get(loop).observed(subject / dispatchers.size(), reading, now());
    }

    private void tick(int loop) {
        dispatchers.get(loop).tick(now());
        timeline.add(now() + TICK_NANOS, Kind.TICK, loop, 0);
    }

    private void suffer(SimulatedReplica replica, Trouble trouble) {
        ledger.troubled(replica.index, trouble, now());
        replica.suffer(trouble);
    }

    private void reload(Fleet fleet) {
        roster = roster.next(fleet);
        for (Dispatcher dispatcher : dispatchers) {
            dispatcher.reload(roster, now());
        }
    }

    private Dispatcher dispatcher(Leg leg) {
        return dispatchers.get(leg.client.dispatcher);
    }

    private static Call call(Leg leg) {
        return Objects.requireNonNull(leg.client.call);
    }

    private static SimulatedCall client(Call call) {
        return (SimulatedCall) call.owner();
    }

    private static Leg leg(Attempt attempt) {
        return (Leg) attempt.handle();
    }

    static long mix(long a, long b) {
        long x = (a + 0x9E3779B97F4A7C15L) ^ (b * 0xD1B54A32D192ED03L);
        x = (x ^ (x >>> 32)) * 0xD6E8FEB86659FD93L;
        return x ^ (x >>> 32);
    }
}
