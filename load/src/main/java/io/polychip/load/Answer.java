package io.polychip.load;

/**
 * What became of one request, times counted from when it was due, not from when it was sent: a generator or server that
 * falls behind cannot hide its delay (no coordinated omission).
 *
 * @param cachedTokens of the prompt, as far as the endpoint says so
 * @param ttftNanos due to first visible token; -1 when none came
 * @param itlNanos mean time between visible tokens; -1 for fewer than two
 * @param outcome {@code ok}, or a short stable name of what went wrong
 * @param detail the endpoint's own words about that; empty where it had none
 */
record Answer(
        long dueNanos,
        int promptTokens,
        int cachedTokens,
        int completionTokens,
        long ttftNanos,
        long itlNanos,
        long e2eNanos,
        String outcome,
        String route,
        String detail) {
    static final String OK = "ok";
    /** The client ended it on purpose: neither a success nor a failure. */
    static final String HUNG_UP = "hung up";

    /** What the engine had to compute of the prompt. */
    int computedTokens() {
        return promptTokens - cachedTokens;
    }

    boolean ok() {
        return outcome.equals(OK);
    }
}
