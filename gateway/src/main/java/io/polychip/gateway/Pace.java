package io.polychip.gateway;

/**
 * When each of several things is due that all want their turn once in an interval, evenly spread. A turn that comes
 * late does not put off those behind it: what became due meanwhile is due at once. Times are on the loop's ticker, in
 * nanoseconds.
 */
final class Pace {
    private long gapNanos = 1;
    private long dueNanos;

    /** The first is due a gap from now, of as many gaps as there are things. */
    void start(int things, long intervalNanos, long now) {
        share(things, intervalNanos);
        dueNanos = now + gapNanos;
    }

    /** Another number of things from the next turn on. */
    void share(int things, long intervalNanos) {
        gapNanos = Math.max(1, intervalNanos / things);
    }

    /**
     * How many are due, and takes them as done.
     *
     * @param most more than so many are not made up for: a loop that stood still reads everything once, not twice
     */
    int take(int most, long now) {
        long behind = now - dueNanos;
        if (behind < 0) {
            return 0;
        }
        long due = behind / gapNanos + 1;
        dueNanos += due * gapNanos;
        return (int) Math.min(due, most);
    }

    /** Until the next is due; not below 0. */
    long untilNext(long now) {
        return Math.max(0, dueNanos - now);
    }
}
