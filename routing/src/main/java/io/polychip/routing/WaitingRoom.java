package io.polychip.routing;

import io.polychip.fleet.RequestClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Calls of one model that wait for a place: by class, between tenants by tokens served so far, within a tenant by
 * deadline.
 *
 * <p>Virtual token counters (Sheng et al., OSDI 2024): the tenant with the fewest weighted tokens goes first; predicted
 * tokens are charged when a call goes, the difference when it ended, and a tenant that comes back from idleness starts
 * at the least counter of those waiting (or of whom was served last), so that it cannot spend what it saved up. O(log
 * n) for everything but {@link #ahead}. Bounded by its user, see {@link #mayJoin}. One thread.
 */
final class WaitingRoom {
    /** Weight of an answer token against a prompt token in fairness. */
    static final double OUTPUT_WEIGHT = 2;

    /** A tenant may hold this many times the places still free (dynamic threshold, Choudhury and Hahne 1998). */
    private static final double SHARE_OF_FREE = 3;

    private static final int CLASSES = Urgency.LEVELS;
    /** A call is given up as late when so many usual first-token times do not fit before its deadline. */
    private static final double LATE_FACTOR = 3;

    private static final int MOST_TENANTS = 8192;

    private final Map<String, Tenant> tenants = new HashMap<>();
    private final Lane[] lanes = new Lane[CLASSES];
    private int size;
    private double lastServedCounter;

    WaitingRoom() {
        for (int i = 0; i < CLASSES; i++) {
            lanes[i] = new Lane();
        }
    }

    /** A tenant of this room. */
    static final class Tenant {
        final String name;
        double weight;
        double counter;
        int waiting;
        final @Nullable Line[] lines = new Line[CLASSES];

        Tenant(String name, double weight) {
            this.name = name;
            this.weight = weight;
        }
    }

    /** One tenant's waiting calls of one class, a heap by deadline. */
    static final class Line {
        final Tenant tenant;
        final Lane lane;
        private final ArrayList<Call> heap = new ArrayList<>();
        private int laneIndex = -1;

        Line(Tenant tenant, Lane lane) {
            this.tenant = tenant;
            this.lane = lane;
        }
    }

    /** Lines of one class that hold somebody, a heap by their tenants' counters. */
    static final class Lane {
        private final ArrayList<Line> heap = new ArrayList<>();
        private int calls;
    }

    int size() {
        return size;
    }

    int size(RequestClass requestClass) {
        return lanes[Urgency.of(requestClass)].calls;
    }

    /** Places a tenant takes, all classes together. */
    int waiting(String tenant) {
        Tenant known = tenants.get(tenant);
        return known == null ? 0 : known.waiting;
    }

    Iterable<Tenant> tenants() {
        return tenants.values();
    }

    /** Whether a tenant may take one more of {@code free} places. */
    boolean mayJoin(String tenant, int free) {
        return waiting(tenant) < Math.max(1, SHARE_OF_FREE * free);
    }

    /** Somebody of this class or a more urgent one waits. */
    boolean anybodyBefore(RequestClass requestClass) {
        for (int i = 0; i <= Urgency.of(requestClass); i++) {
            if (lanes[i].calls > 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * Calls that will go before a newcomer, by a rough count: all more urgent ones, and of its own class as many of
     * each tenant as its own tenant has waiting.
     */
    int ahead(Ask ask) {
        int rank = Urgency.of(ask.requestClass());
        int calls = 0;
        for (int i = 0; i < rank; i++) {
            calls += lanes[i].calls;
        }
        Tenant tenant = tenants.get(ask.tenant());
        Line own = tenant == null ? null : tenant.lines[rank];
        int mine = own == null ? 0 : own.heap.size();
        Lane lane = lanes[rank];
        return calls + Math.min(lane.calls, (mine + 1) * lane.heap.size());
    }

    void join(Call call) {
        Tenant tenant = tenant(call.ask);
        if (tenant.waiting == 0) {
            lift(tenant);
        }
        putBack(call);
    }

    /** Returns a call that left only to see whether there is a place; its tenant was never away. */
    void putBack(Call call) {
        Tenant tenant = tenant(call.ask);
        int rank = Urgency.of(call.ask.requestClass());
        Line line = tenant.lines[rank];
        if (line == null) {
            line = new Line(tenant, lanes[rank]);
            tenant.lines[rank] = line;
        }
        tenant.waiting++;
        size++;
        line.lane.calls++;
        push(line, call);
        if (line.laneIndex < 0) {
            Lane lane = line.lane;
            lane.heap.add(line);
            siftUp(lane, lane.heap.size() - 1, line);
        }
    }

    /**
     * The call that should go next, left in its place; null when nobody waits.
     *
     * <p>Who cannot keep its objective any more goes behind those of its tenant and class who still can: in an overload
     * earliest deadline alone would make everybody late.
     *
     * @param usualTtftNanos from sending to first token
     */
    @Nullable
    Call peek(double usualTtftNanos, long now) {
        for (Lane lane : lanes) {
            if (lane.heap.isEmpty()) {
                continue;
            }
            return head(lane.heap.getFirst(), usualTtftNanos, now);
        }
        return null;
    }

    /** The same among those who can still keep their objective; null when there is none. O(tenants that wait). */
    @Nullable
    Call peekOnTime(double usualTtftNanos, long now) {
        for (Lane lane : lanes) {
            Call best = null;
            double least = Double.POSITIVE_INFINITY;
            for (Line line : lane.heap) {
                Call head = head(line, usualTtftNanos, now);
                if (!head.late && line.tenant.counter < least) {
                    best = head;
                    least = line.tenant.counter;
                }
            }
            if (best != null) {
                return best;
            }
        }
        return null;
    }

    /** The first of a line, once all are marked who are late by now. */
    private static Call head(Line line, double usualTtftNanos, long now) {
        Call head = line.heap.getFirst();
        while (!head.late && now + LATE_FACTOR * usualTtftNanos > head.deadlineNanos) {
            head.late = true;
            siftDown(line, 0, head);
            head = line.heap.getFirst();
        }
        return head;
    }

    void leave(Call call) {
        Line line = call.line;
        if (line == null) {
            return;
        }
        remove(line, call);
        line.tenant.waiting--;
        size--;
        line.lane.calls--;
        if (line.heap.isEmpty()) {
            removeLine(line.lane, line.laneIndex);
            line.laneIndex = -1;
        }
    }

    /** Charges a call that goes, or with a difference settles one that ended. */
    void charge(Ask ask, double tokens) {
        Tenant tenant = tenant(ask);
        if (tokens > 0 && tenant.waiting == 0) {
            lift(tenant);
        }
        tenant.counter += tokens / tenant.weight;
        if (tokens > 0) {
            lastServedCounter = tenant.counter;
        }
        for (Line line : tenant.lines) {
            if (line != null && line.laneIndex >= 0) {
                siftUp(line.lane, line.laneIndex, line);
                siftDown(line.lane, line.laneIndex, line);
            }
        }
    }

    static double tokens(double prompt, double output) {
        return prompt + OUTPUT_WEIGHT * output;
    }

    private Tenant tenant(Ask ask) {
        Tenant tenant = tenants.get(ask.tenant());
        if (tenant == null) {
            if (tenants.size() >= MOST_TENANTS) {
                tenants.values().removeIf(idle -> idle.waiting == 0);
            }
            tenant = new Tenant(ask.tenant(), 1);
            tenants.put(ask.tenant(), tenant);
        }
        tenant.weight = ask.tenantWeight() > 0 ? ask.tenantWeight() : 1;
        return tenant;
    }

    /** Brings a tenant that had nobody waiting up to those that have. */
    private void lift(Tenant tenant) {
        double least = Double.POSITIVE_INFINITY;
        for (Lane lane : lanes) {
            if (!lane.heap.isEmpty()) {
                least = Math.min(least, lane.heap.getFirst().tenant.counter);
            }
        }
        if (least == Double.POSITIVE_INFINITY) {
            least = lastServedCounter;
        }
        tenant.counter = Math.max(tenant.counter, least);
    }

    private static void push(Line line, Call call) {
        call.line = line;
        line.heap.add(call);
        siftUp(line, line.heap.size() - 1, call);
    }

    private static void remove(Line line, Call call) {
        int at = call.heapIndex;
        Call last = line.heap.removeLast();
        call.heapIndex = -1;
        call.line = null;
        if (last != call) {
            siftUp(line, at, last);
            siftDown(line, last.heapIndex, last);
        }
    }

    private static boolean before(Call a, Call b) {
        if (a.late != b.late) {
            return b.late;
        }
        return a.deadlineNanos != b.deadlineNanos
                ? a.deadlineNanos < b.deadlineNanos
                : a.acceptedNanos < b.acceptedNanos;
    }

    private static void siftUp(Line line, int from, Call call) {
        int at = from;
        while (at > 0) {
            int parent = (at - 1) >>> 1;
            if (!before(call, line.heap.get(parent))) {
                break;
            }
            line.heap.set(at, line.heap.get(parent));
            line.heap.get(at).heapIndex = at;
            at = parent;
        }
        line.heap.set(at, call);
        call.heapIndex = at;
    }

    private static void siftDown(Line line, int from, Call call) {
        int at = from;
        while (true) {
            int child = 2 * at + 1;
            if (child >= line.heap.size()) {
                break;
            }
            if (child + 1 < line.heap.size() && before(line.heap.get(child + 1), line.heap.get(child))) {
                child++;
            }
            if (!before(line.heap.get(child), call)) {
                break;
            }
            line.heap.set(at, line.heap.get(child));
            line.heap.get(at).heapIndex = at;
            at = child;
        }
        line.heap.set(at, call);
        call.heapIndex = at;
    }

    private static void removeLine(Lane lane, int at) {
        Line last = lane.heap.removeLast();
        if (at < lane.heap.size()) {
            siftUp(lane, at, last);
            siftDown(lane, last.laneIndex, last);
        }
    }

    private static void siftUp(Lane lane, int from, Line line) {
        int at = from;
        while (at > 0) {
            int parent = (at - 1) >>> 1;
            if (line.tenant.counter >= lane.heap.get(parent).tenant.counter) {
                break;
            }
            lane.heap.set(at, lane.heap.get(parent));
            lane.heap.get(at).laneIndex = at;
            at = parent;
        }
        lane.heap.set(at, line);
        line.laneIndex = at;
    }

    private static void siftDown(Lane lane, int from, Line line) {
        int at = from;
        while (true) {
            int child = 2 * at + 1;
            if (child >= lane.heap.size()) {
                break;
            }
            if (child + 1 < lane.heap.size()
                    && lane.heap.get(child + 1).tenant.counter < lane.heap.get(child).tenant.counter) {
                child++;
            }
            if (lane.heap.get(child).tenant.counter >= line.tenant.counter) {
                break;
            }
            lane.heap.set(at, lane.heap.get(child));
            lane.heap.get(at).laneIndex = at;
            at = child;
        }
        lane.heap.set(at, line);
        line.laneIndex = at;
    }
}
