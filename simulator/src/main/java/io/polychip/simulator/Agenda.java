package io.polychip.simulator;

import io.polychip.routing.Reading;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What is to happen in a {@link Simulation} apart from engines, wakes and arrivals. An event is a kind (4 bits), a
 * detail (16 bits) and a name: the slot of a client (24 bits) and a generation of its (20 bits), by which events of
 * those who are gone are void.
 */
final class Agenda {
    /** What happens; the detail's meaning follows from it. */
    enum Kind {
        /** A request arrives at its replica. */
        SUBMIT,
        /** A cancellation arrives at the replica of that number. */
        CANCEL,
        HANG_UP,
        /** A client asks again. */
        RETRY,
        /** The gateway of that number reads its next replica. */
        SCRAPE,
        /** The gateway of that number has a reading. */
        READING,
        TICK,
        SAMPLE,
        /** The outage of that number begins. */
        LOSE,
        /** What it took begins to start. */
        START,
        /** And serves, warming up. */
        SERVE,
        /** And is warm. */
        WARM
    }

    /** A reading on its way. */
    record Pending(int replica, Reading reading) {}

    private static final Kind[] KINDS = Kind.values();
    private static final int KIND_SHIFT = 60;
    private static final int DETAIL_SHIFT = 44;
    private static final long NAME_MASK = (1L << DETAIL_SHIFT) - 1;

    private final EventHeap events = new EventHeap();
    private @Nullable Pending[] pending = new Pending[16];
    private int[] unused = new int[16];
    private int unusedCount;
    private int used;

    static long name(int slot, int generation) {
        return (long) slot << Client.GENERATION_BITS | generation;
    }

    static Kind kind(long event) {
        return KINDS[(int) (event >>> KIND_SHIFT)];
    }

    static int detail(long event) {
        return (int) (event >>> DETAIL_SHIFT) & 0xFFFF;
    }

    /** Of an event about a client: its slot and generation, as an engine names its request. */
    static long name(long event) {
        return event & NAME_MASK;
    }

    static int slot(long name) {
        return (int) ((name & NAME_MASK) >>> Client.GENERATION_BITS);
    }

    static int generation(long name) {
        return (int) name & Client.GENERATION_MASK;
    }

    long nextAt() {
        return events.nextAt();
    }

    long poll() {
        return events.poll();
    }

    void add(long at, Kind kind, int detail, long name) {
        events.add(at, (long) kind.ordinal() << KIND_SHIFT | (long) detail << DETAIL_SHIFT | name);
    }

    void addReading(long at, int gateway, int replica, Reading reading) {
        if (unusedCount == 0 && used == pending.length) {
            pending = Arrays.copyOf(pending, used * 2);
            unused = Arrays.copyOf(unused, used * 2);
        }
        int index = unusedCount > 0 ? unused[--unusedCount] : used++;
        pending[index] = new Pending(replica, reading);
        add(at, Kind.READING, gateway, index);
    }

    /** The reading that has come. */
    Pending takeReading(long event) {
        int index = (int) name(event);
        Pending arrived = pending[index];
        if (arrived == null) {
            throw new IllegalStateException("A reading comes once.");
        }
        pending[index] = null;
        unused[unusedCount++] = index;
        return arrived;
    }
}
