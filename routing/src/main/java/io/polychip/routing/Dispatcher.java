package io.polychip.routing;

import io.polychip.fleet.Fleet;
import java.util.Objects;

/**
 * Owns every call of one event loop: its queueing, attempts, timeouts, retries and its one ending. Reads no clock,
 * takes no lock, waits for nothing. Not thread-safe; everything but {@link Board} belongs to one loop.
 *
 * <p>A call is waiting, running one attempt, backing off between two, or ended. Events of an attempt that is no longer
 * the current one are ignored, so a host may report late or twice. Each call has at most one wake pending: the earliest
 * of its deadlines; a wake that comes early for a deadline that moved is simply asked for again.
 *
 * <p>Start reading at {@link #accept}, {@code place} and {@link #failed}.
 */
public final class Dispatcher {
    /** The first and two more. */
    private static final int MOST_ATTEMPTS = 3;
    /** Calls in a row that find no place before the room is left alone until something changes. */
    private static final int MOST_MISSES = 3;

    private static final int DRAW_EXPLAIN = -2;
    private static final long BACK_OFF_NANOS = 50_000_000L;
    /** A timer that goes off so much late was stopped or jumped over. */
    private static final long SLEPT_NANOS = 60_000_000_000L;

    private static final long LEAST_SET_BACK_NANOS = 1_000_000_000L;
    private static final long SHARED_REWAKE_NANOS = 25_000_000L;
    private static final long LEAST_REWAKE_NANOS = 1_000_000L;

    private final Host host;
    private final long seed;
    private final Options options;
    private final RetryBudget budget;
    private final Quarantine quarantine = new Quarantine();
    private final Knowledge knowledge;
    private final Outcomes outcomes;
    private final Router router;
    private final SlowLoop slowLoop;
    private final Admission admission;
    private Fleet fleet;
    private int open;
    private int waiting;
    private long scrapedOrTickedNanos;
    private boolean draining;
    private boolean pumping;

    /**
     * A dispatcher without calls.
     *
     * @param shard its row of the board
     * @param seed of all its random draws
     * @param now the first reading of the clock that all other calls will read
     */
    public Dispatcher(Host host, Roster roster, Board board, int shard, long seed, Options options, long now) {
        this.host = host;
        this.seed = seed;
        this.options = options;
        this.scrapedOrTickedNanos = now;
        this.budget = new RetryBudget(now);
        this.knowledge = new Knowledge(board, shard, now);
        PrefixIndex prefixes = new PrefixIndex(options.prefixBytes());
        this.outcomes = new Outcomes(knowledge, prefixes, quarantine, Mix.decision(seed, shard, -1));
        this.router = new Router(seed, shard, options, prefixes);
        this.fleet = roster.fleet();
        this.admission = new Admission(fleet, router, seed);
        this.slowLoop = new SlowLoop(knowledge, fleet, now);
        reload(roster, now);
    }

    /** @param owner the host's exchange with the client, given back by {@link Call#owner()} */
    public Call accept(Ask ask, Object owner, long now) {
        Call call = new Call(ask, owner, now);
        open++;
        budget.earn(now);
        ModelState model = knowledge.model(ask.model());
        if (draining) {
            end(call, Refusals.draining(), now);
            return call;
        }
        if (model == null || !model.listed) {
            end(call, Refusals.unknownModel(ask, knowledge.servedModels()), now);
            return call;
        }
        call.model = model;
        long quarantined = quarantine.remainingNanos(ask.fingerprint(), now);
        if (quarantined > 0) {
            end(call, Refusals.quarantined(quarantined), now);
            return call;
        }
        admission.describe(call, model, now);
        if (model.room.anybodyBefore(ask.requestClass())) {
            enqueue(call, now);
            pump(model, now);
        } else {
            route(call, now);
        }
        return call;
    }

    /** The first token, visible or not, was seen upstream. @param shown it has been passed to the client */
    public void firstToken(Call call, Attempt attempt, boolean shown, long now) {
        if (stale(call, attempt)) {
            return;
        }
        call.shown |= shown;
        if (now < attempt.progressNanos || now - attempt.firstTokenUntilNanos > SLEPT_NANOS) {
            attempt.timeless = true;
        }
        attempt.progressNanos = now;
        if (attempt.firstTokenNanos == Attempt.NEVER) {
            outcomes.firstToken(attempt, now);
        }
        arm(call, now);
    }

