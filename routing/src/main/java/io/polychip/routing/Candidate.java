package io.polychip.routing;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Scratch of one decision: a replica with what is predicted of the request there. Reused; never leaves the router. */
final class Candidate {
    @Nullable
    PoolState pool;

    @Nullable
    ReplicaState replica;

    Verdict verdict = Verdict.MEETS;
    int cachedTokens;
    double running;
    /** Cache tokens that those hold or will, the call's own not among them; 0 where tokens are bought. */
    double kvTokens;

    double load;
    double rawTtftNanos;
    double rawItlNanos;
    double ttftNanos;
    double itlNanos;
    /** Predicted over promised, the worse of both times, at the promised percentile; at most 1 meets it. */
    double violation;

    double usd;
    /** What the request would cost at the knee; sets the scale on which prices count as equal. */
    double usdAtKnee;
    /**
     * Orders the replicas of one pool: price plus a little for the work itself, so that a warm cache counts when idle.
     */
    double score;

    double weight;

    Decision.Option explained() {
        return new Decision.Option(
                pool().name(),
                replica().index(),
                verdict,
                running,
                load,
                cachedTokens,
                ttftNanos,
                itlNanos,
                violation,
                usd,
                usdAtKnee,
                weight);
    }

    PoolState pool() {
        return Objects.requireNonNull(pool);
    }

    ReplicaState replica() {
        return Objects.requireNonNull(replica);
    }
}
