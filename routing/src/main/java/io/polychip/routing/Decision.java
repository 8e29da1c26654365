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
 * @param reason what made the choice
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
        int chosen,
        Reason reason) {
    public Decision {
        pools = List.copyOf(pools);
        candidates = List.copyOf(candidates);
    }

    /**
     * Makes the choice again from what is recorded here, as an index into {@code candidates}. Only prices and
     * violations decide that way; for every other {@link Reason} it is {@code chosen}.
     */
    public int replayed() {
        if (reason != Reason.CHEAPEST && reason != Reason.LEAST_VIOLATION) {
            return chosen;
        }
        Candidate[] again = new Candidate[candidates.size()];
        int[] best = new int[again.length];
        int count = 0;
        for (int i = 0; i < again.length; i++) {
            Option option = candidates.get(i);
            again[i] = new Candidate();
            again[i].violation = option.violation();
            again[i].usd = option.usd();
            again[i].usdAtKnee = option.usdAtKnee();
            again[i].weight = option.weight();
            if (option.verdict() == Verdict.MEETS || option.verdict() == Verdict.MISSES) {
                best[count++] = i;
            }
        }
        double draw = Mix.unit(Mix.decision(seed, shard, number), Router.DRAW_PICK);
        return best[
                reason == Reason.CHEAPEST
                        ? Pick.cheapest(again, best, count, draw)
                        : Pick.leastViolation(again, best, count, draw)];
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
