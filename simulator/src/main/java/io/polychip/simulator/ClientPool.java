package io.polychip.simulator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Requests under way. There are never more objects than there once were requests at the same time. */
final class ClientPool {
    private static final int MOST = 1 << 24;

    private Client[] clients = new Client[64];
    private int slots;
    private int[] unused = new int[64];
    private int unusedCount;

    Client open() {
        if (unusedCount > 0) {
            return clients[unused[--unusedCount]];
        }
        if (slots == clients.length) {
            if (slots == MOST) {
                throw new ScenarioException("More than %d requests are open at once. Maybe cells.".formatted(MOST));
            }
            clients = Arrays.copyOf(clients, slots * 2);
            unused = Arrays.copyOf(unused, slots * 2);
        }
        Client client = new Client(slots);
        clients[slots++] = client;
        return client;
    }

    void close(Client client) {
        client.close();
        unused[unusedCount++] = client.slot;
    }

    int size() {
        return slots - unusedCount;
    }

    /** Whether it is the last alarm that its client asked for. */
    boolean wants(long alarm) {
        return wokenBy(alarm).alarm == (int) alarm;
    }

    Client wokenBy(long alarm) {
        return clients[(int) (alarm >>> 32)];
    }

    /** The client of an event, null when that is void. */
    @Nullable
    Client living(long name) {
        Client client = clients[Agenda.slot(name)];
        return client.arrival != null && client.life == Agenda.generation(name) ? client : null;
    }

    /** The client of an attempt, null when that is over. */
    @Nullable
    Client onLeg(long id) {
        Client client = clients[Agenda.slot(id)];
        return client.attempt != null && client.leg == Agenda.generation(id) ? client : null;
    }

    /**
     * Those whose attempts have reached such a replica, replica by replica in the order they were sent. Linear in open
     * ones.
     */
    List<Client> submittedTo(Predicate<Integer> replica) {
        List<Client> found = new ArrayList<>();
        for (int slot = 0; slot < slots; slot++) {
            Client client = clients[slot];
            if (client.attempt != null && client.submitted && replica.test(client.replica)) {
                found.add(client);
            }
        }
        found.sort(Comparator.comparingInt((Client client) -> client.replica).thenComparingLong(client -> client.sent));
        return found;
    }
}
