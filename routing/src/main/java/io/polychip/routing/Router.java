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
 * <p>Per pool it looks at two random replicas (Mitzenmacher 2001: two choices beat the stale minimum) and at those this
 * prompt's beginning lives on, and keeps the best. Across pools it takes the cheapest that meets the objective with
 * margin, at random among near-equals, so that several gateways with the same late view do not herd; if none meets it,
 * the smallest predicted violation; if all engines hold enough, nothing, and the call waits. All draws are functions of
 * (seed, shard, decision, draw). O(pools) unless a pool is full or ejected, then O(its replicas); allocates nothing.
 */
final class Router {
    /** What a decision came to. */
    enum Outcome {
        PLACED,
        /** Suitable pools exist but have no place now; {@link #opensAtNanos} tells when time alone gives one. */
        WAIT,
        /** No pool can ever take it. */
        IMPOSSIBLE
    }

    private static final int PER_POOL = 5;
    private static final int DRAW_SHARE = 1;
    private static final int DRAW_UNPROVEN = 2;
    static final int DRAW_PICK = 3;
    private static final int DRAW_EXPLORE = 4;
    private static final int DRAW_FLOOR = 5;
    private static final int DRAW_REPLICA = 16;

    /** An affine replica may hold at most this much over its pool's mean (Mirrokni, Thorup, Zadimoghaddam 2018). */
    private static final double AFFINITY_BOUND = 1.25;

    private static final double EXPLORATION = 0.01;

    private final long seed;
    private final int shard;
    private final Policy policy;
    private final PrefixIndex prefixes;
    private final Forecast forecast;
    private final Rivals rivals = new Rivals();
    private final Map<RequestClass, Objective> objectives = new EnumMap<>(RequestClass.class);
    private ReplicaState[] byIndex = {};

    private long decisions;
    private long draws;

    private Candidate[] candidates = {};
    private int count;
    private int[] best = {};
    private int bestCount;
    private Verdict[] verdicts = {};
    private @Nullable Candidate chosen;
    private Reason reason = Reason.NOTHING;
    private long opensAtNanos;

    Router(long seed, int shard, Policy policy, PrefixIndex prefixes) {
        this.seed = seed;
        this.shard = shard;
        this.policy = policy;
        this.prefixes = prefixes;
        this.forecast = new Forecast(prefixes);
    }

    void reload(Fleet fleet, ReplicaState[] replicasByIndex, int pools) {
        byIndex = replicasByIndex;
        for (RequestClass requestClass : RequestClass.values()) {
            objectives.put(requestClass, fleet.objective(requestClass));
        }
        forecast.objectives(objectives);
        candidates = new Candidate[pools * PER_POOL];
        for (int i = 0; i < candidates.length; i++) {
            candidates[i] = new Candidate();
        }
        best = new int[pools];
        verdicts = new Verdict[pools];
    }

    Candidate chosen() {
        return Objects.requireNonNull(chosen);
    }

    /**
     * After {@link Outcome#WAIT}: when a quota, a cool-down or a breaker opens; {@link Long#MAX_VALUE}: no such time.
     */
    long opensAtNanos() {
        return opensAtNanos;
    }

    /** Why pool {@code i} of the model gave no candidate in the last decision. */
    Verdict verdict(int i) {
        return verdicts[i];
    }

    long decisions() {
        return decisions;
    }

