package io.polychip.routing;

import io.polychip.fleet.Objective;
import io.polychip.fleet.Price;
import io.polychip.fleet.RequestClass;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a request would meet on a replica, and what it would cost there.
 *
 * <p>Times: the profile's ({@link Timing}) with the load one believes in ({@link Belief}), times the factors learned
 * from residuals, at the percentile the objective names. Price: tokens times token price where tokens are bought; where
 * chips are owned the opportunity price of the chip time the request takes, which is the slow loop's dual plus a
 * congestion term that is zero below 70 % of the knee, the offer's own price at the knee and steep beyond. Load is the
 * worst of sequences to the knee, cache held, prefill backlog to the first-token objective, and step time to the
 * inter-token objective, so that a sequence too many is charged with what it does to its whole batch. Scratch of one
 * router; no allocation.
 */
final class Forecast {
    /** Part of the first-token objective that prompts ahead of this one may take: what waits in an engine is bound. */
    private static final double BACKLOG_PART = 0.2;

    /**
     * A call that is late anyway leaves free what the others send in so many seconds: in an overload a place given to
     * it makes the next one late, and so on without end. Where few come it keeps next to nothing free.
     */
    private static final double LATE_KEEPS_SECONDS = 10;

    private static final double MOST_KEPT_BY_LATE = 0.25;

    private static final double WITHOUT_OBJECTIVE_NANOS = 3_600e9;
    private static final double BACKLOG_WITHOUT_OBJECTIVE_NANOS = 5e9;
    private static final double FREE_LOAD = 0.7;
    /** Keeps comparing work where chips are said to cost nothing. */
    private static final double LEAST_USD_PER_CHIP_SECOND = 1e-7;
    /** Weight of a request's own work among the replicas of one pool, as a part of its price at the knee. */
    private static final double WORK_WEIGHT = 0.1;

    private final PrefixIndex prefixes;
    private final EnumMap<RequestClass, Objective> objectives = new EnumMap<>(RequestClass.class);

    private Ask ask = NOBODY;
    private long now;
    private double waitedNanos;
    private double output;
    private double highOutput;
    private double reserved;
    private double keptForOthers;
    private double backlogNanos;
    private Objective objective = Objective.NONE;

    /** What holds for all replicas of the pool looked at last; computed once a decision and pool. */
    private @Nullable PoolState entered;

    private double usualOutside;
    private double ttftFactor;
    private double itlFactor;
    private double ttftMargin;
    private double itlMargin;
    private double risk;
    private double waste;
    private double perTokenNanos;

    private static final Ask NOBODY =
            new Ask(0, "", "", RequestClass.DEFAULT, 1, 0, 0, 0, 1, 0, false, 0, new long[0], new int[0], 0, 0);

    Forecast(PrefixIndex prefixes) {
        this.prefixes = prefixes;
    }

    void objectives(Map<RequestClass, Objective> all) {
        objectives.clear();
        objectives.putAll(all);
    }

    void begin(Call call, ModelState model, long at) {
        ask = call.ask;
        now = at;
        waitedNanos = at - call.acceptedNanos;
        output = call.expectedOutput;
        highOutput = call.highOutput;
        objective = objectives.getOrDefault(ask.requestClass(), Objective.NONE);
        backlogNanos = objective.ttftNanos() == Long.MAX_VALUE
                ? BACKLOG_WITHOUT_OBJECTIVE_NANOS
                : BACKLOG_PART * objective.ttftNanos();
        reserved = model.reserved(ask.requestClass(), at);
        keptForOthers = call.late ? LATE_KEEPS_SECONDS * model.sentPerReplicaAndSecond(ask.requestClass(), at) : 0;
        entered = null;
    }

    private void enter(PoolState pool) {
        entered = pool;
        usualOutside = pool.usualOutside();
        ttftFactor = pool.ttft.factor();
        itlFactor = pool.itl.factor();
        risk = 1 + pool.failureShareNow;
        waste = 1 / (1 - Math.min(0.9, pool.failureShareNow));
        if (objective.ttftNanos() != Long.MAX_VALUE) {
            ttftMargin = pool.ttftMargin(ask.requestClass(), objective).multiplier(pool.ttft.band());
        }
        if (objective.itlNanos() != Long.MAX_VALUE) {
            itlMargin = pool.itlMargin(ask.requestClass(), objective).multiplier(pool.itl.band());
        }
        if (!pool.hosted()) {
            perTokenNanos = pool.timing.perTokenNanos(ask.promptTokens(), answers(), pool.knee);
        }
    }

