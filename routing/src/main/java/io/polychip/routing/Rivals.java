package io.polychip.routing;

import org.jspecify.annotations.Nullable;

/**
 * How others pick, for comparison: over every suitable replica whatever its chip, without prediction or price. Filters,
 * breakers, quotas, retries and the rest of a call's life are ours. O(replicas), no allocation.
 */
final class Rivals {
    private static final int DRAW_TIE = 1000;

    private int turn;

    /** The next suitable replica in the fleet's order; null when there is none. */
    @Nullable
    ReplicaState inTurn(Call call, ModelState model, Verdict[] verdicts, long now) {
        int all = 0;
        for (PoolState pool : model.pools) {
            all += pool.replicas.length;
        }
        for (int tried = 0; tried < all; tried++) {
            int wanted = Math.floorMod(turn++, all);
            for (int i = 0; i < model.pools.length; i++) {
                ReplicaState[] replicas = model.pools[i].replicas;
                if (wanted < replicas.length) {
                    if (suits(call, replicas[wanted], verdicts[i], now)) {
                        return replicas[wanted];
                    }
                    break;
                }
                wanted -= replicas.length;
            }
        }
        return null;
    }

    /** The suitable replica with the fewest requests in flight, ties at random; null when there is none. */
    @Nullable
    ReplicaState leastRequests(
            Call call, ModelState model, Verdict[] verdicts, Forecast forecast, long draws, long now) {
        ReplicaState least = null;
        double fewest = Double.POSITIVE_INFINITY;
        int ties = 0;
        for (int i = 0; i < model.pools.length; i++) {
            for (ReplicaState replica : model.pools[i].replicas) {
                if (!suits(call, replica, verdicts[i], now)) {
                    continue;
                }
                double running = forecast.running(replica);
                ties = running < fewest ? 1 : running == fewest ? ties + 1 : ties;
                if (running < fewest || (running == fewest && Mix.below(ties, draws, DRAW_TIE + ties) == 0)) {
                    fewest = running;
                    least = replica;
                }
            }
        }
        return least;
    }

    private static boolean suits(Call call, ReplicaState replica, Verdict ofPool, long now) {
        return ofPool == Verdict.MEETS && replica.available(now) && !call.hasTried(replica.index());
    }
}
