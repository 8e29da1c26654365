package io.polychip.routing;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Objective;
import io.polychip.fleet.RequestClass;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Picks a replica for one request: filter, predict, price, pick.
 *
 * <p>Pools that cannot or may not take it are filtered out; of each other pool the {@link Shortlist} brings its best
 * replica with what the {@link Forecast} says. The cheapest that meets the objective with margin is taken, at random
 * among near-equals, so that several gateways with the same late view do not herd; if none meets it, the smallest
 * predicted violation; if all engines hold enough, nothing, and the call waits. In the first minutes after a plan the
 * choice among those that meet the objective goes by its shares instead. A vendor below its floor and a pool nobody
 * asked of late get a small part whatever it costs. All draws are functions of (seed, shard, decision, draw). O(pools)
 * unless a pool is full or partly ejected, then O(its replicas); allocates nothing.
 */
final class Router {
    static final int DRAW_PICK = 3;
    private static final int DRAW_SHARE = 1;
    private static final int DRAW_UNPROVEN = 2;
    private static final int DRAW_EXPLORE = 4;
    private static final int DRAW_FLOOR = 5;
    private static final int DRAW_PLANNED = 6;
    private static final int DRAW_PLANNED_POOL = 7;

    /** Part of suitable traffic that a neglected pool gets; the rent of owned chips is paid in any case. */
    private static final double EXPLORATION = 0.01;
    /** Requests of late (about a minute) up to which an API is looked at so much whatever it costs. */
    private static final double LEAST_ASKED = 3;
    /** Requests of late below which shares of them mean nothing. */
    private static final double FEW_REQUESTS = 20;
    /** Excess over an unconfirmed pool's share at which it gets nothing more. */
    private static final double UNPROVEN_BAND = 0.05;

    /** What a decision came to. */
    enum Outcome {
        PLACED,
        /** Suitable pools exist but have no place now; {@link #opensAtNanos} tells when time alone gives one. */
        WAIT,
        /** No pool can ever take it. */
        IMPOSSIBLE
    }

    private final long seed;
    private final int shard;
    private final Policy policy;
    private final PrefixIndex prefixes;
    private final Forecast forecast;
    private final Shortlist shortlist;
    private final Rivals rivals;

    private long decisions;
    private long draws;
    private Verdict[] verdicts = {};
    private @Nullable Candidate chosen;
    private Reason reason = Reason.NOTHING;
    private long opensAtNanos;

    Router(long seed, int shard, Options options, PrefixIndex prefixes) {
        this.seed = seed;
        this.shard = shard;
        this.policy = options.policy();
        this.prefixes = prefixes;
        this.forecast = new Forecast(prefixes);
        this.rivals = new Rivals(policy, options.tuning(), forecast);
        this.shortlist = new Shortlist(policy, forecast, prefixes);
    }

    void reload(Fleet fleet, ReplicaState[] replicasByIndex, int pools) {
        Map<RequestClass, Objective> objectives = new EnumMap<>(RequestClass.class);
        for (RequestClass requestClass : RequestClass.values()) {
            objectives.put(requestClass, fleet.objective(requestClass));
        }
        forecast.objectives(objectives);
        shortlist.reload(replicasByIndex, pools);
        verdicts = new Verdict[pools];
    }

    Outcome decide(Call call, ModelState model, long now) {
        decisions++;
        draws = Mix.decision(seed ^ call.ask.seed(), shard, decisions);
        prefixes.find(call.ask);
        forecast.begin(call, model, now);
        gather(call, model, now, Strictness.ALL);
        if (nobody() && hasVerdict(model, Verdict.OVER_SHARE, Verdict.UNPROVEN, Verdict.FAILING, Verdict.TRIED)) {
            gather(call, model, now, Strictness.WITHOUT_PREFERENCES);
        }
        if (nobody() && nobodyWorthWaitingFor(call, model)) {
            gather(call, model, now, Strictness.LAST_RESORT);
        }
        if (chosen == null && shortlist.size() > 0) {
            chosen = policy == Policy.POLYCHIP ? pick(call, model, now) : pickAsRival(call, model, now);
        }
        return chosen != null ? Outcome.PLACED : possible(model) ? Outcome.WAIT : Outcome.IMPOSSIBLE;
    }

    /** After {@link Outcome#PLACED}. */
    Candidate chosen() {
        return Objects.requireNonNull(chosen);
    }

    /**
     * After {@link Outcome#WAIT}: when a quota, a cool-down or a breaker opens; {@link Long#MAX_VALUE}: no such time.
     */
    long opensAtNanos() {
        return opensAtNanos;
    }

    /** After {@link Outcome#WAIT}: no pool is merely full, so only a quota, a cool-down or a breaker gives a place. */
    boolean onlyTimeHelps(ModelState model) {
        return !hasVerdict(model, Verdict.FULL) && opensAtNanos != Long.MAX_VALUE;
    }

