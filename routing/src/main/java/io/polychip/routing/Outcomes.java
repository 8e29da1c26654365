package io.polychip.routing;

import io.polychip.fleet.Objective;
import io.polychip.fleet.RequestClass;

/**
 * Books what attempts do to counts and what their outcomes teach: beliefs, residuals, margins, lengths, quotas, shares,
 * fairness, breakers, quarantine. Everything that {@link #sent} adds, {@link #released} takes away again.
 */
final class Outcomes {
    private static final int UNAUTHORIZED = 401;
    private static final int PAYMENT_REQUIRED = 402;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;

    private static final double SLOW_FACTOR = 4;
    private static final double SLOW_LEAST_NANOS = 250e6;
    private static final long DEFAULT_COOL_NANOS = 1_000_000_000L;
    private static final long MOST_COOL_NANOS = 900_000_000_000L;

    private final Knowledge knowledge;
    private final PrefixIndex prefixes;
    private final Quarantine quarantine;
    private final long seed;
    private long ejections;

    Outcomes(Knowledge knowledge, PrefixIndex prefixes, Quarantine quarantine, long seed) {
        this.knowledge = knowledge;
        this.prefixes = prefixes;
        this.quarantine = quarantine;
        this.seed = seed;
    }

    /** Upstream refuses us, not the client: wrong key, no credit, a model it does not have. */
    static boolean refusesUs(Fault fault) {
        return fault.kind() == Fault.Kind.CLIENT_ERROR
                && (fault.status() == UNAUTHORIZED
                        || fault.status() == PAYMENT_REQUIRED
                        || fault.status() == FORBIDDEN
                        || fault.status() == NOT_FOUND);
    }

    void sent(
            Call call,
            Attempt attempt,
            Candidate choice,
            ModelState model,
            long quotaTokens,
            Objective promised,
            long now) {
        Ask ask = call.ask;
        ReplicaState replica = choice.replica();
        PoolState pool = choice.pool();
        attempt.rawTtftNanos = choice.rawTtftNanos;
        attempt.rawItlNanos = choice.rawItlNanos;
        attempt.ttftNanos = choice.ttftNanos;
        attempt.promised = promised;
        attempt.predictedCached = choice.cachedTokens;
        attempt.prefillTokens = Math.max(0, ask.promptTokens() - choice.cachedTokens);
        attempt.kvTokens = kvTokens(ask, call.expectedOutput);
        attempt.reviseAtTokens = (int) call.expectedOutput + 1;
        attempt.reservedTokens = quotaTokens;
        attempt.chargedTokens = WaitingRoom.tokens(ask.promptTokens(), call.expectedOutput);
        attempt.sharedTokens = ask.promptTokens() + call.expectedOutput;
        attempt.probe = !replica.breaker.closed();
        if (attempt.probe) {
            replica.breaker.probe();
        }
        pool.accrue(now);
        pool.inFlight++;
        replica.belief.started(attempt.prefillTokens, attempt.kvTokens, urgent(ask), now);
        replica.publish();
        pool.sentRequests.add(1, now);
        pool.prompts.add(ask.promptTokens());
        if (pool.quota != null) {
            pool.quota.take(quotaTokens, now);
        }
        pool.vendor.add(attempt.sharedTokens, now);
        pool.refresh(now);
        model.usualTtftNanos += 0.02 * (choice.ttftNanos - model.usualTtftNanos);
        model.countSent(ask.requestClass(), now);
        model.room.charge(ask, attempt.chargedTokens);
        prefixes.sent(ask, replica.index());
    }

    void firstToken(Attempt attempt, long now) {
        attempt.firstTokenNanos = now;
        attempt.tokens = Math.max(1, attempt.tokens);
        prefilled(attempt);
        ReplicaState replica = attempt.where;
        PoolState pool = replica.pool;
        Ask ask = attempt.call.ask;
        if (!ask.stream() || attempt.timeless) {
            return; // the first byte of a whole answer says nothing of the first token
        }
        double actual = now - attempt.sentNanos;
        double predicted = attempt.ttftNanos;
        boolean slow = actual > SLOW_FACTOR * predicted && actual - predicted > SLOW_LEAST_NANOS;
        pool.firstTokens.add(1, now);
        pool.slowFirstTokens.add(slow ? 1 : 0, now);
        replica.breaker.firstTokenWas(slow);
        if (attempt.promised.ttftNanos() != Long.MAX_VALUE) {
            long allowed = attempt.promised.ttftNanos(ask.promptTokens() - attempt.predictedCached);
            pool.promised.add(1, now);
            pool.kept.add(now - attempt.call.acceptedNanos <= allowed ? 1 : 0, now);
            Margin margin = pool.ttftMargin(ask.requestClass(), attempt.promised);
            margin.learn(actual <= predicted * margin.multiplier(pool.ttft.band()));
        }
        pool.ttft.learn(actual, attempt.rawTtftNanos);
        if (slow && replica.breaker.sick(now) && !pool.slowAsAWhole(now)) {
            eject(replica, false, "slow first tokens", now);
        }
    }

