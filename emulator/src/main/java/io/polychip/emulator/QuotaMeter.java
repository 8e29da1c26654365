package io.polychip.emulator;

import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.fleet.Quota;

/**
 * A provider's rate limits as leaky buckets that hold one minute's, or one day's, worth. Groq names requests per day
 * and tokens per minute in its headers. Home loop only.
 */
final class QuotaMeter {
    private static final double MINUTE = 60e9;
    private static final double DAY = 1440 * MINUTE;

    private final Bucket requestsPerMinute;
    private final Bucket tokensPerMinute;
    private final Bucket requestsPerDay;
    private final Bucket tokensPerDay;

    QuotaMeter(Quota quota, long nowNanos) {
        requestsPerMinute = new Bucket(quota.requestsPerMinute(), MINUTE, nowNanos);
        tokensPerMinute = new Bucket(quota.tokensPerMinute(), MINUTE, nowNanos);
        requestsPerDay = new Bucket(quota.requestsPerDay(), DAY, nowNanos);
        tokensPerDay = new Bucket(quota.tokensPerDay(), DAY, nowNanos);
    }

    /** Takes one request of so many tokens. @return 0, or the nanoseconds until it may be taken */
    long take(long tokens, long nowNanos) {
        long wait = Math.max(
                Math.max(requestsPerMinute.wait(1, nowNanos), requestsPerDay.wait(1, nowNanos)),
                Math.max(tokensPerMinute.wait(tokens, nowNanos), tokensPerDay.wait(tokens, nowNanos)));
        if (wait == 0) {
            requestsPerMinute.take(1);
            requestsPerDay.take(1);
            tokensPerMinute.take(tokens);
            tokensPerDay.take(tokens);
        }
        return wait;
    }

    void describe(HttpHeaders headers) {
        Bucket requests = requestsPerDay.limited() ? requestsPerDay : requestsPerMinute;
        if (requests.limited()) {
            describe(headers, "requests", requests);
        }
        if (tokensPerMinute.limited()) {
            describe(headers, "tokens", tokensPerMinute);
        }
    }

    private static void describe(HttpHeaders headers, String what, Bucket bucket) {
        headers.set("x-ratelimit-limit-" + what, bucket.limit);
        headers.set("x-ratelimit-remaining-" + what, (long) bucket.left);
        headers.set("x-ratelimit-reset-" + what, duration((bucket.limit - bucket.left) / bucket.perNano / 1e9));
    }

    /** The way Go writes durations, {@code 6m0s} or {@code 7.66s}. */
    static String duration(double seconds) {
        double cents = Math.round(seconds * 100) / 100.0;
        long minutes = (long) (cents / 60);
        double rest = Math.round((cents - minutes * 60) * 100) / 100.0;
        String restText = rest == Math.rint(rest) ? Long.toString((long) rest) : Double.toString(rest);
        return (minutes > 0 ? minutes + "m" : "") + restText + "s";
    }

    private static final class Bucket {
        final long limit;
        final double perNano;
        double left;
        private long filledNanos;

        Bucket(long limit, double periodNanos, long nowNanos) {
            this.limit = limit;
            this.perNano = limit / periodNanos;
            this.left = limit;
            this.filledNanos = nowNanos;
        }

        boolean limited() {
            return limit != Quota.NONE;
        }

        long wait(long amount, long nowNanos) {
            if (!limited()) {
                return 0;
            }
            left = Math.min((double) limit, left + (nowNanos - filledNanos) * perNano);
            filledNanos = nowNanos;
            double wanted = Math.min(amount, limit); // more than a period's worth passes when the bucket is full
            return left >= wanted ? 0 : (long) Math.ceil((wanted - left) / perNano);
        }

        void take(long amount) {
            if (limited()) {
                left -= Math.min(amount, limit);
            }
        }
    }
}
