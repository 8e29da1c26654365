package io.polychip.routing;

import io.polychip.fleet.Price;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How others pick, for comparison: over every suitable replica, by one cost per replica, the lowest wins and ties are
 * drawn. Filters, breakers, quotas, retries and the rest of a call's life are ours, and so are the predictions that
 * {@link Policy#PREDICTED_LATENCY} reads, learned corrections included. O(replicas), no allocation once grown.
 *
 * <p>Sources of the forms: llm-d inference scheduler (queue, cache and prefix scorers; predicted-latency scorer with
 * its 1 % of negative slack), NVIDIA Dynamo (KV router's cost, global router's grid), LiteLLM (lowest cost), MLPerf's
 * capacity weights per endpoint.
 */
final class Rivals {
    private static final int DRAW_TIE = 1000;
    private static final int DRAW_TWO = 1001;
    private static final int DRAW_NEGATIVE = 1003;
    private static final int DRAW_SHARE = 2000;
    private static final double BLOCK_TOKENS = 16;
    private static final double NEGATIVE_SHARE = 0.01;
    /** Keeps replicas with positive slack before all others. */
    private static final double NO_SLACK = 1e18;

    private final Policy policy;
    private final Tuning tuning;
    private final Forecast forecast;
    private final Candidate scratch = new Candidate();
    private ReplicaState[] suitable = {};
    private int count;
    private int turn;
    private long draws;
    private double leastQueue;
    private double mostQueue;

    Rivals(Policy policy, Tuning tuning, Forecast forecast) {
        this.policy = policy;
        this.tuning = tuning;
        this.forecast = forecast;
    }

    /** The policy's choice; null when no replica is suitable. */
    @Nullable
    ReplicaState pick(Call call, ModelState model, Verdict[] verdicts, long decisionDraws, long now) {
        draws = decisionDraws;
        gather(call, model, verdicts, now);
        if (count == 0) {
            return null;
        }
        return switch (policy) {
            case ROUND_ROBIN -> suitable[Math.floorMod(turn++, count)];
            case TWO_CHOICES -> fewerOfTwo();
            case POLYCHIP,
                    LEAST_REQUEST,
                    LEAST_KV,
                    WEIGHTED_SCORES,
                    PREDICTED_LATENCY,
                    OVERLAP_AND_LOAD,
                    LENGTH_GRID,
                    CHEAPEST_LIST,
                    CAPACITY_SPLIT -> lowest(call);
        };
    }

    /** Those that may be asked: owned ones below the cap, then hosted pools too if they come last, then all. */
    private void gather(Call call, ModelState model, Verdict[] verdicts, long now) {
        count = 0;
        for (int tier = 0; tier < 3 && count == 0; tier++) {
            for (int i = 0; i < model.pools.length; i++) {
                PoolState pool = model.pools[i];
                if (verdicts[i] == Verdict.MEETS && (tier > 0 || !pool.hosted() || !tuning.hostedLast())) {
                    boolean capped = tier < 2 && !pool.hosted();
                    addFrom(call, pool, capped ? tuning.cap() * pool.timing.maxBatch() : Double.POSITIVE_INFINITY, now);
                }
            }
        }
    }

    private void addFrom(Call call, PoolState pool, double most, long now) {
        for (ReplicaState replica : pool.replicas) {
            if (replica.available(now) && !call.hasTried(replica.index()) && forecast.running(replica) < most) {
                add(replica);
            }
        }
    }

    private void add(ReplicaState replica) {
        if (count == suitable.length) {
            suitable = Arrays.copyOf(suitable, Math.max(16, count * 2));
        }
        suitable[count++] = replica;
    }

    private ReplicaState fewerOfTwo() {
        int a = Mix.below(count, draws, DRAW_TWO);
        if (count == 1) {
            return suitable[a];
        }
        int b = Mix.below(count - 1, draws, DRAW_TWO + 1);
        ReplicaState one = suitable[a];
        ReplicaState other = suitable[b < a ? b : b + 1];
        return forecast.running(other) < forecast.running(one) ? other : one;
    }

    private ReplicaState lowest(Call call) {
        span();
        String wanted = policy == Policy.LENGTH_GRID ? tuning.poolFor(call.ask.promptTokens()) : "";
        ReplicaState found = suitable[0];
        double least = Double.POSITIVE_INFINITY;
        int ties = 0;
        for (int i = 0; i < count; i++) {
            ReplicaState replica = suitable[i];
            double cost = cost(call, replica, wanted);
            ties = cost < least ? 1 : cost == least ? ties + 1 : ties;
            if (cost < least || (cost == least && Mix.below(ties, draws, DRAW_TIE + 4 * ties) == 0)) {
                least = cost;
                found = replica;
            }
        }
        return found;
    }

    private double cost(Call call, ReplicaState replica, String wanted) {
        return switch (policy) {
            case POLYCHIP, ROUND_ROBIN, TWO_CHOICES, LEAST_REQUEST -> forecast.running(replica);
            case LEAST_KV -> kvUsed(replica);
            case WEIGHTED_SCORES -> -score(call, replica);
            case PREDICTED_LATENCY -> slackCost(replica);
            case OVERLAP_AND_LOAD -> blocks(call, replica);
            case LENGTH_GRID ->
                forecast.running(replica)
                        + (wanted.isEmpty() || replica.pool.name().equals(wanted) ? 0 : NO_SLACK);
            case CHEAPEST_LIST -> listUsd(call, replica.pool);
            case CAPACITY_SPLIT -> share(replica);
        };
    }

    private void span() {
        if (policy != Policy.WEIGHTED_SCORES) {
            return;
        }
        leastQueue = Double.POSITIVE_INFINITY;
        mostQueue = 0;
        for (int i = 0; i < count; i++) {
            double queue = suitable[i].belief.lastWaiting();
            leastQueue = Math.min(leastQueue, queue);
            mostQueue = Math.max(mostQueue, queue);
        }
    }

    private double score(Call call, ReplicaState replica) {
        double span = mostQueue - leastQueue;
        double queue = span > 0 ? (mostQueue - replica.belief.lastWaiting()) / span : 1;
        double prefix = forecast.cachedTokens(replica) / (double) Math.max(1, call.ask.promptTokens());
        return tuning.prefixWeight() * prefix
                + tuning.queueWeight() * queue
                + tuning.kvWeight() * (1 - kvUsed(replica));
    }

    /** As last scraped, 0 before the first scrape. */
    private static double kvUsed(ReplicaState replica) {
        return replica.belief.lastKvUsed();
    }

    /** Slack where it is positive; behind all of those, in order of the violation, where it is not. */
    private double slackCost(ReplicaState replica) {
        Candidate candidate = forecast.predict(scratch, replica.pool, replica);
        double ttft = forecast.ttftSlack(candidate);
        double itl = forecast.itlSlack(candidate);
        double slack = tuning.ttftWeight() * ttft + (1 - tuning.ttftWeight()) * itl;
        boolean positive = ttft >= 0 && itl >= 0;
        boolean preferNegative = Mix.unit(draws, DRAW_NEGATIVE) < NEGATIVE_SHARE;
        return positive != preferNegative ? Math.abs(slack) : NO_SLACK + Math.abs(slack);
    }

    private double blocks(Call call, ReplicaState replica) {
        double fresh = replica.belief.prefillTokens() + call.ask.promptTokens() - forecast.cachedTokens(replica);
        double held = replica.belief.kvTokens() + call.ask.promptTokens();
        return tuning.overlapWeight() * fresh / BLOCK_TOKENS + held / BLOCK_TOKENS;
    }

    /** What a price list says the request costs: token prices, or the rent over what a full replica yields. */
    private static double listUsd(Call call, PoolState pool) {
        double output = call.expectedOutput;
        if (pool.target.pool().price() instanceof Price.PerToken(double in, double _, double out)) {
            return (call.ask.promptTokens() * in + output * out) / 1e6;
        }
        double nanos = pool.timing.replicaNanos(call.ask.promptTokens(), 0, output, pool.timing.maxBatch());
        return nanos / 1e9 * pool.chips() * pool.usdPerChipSecond();
    }

    /** The smallest of exponential draws with rates in proportion to capacity: each wins with its share. */
    private double share(ReplicaState replica) {
        double draw = Mix.unit(draws, DRAW_SHARE + replica.index());
        return -StrictMath.log1p(-draw) / replica.pool.capacityWeight;
    }
}