    /** Something of the answer has now reached the client: from here on a failure cannot be hidden. */
    public void shown(Call call, Attempt attempt, long now) {
        if (!stale(call, attempt)) {
            call.shown = true;
            attempt.progressNanos = now;
        }
    }

    /** More of them. */
    public void tokens(Call call, Attempt attempt, int count, long now) {
        if (stale(call, attempt)) {
            return;
        }
        attempt.tokens += count;
        attempt.timeless |= now < attempt.progressNanos;
        attempt.progressNanos = now;
        if (attempt.tokens >= attempt.reviseAtTokens) {
            outcomes.grew(attempt, model(call));
        }
    }

    /** Reading upstream is paused because the client reads slowly; the stall clock stands still. */
    public void paused(Call call, Attempt attempt, boolean paused, long now) {
        if (stale(call, attempt) || attempt.paused == paused) {
            return;
        }
        attempt.paused = paused;
        attempt.everPaused = true;
        attempt.progressNanos = now;
        arm(call, now);
    }

    public void completed(Call call, Attempt attempt, Usage usage, long now) {
        if (stale(call, attempt)) {
            return;
        }
        call.current = null;
        outcomes.completed(attempt, model(call), usage, now);
        host.charge(call, attempt, usage, now);
        end(call, new Ending.Completed(usage), now);
    }

    public void failed(Call call, Attempt attempt, Fault fault, long now) {
        if (!stale(call, attempt)) {
            attemptFailed(call, attempt, fault, now);
        }
    }

    /** The client hung up. */
    public void abandoned(Call call, long now) {
        if (call.state == Call.State.ENDED) {
            return;
        }
        Usage usage = Usage.NOTHING;
        Attempt attempt = call.current;
        if (attempt != null) {
            usage = giveUp(call, attempt, now);
            outcomes.givenUp(attempt);
        }
        end(call, new Ending.Cancelled(usage), now);
    }

    public void woken(Call call, long now) {
        if (call.state == Call.State.ENDED) {
            return;
        }
        call.wakeAtNanos = Long.MAX_VALUE;
        switch (call.state) {
            case WAITING -> waitingWoken(call, now);
            case RUNNING -> runningWoken(call, now);
            case BACKING_OFF -> {
                if (now >= call.totalUntilNanos) {
                    end(
                            call,
                            new Ending.Failed(ours(Objects.requireNonNull(call.lastFault)), false, Usage.NOTHING),
                            now);
                } else if (now >= call.backOffUntilNanos) {
                    route(call, now);
                }
            }
            case ENDED -> throw new IllegalStateException("An ended call is not woken.");
        }
        arm(call, now);
    }

    /** A scrape. @param replica {@link Roster.Replica#index} */
    public void observed(int replica, Reading reading, long now) {
        ReplicaState state = knowledge.replica(replica);
        if (state == null) {
            return; // left with a reload while the scrape was under way
        }
        noticeSetBack(now);
        outcomes.observed(state, reading, now);
        ModelState model = knowledge.model(state.pool.target.pool().model());
        if (model != null) {
            pump(model, now);
        }
    }

    /** The slow loop: prices, shares, corrections. The host calls it about every ten seconds. */
    public void tick(long now) {
        noticeSetBack(now);
        slowLoop.tick(now);
        for (ModelState model : knowledge.models()) {
            pump(model, now);
        }
    }

    /**
     * A clock set back by minutes must not keep replicas or requests away for as long. Deadlines of calls under way
     * stay where they were. Noticed with the next scrape or tick, not with each of thousands of events; a few
     * milliseconds between two threads' readings are none.
     */
    private void noticeSetBack(long now) {
        long back = scrapedOrTickedNanos - now;
        if (back > LEAST_SET_BACK_NANOS) {
            for (PoolState pool : knowledge.pools()) {
                for (ReplicaState replica : pool.replicas) {
                    replica.setBack(back);
                }
            }
            quarantine.setBack(back);
        }
        scrapedOrTickedNanos = now;
    }

