package io.polychip.planner;

import org.jspecify.annotations.Nullable;

/** Ends a search early, from any thread: what is best so far becomes its answer. */
public final class Stop {
    private boolean stopped;
    private @Nullable Runnable now;

    public synchronized void stop() {
        stopped = true;
        if (now != null) {
            now.run();
        }
    }

    public synchronized boolean stopped() {
        return stopped;
    }

    /** Whether a solver is at work that would be ended. */
    synchronized boolean ends() {
        return now != null;
    }

    /** What ends the solver at work; run at once when it is already to stop. */
    synchronized void ends(@Nullable Runnable interrupt) {
        now = interrupt;
        if (stopped && interrupt != null) {
            interrupt.run();
        }
    }
}
