package io.polychip.simulator;

import io.polychip.routing.Attempt;
import io.polychip.routing.Call;
import io.polychip.routing.Dispatcher;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One request under way, from its arrival to its last ending. Used again for another one afterwards. */
final class Client {
    /** Bits of {@link #life} and {@link #leg} that events carry. */
    static final int GENERATION_BITS = 20;

    static final int GENERATION_MASK = (1 << GENERATION_BITS) - 1;

    final int slot;

    /** Counts the requests that had this slot; events of earlier ones are void. */
    int life;

    /** Counts attempts and their withdrawals; what an engine says of an earlier one is void. */
    int leg;

    @Nullable
    Arrival arrival;

    long number;
    long[] hashes = Arrival.NO_BLOCKS;
    int tries;

    @Nullable
    Dispatcher dispatcher;

    @Nullable
    Call call;

    @Nullable
    Attempt attempt;

    int replica;

    /** Order in which attempts were sent. */
    long sent;

    /** It has reached its replica. */
    boolean submitted;

    /** Of this attempt: when its first token came; {@link Backend#NEVER} before. */
    long firstPicos;

    /** Tokens of this attempt that the dispatcher knows of. */
    int told;

    /** Counts what was asked for or void of its alarms: only the last one holds. */
    int alarm;

    Client(int slot) {
        this.slot = slot;
    }

    void open(Arrival newArrival, long newNumber, long[] newHashes) {
        arrival = newArrival;
        number = newNumber;
        hashes = newHashes;
        tries = 0;
        attempt = null;
        firstPicos = Backend.NEVER;
    }

    void close() {
        life = (life + 1) & GENERATION_MASK;
        leg = (leg + 1) & GENERATION_MASK;
        arrival = null;
        hashes = Arrival.NO_BLOCKS;
        dispatcher = null;
        call = null;
        attempt = null;
        alarm++;
    }

    /** Another attempt is sent. */
    void send(Attempt next, long order) {
        leg = (leg + 1) & GENERATION_MASK;
        attempt = next;
        replica = next.replica().index();
        sent = order;
        submitted = false;
        firstPicos = Backend.NEVER;
        told = 0;
    }

    /** The attempt is over, whatever its engine still says. */
    void drop() {
        leg = (leg + 1) & GENERATION_MASK;
        attempt = null;
    }

    /** Asks for another alarm. @return its name */
    long nextAlarm() {
        return (long) slot << 32 | Integer.toUnsignedLong(++alarm);
    }

    /** The attempt's name in its engine. */
    long id() {
        return (long) slot << GENERATION_BITS | leg;
    }

    Arrival arrival() {
        return Objects.requireNonNull(arrival);
    }

    Call call() {
        return Objects.requireNonNull(call);
    }

    Attempt attempt() {
        return Objects.requireNonNull(attempt);
    }

    Dispatcher dispatcher() {
        return Objects.requireNonNull(dispatcher);
    }
}