    /** A changed fleet: nothing under way is moved, nothing learned is lost where name and place stay. */
    public void reload(Roster roster, long now) {
        fleet = roster.fleet();
        admission.reload(fleet);
        knowledge.reload(roster, now);
        router.reload(fleet, knowledge.byIndex(), Math.max(1, knowledge.pools().size()));
        slowLoop.reload(fleet, now);
        for (ModelState model : knowledge.models()) {
            pump(model, now);
        }
    }

    /** Takes no new calls from now on; those accepted go on to their end. */
    public void drain() {
        draining = true;
    }

    /**
     * Takes a pool out of rotation, or puts it back, whatever its file says; what runs there is left alone. Holds until
     * said otherwise or until the pool leaves the fleet.
     *
     * @return false when there is no such pool
     */
    public boolean enable(String pool, boolean on, long now) {
        for (PoolState state : knowledge.pools()) {
            if (state.name().equals(pool)) {
                state.switchedOff = !on;
                tick(now);
                return true;
            }
        }
        return false;
    }

    /** Calls accepted and not ended. */
    public int open() {
        return open;
    }

    /** What this dispatcher knows, for metrics and the admin's eyes. */
    public Snapshot snapshot(long now) {
        return Snapshot.of(knowledge, open, waiting, budget.balance(), quarantine.size(), now);
    }

    /** Sends the call, or lets it wait, or refuses it. */
    private void route(Call call, long now) {
        if (!place(call, now) && call.state != Call.State.ENDED) {
            enqueue(call, now);
        }
    }

    /** @return false when no place is free now; true when the call was sent or has ended */
    private boolean place(Call call, long now) {
        ModelState model = model(call);
        Router.Outcome outcome = router.decide(call, model, now);
        explain(call, model, now);
        return switch (outcome) {
            case PLACED -> {
                launch(call, router.chosen(), now);
                yield true;
            }
            case IMPOSSIBLE -> {
                end(call, Refusals.impossible(call.ask, model), now);
                yield true;
            }
            case WAIT -> false;
        };
    }

    private void launch(Call call, Candidate choice, long now) {
        Attempt attempt = new Attempt(call, call.attempts, choice.replica(), now);
        call.attempts++;
        call.markTried(choice.replica().index());
        call.state = Call.State.RUNNING;
        call.current = attempt;
        long quotaTokens = choice.pool().quota == null ? 0 : router.quotaTokens(choice.pool());
        outcomes.sent(call, attempt, choice, model(call), quotaTokens, fleet.objective(call.ask.requestClass()), now);
        attempt.firstTokenUntilNanos = now + admission.firstTokenPatience(call, choice);
        host.send(call, attempt, now);
        arm(call, now);
    }

    private void enqueue(Call call, long now) {
        ModelState model = model(call);
        if (call.attempts == 0) {
            Ending.Refused refused = admission.tooMany(call, model, waiting, now);
            if (refused != null) {
                end(call, refused, now);
                return;
            }
        }
        call.state = Call.State.WAITING;
        model.room.join(call);
        waiting++;
        arm(call, now);
        rewakeHead(model, now);
    }

    /** Gives free places to those who wait, in their order, until some find none. */
    private void pump(ModelState model, long now) {
        if (pumping || model.room.size() == 0) {
            return;
        }
        pumping = true;
        Call[] missed = new Call[2 * MOST_MISSES];
        int misses = 0;
        int late = 0;
        while (misses - late < MOST_MISSES) {
            Call call = late < MOST_MISSES
                    ? model.room.peek(model.usualTtftNanos, now)
                    : model.room.peekOnTime(model.usualTtftNanos, now);
            if (call == null) {
                break;
            }
            leaveRoom(call);
            if (now >= call.queueUntilNanos) {
                timeOutInQueue(call, now);
            } else if (!place(call, now)) {
                missed[misses++] = call;
                late += call.late ? 1 : 0;
            }
        }
        for (int i = 0; i < misses; i++) {
            missed[i].state = Call.State.WAITING;
            model.room.putBack(missed[i]);
            waiting++;
        }
        pumping = false;
        rewakeHead(model, now);
    }

