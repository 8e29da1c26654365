package io.polychip.routing;

import io.polychip.fleet.RequestClass;
import java.util.Collection;
import java.util.Locale;
import java.util.TreeSet;

/** The words in which requests are refused: what was wrong, what is allowed, what to try. */
final class Refusals {
    /** Token counts are estimates: a prompt is called too long only if it is so even at this part of the estimate. */
    private static final double CERTAIN_PART = 0.8;

    private static final long SECOND = 1_000_000_000L;

    private Refusals() {}

    /** Whether prompt and answer fit a context, giving the estimate the benefit of the doubt. */
    static boolean fits(Ask ask, int contextTokens) {
        return ask.promptTokens() * CERTAIN_PART + Math.max(1, ask.maxTokens()) <= contextTokens;
    }

    static Ending.Refused unknownModel(Ask ask, Collection<String> known) {
        return new Ending.Refused(
                404,
                "invalid_request_error",
                "model_not_found",
                "The model '%s' does not exist here; known: %s."
                        .formatted(ask.model(), String.join(", ", new TreeSet<>(known))),
                "model",
                0,
                false);
    }

    /** No pool of the model can ever take the request. */
    static Ending.Refused impossible(Ask ask, ModelState model) {
        int longest = 0;
        int lacking = -1;
        boolean any = false;
        for (PoolState pool : model.pools) {
            if (!pool.enabled() || pool.replicas.length == 0) {
                continue;
            }
            any = true;
            int missing = pool.unsupportedNeeds & ask.needs();
            if (missing == 0) {
                longest = Math.max(longest, pool.contextTokens());
            } else {
                lacking &= missing;
            }
        }
        if (!any) {
            return saturated("no_pool", "No pool serves the model '%s' now.".formatted(model.name), 10 * SECOND);
        }
        if (longest > 0) {
            return new Ending.Refused(
                    400,
                    "invalid_request_error",
                    "context_length_exceeded",
                    "The longest context available for '%s' is %d tokens; this request has about %d in the prompt%s. Maybe shorten the messages or lower max_tokens."
                            .formatted(
                                    ask.model(),
                                    longest,
                                    ask.promptTokens(),
                                    ask.maxTokens() > 0
                                            ? " and asks for up to %d more".formatted(ask.maxTokens())
                                            : ""),
                    "messages",
                    0,
                    false);
        }
        String field = fieldOf(lacking != 0 ? lacking : ask.needs());
        return new Ending.Refused(
                400,
                "invalid_request_error",
                "unsupported_feature",
                "No pool that serves '%s' supports '%s'. Maybe leave it out.".formatted(ask.model(), field),
                field,
                0,
                false);
    }

    static Ending.Refused quarantined(long remainingNanos) {
        return new Ending.Refused(
                503,
                "server_error",
                "request_quarantined",
                "Two engines broke off on this very request; it is not tried again for %d s. Maybe change it."
                        .formatted(remainingNanos / SECOND + 1),
                "",
                remainingNanos,
                false);
    }

    static Ending.Refused draining() {
        return new Ending.Refused(
                503,
                "server_error",
                "draining",
                "This gateway is shutting down; the next one answers.",
                "",
                SECOND,
                true);
    }

    static Ending.Refused tenantQueue(Ask ask, int waiting, double unit) {
        return new Ending.Refused(
                429,
                "rate_limit_error",
                "tenant_queue_full",
                "Tenant '%s' has %d requests waiting, its share of the queue. Maybe send fewer at once."
                        .formatted(ask.tenant(), waiting),
                "",
                jittered(2 * SECOND, unit),
                true);
    }

    static Ending.Refused queueFull(int waiting, double waitNanos, double unit) {
        return saturated(
                "no_capacity",
                "All chips for this model are busy and %d requests wait already.".formatted(waiting),
                jittered((long) Math.clamp(waitNanos, 1.0 * SECOND, 30.0 * SECOND), unit));
    }

    static Ending.Refused wouldWaitTooLong(RequestClass requestClass, double waitNanos, long limitNanos, double unit) {
        return saturated(
                "no_capacity",
                "A %s request would wait about %d s for a chip; at most %d s are allowed."
                        .formatted(
                                requestClass.name().toLowerCase(Locale.ROOT),
                                (long) (waitNanos / SECOND),
                                limitNanos / SECOND),
                jittered((long) Math.clamp(waitNanos - limitNanos, 1.0 * SECOND, 60.0 * SECOND), unit));
    }

    static Ending.Refused waitedTooLong(long waitedNanos, double unit) {
        return saturated(
                "queue_timeout",
                "No chip became free within %d s.".formatted(waitedNanos / SECOND),
                jittered(5 * SECOND, unit));
    }

    private static Ending.Refused saturated(String code, String message, long retryAfterNanos) {
        return new Ending.Refused(503, "server_error", code, message, "", retryAfterNanos, false);
    }

    /** Up to twice as long, so that those refused together do not come back together. */
    private static long jittered(long nanos, double unit) {
        return nanos + (long) (nanos * unit);
    }

    private static String fieldOf(int needs) {
        int bit = Integer.numberOfTrailingZeros(needs);
        return bit < Needs.FIELDS.size() ? Needs.FIELDS.get(bit) : "a feature";
    }
}