    /** Tokens a hosted pool's provider would count for the request decided last. */
    long quotaTokens(PoolState pool) {
        return forecast.quotaTokens(pool);
    }

    /** Whether the call could go to a replica it has not tried. */
    boolean untried(Call call, ModelState model) {
        for (PoolState pool : model.pools) {
            if (pool.enabled()) {
                for (ReplicaState replica : pool.replicas) {
                    if (!call.hasTried(replica.index())) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    /** The last decision in words and figures. */
    Decision explain(Call call, ModelState model, long now) {
        List<Decision.PoolVerdict> pools = new ArrayList<>();
        for (int i = 0; i < model.pools.length; i++) {
            pools.add(new Decision.PoolVerdict(model.pools[i].name(), verdicts[i]));
        }
        Ask ask = call.ask;
        return new Decision(
                now,
                seed ^ ask.seed(),
                shard,
                decisions,
                policy,
                model.name,
                ask.tenant(),
                ask.requestClass(),
                ask.promptTokens(),
                call.expectedOutput,
                call.attempts,
                now - call.acceptedNanos,
                pools,
                shortlist.explained(),
                shortlist.indexOf(chosen),
                reason);
    }

    private void gather(Call call, ModelState model, long now, Strictness strictness) {
        chosen = null;
        reason = Reason.NOTHING;
        opensAtNanos = Long.MAX_VALUE;
        shortlist.begin(strictness, draws, now);
        for (int i = 0; i < model.pools.length; i++) {
            PoolState pool = model.pools[i];
            Verdict verdict = chosen != null ? Verdict.UNASKED : gate(call, model, pool, now, strictness);
            boolean open = verdict == Verdict.MEETS && chosen == null;
            verdicts[i] = open ? shortlist.consider(call, pool) : verdict;
        }
        opensAtNanos = Math.min(opensAtNanos, shortlist.opensAtNanos());
    }

    /** Whether the pool as a whole may be asked. */
    private Verdict gate(Call call, ModelState model, PoolState pool, long now, Strictness strictness) {
        Ask ask = call.ask;
        if (!pool.enabled()) {
            return Verdict.DISABLED;
        }
        if (pool.replicas.length == 0) {
            return Verdict.EMPTY;
        }
        if ((pool.unsupportedNeeds & ask.needs()) != 0) {
            return Verdict.FEATURE;
        }
        if (!Refusals.fits(ask, pool.contextTokens())) {
            return Verdict.CONTEXT;
        }
        if (pool.quota != null) {
            long opens = pool.quota.opensAt(forecast.quotaTokens(pool), now);
            if (opens > now) {
                opensAtNanos = Math.min(opensAtNanos, opens);
                return Verdict.QUOTA;
            }
        }
        if (strictness != Strictness.ALL) {
            return Verdict.MEETS;
        }
        if (pool.ejected > 0 && probes(call, pool)) {
            return Verdict.MEETS;
        }
        return policy == Policy.POLYCHIP && model.pools.length > 1 ? preference(call, pool, model, now) : Verdict.MEETS;
    }

    /** Whether this call is the one that finds out about an ejected replica; then it is chosen. */
    private boolean probes(Call call, PoolState pool) {
        ReplicaState probe = shortlist.dueProbe(call, pool);
        if (probe != null) {
            reason = Reason.PROBE;
            chosen = shortlist.add(pool, probe);
        }
        return probe != null;
    }

    private Verdict preference(Call call, PoolState pool, ModelState model, long now) {
        if (call.avoided == pool) {
            return Verdict.TRIED;
        }
        if (pool.failing(now) && Mix.unit(draws, DRAW_EXPLORE) > EXPLORATION) {
            return Verdict.FAILING;
        }
        double excess = pool.vendor.excess(now);
        if (excess > 0 && Mix.unit(draws, DRAW_SHARE) < excess) {
            return Verdict.OVER_SHARE;
        }
        if (pool.allowedShare < 1 && !pool.proven()) {
            double sent = model.sent.at(now);
            double over = sent < FEW_REQUESTS ? 0 : pool.sentRequests.at(now) / sent - pool.allowedShare;
            if (over > 0 && Mix.unit(draws, DRAW_UNPROVEN) < over / UNPROVEN_BAND) {
                return Verdict.UNPROVEN;
            }
        }
        return Verdict.MEETS;
    }

    private Candidate pick(Call call, ModelState model, long now) {
        int size = shortlist.size();
        int meeting = 0;
        for (int i = 0; i < size; i++) {
            Candidate candidate = shortlist.get(i);
            candidate.verdict = candidate.violation <= 1 ? Verdict.MEETS : Verdict.MISSES;
            meeting += candidate.violation <= 1 ? 1 : 0;
        }
        double draw = Mix.unit(draws, DRAW_PICK);
        if (meeting == 0) {
            reason = Reason.LEAST_VIOLATION;
            return shortlist.get(Pick.leastViolation(shortlist.candidates(), shortlist.best(), size, draw));
        }
        if (call.attempts == 0 && size > 1) {
            Candidate special = floorOrExploration(model, now);
            if (special != null) {
                return special;
            }
            Candidate planned = planned(call, model);
            if (planned != null) {
                return planned;
            }
        }
        reason = Reason.CHEAPEST;
        return shortlist.get(Pick.cheapest(shortlist.candidates(), shortlist.best(), size, draw));
    }

    /** A vendor below its floor or a pool nobody has asked of late gets a small part whatever it costs. */
    private @Nullable Candidate floorOrExploration(ModelState model, long now) {
        double exploreDraw = Mix.unit(draws, DRAW_EXPLORE);
        double floorDraw = Mix.unit(draws, DRAW_FLOOR);
        double sent = model.sent.at(now);
        double leastAtKnee = Double.POSITIVE_INFINITY;
        for (int i = 0; i < shortlist.size(); i++) {
            leastAtKnee = Math.min(leastAtKnee, shortlist.get(i).usdAtKnee);
        }
        for (int i = 0; i < shortlist.size(); i++) {
            Candidate candidate = shortlist.get(i);
            if (candidate.verdict != Verdict.MEETS) {
                continue;
            }
            PoolState pool = candidate.pool();
            double want = pool.vendor.want(now);
            if (want > 0 && floorDraw < want) {
                reason = Reason.FLOOR;
                return candidate;
            }
            floorDraw -= want;
            double part = exploration(candidate, leastAtKnee, sent);
            boolean neglected = sent > FEW_REQUESTS && pool.sentRequests.at(now) < part * sent;
            if (neglected && exploreDraw < part) {
                reason = Reason.EXPLORATION;
                return candidate;
            }
            exploreDraw -= neglected ? part : 0;
        }
        return null;
    }

    /**
     * Where tokens are bought looking costs money: about that part of what the cheapest pool's work is worth, or the
     * few requests a minute that tell whether it answers, and how fast.
     */
    private static double exploration(Candidate candidate, double leastAtKnee, double sent) {
        if (!candidate.pool().hosted() || candidate.usdAtKnee <= leastAtKnee) {
            return EXPLORATION;
        }
        return EXPLORATION
                * Math.min(1, Math.max(leastAtKnee / candidate.usdAtKnee, LEAST_ASKED / (EXPLORATION * sent)));
    }

    /** One that meets the objective, by the shares of the plan as far as these still count; null where they do not. */
    private @Nullable Candidate planned(Call call, ModelState model) {
        PlannedShares shares = model.planned;
        if (shares == null || Mix.unit(draws, DRAW_PLANNED) >= shares.weight()) {
            return null;
        }
        int kind = shares.kind(call.ask, call.expectedOutput);
        double sum = 0;
        for (int i = 0; kind >= 0 && i < shortlist.size(); i++) {
            sum += planned(shares, kind, model, shortlist.get(i));
        }
        double left = Mix.unit(draws, DRAW_PLANNED_POOL) * sum;
        Candidate last = null;
        for (int i = 0; sum > 0 && left >= 0 && i < shortlist.size(); i++) {
            double share = planned(shares, kind, model, shortlist.get(i));
            left -= share;
            last = share > 0 ? shortlist.get(i) : last;
        }
        if (last != null) {
            reason = Reason.PLANNED;
        }
        return last;
    }

    private static double planned(PlannedShares shares, int kind, ModelState model, Candidate candidate) {
        return candidate.verdict == Verdict.MEETS ? shares.share(kind, model.place(candidate.pool())) : 0;
    }

    private Candidate pickAsRival(Call call, ModelState model, long now) {
        reason = Reason.RIVAL;
        ReplicaState replica = rivals.pick(call, model, verdicts, draws, now);
        Candidate first = shortlist.get(0);
        return replica == null ? first : forecast.predict(first, replica.pool, replica);
    }

    private boolean nobody() {
        return chosen == null && shortlist.size() == 0;
    }

    private boolean hasVerdict(ModelState model, Verdict... wanted) {
        for (int i = 0; i < model.pools.length; i++) {
            for (Verdict verdict : wanted) {
                if (verdicts[i] == verdict) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean nobodyWorthWaitingFor(Call call, ModelState model) {
        for (int i = 0; i < model.pools.length; i++) {
            if (verdicts[i] == Verdict.FULL) {
                return false;
            }
            boolean later = verdicts[i] == Verdict.QUOTA || verdicts[i] == Verdict.COOLING;
            if (later && opensAtNanos <= call.queueUntilNanos) {
                return false;
            }
        }
        return true;
    }

    private boolean possible(ModelState model) {
        for (int i = 0; i < model.pools.length; i++) {
            if (!verdicts[i].permanent()) {
                return true;
            }
        }
        return false;
    }
}