    private double answers() {
        return output * Math.max(1, ask.choices());
    }

    /** Sequences believed to be on a replica, ours and everybody else's. */
    double running(ReplicaState replica) {
        int here = replica.belief.inFlight() + Board.inFlightOf(replica.boardOthers());
        return here + outside(replica);
    }

    /** Tokens of the prompt that the replica probably keeps. */
    int cachedTokens(ReplicaState replica) {
        double kept = prefixes.cachedTokens(replica.index()) * replica.pool.cacheTrust;
        return (int) Math.min(kept, Math.max(0, ask.promptTokens() - 1.0));
    }

    /** Promised less predicted time to first token in seconds; a very long time without an objective. */
    double ttftSlack(Candidate candidate) {
        double promised = objective.ttftNanos() == Long.MAX_VALUE
                ? WITHOUT_OBJECTIVE_NANOS
                : objective.ttftNanos(ask.promptTokens() - candidate.cachedTokens);
        return (promised - waitedNanos - candidate.ttftNanos) / 1e9;
    }

    /** The same between tokens. */
    double itlSlack(Candidate candidate) {
        double promised =
                objective.itlNanos() == Long.MAX_VALUE ? WITHOUT_OBJECTIVE_NANOS : (double) objective.itlNanos();
        return (promised - candidate.itlNanos) / 1e9;
    }

    private double outside(ReplicaState replica) {
        PoolState pool = replica.pool;
        return replica.belief.outside(pool.usualOutside(), now);
    }

    Candidate predict(Candidate to, PoolState pool, ReplicaState replica) {
        if (pool != entered) {
            enter(pool);
        }
        to.pool = pool;
        to.replica = replica;
        to.verdict = Verdict.MEETS;
        Belief belief = replica.belief;
        Timing timing = pool.timing;
        long board = replica.boardOthers();
        double outside = belief.outside(usualOutside, now);
        double running = belief.inFlight() + Board.inFlightOf(board) + outside;
        to.running = running;
        to.cachedTokens = cachedTokens(replica);
        double prefill = timing.prefillNanos(ask.promptTokens(), to.cachedTokens);
        if (pool.hosted()) {
            to.rawTtftNanos = timing.ttftNanos(0, 0, 0, 0, ask.promptTokens(), to.cachedTokens, prefill);
            to.rawItlNanos = timing.itlNanos(1, ask.promptTokens() + output / 2, 0);
            to.load = 0;
        } else {
            predictOwned(to, pool, belief, board, outside, running, prefill);
        }
        to.ttftNanos = to.rawTtftNanos * ttftFactor;
        to.itlNanos = to.rawItlNanos * itlFactor;
        judge(to);
        price(to, pool, replica, prefill);
        return to;
    }

    private void predictOwned(
            Candidate to, PoolState pool, Belief belief, long board, double outside, double running, double prefill) {
        Timing timing = pool.timing;
        double kv = belief.kvTokens()
                + Board.kvTokensOf(board)
                + belief.outsideKvTokens(outside, pool.meanKvPerSequence(), now);
        to.kvTokens = kv;
        double backlog = belief.prefillTokens()
                + Board.prefillTokensOf(board)
                + belief.outsideWaiting(now) * pool.prompts.value();
        double perToken = pool.backlogNanosPerToken;
        double ttft = timing.ttftNanos(running, kv, backlog, perToken, ask.promptTokens(), to.cachedTokens, prefill);
        double newcomer = ask.promptTokens() + output / 2;
        to.rawItlNanos = timing.itlNanos(running + 1, kv + newcomer, pool.prefillPerToken);
        double over = running + 1 - timing.maxBatch();
        if (over > 0) { // waits until as many have left
            ttft += over * pool.outputs.value() * to.rawItlNanos / timing.maxBatch();
        }
        to.rawTtftNanos = ttft;
        double knee = belief.priorityInFlight() > 0 || ask.requestClass() == RequestClass.PRIORITY
                ? pool.tightKnee
                : pool.knee;
        double load = Math.max(running / knee, (kv + newcomer) / timing.kvCapacity());
        if (objective.ttftNanos() != Long.MAX_VALUE) {
            double wait = backlog * perToken * ttftFactor;
            load = Math.max(load, wait / (0.7 * objective.ttftNanos()));
        }
        to.load = load;
    }

