package io.polychip.routing;

/**
 * Keeps requests away from one replica while it fails, lets single probes find out when it is back, and returns load to
 * it slowly.
 *
 * <p>Closed, open until a time, half open with one request as probe. Hard evidence (nothing listens, the connection
 * breaks) opens it after two in a row, soft evidence (errors, slow first tokens) after more; a long row of errors
 * counts as hard where another pool serves, since a replica that fails quickly looks idle and would swallow everything.
 * Each opening doubles the wait up to half a minute, a minute of success forgets. Whether it may open at all is the
 * pool's decision: see {@link PoolState#mayEject}. O(1).
 */
final class Breaker {
    private static final int HARD_IN_A_ROW = 2;
    private static final int SOFT_IN_A_ROW = 3;
    private static final int HOPELESS_IN_A_ROW = 8;
    private static final int SLOW_IN_A_ROW = 5;
    private static final long FIRST_OPEN_NANOS = 2_000_000_000L;
    private static final int MOST_DOUBLINGS = 4;
    private static final long SLOW_START_NANOS = 20_000_000_000L;
    private static final long FORGET_NANOS = 60_000_000_000L;

    private boolean open;
    private boolean probing;
    private int hardInRow;
    private int failuresInRow;
    private int slowInRow;
    private int doublings;
    private long openedNanos;
    private long openUntilNanos;
    private long closedAtNanos;
    private boolean recovered;
    private final Fading failures;
    private final Fading outcomes;
    private String reason = "";

    Breaker(long now) {
        failures = new Fading(10_000_000_000L, now);
        outcomes = new Fading(10_000_000_000L, now);
    }

    boolean closed() {
        return !open;
    }

    boolean probing() {
        return probing;
    }

    boolean wantsProbe(long now) {
        return open && !probing && now >= openUntilNanos;
    }

    long openUntilNanos() {
        return openUntilNanos;
    }

    String reason() {
        return reason;
    }

    void probe() {
        probing = true;
    }

    /** The probe told nothing, because its client left; the next one may go at once. */
    void probeLost() {
        probing = false;
    }

    /** The clock was set back by that much: what was to come in a second comes in a second. */
    void setBack(long nanos) {
        openedNanos -= nanos;
        openUntilNanos -= nanos;
        closedAtNanos -= nanos;
    }

    /** A scrape reaches it again after it did not: worth a probe at once. */
    void reachableAgain(long now) {
        openUntilNanos = Math.min(openUntilNanos, now);
    }

    /** @return true when the replica was ejected and is back now */
    boolean succeeded(long sentNanos, long now) {
        outcomes.add(1, now);
        if (open && sentNanos <= openedNanos) {
            return false; // what was under way may end well although nothing new gets through
        }
        hardInRow = 0;
        failuresInRow = 0;
        if (!open) {
            if (recovered && now - closedAtNanos > FORGET_NANOS) {
                doublings = 0;
                recovered = false;
            }
            return false;
        }
        open = false;
        probing = false;
        closedAtNanos = now;
        recovered = true;
        slowInRow = 0;
        reason = "";
        return true;
    }

    void firstTokenWas(boolean slow) {
        slowInRow = slow ? slowInRow + 1 : 0;
    }

    void failed(boolean hard, long now) {
        hardInRow = hard ? hardInRow + 1 : 0;
        failuresInRow++;
        failures.add(1, now);
        outcomes.add(1, now);
    }

    /** Enough to open on evidence that the machine or its network is gone. */
    boolean dead() {
        return hardInRow >= HARD_IN_A_ROW;
    }

    /** Nothing but failures for so long that another pool had better serve alone. */
    boolean hopeless() {
        return failuresInRow >= HOPELESS_IN_A_ROW;
    }

    /** Enough to open on evidence that may as well be the requests' or the load's fault. */
    boolean sick(long now) {
        return failuresInRow >= SOFT_IN_A_ROW
                || slowInRow >= SLOW_IN_A_ROW
                || (outcomes.at(now) >= 8 && failures.at(now) > 0.5 * outcomes.at(now));
    }

    /** @param spread in [0, 1), so that gateways do not probe in step */
    void eject(String why, double spread, long now) {
        long wait = (long) ((FIRST_OPEN_NANOS << doublings) * (0.75 + 0.5 * spread));
        doublings = Math.min(doublings + 1, MOST_DOUBLINGS);
        open = true;
        probing = false;
        openedNanos = now;
        openUntilNanos = now + wait;
        slowInRow = 0;
        reason = why;
    }

    /** Share of its usual load that a replica may carry: rises from a tenth to all of it after it came back. */
    double warmth(long now) {
        if (!recovered) {
            return 1;
        }
        return Math.clamp(0.1 + 0.9 * (now - closedAtNanos) / SLOW_START_NANOS, 0.1, 1);
    }
}
