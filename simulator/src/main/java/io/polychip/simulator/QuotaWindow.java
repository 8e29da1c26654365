package io.polychip.simulator;

import io.polychip.fleet.Quota;

/**
 * Requests and tokens of one fixed window of time, a minute or a day. What a window has left lapses at its end, as
 * providers count it: whoever spends it all in the first seconds is refused for the rest.
 */
final class QuotaWindow {
    private final long lengthPicos;
    private final long mostRequests;
    private final long mostTokens;
    private long window = -1;
    private long requests;
    private long tokens;

    QuotaWindow(long lengthPicos, long mostRequests, long mostTokens) {
        this.lengthPicos = lengthPicos;
        this.mostRequests = mostRequests;
        this.mostTokens = mostTokens;
    }

    /** Room for a request of so many tokens in the window of that time. */
    boolean allows(long requestTokens, long nowPicos) {
        enter(nowPicos);
        return requests < mostRequests && tokens <= mostTokens - requestTokens;
    }

    /** No window will ever have that room. */
    boolean neverAllows(long requestTokens) {
        return mostRequests == 0 || requestTokens > mostTokens;
    }

    void count(long requestTokens, long nowPicos) {
        enter(nowPicos);
        requests++;
        tokens += requestTokens;
    }

    long requestsLeft(long nowPicos) {
        enter(nowPicos);
        return mostRequests == Quota.NONE ? Quota.NONE : mostRequests - requests;
    }

    long tokensLeft(long nowPicos) {
        enter(nowPicos);
        return mostTokens == Quota.NONE ? Quota.NONE : mostTokens - tokens;
    }

    /** Time until the next window begins. */
    long restPicos(long nowPicos) {
        return lengthPicos - nowPicos % lengthPicos;
    }

    private void enter(long nowPicos) {
        long current = nowPicos / lengthPicos;
        if (current != window) {
            window = current;
            requests = 0;
            tokens = 0;
        }
    }
}