    /** Whether a replica holds fewer requests than this class may bring it to. */
    boolean hasPlace(ReplicaState replica) {
        return replica.pool.hosted() || hasPlace(replica, running(replica));
    }

    private boolean hasPlace(ReplicaState replica, double running) {
        PoolState pool = replica.pool;
        double slots = pool.slots(replica, now);
        if (pool.inFlight == 0 && running + 1 <= pool.timing.maxBatch()) {
            return true; // whoever believes a pool full without having anything there must be able to find out
        }
        double kept = slots * reserved;
        if (keptForOthers > 0) {
            kept = Math.max(kept, Math.min(keptForOthers * pool.crowd.factor(), MOST_KEPT_BY_LATE * slots));
        }
        if (running + 1 > Math.max(1, slots - Math.floor(kept))) {
            return false;
        }
        double backlog = replica.belief.prefillTokens()
                + Board.prefillTokensOf(replica.boardOthers())
                + replica.belief.outsideWaiting(now) * pool.prompts.value();
        return backlog * pool.backlogNanosPerToken * pool.ttft.factor() <= backlogNanos;
    }

    /** No place for a request of this class, or no memory for its answer. */
    boolean full(Candidate candidate) {
        PoolState pool = candidate.pool();
        if (pool.hosted()) {
            return false;
        }
        ReplicaState replica = candidate.replica();
        if (!hasPlace(replica, candidate.running)) {
            return true;
        }
        boolean known = pool.inFlight > 0 && candidate.running >= 1; // else somebody must find out, see hasPlace
        return known && candidate.kvTokens + ask.promptTokens() + highOutput > pool.timing.kvCapacity();
    }

    /** Tokens the provider counts against its quota when the request arrives. */
    long quotaTokens(PoolState pool) {
        double answer = pool.reservesMaxTokens && ask.maxTokens() > 0 ? ask.maxTokens() : output;
        return ask.promptTokens() + (long) (answer * Math.max(1, ask.choices()));
    }

    private void judge(Candidate to) {
        double worst = 0;
        if (objective.ttftNanos() != Long.MAX_VALUE) {
            double promised = objective.ttftNanos(ask.promptTokens() - to.cachedTokens);
            worst = (waitedNanos + to.ttftNanos * ttftMargin * risk) / promised;
        }
        if (objective.itlNanos() != Long.MAX_VALUE) {
            worst = Math.max(worst, to.itlNanos * itlMargin / objective.itlNanos());
        }
        to.violation = worst;
    }

    private void price(Candidate to, PoolState pool, ReplicaState replica, double prefill) {
        double answers = answers();
        Price.PerToken bought = pool.tokenPrice();
        if (bought != null) {
            int fresh = ask.promptTokens() - to.cachedTokens;
            double usd = (fresh * bought.usdPerMillionInput()
                            + to.cachedTokens * bought.usdPerMillionCachedInput()
                            + answers * bought.usdPerMillionOutput())
                    / 1e6;
            to.usd = usd * waste;
            to.usdAtKnee = usd;
            to.score = usd;
            to.weight = 1;
            return;
        }
        double nanos = prefill + answers * perTokenNanos;
        double chipSeconds = nanos / 1e9 * pool.chips() * itlFactor;
        double rent = Math.max(LEAST_USD_PER_CHIP_SECOND, pool.usdPerChipSecond());
        to.usdAtKnee = rent * chipSeconds;
        to.usd = (pool.dualUsdPerChipSecond + rent * congestion(to.load)) * chipSeconds * waste;
        to.score = to.usd + WORK_WEIGHT * to.usdAtKnee;
        double slots = pool.slots(replica, now);
        to.weight = Math.max(0.1, (slots - to.running) / slots) * pool.capacityWeight;
    }

    /** Zero below {@value #FREE_LOAD} of the knee, one there, steep beyond; convex and continuous. */
    static double congestion(double load) {
        if (load <= FREE_LOAD) {
            return 0;
        }
        double over = (load - FREE_LOAD) / (1 - FREE_LOAD);
        return load <= 1 ? over * over : 1 + 10 * (load - 1) + 20 * (load - 1) * (load - 1);
    }
}
