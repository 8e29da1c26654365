package io.polychip.performance;

import java.time.DateTimeException;
import java.time.YearMonth;

/**
 * What was measured of one replica under a closed load: so many requests always under way, each as long as the others.
 *
 * @param concurrency requests under way
 * @param ttftNanos mean time to the first token, 0 where it was not measured
 * @param itlNanos mean time between a request's tokens, 0 where it was not measured
 * @param source where the figures come from, with its date or month as the last word
 */
public record MeasuredPoint(
        int concurrency, int promptTokens, int outputTokens, long ttftNanos, long itlNanos, String source) {
    public MeasuredPoint {
        if (concurrency < 1 || promptTokens < 1 || outputTokens < 1) {
            throw new ProfileException(
                    "A measured point needs at least 1 request, 1 prompt token and 1 answer token, not %d, %d and %d."
                            .formatted(concurrency, promptTokens, outputTokens));
        }
        if (ttftNanos < 0 || itlNanos < 0 || ttftNanos + itlNanos == 0) {
            throw new ProfileException(
                    ("A measured point needs a time to first token or between tokens above 0 ns, not %d and %d."
                                    + " Maybe the endpoint did not stream.")
                            .formatted(ttftNanos, itlNanos));
        }
        if (itlNanos > 0 && outputTokens == 1) {
            throw new ProfileException(
                    "A single answer token has no time between tokens, yet %d ns are given. Maybe ask for more tokens."
                            .formatted(itlNanos));
        }
    }

    /** The month or day at the end of {@link #source}, empty when there is none. */
    String date() {
        String last = source.substring(source.lastIndexOf(' ') + 1);
        try {
            YearMonth.parse(last.substring(0, Math.min(7, last.length())));
            return last;
        } catch (DateTimeException e) {
            return "";
        }
    }
}
