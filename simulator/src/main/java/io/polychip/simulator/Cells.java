package io.polychip.simulator;

import io.polychip.fleet.Pool;
import io.polychip.fleet.Quota;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;

/** Which part of a world belongs to a cell: of each owned pool every n-th replica, of each quota the n-th part. */
final class Cells {
    private static final int ELSEWHERE = Integer.MAX_VALUE;

    private Cells() {}

    static Pool part(Pool pool, int cell, int cells) {
        if (pool.hosted() != null) {
            return withQuota(pool, part(pool.quota(), cells));
        }
        List<URI> replicas = new ArrayList<>();
        for (int i = cell; i < pool.replicas().size(); i += cells) {
            replicas.add(pool.replicas().get(i));
        }
        return pool.withReplicas(replicas);
    }

    /**
     * The same by the numbers that replicas have in their cell; about none of them where it is another cell's replica,
     * so that all cells' reports have the same losses. A hosted pool's stay as they are: it is whole in each cell.
     *
     * @param pools of the whole fleet
     */
    static Where part(Where where, List<Pool> pools, int cell, int cells) {
        if (where.replica() < 0 || isHosted(where, pools)) {
            return where;
        }
        int number = where.replica() % cells == cell ? where.replica() / cells : ELSEWHERE;
        return new Where(where.pool(), number, where.vendor(), where.labels());
    }

    /** Whether all pools that have such a replica are hosted. */
    private static boolean isHosted(Where where, List<Pool> pools) {
        return pools.stream()
                .filter(pool -> where.matches(pool, where.replica()))
                .allMatch(pool -> pool.hosted() != null);
    }

    private static Quota part(Quota quota, int cells) {
        return new Quota(
                part(quota.requestsPerMinute(), cells),
                part(quota.tokensPerMinute(), cells),
                part(quota.requestsPerDay(), cells),
                part(quota.tokensPerDay(), cells));
    }

    private static long part(long limit, int cells) {
        return limit == Quota.NONE ? limit : Math.max(1, limit / cells);
    }

    private static Pool withQuota(Pool pool, Quota quota) {
        return new Pool(
                pool.name(),
                pool.model(),
                pool.deployment(),
                pool.price(),
                pool.hosted(),
                quota,
                pool.labels(),
                pool.replicas(),
                pool.discovery(),
                pool.contextTokens(),
                pool.maxSequences(),
                pool.enabled(),
                pool.access(),
                pool.profile());
    }
}
