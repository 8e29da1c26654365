package io.polychip.emulator;

import io.polychip.simulator.Where;
import java.util.Locale;

/**
 * Something to go wrong. Kinds up to {@link Kind#SLOW} are states of a replica that last until cleared; the others
 * strike single requests.
 *
 * @param after tokens of an answer before it strikes
 * @param status HTTP status of {@link Kind#STATUS}
 * @param retryAfterSeconds sent with that status, 0: not sent
 * @param factor of {@link Kind#SLOW}; 2 takes twice the time
 * @param probability that a request is struck, drawn from the emulator's seed
 * @param count requests to strike before it ends by itself, 0: no end
 */
public record Fault(
        Where where,
        Kind kind,
        int after,
        int status,
        int retryAfterSeconds,
        double factor,
        double probability,
        int count) {
    /** What goes wrong. */
    public enum Kind {
        /** New connections are refused; running answers go on. */
        REFUSE,
        /** As after a power cut: nothing listens, every connection is cut, the queue is lost. */
        DIE,
        /** Everything takes longer. */
        SLOW,
        /** Nothing comes back. */
        HANG,
        /** An error status instead of an answer. */
        STATUS,
        /** The stream ends properly without a finish reason. */
        CUT,
        /** The connection breaks. */
        RESET,
        /** Silence for ever. */
        STALL,
        /** An event that is not JSON, then on as if nothing were. */
        BROKEN,
        /** An error object inside the 200. */
        ERROR,
        /** A 200 without a single event. */
        EMPTY,
        /** A web page under 200. */
        HTML,
        /** Another text than the prompt's. */
        WRONG_TEXT;

        boolean isState() {
            return this == REFUSE || this == DIE || this == SLOW;
        }

        String wireName() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public Fault {
        if (after < 0 || count < 0 || retryAfterSeconds < 0) {
            throw new EmulatorException("after (%d), count (%d) and retryAfterSeconds (%d) must not be negative."
                    .formatted(after, count, retryAfterSeconds));
        }
        if (!(probability >= 0 && probability <= 1)) {
            throw new EmulatorException("probability %s is not between 0 and 1.".formatted(probability));
        }
        if (!(factor > 0 && factor <= 1_000_000)) {
            throw new EmulatorException("factor %s is not above 0 and at most 1,000,000.".formatted(factor));
        }
        if (kind == Kind.STATUS && (status < 400 || status > 599)) {
            throw new EmulatorException("status %d is not an error; allowed is 400 to 599.".formatted(status));
        }
    }

    /** Strikes every request there until cleared. */
    public static Fault of(Kind kind, Where where) {
        return new Fault(where, kind, 0, 503, 0, kind == Kind.SLOW ? 4 : 1, 1, 0);
    }

    public Fault after(int tokens) {
        return new Fault(where, kind, tokens, status, retryAfterSeconds, factor, probability, count);
    }

    public Fault status(int newStatus, int newRetryAfterSeconds) {
        return new Fault(where, kind, after, newStatus, newRetryAfterSeconds, factor, probability, count);
    }

    public Fault factor(double newFactor) {
        return new Fault(where, kind, after, status, retryAfterSeconds, newFactor, probability, count);
    }

    public Fault probability(double newProbability) {
        return new Fault(where, kind, after, status, retryAfterSeconds, factor, newProbability, count);
    }

    public Fault count(int requests) {
        return new Fault(where, kind, after, status, retryAfterSeconds, factor, probability, requests);
    }
}