    Outcome decide(Call call, ModelState model, long now) {
        decisions++;
        draws = Mix.decision(seed ^ call.ask.seed(), shard, decisions);
        chosen = null;
        reason = Reason.NOTHING;
        opensAtNanos = Long.MAX_VALUE;
        prefixes.find(call.ask);
        forecast.begin(call, model, now);
        if (policy != Policy.POLYCHIP) {
            return decideAsRival(call, model, now);
        }
        gather(call, model, now, Strictness.ALL);
        if (chosen == null
                && bestCount == 0
                && someVerdict(model, Verdict.OVER_SHARE, Verdict.UNPROVEN, Verdict.FAILING)) {
            gather(call, model, now, Strictness.WITHOUT_PREFERENCES);
        }
        if (chosen == null && bestCount == 0 && nobodyWorthWaitingFor(call, model)) {
            gather(call, model, now, Strictness.LAST_RESORT);
        }
        if (chosen == null && bestCount > 0) {
            chosen = pick(call, model, now);
        }
        return chosen != null ? Outcome.PLACED : possible(model) ? Outcome.WAIT : Outcome.IMPOSSIBLE;
    }

    /** Tokens a hosted pool's provider would count for the request decided last. */
    long quotaTokens(PoolState pool) {
        return forecast.quotaTokens(pool);
    }

    /** After {@link Outcome#WAIT}: no pool is merely full, so only a quota, a cool-down or a breaker gives a place. */
    boolean onlyTimeHelps(ModelState model) {
        for (int i = 0; i < model.pools.length; i++) {
            if (verdicts[i] == Verdict.FULL) {
                return false;
            }
        }
        return opensAtNanos != Long.MAX_VALUE;
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
        List<Decision.Option> options = new ArrayList<>();
        int taken = -1;
        for (int i = 0; i < count; i++) {
            Candidate candidate = candidates[i];
            taken = candidate == chosen ? i : taken;
            options.add(candidate.explained());
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
                options,
                taken,
                reason);
    }

    /** How many of the filters apply. */
    private enum Strictness {
        ALL,
        /** Shares, damage caps and failing pools are preferences: better there than nowhere. */
        WITHOUT_PREFERENCES,
        /** Breakers and earlier tries are ignored too, so that never everybody is out at once. */
        LAST_RESORT
    }

    private void gather(Call call, ModelState model, long now, Strictness strictness) {
        count = 0;
        bestCount = 0;
        for (int i = 0; i < model.pools.length; i++) {
            if (chosen != null) {
                verdicts[i] = Verdict.UNASKED;
                continue;
            }
            PoolState pool = model.pools[i];
            Verdict verdict = gate(call, model, pool, now, strictness);
            if (verdict == Verdict.MEETS && chosen == null) {
                int before = bestCount;
                verdict = consider(call, pool, now, strictness);
                if (bestCount > before) {
                    verdict = Verdict.MEETS;
                }
            }
            verdicts[i] = verdict;
        }
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
        if (pool.ejected > 0 && strictness == Strictness.ALL && probes(call, pool, now)) {
            return Verdict.MEETS;
        }
        if (strictness == Strictness.ALL && policy == Policy.POLYCHIP && model.pools.length > 1) {
            return preference(pool, model, now);
        }
        return Verdict.MEETS;
    }

    /** Whether this call is the one that finds out about an ejected replica; then it is chosen. */
    private boolean probes(Call call, PoolState pool, long now) {
        ReplicaState probe = dueProbe(call, pool, now);
        if (probe != null) {
            reason = Reason.PROBE;
            chosen = forecast.predict(candidates[count++], pool, probe);
        }
        return probe != null;
    }

    private Verdict preference(PoolState pool, ModelState model, long now) {
        if (pool.failing(now) && Mix.unit(draws, DRAW_EXPLORE) > EXPLORATION) {
            return Verdict.FAILING;
        }
        double excess = pool.vendor.excess(now);
        if (excess > 0 && Mix.unit(draws, DRAW_SHARE) < excess) {
            return Verdict.OVER_SHARE;
        }
        if (pool.allowedShare < 1 && !pool.proven()) {
            double sent = model.sent.at(now);
            double over = sent < 20 ? 0 : pool.sentRequests.at(now) / sent - pool.allowedShare;
            if (over > 0 && Mix.unit(draws, DRAW_UNPROVEN) < over / 0.05) {
                return Verdict.UNPROVEN;
            }
        }
        return Verdict.MEETS;
    }

