package io.polychip.gateway;

/** When things happened to one request, in nanoseconds of its loop's clock. */
final class Timeline {
    private final long arrived;
    private long firstSent;
    private long firstToken;
    private long lastToken;
    private long ended;
    private long inbound;
    private long outbound;
    private int attempts;
    private int tokens;

    Timeline(long arrived) {
        this.arrived = arrived;
    }

    void sent(long now) {
        if (attempts++ == 0) {
            firstSent = now;
        }
    }

    void tokens(int count, long now) {
        if (tokens == 0) {
            firstToken = now;
        }
        tokens += count;
        lastToken = now;
    }

    void ended(long now) {
        ended = now;
    }

    /** The request was understood, decided upon and, unless it has to wait, sent. */
    void handled(long now) {
        inbound = now - arrived;
    }

    /** The last of the answer was written. */
    void answered(long now) {
        outbound = now - ended;
    }

    int attempts() {
        return attempts;
    }

    int tokens() {
        return tokens;
    }

    /** Waiting included; 0 when it was never sent. */
    long queuedNanos() {
        return attempts == 0 ? 0 : firstSent - arrived;
    }

    /** Arrival to first token, or to the end for an answer in one piece; means nothing where no answer came. */
    long ttftNanos() {
        return (tokens == 0 ? ended : firstToken) - arrived;
    }

    /** Mean time between tokens; 0 with fewer than two. */
    long itlNanos() {
        return tokens < 2 ? 0 : (lastToken - firstToken) / (tokens - 1);
    }

    /** What the gateway itself added at both ends; not the waiting in between. */
    long overheadNanos() {
        return inbound + outbound;
    }

    long totalNanos() {
        return ended - arrived;
    }
}
