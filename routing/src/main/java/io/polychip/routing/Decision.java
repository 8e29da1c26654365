package io.polychip.routing;

import io.polychip.fleet.RequestClass;
import java.util.List;

/**
 * One decision explained: what was known, what was considered, what was taken and why the others were not.
 *
 * @param number the dispatcher's count of decisions; with seed and shard it names every random draw
 * @param attempt 0 for a call's first
 * @param waitedNanos since acceptance
 * @param pools every pool of the model, with the reason if it gave no candidate
 * @param candidates the replicas looked at
 * @param chosen index into {@code candidates}, -1 when the call waits or was refused
 */
public record Decision(
        long atNanos,
        long seed,
        int shard,
        long number,
        Policy policy,
        String model,
        String tenant,
        RequestClass requestClass,
        int promptTokens,
        double expectedOutputTokens,
        int attempt,
        long waitedNanos,
        List<PoolVerdict> pools,
        List<Option> candidates,
        int chosen) {
    public Decision {
        pools = List.copyOf(pools);
        candidates = List.copyOf(candidates);
    }

    /** What became of one pool. */
    public record PoolVerdict(String pool, Verdict verdict) {}

    /**
     * One replica that was looked at.
     *
     * @param running sequences believed to be there
     * @param load 1 at the knee
     * @param cachedTokens of the prompt, believed to be kept there
     * @param violation predicted over promised at the promised percentile; up to 1 meets the objective
     * @param usd price of the request there, now
     * @param usdAtKnee the same at the knee
     * @param weight among near-equals
     */
    public record Option(
            String pool,
            int replica,
            Verdict verdict,
            double running,
            double load,
            int cachedTokens,
            double ttftNanos,
            double itlNanos,
            double violation,
            double usd,
            double usdAtKnee,
            double weight) {}
}