    /** Looks at some replicas of a pool and keeps the best of them as its candidate. */
    private Verdict consider(Call call, PoolState pool, long now, Strictness strictness) {
        int first = count;
        int size = pool.replicas.length;
        int a = Mix.below(size, draws, DRAW_REPLICA + 2 * pool.target.index());
        look(call, pool, pool.replicas[a], now, strictness);
        if (size > 1) {
            int b = Mix.below(size - 1, draws, DRAW_REPLICA + 2 * pool.target.index() + 1);
            look(call, pool, pool.replicas[b < a ? b : b + 1], now, strictness);
        }
        for (int nth = 0; nth < 2; nth++) {
            ReplicaState home = holder(nth);
            if (home != null && home.pool == pool && !looked(first, home) && withinBound(home)) {
                look(call, pool, home, now, strictness);
            }
        }
        int found = bestOf(first);
        for (int i = 1; found < 0 && i < size; i++) { // full or ejected: somebody else may have a place
            ReplicaState replica = pool.replicas[(a + i) % size];
            if (count < candidates.length && !looked(first, replica)) {
                int at = count;
                look(call, pool, replica, now, strictness);
                found = count > at ? bestOf(at) : -1;
                if (found < 0) {
                    count = Math.min(count, at);
                }
            }
        }
        if (found >= 0) {
            best[bestCount++] = found;
            return Verdict.MEETS;
        }
        return whyNobody(call, pool, now);
    }

    private void look(Call call, PoolState pool, ReplicaState replica, long now, Strictness strictness) {
        if (strictness != Strictness.LAST_RESORT && (!replica.available(now) || call.hasTried(replica.index()))) {
            return;
        }
        if (replica.coolUntilNanos > now) {
            return;
        }
        Candidate candidate = forecast.predict(candidates[count++], pool, replica);
        if (policy.bindsLate() && forecast.full(candidate) && strictness != Strictness.LAST_RESORT) {
            candidate.verdict = Verdict.FULL;
        }
    }

    /** The best candidate from {@code first} on that has a place, -1 for none; marks the others of the pool. */
    private int bestOf(int first) {
        int found = -1;
        for (int i = first; i < count; i++) {
            Candidate candidate = candidates[i];
            if (candidate.verdict == Verdict.FULL) {
                continue;
            }
            if (found < 0 || better(candidate, candidates[found])) {
                if (found >= 0) {
                    candidates[found].verdict = Verdict.WORSE_REPLICA;
                }
                found = i;
            } else {
                candidate.verdict = Verdict.WORSE_REPLICA;
            }
        }
        return found;
    }

    private static boolean better(Candidate a, Candidate b) {
        boolean aMeets = a.violation <= 1;
        boolean bMeets = b.violation <= 1;
        if (aMeets != bMeets) {
            return aMeets;
        }
        return aMeets ? a.score < b.score : a.violation < b.violation;
    }

    private Verdict whyNobody(Call call, PoolState pool, long now) {
        Verdict verdict = Verdict.EJECTED;
        for (ReplicaState replica : pool.replicas) {
            if (replica.available(now)) {
                boolean tried = call.hasTried(replica.index());
                verdict = tried && verdict != Verdict.FULL ? Verdict.TRIED : tried ? verdict : Verdict.FULL;
                continue;
            }
            if (replica.coolUntilNanos > now) {
                opensAtNanos = Math.min(opensAtNanos, replica.coolUntilNanos);
                verdict = verdict == Verdict.EJECTED ? Verdict.COOLING : verdict;
            } else if (!replica.breaker.closed()) {
                opensAtNanos = Math.min(opensAtNanos, Math.max(now + 1, replica.breaker.openUntilNanos()));
            }
        }
        return verdict;
    }

