package io.polychip.simulator;

import io.polychip.routing.Attempt;
import io.polychip.routing.Call;
import io.polychip.routing.Ending;
import io.polychip.routing.Fault;
import io.polychip.routing.Host;
import io.polychip.routing.Usage;

/** Carries out in virtual time what dispatchers decide, and lets clients do what they do about it. */
final class Carrier implements Host {
    private static final long PICOS = 1000;

    private final Clients habits;
    private final Draws draws;
    private final Machine[] machines;
    private final Agenda agenda;
    private final Alarms alarms;
    private final ClientPool clients;
    private final Tally tally;
    private final Endings endings;

    /** Virtual time, kept by the {@link Simulation}. */
    long now;

    /** Attempts under way, and cancellations that have not reached their replicas. */
    int running;

    int cancelling;

    long endedCalls;
    long charges;
    long chargedTokens;

    /** An answer's complete usage is being told. */
    boolean completing;

    Carrier(
            Clients habits,
            Draws draws,
            Machine[] machines,
            Agenda agenda,
            Alarms alarms,
            ClientPool clients,
            Tally tally,
            Endings endings) {
        this.habits = habits;
        this.draws = draws;
        this.machines = machines;
        this.agenda = agenda;
        this.alarms = alarms;
        this.clients = clients;
        this.tally = tally;
        this.endings = endings;
    }

    @Override
    public void send(Call call, Attempt attempt, long at) {
        Client client = client(call);
        client.send(attempt, tally.attempts);
        running++;
        Machine machine = machines[client.replica];
        tally.sent(machine.pool, client.arrival(), attempt.number(), now);
        agenda.add(now + machine.latencyNanos, Agenda.Kind.SUBMIT, 0, client.id());
    }

    @Override
    public void cancel(Call call, Attempt attempt, long at) {
        Client client = client(call);
        Machine machine = machines[client.replica];
        if (client.submitted) {
            agenda.add(now + machine.latencyNanos, Agenda.Kind.CANCEL, machine.index, client.id());
            cancelling++;
        }
        tally.attemptCancelled(machine.pool);
        dropped(client);
    }

    /** Its attempt is over. */
    void dropped(Client client) {
        running--;
        client.drop();
    }

    @Override
    public void wake(Call call, long at) {
        Client client = client(call);
        alarms.add(at, client.nextAlarm(), now);
    }

    @Override
    public void charge(Call call, Attempt attempt, Usage usage, long at) {
        charges++;
        chargedTokens += usage.completionTokens();
        tally.charged(machines[attempt.replica().index()].pool, usage, completing, now);
    }

    @Override
    public void end(Call call, Ending ending, long at) {
        Client client = client(call);
        endedCalls++;
        endings.ended(client.number, ending, client.firstPicos, now);
        switch (ending) {
            case Ending.Completed completed -> completed(client, completed.usage());
            case Ending.Refused refused -> {
                boolean may = refused.retryable() || !habits.obedient();
                if (!may || !asksAgain(client, refused.retryAfterNanos())) {
                    tally.refused(client.arrival(), refused.code(), now);
                    clients.close(client);
                }
            }
            case Ending.Failed failed -> failed(client, failed);
            case Ending.Cancelled _ -> {
                tally.abandoned(client.arrival(), client.firstPicos, now);
                clients.close(client);
            }
        }
    }

    private void completed(Client client, Usage usage) {
        running--;
        Arrival arrival = client.arrival();
        long asked = arrival.arrivalNanos();
        long first = Math.ceilDiv(client.firstPicos, PICOS);
        int tokens = usage.completionTokens();
        long itl = tokens > 1 ? (now - first) / (tokens - 1) : 0;
        tally.completed(arrival, machines[client.replica].pool, usage, first - asked, itl, now - asked);
        clients.close(client);
    }

    private void failed(Client client, Ending.Failed failed) {
        Fault fault = failed.fault();
        if (fault.kind() == Fault.Kind.CLIENT_ERROR) {
            tally.refused(client.arrival(), "upstream_" + fault.status(), now);
            clients.close(client);
        } else if (failed.shown() || !asksAgain(client, 0)) {
            tally.failed(client.arrival(), failed.shown(), now);
            clients.close(client);
        }
    }

    /** Whether the client asks again, which then is on the agenda. */
    private boolean asksAgain(Client client, long retryAfterNanos) {
        if (client.tries >= habits.retries()) {
            return false;
        }
        long wait = retryAfterNanos > 0 ? retryAfterNanos : draws.retryNanos(client.number, client.tries);
        client.tries++;
        client.call = null;
        client.alarm++;
        agenda.add(now + wait, Agenda.Kind.RETRY, 0, Agenda.name(client.slot, client.life));
        return true;
    }

    /** A dispatcher tells of a call before its own {@code accept} has returned it. */
    private static Client client(Call call) {
        Client client = (Client) call.owner();
        client.call = call;
        return client;
    }
}
