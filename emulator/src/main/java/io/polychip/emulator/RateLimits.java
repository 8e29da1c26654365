package io.polychip.emulator;

import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.fleet.Quota;
import io.polychip.simulator.HostedApi;
import io.polychip.simulator.HostedApi.Allowance;

/** The headers in which a provider tells what is left. As Groq's: requests per day where limited, tokens per minute. */
final class RateLimits {
    private static final double PICOS_PER_SECOND = 1e12;

    private RateLimits() {}

    static void describe(HttpHeaders headers, Quota quota, HostedApi api, long nowPicos) {
        Allowance minute = api.minuteLeft(nowPicos);
        Allowance day = api.dayLeft(nowPicos);
        boolean daily = quota.requestsPerDay() != Quota.NONE;
        write(
                headers,
                "requests",
                daily ? quota.requestsPerDay() : quota.requestsPerMinute(),
                daily ? day.requests() : minute.requests(),
                daily ? day.restPicos() : minute.restPicos());
        write(headers, "tokens", quota.tokensPerMinute(), minute.tokens(), minute.restPicos());
    }

    private static void write(HttpHeaders headers, String what, long limit, long left, long restPicos) {
        if (limit != Quota.NONE) {
            headers.set("x-ratelimit-limit-" + what, limit);
            headers.set("x-ratelimit-remaining-" + what, left);
            headers.set("x-ratelimit-reset-" + what, duration(restPicos / PICOS_PER_SECOND));
        }
    }

    /** The way Go writes durations, {@code 6m0s} or {@code 7.66s}. */
    static String duration(double seconds) {
        long cents = Math.round(seconds * 100);
        long minutes = cents / 6_000;
        long rest = cents % 6_000;
        String text = rest % 100 == 0 ? Long.toString(rest / 100) : Double.toString(rest / 100.0);
        return (minutes > 0 ? minutes + "m" : "") + text + "s";
    }
}
