package io.polychip.routing;

import io.polychip.fleet.RoutingStart;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who takes which of one model's requests by a plan, and how far that still counts: at first wholly, less and less as
 * the slow loop's own prices settle, which takes them minutes, and then not at all. O(kinds) a look; allocates nothing.
 */
final class PlannedShares {
    /** Linear from all to none; the slow loop's prices cross a rent in about two minutes. */
    private static final double FADES_NANOS = 300e9;

    private final int[] rank;
    private final double[] prompt;
    private final double[] output;
    /** By kind and place among the model's pools. */
    private final double[][] shares;
    /** By place among the model's pools, of all requests. */
    private final double[] overall;

    private double weight = 1;

    private PlannedShares(List<RoutingStart.Kind> kinds, PoolState[] pools) {
        rank = new int[kinds.size()];
        prompt = new double[kinds.size()];
        output = new double[kinds.size()];
        shares = new double[kinds.size()][pools.length];
        overall = new double[pools.length];
        double all = 0;
        for (RoutingStart.Kind kind : kinds) {
            all += kind.perSecond();
        }
        for (int i = 0; i < rank.length; i++) {
            RoutingStart.Kind kind = kinds.get(i);
            rank[i] = Urgency.of(kind.requestClass());
            prompt[i] = StrictMath.log(kind.promptTokens());
            output[i] = StrictMath.log(kind.outputTokens());
            for (int pool = 0; pool < pools.length; pool++) {
                shares[i][pool] = kind.shares().getOrDefault(pools[pool].name(), 0.0);
                overall[pool] += all <= 0 ? 0 : shares[i][pool] * kind.perSecond() / all;
            }
        }
    }

    /** Null where the plan says nothing of the model. */
    static @Nullable PlannedShares of(RoutingStart start, String model, PoolState[] pools) {
        List<RoutingStart.Kind> kinds = start.kinds().stream()
                .filter(kind -> kind.model().equals(model))
                .toList();
        return kinds.isEmpty() ? null : new PlannedShares(kinds, pools);
    }

    /** @return false once it does not count any more */
    boolean fade(long ageNanos) {
        weight = Math.clamp(1 - ageNanos / FADES_NANOS, 0, 1);
        return weight > 0;
    }

    /** Probability with which a request goes by the plan. */
    double weight() {
        return weight;
    }

    /** Of all requests the part of a pool, by its place. */
    double overall(int pool) {
        return overall[pool];
    }

    /** The kind whose lengths are nearest, by their logarithms; -1 where there is none of the class. */
    int kind(Ask ask, double expectedOutput) {
        int urgency = Urgency.of(ask.requestClass());
        double ofPrompt = StrictMath.log(Math.max(1, ask.promptTokens()));
        double ofOutput = StrictMath.log(Math.max(1, expectedOutput));
        double least = Double.POSITIVE_INFINITY;
        int nearest = -1;
        for (int i = 0; i < rank.length; i++) {
            double byPrompt = prompt[i] - ofPrompt;
            double byOutput = output[i] - ofOutput;
            double far = byPrompt * byPrompt + byOutput * byOutput;
            if (rank[i] == urgency && far < least) {
                least = far;
                nearest = i;
            }
        }
        return nearest;
    }

    double share(int kind, int pool) {
        return shares[kind][pool];
    }
}
