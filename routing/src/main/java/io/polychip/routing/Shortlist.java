package io.polychip.routing;

import io.polychip.fleet.RequestClass;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The replicas one decision looks at: of each pool two random ones (Mitzenmacher 2001: two choices beat the stale
 * minimum) and those this prompt's beginning lives on; the best of them stands for its pool.
 *
 * <p>Only when none of these has a place all others are asked, and a pool found full is not searched again before
 * something of it ended. Scratch of one router, reused; allocates nothing.
 */
final class Shortlist {
    private static final int PER_POOL = 5;
    private static final int DRAW_REPLICA = 16;

    /** An affine replica may hold at most this much over its pool's mean (Mirrokni, Thorup, Zadimoghaddam 2018). */
    private static final double AFFINITY_BOUND = 1.25;

    /** Longer that an urgent call lets others find out about an ejected replica. */
    private static final long PRIORITY_PROBE_DELAY_NANOS = 5_000_000_000L;

    private final Policy policy;
    private final Forecast forecast;
    private final PrefixIndex prefixes;
    private ReplicaState[] byIndex = {};
    private Candidate[] candidates = {};
    private int count;
    private int[] best = {};
    private int bestCount;

    private long draws;
    private long now;
    private Strictness strictness = Strictness.ALL;
    private long opensAtNanos;

    Shortlist(Policy policy, Forecast forecast, PrefixIndex prefixes) {
        this.policy = policy;
        this.forecast = forecast;
        this.prefixes = prefixes;
    }

    void reload(ReplicaState[] replicasByIndex, int pools) {
        byIndex = replicasByIndex;
        candidates = new Candidate[pools * PER_POOL];
        for (int i = 0; i < candidates.length; i++) {
            candidates[i] = new Candidate();
        }
        best = new int[pools];
        count = 0;
        bestCount = 0;
    }

    /** Starts empty. */
    void begin(Strictness howStrict, long decisionDraws, long at) {
        count = 0;
        bestCount = 0;
        opensAtNanos = Long.MAX_VALUE;
        strictness = howStrict;
        draws = decisionDraws;
        now = at;
    }

    /** Pools that have a candidate. */
    int size() {
        return bestCount;
    }

    /** The candidate of the nth of them. */
    Candidate get(int nth) {
        return candidates[best[nth]];
    }

    Candidate[] candidates() {
        return candidates;
    }

    int[] best() {
        return best;
    }

    /** When a cool-down or a breaker gives a place that was missed; {@link Long#MAX_VALUE}: none does. */
    long opensAtNanos() {
        return opensAtNanos;
    }

    /** Adds a replica whatever its state. */
    Candidate add(PoolState pool, ReplicaState replica) {
        return forecast.predict(candidates[count++], pool, replica);
    }

    /** An ejected replica that this call may find out about, null when there is none. */
    @Nullable
    ReplicaState dueProbe(Call call, PoolState pool) {
        if (call.attempts > 0) {
            return null; // it has had its share of bad luck
        }
        long delay = call.ask.requestClass() == RequestClass.PRIORITY ? PRIORITY_PROBE_DELAY_NANOS : 0;
        for (ReplicaState replica : pool.replicas) {
            boolean due = replica.breaker.wantsProbe(now) && now >= replica.breaker.openUntilNanos() + delay;
            if (due && now >= replica.coolUntilNanos) {
                return replica;
            }
        }
        return null;
    }

    /** Looks for the pool's best place; {@link Verdict#MEETS} when there is one, else why not. */
    Verdict consider(Call call, PoolState pool) {
        int rank = Urgency.of(call.ask.requestClass());
        boolean binds = policy.bindsLate() && strictness != Strictness.LAST_RESORT;
        if (binds && rank >= pool.fullFromRank) {
            return Verdict.FULL;
        }
        int first = count;
        int size = pool.replicas.length;
        int a = Mix.below(size, draws, DRAW_REPLICA + 2 * pool.target.index());
        look(call, pool, pool.replicas[a]);
        if (size > 1) {
            int b = Mix.below(size - 1, draws, DRAW_REPLICA + 2 * pool.target.index() + 1);
            look(call, pool, pool.replicas[b < a ? b : b + 1]);
        }
        for (int nth = 0; nth < 2; nth++) {
            ReplicaState home = holder(nth);
            if (home != null && home.pool == pool && !looked(first, home) && withinBound(home)) {
                look(call, pool, home);
            }
        }
        int found = bestOf(first);
        for (int i = 1; found < 0 && i < size; i++) {
            ReplicaState replica = pool.replicas[(a + i) % size];
            if (!looked(first, replica) && (!binds || forecast.hasPlace(replica))) {
                found = lookFurther(call, pool, replica);
            }
        }
        if (found >= 0) {
            best[bestCount++] = found;
            return Verdict.MEETS;
        }
        return whyNobody(call, pool, rank, binds);
    }

    private int lookFurther(Call call, PoolState pool, ReplicaState replica) {
        int at = count;
        look(call, pool, replica);
        int found = count > at ? bestOf(at) : -1;
        if (found < 0) {
            count = at; // keeps the scratch small however many are full
        }
        return found;
    }

    private void look(Call call, PoolState pool, ReplicaState replica) {
        boolean lastResort = strictness == Strictness.LAST_RESORT;
        if (!lastResort && (!replica.available(now) || call.hasTried(replica.index()))) {
            return;
        }
        if (replica.coolUntilNanos > now) {
            return;
        }
        Candidate candidate = add(pool, replica);
        if (policy.bindsLate() && !lastResort && forecast.full(candidate)) {
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

    private Verdict whyNobody(Call call, PoolState pool, int rank, boolean binds) {
        Verdict verdict = Verdict.EJECTED;
        boolean noPlace = binds && call.attempts == 0 && !call.late;
        for (ReplicaState replica : pool.replicas) {
            if (replica.available(now)) {
                boolean tried = call.hasTried(replica.index());
                verdict = tried && verdict != Verdict.FULL ? Verdict.TRIED : tried ? verdict : Verdict.FULL;
                noPlace = noPlace && !forecast.hasPlace(replica);
                continue;
            }
            if (replica.coolUntilNanos > now) {
                opensAtNanos = Math.min(opensAtNanos, replica.coolUntilNanos);
                verdict = verdict == Verdict.EJECTED ? Verdict.COOLING : verdict;
            } else if (!replica.breaker.closed()) {
                opensAtNanos = Math.min(opensAtNanos, Math.max(now + 1, replica.breaker.openUntilNanos()));
            }
        }
        if (verdict == Verdict.FULL && noPlace && opensAtNanos == Long.MAX_VALUE) {
            pool.fullFromRank = rank;
        }
        return verdict;
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

    /** All that was looked at, for an explanation. */
    List<Decision.Option> explained() {
        List<Decision.Option> options = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            options.add(candidates[i].explained());
        }
        return options;
    }

    /** Index of a candidate in {@link #explained}, -1 when it is not there. */
    int indexOf(@Nullable Candidate wanted) {
        for (int i = 0; i < count; i++) {
            if (candidates[i] == wanted) {
                return i;
            }
        }
        return -1;
    }
}
