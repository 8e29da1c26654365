package io.polychip.planner;

/** A moment on the wall by which something is to be done. */
record Deadline(long untilNanos) {
    static Deadline in(double seconds) {
        return new Deadline(System.nanoTime() + (long) (seconds * 1e9));
    }

    /** Less than 0 once it is over. */
    double secondsLeft() {
        return (untilNanos - System.nanoTime()) / 1e9;
    }

    boolean over() {
        return secondsLeft() <= 0;
    }
}
