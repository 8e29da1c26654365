package io.polychip.gateway;

import io.polychip.routing.Decision;
import io.polychip.routing.DecisionLog;
import java.util.ArrayList;
import java.util.List;

/**
 * The last sampled decisions of all loops, for {@code GET /admin/decisions}. Which are sampled is the dispatcher's
 * choice; a lock taken a few times a second costs nothing. Thread-safe.
 */
final class DecisionRing implements DecisionLog {
    static final int CAPACITY = 256;

    private final Decision[] ring = new Decision[CAPACITY];
    private long taken;

    @Override
    public synchronized void decided(Decision decision) {
        ring[(int) (taken++ % CAPACITY)] = decision;
    }

    /** Newest first. */
    synchronized List<Decision> last(int wanted) {
        int count = (int) Math.min(Math.min(wanted, CAPACITY), taken);
        List<Decision> decisions = new ArrayList<>(count);
        for (long i = taken - 1; i >= taken - count; i--) {
            decisions.add(ring[(int) (i % CAPACITY)]);
        }
        return decisions;
    }
}
