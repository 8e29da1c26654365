package io.polychip.routing;

/**
 * How a dispatcher decides.
 *
 * @param tuning of a rival policy; ours has nothing to set
 * @param explains whether decisions are sampled for {@code log} at all
 * @param log takes the explanations of sampled decisions
 * @param prefixBytes memory of the prefix index of one loop
 */
public record Options(Policy policy, Tuning tuning, boolean explains, DecisionLog log, int prefixBytes) {
    /** Our own policy, nothing explained. */
    public static final Options DEFAULT = new Options(Policy.POLYCHIP, Tuning.DEFAULT, false, decision -> {}, 4 << 20);

    public Options with(Policy other) {
        return new Options(other, tuning, explains, log, prefixBytes);
    }

    /** Explains a sample of decisions, see {@code Fleet.Disclosure#decisionSample}. */
    public Options with(DecisionLog other) {
        return new Options(policy, tuning, true, other, prefixBytes);
    }

    public Options with(Tuning other) {
        return new Options(policy, other, explains, log, prefixBytes);
    }
}
