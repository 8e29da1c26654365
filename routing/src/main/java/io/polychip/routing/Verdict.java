package io.polychip.routing;

/** Why a pool or replica was, or was not, a choice. */
public enum Verdict {
    /** Meets the objective with margin. */
    MEETS,
    /** Could serve, but is predicted to miss the objective. */
    MISSES,
    /** Another replica of the same pool suits better. */
    WORSE_REPLICA,
    DISABLED,
    /** Prompt and answer do not fit. */
    CONTEXT,
    /** Lacks a feature the request needs. */
    FEATURE,
    /** Every replica holds as many requests as its class may put there. */
    FULL,
    /** The hosted account's quota is spent for now. */
    QUOTA,
    /** Upstream asked to come back later. */
    COOLING,
    /** Breakers are open. */
    EJECTED,
    /** This call has tried every replica. */
    TRIED,
    /** More than half of its attempts fail. */
    FAILING,
    /** Its vendor has its largest share. */
    OVER_SHARE,
    /** Its profile has not been confirmed and it gains traffic too fast. */
    UNPROVEN,
    /** No replica at all. */
    EMPTY,
    /** The choice was made before it came to this pool. */
    UNASKED;

    /** No passing of time makes this pool suitable. */
    boolean permanent() {
        return this == DISABLED || this == CONTEXT || this == FEATURE || this == EMPTY;
    }
}