    /** A long answer turns out longer than thought: its cache grows with it. */
    void grew(Attempt attempt, ModelState model) {
        Call call = attempt.call;
        int cap = cap(call.ask);
        double expected = model.lengths(call.ask).meanBeyond(attempt.tokens, cap);
        attempt.reviseAtTokens = (int) Math.max(expected, attempt.tokens * 1.25) + 16;
        int held = Math.max(attempt.kvTokens, kvTokens(call.ask, expected + attempt.tokens));
        attempt.where.belief.grew(held - attempt.kvTokens);
        attempt.kvTokens = held;
        attempt.where.publish();
    }

    void completed(Attempt attempt, ModelState model, Usage usage, long now) {
        ReplicaState replica = attempt.where;
        PoolState pool = replica.pool;
        Ask ask = attempt.call.ask;
        released(attempt, model, usage, now);
        pool.outcomes.add(1, now);
        if (replica.breaker.succeeded(attempt.sentNanos, now) && !replica.gone) {
            pool.ejected--;
            pool.failures.clear(); // what failed before it came back says nothing of now
        }
        pool.refresh(now);
        quarantine.clear(ask.fingerprint());
        if (usage.estimated()) {
            return;
        }
        int produced = usage.completionTokens();
        model.learnLength(ask, Math.max(1, produced / Math.max(1, ask.choices())));
        pool.outputs.add(produced);
        learnTiming(attempt, pool, ask, produced, now);
        learnCache(attempt, pool, ask, usage);
    }

    private static void learnTiming(Attempt attempt, PoolState pool, Ask ask, int produced, long now) {
        if (attempt.everPaused || attempt.timeless || produced < 4 || ask.choices() > 1) {
            return;
        }
        if (ask.stream() && attempt.firstTokenNanos != Attempt.NEVER) {
            double actual = (double) (attempt.progressNanos - attempt.firstTokenNanos) / (produced - 1);
            double predicted = attempt.rawItlNanos * pool.itl.factor();
            if (attempt.promised.itlNanos() != Long.MAX_VALUE) {
                Margin margin = pool.itlMargin(ask.requestClass(), attempt.promised);
                margin.learn(actual <= predicted * margin.multiplier(pool.itl.band()));
            }
            pool.itl.learn(actual, attempt.rawItlNanos);
        } else if (!ask.stream()) {
            double first = attempt.rawTtftNanos * pool.ttft.factor();
            double rest = (now - attempt.sentNanos - first) / (produced - 1);
            pool.itl.learn(rest, attempt.rawItlNanos);
        }
    }

    private void learnCache(Attempt attempt, PoolState pool, Ask ask, Usage usage) {
        if (usage.cachedTokens() > 0) {
            pool.reportsCache = true;
        }
        if (!pool.reportsCache || attempt.predictedCached < 64 || pool.cacheTrust <= 0) {
            return;
        }
        double claimed = attempt.predictedCached / pool.cacheTrust;
        double found = Math.min(1, usage.cachedTokens() / claimed);
        pool.cacheTrust = Math.clamp(pool.cacheTrust + 0.05 * (found - pool.cacheTrust), 0.05, 1);
        if (usage.cachedTokens() == 0) {
            prefixes.forget(ask, attempt.where.index());
        }
    }

    /** A failure of upstream; the attempt has been released. */
    void failed(Attempt attempt, Fault fault, long now) {
        ReplicaState replica = attempt.where;
        PoolState pool = replica.pool;
        if (fault.kind() == Fault.Kind.BUSY) {
            cool(replica, fault, now);
            replica.breaker.probeLost();
            return;
        }
        if (fault.kind() == Fault.Kind.CLIENT_ERROR && !refusesUs(fault)) {
            replica.breaker.probeLost();
            return;
        }
        boolean broke = fault.kind() == Fault.Kind.RESET || fault.kind() == Fault.Kind.CUT;
        if (broke && replica.breaker.closed()) {
            quarantine.blame(attempt.call.ask.fingerprint(), replica.index(), now);
        }
        boolean hard = fault.kind() == Fault.Kind.CONNECT || fault.kind() == Fault.Kind.RESET || refusesUs(fault);
        pool.outcomes.add(1, now);
        pool.failures.add(1, now);
        pool.refresh(now);
        replica.breaker.failed(hard, now);
        if (!replica.breaker.closed()) {
            if (attempt.probe) { // others were under way when it opened and say nothing new
                replica.breaker.eject(fault.kind().name(), spread(), now);
            }
        } else if (replica.breaker.dead()) {
            eject(replica, true, fault.kind().name(), now);
        } else if (replica.breaker.sick(now)) {
            eject(replica, false, fault.kind().name(), now);
        }
    }