    private @Nullable ReplicaState dueProbe(Call call, PoolState pool, long now) {
        boolean patient = call.ask.requestClass() != RequestClass.PRIORITY;
        if (call.attempts > 0) {
            return null;
        }
        for (ReplicaState replica : pool.replicas) {
            long due = replica.breaker.openUntilNanos() + (patient ? 0 : 5_000_000_000L);
            if (replica.breaker.wantsProbe(now) && now >= due && now >= replica.coolUntilNanos) {
                return replica;
            }
        }
        return null;
    }

    private @Nullable ReplicaState holder(int nth) {
        int index = prefixes.holder(nth);
        return index >= 0 && index < byIndex.length ? byIndex[index] : null;
    }

    private boolean looked(int first, ReplicaState replica) {
        for (int i = first; i < count; i++) {
            if (candidates[i].replica == replica) {
                return true;
            }
        }
        return false;
    }

    private static boolean withinBound(ReplicaState home) {
        PoolState pool = home.pool;
        double mean = (pool.inFlight + 1.0) / pool.replicas.length;
        return home.belief.inFlight() + 1 <= Math.ceil(AFFINITY_BOUND * mean);
    }

    private Candidate pick(Call call, ModelState model, long now) {
        int meeting = 0;
        for (int i = 0; i < bestCount; i++) {
            Candidate candidate = candidates[best[i]];
            candidate.verdict = candidate.violation <= 1 ? Verdict.MEETS : Verdict.MISSES;
            meeting += candidate.verdict == Verdict.MEETS ? 1 : 0;
        }
        if (meeting == 0) {
            reason = Reason.LEAST_VIOLATION;
            return candidates[best[Pick.leastViolation(candidates, best, bestCount, Mix.unit(draws, DRAW_PICK))]];
        }
        if (call.attempts == 0 && bestCount > 1) {
            Candidate special = floorOrExploration(model, now);
            if (special != null) {
                return special;
            }
        }
        reason = Reason.CHEAPEST;
        return candidates[best[Pick.cheapest(candidates, best, bestCount, Mix.unit(draws, DRAW_PICK))]];
    }

    /** A vendor below its floor or a pool nobody has asked of late gets a small part whatever it costs. */
    private @Nullable Candidate floorOrExploration(ModelState model, long now) {
        double draw = Mix.unit(draws, DRAW_EXPLORE);
        double floorDraw = Mix.unit(draws, DRAW_FLOOR);
        double sent = model.sent.at(now);
        for (int i = 0; i < bestCount; i++) {
            Candidate candidate = candidates[best[i]];
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
            boolean starved = sent > 50 && pool.sentRequests.at(now) < EXPLORATION * sent;
            if (starved && draw < EXPLORATION) {
                reason = Reason.EXPLORATION;
                return candidate;
            }
            draw -= starved ? EXPLORATION : 0;
        }
        return null;
    }

    private Outcome decideAsRival(Call call, ModelState model, long now) {
        gather(call, model, now, Strictness.ALL);
        if (chosen == null && bestCount == 0 && nobodyWorthWaitingFor(call, model)) {
            gather(call, model, now, Strictness.LAST_RESORT);
        }
        if (chosen == null && bestCount > 0) {
            reason = Reason.RIVAL;
            ReplicaState replica = policy == Policy.ROUND_ROBIN
                    ? rivals.inTurn(call, model, verdicts, now)
                    : rivals.leastRequests(call, model, verdicts, forecast, draws, now);
            chosen = replica == null
                    ? candidates[best[0]]
                    : forecast.predict(candidates[best[0]], replica.pool, replica);
        }
        return chosen != null ? Outcome.PLACED : possible(model) ? Outcome.WAIT : Outcome.IMPOSSIBLE;
    }

    private boolean someVerdict(ModelState model, Verdict a, Verdict b, Verdict c) {
        for (int i = 0; i < model.pools.length; i++) {
            if (verdicts[i] == a || verdicts[i] == b || verdicts[i] == c) {
                return true;
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
