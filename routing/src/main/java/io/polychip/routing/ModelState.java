package io.polychip.routing;

import io.polychip.fleet.RequestClass;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All that one dispatcher knows of one served model: its pools, who waits for it, how long its answers get. */
final class ModelState {
    private static final int MOST_TENANTS = 4096;
    private static final int ENOUGH_SAMPLES = 16;
    private static final int CLASSES = Urgency.LEVELS;

    final String name;
    final WaitingRoom room;
    PoolState[] pools = {};
    /** By a plan, until the slow loop knows better; null: no plan, or no longer. */
    @Nullable
    PlannedShares planned;

    /** Clients may ask for it. */
    boolean listed;

    /** From sending to first token, as predicted of late. */
    double usualTtftNanos;

    final Fading sent;
    private final Fading[] sentByClass = new Fading[CLASSES];
    /** Calls that ended well or badly after being sent; the rate at which the room empties. */
    final Fading finished;

    private final OutputLengths lengths = new OutputLengths();
    private final Map<String, OutputLengths[]> lengthsByTenant = new HashMap<>();

    ModelState(String name, long now) {
        this.name = name;
        this.room = new WaitingRoom();
        this.sent = new Fading(60_000_000_000L, now);
        this.finished = new Fading(20_000_000_000L, now);
        for (int i = 0; i < CLASSES; i++) {
            sentByClass[i] = new Fading(60_000_000_000L, now);
        }
    }

    /** A pool's place among the model's. */
    int place(PoolState pool) {
        int place = 0;
        while (pools[place] != pool) {
            place++;
        }
        return place;
    }

    /** Forgets which pools were found full. */
    void lookAgain() {
        for (PoolState pool : pools) {
            pool.fullFromRank = Urgency.LEVELS;
        }
    }

    void countSent(RequestClass requestClass, long now) {
        sent.add(1, now);
        sentByClass[Urgency.of(requestClass)].add(1, now);
    }

    /**
     * Share of a replica's places that a class leaves free for more urgent ones (trunk reservation): up to 15 % by how
     * much of those there is, and more for flex and batch, which only fill what is left.
     */
    double reserved(RequestClass requestClass, long now) {
        int rank = Urgency.of(requestClass);
        if (rank == 0) {
            return 0;
        }
        double urgent = 0;
        for (int i = 0; i < rank; i++) {
            urgent += sentByClass[i].at(now);
        }
        double share = urgent <= 0 ? 0 : urgent / Math.max(urgent, sent.at(now));
        double extra = requestClass == RequestClass.BATCH ? 0.25 : requestClass == RequestClass.FLEX ? 0.1 : 0;
        return Math.min(0.15, share * 0.5) + extra * Math.min(1, share * 10);
    }

    /** Requests of this class and more urgent ones that one replica gets per second. */
    double sentPerReplicaAndSecond(RequestClass requestClass, long now) {
        int replicas = 0;
        for (PoolState pool : pools) {
            replicas += pool.hosted() ? 0 : pool.replicas.length;
        }
        double perSecond = 0;
        for (int i = 0; i <= Urgency.of(requestClass); i++) {
            perSecond += sentByClass[i].perSecond(now);
        }
        return perSecond / Math.max(1, replicas);
    }

    /** The lengths to predict from: of this tenant, class and kind where enough is known, else of the model. */
    OutputLengths lengths(Ask ask) {
        OutputLengths[] own = lengthsByTenant.get(ask.tenant());
        if (own != null) {
            OutputLengths one = own[kind(ask)];
            if (one != null && one.samples() >= ENOUGH_SAMPLES) {
                return one;
            }
        }
        return lengths;
    }

    void learnLength(Ask ask, int tokens) {
        lengths.learn(tokens);
        OutputLengths[] own = lengthsByTenant.get(ask.tenant());
        if (own == null) {
            if (lengthsByTenant.size() >= MOST_TENANTS) {
                return;
            }
            own = new OutputLengths[CLASSES * 2];
            lengthsByTenant.put(ask.tenant(), own);
        }
        int kind = kind(ask);
        if (own[kind] == null) {
            own[kind] = new OutputLengths();
        }
        own[kind].learn(tokens);
    }

    private static int kind(Ask ask) {
        return Urgency.of(ask.requestClass()) * 2 + ((ask.needs() & Needs.bit("tools")) != 0 ? 1 : 0);
    }
}
