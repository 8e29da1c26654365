package io.polychip.testkit;

import io.polychip.routing.Fault;
import io.polychip.simulator.EventHeap;
import java.util.ArrayList;
import java.util.List;

/** The clock of a {@link SimulatedHost} and what is to happen on it. An event is a kind, a subject and a detail. */
final class Timeline {
    /** What happens; the subject's meaning follows from it. */
    enum Kind {
        ARRIVE,
        HANG_UP,
        PAUSE,
        RESUME,
        WAKE,
        SUBMIT,
        CANCEL,
        ADVANCE,
        FIRST,
        TOKENS,
        DONE,
        FAILED,
        SCRAPE,
        READING,
        TICK,
        TROUBLE,
        RELOAD
    }

    private static final Kind[] KINDS = Kind.values();
    private static final int KIND_SHIFT = 59;
    private static final int SUBJECT_SHIFT = 28;
    private static final long DETAIL_MASK = (1L << SUBJECT_SHIFT) - 1;

    private final EventHeap events = new EventHeap();
    private final List<Fault> faults = new ArrayList<>();
    private long now;
    private long event;

    long now() {
        return now;
    }

    void add(long at, Kind kind, int subject, int detail) {
        events.add(at, (long) kind.ordinal() << KIND_SHIFT | (long) subject << SUBJECT_SHIFT | detail);
    }

    /** The news of a failure reaches the dispatcher then. */
    void addFault(long at, Leg leg, Fault fault) {
        faults.add(fault);
        add(at, Kind.FAILED, leg.number, faults.size() - 1);
    }

    /** The present event happens later instead. */
    void postpone(long at) {
        events.add(at, event);
    }

    /** Moves to the next event up to that time; false, and only the clock moves, when there is none. */
    boolean next(long until) {
        if (events.nextAt() > until) {
            now = until;
            return false;
        }
        now = events.nextAt();
        event = events.poll();
        return true;
    }

    Kind kind() {
        return KINDS[(int) (event >>> KIND_SHIFT)];
    }

    int subject() {
        return (int) (event >>> SUBJECT_SHIFT) & Integer.MAX_VALUE;
    }

    int detail() {
        return (int) (event & DETAIL_MASK);
    }

    /** The failure that the present event is about. */
    Fault fault() {
        return faults.get(detail());
    }
}
