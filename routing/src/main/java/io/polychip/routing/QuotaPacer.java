package io.polychip.routing;

import io.polychip.fleet.Quota;

/**
 * Spends a hosted account's quota evenly instead of in the first seconds of each minute.
 *
 * <p>Token buckets for requests and tokens, per minute with a burst of three seconds' worth (and that much less in
 * between, so that no minute sees more than the quota) and per day. A request larger than the burst passes when the
 * bucket is full and leaves it in debt. Each loop gets its part of the quota. When the provider says busy although we
 * thought otherwise (others spend from the same account), the rate falls by a tenth and creeps back. O(1).
 */
final class QuotaPacer {
    private static final double MINUTE_NANOS = 60e9;
    private static final double DAY_NANOS = 86_400e9;
    private static final double BURST_OF_MINUTE = 0.05;
    private static final long ONE_SECOND_NANOS = 1_000_000_000L;

    private final Bucket[] requestBuckets;
    private final Bucket[] tokenBuckets;
    private double pace = 1;
    private long pacedNanos;
    private long refusedNanos = Long.MIN_VALUE / 2;

    QuotaPacer(Quota quota, int shards, long now) {
        requestBuckets = new Bucket[] {
            new Bucket(quota.requestsPerMinute(), shards, 1, MINUTE_NANOS, BURST_OF_MINUTE, now),
            new Bucket(quota.requestsPerDay(), shards, 1, DAY_NANOS, 1, now)
        };
        tokenBuckets = new Bucket[] {
            new Bucket(quota.tokensPerMinute(), shards, 0, MINUTE_NANOS, BURST_OF_MINUTE, now),
            new Bucket(quota.tokensPerDay(), shards, 0, DAY_NANOS, 1, now)
        };
        pacedNanos = now;
    }

    /** When a request of that many tokens may go; not after {@code now}: at once. */
    long opensAt(long tokens, long now) {
        double wait = 0;
        for (Bucket bucket : requestBuckets) {
            wait = Math.max(wait, bucket.waitNanos(1, pace, now));
        }
        for (Bucket bucket : tokenBuckets) {
            wait = Math.max(wait, bucket.waitNanos((double) tokens, pace, now));
        }
        return wait <= 0 ? now : now + (long) Math.ceil(Math.min(wait, DAY_NANOS));
    }

    void take(long tokens, long now) {
        for (Bucket bucket : requestBuckets) {
            bucket.take(1, pace, now);
        }
        for (Bucket bucket : tokenBuckets) {
            bucket.take((double) tokens, pace, now);
        }
    }

    /** Gives back (or takes more of) what was reserved but not used. */
    void settle(long unusedTokens) {
        for (Bucket bucket : tokenBuckets) {
            bucket.give((double) unusedTokens);
        }
    }

    void refused(long now) {
        if (now - refusedNanos >= ONE_SECOND_NANOS
                || now < refusedNanos) { // those sent together are refused together: one piece of news
            pace = Math.max(0.1, pace * 0.9);
            refusedNanos = now;
        }
    }

    void tick(long now) {
        double seconds = Math.max(0, now - pacedNanos) / 1e9;
        pace = Math.min(1, pace + 0.005 * seconds);
        pacedNanos = now;
    }

    private static final class Bucket {
        private final double perNano;
        private final double capacity;
        private double level;
        private long atNanos;

        /** @param unit the least that is spent at once */
        Bucket(long limit, int shards, int unit, double windowNanos, double burst, long now) {
            boolean limited = limit != Quota.NONE;
            double mine = limited ? (double) limit / shards : Double.POSITIVE_INFINITY;
            this.capacity = limited ? Math.max(1, mine * burst) : Double.POSITIVE_INFINITY;
            // Spent one by one, a whole burst leaves room for all but its first.
            double room = unit + mine - capacity;
            this.perNano = limited ? Math.max(room, mine / 2) / windowNanos : 0;
            this.level = capacity;
            this.atNanos = now;
        }

        double waitNanos(double amount, double pace, long now) {
            if (capacity == Double.POSITIVE_INFINITY) {
                return 0;
            }
            refill(pace, now);
            double missing = Math.min(amount, capacity) - level;
            return missing <= 0 ? 0 : missing / (perNano * pace);
        }

        void take(double amount, double pace, long now) {
            if (capacity != Double.POSITIVE_INFINITY) {
                refill(pace, now);
                level -= amount;
            }
        }

        void give(double amount) {
            if (capacity != Double.POSITIVE_INFINITY) {
                level = Math.min(capacity, level + amount);
            }
        }

        private void refill(double pace, long now) {
            level = Math.min(capacity, level + perNano * pace * Math.max(0, now - atNanos));
            atNanos = now; // also where the clock was set back
        }
    }
}