    /** Where time or others open a place, nobody of ours would come back to look. */
    private void rewakeHead(ModelState model, long now) {
        Call head = model.room.peek(model.usualTtftNanos, now);
        if (head == null) {
            return;
        }
        if (router.opensAtNanos() != Long.MAX_VALUE) {
            wakeBy(head, Math.max(now + LEAST_REWAKE_NANOS, router.opensAtNanos()));
        }
        if (knowledge.shared()) {
            wakeBy(head, now + SHARED_REWAKE_NANOS);
        }
    }

    private void leaveRoom(Call call) {
        model(call).room.leave(call);
        waiting--;
        call.state = Call.State.BACKING_OFF;
    }

    private void waitingWoken(Call call, long now) {
        if (now >= Math.min(call.queueUntilNanos, call.totalUntilNanos)) {
            leaveRoom(call);
            timeOutInQueue(call, now);
        } else {
            model(call).lookAgain();
            pump(model(call), now);
        }
    }

    private void timeOutInQueue(Call call, long now) {
        end(
                call,
                Refusals.waitedTooLong(now - call.acceptedNanos, Mix.unit(seed ^ call.ask.seed(), call.attempts)),
                now);
    }

    private void runningWoken(Call call, long now) {
        Attempt attempt = call.current;
        if (attempt == null || now < due(call)) {
            return;
        }
        if (now - due(call) > SLEPT_NANOS) { // tells of our clock, or that we stood still, and nothing of the replica
            call.totalUntilNanos = now + fleet.timeouts().requestNanos();
            attempt.firstTokenUntilNanos += now - attempt.progressNanos;
            attempt.progressNanos = now;
            attempt.timeless = true;
            return;
        }
        Fault fault;
        if (now >= call.totalUntilNanos) {
            fault = new Fault(
                    Fault.Kind.STALL,
                    0,
                    0,
                    "The answer was not complete after %d s."
                            .formatted(fleet.timeouts().requestNanos() / 1_000_000_000L));
        } else if (attempt.firstTokenNanos == Attempt.NEVER) {
            fault = new Fault(
                    Fault.Kind.FIRST_TOKEN_TIMEOUT,
                    0,
                    0,
                    "No first token after %d ms.".formatted((now - attempt.sentNanos) / 1_000_000L));
        } else {
            fault = new Fault(
                    Fault.Kind.STALL,
                    0,
                    0,
                    "Silent for %d ms after %d tokens."
                            .formatted((now - attempt.progressNanos) / 1_000_000L, attempt.tokens));
        }
        host.cancel(call, attempt, now);
        attemptFailed(call, attempt, fault, now);
    }

    private void attemptFailed(Call call, Attempt attempt, Fault fault, long now) {
        call.current = null;
        call.lastFault = fault;
        Usage usage = counted(attempt);
        outcomes.released(attempt, model(call), usage, now);
        outcomes.failed(attempt, fault, now);
        host.charge(call, attempt, usage, now);
        if (call.shown) {
            // The place for continuing elsewhere: what was shown is known to the host, what remains to us.
            end(call, new Ending.Failed(fault, true, usage), now);
        } else if (mayRetry(call, fault, now)) {
            retry(call, attempt, fault, now);
        } else {
            end(call, new Ending.Failed(ours(fault), false, usage), now);
        }
    }

    private boolean mayRetry(Call call, Fault fault, long now) {
        boolean clientsFault = fault.kind() == Fault.Kind.CLIENT_ERROR && !Outcomes.refusesUs(fault);
        return !clientsFault
                && call.attempts < MOST_ATTEMPTS
                && now < call.totalUntilNanos
                && quarantine.remainingNanos(call.ask.fingerprint(), now) == 0
                && budget.spend(now);
    }