    /** Takes back what {@link #sent} counted; settles quota, shares and fairness on what was used. */
    void released(Attempt attempt, ModelState model, Usage usage, long now) {
        prefilled(attempt);
        ReplicaState replica = attempt.where;
        PoolState pool = replica.pool;
        Ask ask = attempt.call.ask;
        replica.belief.ended(0, attempt.kvTokens, urgent(ask), now);
        replica.publish();
        pool.fullFromRank = Urgency.LEVELS;
        if (!replica.gone) {
            pool.accrue(now);
            pool.inFlight--;
        }
        if (pool.quota != null && !pool.reservesMaxTokens) {
            pool.quota.settle(attempt.reservedTokens - usage.promptTokens() - usage.completionTokens());
        }
        pool.vendor.add(usage.promptTokens() + usage.completionTokens() - attempt.sharedTokens, now);
        double used = WaitingRoom.tokens(usage.promptTokens(), usage.completionTokens());
        model.room.charge(ask, used - attempt.chargedTokens);
        model.finished.add(1, now);
    }

    /** Given up by us or left by the client: no verdict on the replica. */
    void givenUp(Attempt attempt) {
        if (attempt.probe) {
            attempt.where.breaker.probeLost();
        }
    }

    void observed(ReplicaState replica, Reading reading, long now) {
        PoolState pool = replica.pool;
        pool.fullFromRank = Urgency.LEVELS;
        replica.belief.observed(reading, replica.boardOthers(), pool.timing.kvCapacity(), now);
        if (reading.reachable() && replica.unreachable) {
            replica.breaker.reachableAgain(now);
        }
        replica.unreachable = !reading.reachable();
        if (reading.reachable() && !reading.healthy()) {
            replica.unhealthyUntilNanos = now + 10 * DEFAULT_COOL_NANOS;
        } else if (reading.reachable()) {
            replica.unhealthyUntilNanos = Long.MIN_VALUE;
        }
        if (reading.reachable() && reading.running() >= 0) {
            pool.crowd.learn(replica.belief.lastOurs(), replica.belief.lastOutside());
        }
    }

    private void prefilled(Attempt attempt) {
        if (!attempt.prefilled) {
            attempt.prefilled = true;
            attempt.where.belief.prefilled(attempt.prefillTokens);
            attempt.where.publish();
        }
    }

    private void cool(ReplicaState replica, Fault fault, long now) {
        long wish = fault.retryAfterNanos() > 0 ? fault.retryAfterNanos() : DEFAULT_COOL_NANOS;
        long until = now + (long) (Math.min(wish, MOST_COOL_NANOS) * (1 + 0.1 * spread()));
        for (PoolState pool : knowledge.sameAccount(replica.pool)) {
            if (pool.quota == null) {
                continue;
            }
            pool.quota.refused(now);
            for (ReplicaState each : pool.replicas) {
                each.coolUntilNanos = Math.max(each.coolUntilNanos, until);
            }
        }
        replica.coolUntilNanos = Math.max(replica.coolUntilNanos, until);
    }

    private void eject(ReplicaState replica, boolean hard, String why, long now) {
        PoolState pool = replica.pool;
        if (replica.gone || !replica.breaker.closed() || !mayEject(replica, hard, now)) {
            return;
        }
        replica.breaker.eject(why, spread(), now);
        pool.ejected++;
        pool.refresh(now);
    }

    private boolean mayEject(ReplicaState replica, boolean hard, long now) {
        boolean othersServe = knowledge.othersServe(replica.pool, now);
        return replica.pool.mayEject(hard || (othersServe && replica.breaker.hopeless()), othersServe);
    }

    private double spread() {
        return Mix.unit(seed, (int) ejections++);
    }

    private static boolean urgent(Ask ask) {
        return ask.requestClass() == RequestClass.PRIORITY;
    }

    static int cap(Ask ask) {
        return ask.maxTokens() > 0 ? ask.maxTokens() : Integer.MAX_VALUE;
    }

    private static int kvTokens(Ask ask, double output) {
        double answers = output / 2 * Math.max(1, ask.choices());
        return (int) Math.min(Integer.MAX_VALUE, ask.promptTokens() + answers);
    }
}
