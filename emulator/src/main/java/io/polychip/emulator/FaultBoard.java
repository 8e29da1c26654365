package io.polychip.emulator;

import io.polychip.fleet.Pool;
import io.polychip.protocol.Hash64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** All faults in force. Safe for any thread: loops draw, the control API writes. */
final class FaultBoard {
    /** A fault in force. @param id given at injection */
    record Active(int id, Fault fault, AtomicInteger left) {}

    private final long seed;
    private final List<Active> faults = new CopyOnWriteArrayList<>();
    private final AtomicInteger ids = new AtomicInteger();

    FaultBoard(long seed) {
        this.seed = seed;
    }

    int add(Fault fault) {
        int id = ids.incrementAndGet();
        faults.add(new Active(id, fault, new AtomicInteger(fault.count() == 0 ? Integer.MAX_VALUE : fault.count())));
        return id;
    }

    boolean remove(int id) {
        return faults.removeIf(active -> active.id == id);
    }

    void clear() {
        faults.clear();
    }

    List<Active> all() {
        return List.copyOf(faults);
    }

    boolean inForce(Fault.Kind kind, Pool pool, int replica) {
        return faults.stream().anyMatch(active -> is(active, kind, pool, replica));
    }

    /** How much longer everything takes there; slow faults multiply. */
    double slowness(Pool pool, int replica) {
        double factor = 1;
        for (Active active : faults) {
            if (is(active, Fault.Kind.SLOW, pool, replica)) {
                factor *= active.fault.factor();
            }
        }
        return factor;
    }

    private static boolean is(Active active, Fault.Kind kind, Pool pool, int replica) {
        return active.fault.kind() == kind && active.fault.where().matches(pool, replica);
    }

    /** The fault that strikes this request, the oldest first. @param request number of the request at this replica */
    @Nullable
    Fault draw(Pool pool, int replica, long request) {
        for (Active active : faults) {
            Fault fault = active.fault;
            if (fault.kind().isState() || !fault.where().matches(pool, replica)) {
                continue;
            }
            long place = Hash64.join(pool.name().hashCode(), replica);
            long draw = Hash64.join(Hash64.join(seed, active.id), Hash64.join(place, request));
            if ((draw >>> 11) * 0x1p-53 >= fault.probability()) {
                continue;
            }
            int left = active.left.getAndDecrement();
            if (left == 1) {
                remove(active.id);
            }
            if (left > 0) {
                return fault;
            }
        }
        return null;
    }
}