    /** Elsewhere at once; where there is nowhere else, after a moment. */
    private void retry(Call call, Attempt failed, Fault fault, long now) {
        call.state = Call.State.BACKING_OFF;
        call.avoided = unreachable(fault) ? failed.where.pool : null;
        call.queueUntilNanos = Math.max(
                call.queueUntilNanos,
                Math.min(call.totalUntilNanos, now + fleet.limits().queueNanos()));
        if (router.untried(call, model(call)) || fault.kind() == Fault.Kind.BUSY) {
            route(call, now);
            return;
        }
        double unit = Mix.unit(seed ^ call.ask.seed(), call.attempts);
        call.backOffUntilNanos = now + (long) ((BACK_OFF_NANOS << call.attempts) * (0.5 + unit));
        arm(call, now);
    }

    /** What fails so may well fail on the next replica of the same pool. */
    private static boolean unreachable(Fault fault) {
        return fault.kind() == Fault.Kind.CONNECT
                || fault.kind() == Fault.Kind.RESET
                || fault.kind() == Fault.Kind.FIRST_TOKEN_TIMEOUT;
    }

    /** What a client should see of upstream refusing us: a server's failure, not its own. */
    private static Fault ours(Fault fault) {
        return Outcomes.refusesUs(fault)
                ? new Fault(
                        Fault.Kind.SERVER_ERROR,
                        502,
                        0,
                        "Upstream refused this gateway with status %d.".formatted(fault.status()))
                : fault;
    }

    /** Stops an attempt that is not wanted any more; what it used is charged all the same. */
    private Usage giveUp(Call call, Attempt attempt, long now) {
        call.current = null;
        host.cancel(call, attempt, now);
        Usage usage = counted(attempt);
        outcomes.released(attempt, model(call), usage, now);
        host.charge(call, attempt, usage, now);
        return usage;
    }

    /** What an attempt used that never said so itself. */
    private static Usage counted(Attempt attempt) {
        boolean started = attempt.firstTokenNanos != Attempt.NEVER;
        return started ? new Usage(attempt.call.ask.promptTokens(), 0, attempt.tokens, true) : Usage.NOTHING;
    }

    private void end(Call call, Ending ending, long now) {
        if (call.state == Call.State.WAITING) {
            leaveRoom(call);
        }
        boolean ranBefore = call.attempts > 0;
        call.state = Call.State.ENDED;
        call.current = null;
        open--;
        host.end(call, ending, now);
        if (ranBefore && call.model != null) {
            pump(call.model, now);
        }
    }

    private static boolean stale(Call call, Attempt attempt) {
        return call.state != Call.State.RUNNING || call.current != attempt;
    }

    private static ModelState model(Call call) {
        ModelState model = call.model;
        if (model == null) {
            throw new IllegalStateException("A call without a model is refused before it gets here.");
        }
        return model;
    }

    /** When something must happen to this call if nothing else does. */
    private long due(Call call) {
        return switch (call.state) {
            case WAITING -> Math.min(call.queueUntilNanos, call.totalUntilNanos);
            case BACKING_OFF -> Math.min(call.backOffUntilNanos, call.totalUntilNanos);
            case RUNNING -> Math.min(attemptDue(call), call.totalUntilNanos);
            case ENDED -> Long.MAX_VALUE;
        };
    }

    private long attemptDue(Call call) {
        Attempt attempt = call.current;
        if (attempt == null || attempt.paused) {
            return Long.MAX_VALUE;
        }
        return attempt.firstTokenNanos == Attempt.NEVER
                ? attempt.firstTokenUntilNanos
                : attempt.progressNanos + fleet.timeouts().stallNanos();
    }

    private void arm(Call call, long now) {
        if (call.state != Call.State.ENDED) {
            wakeBy(call, Math.max(now, due(call)));
        }
    }

    /** An earlier wake that is pending already does: it will look again. */
    private void wakeBy(Call call, long at) {
        if (at < call.wakeAtNanos) {
            call.wakeAtNanos = at;
            host.wake(call, at);
        }
    }

    private void explain(Call call, ModelState model, long now) {
        double share = fleet.disclosure().decisionSample();
        if (options.explains() && Mix.unit(seed ^ call.ask.seed(), DRAW_EXPLAIN) < share) {
            options.log().decided(router.explain(call, model, now));
        }
    }
}
