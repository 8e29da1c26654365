package io.polychip.simulator;

import io.polychip.routing.Attempt;
import io.polychip.routing.Board;
import io.polychip.routing.Dispatcher;
import io.polychip.routing.Fault;
import io.polychip.routing.Roster;
import io.polychip.routing.Usage;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A fleet's day in virtual time: the dispatchers that serve decide, over engines and hosted APIs that are the truth,
 * for clients that come from a {@link Traffic}. One thread; the same scenario, traffic and seed give the same report,
 * bit for bit.
 *
 * <p><b>What a dispatcher sees, and when.</b> A host over sockets that keeps to these rules leads to the same
 * decisions:
 *
 * <ol>
 *   <li>Dispatchers count nanoseconds, engines picoseconds. What an engine does at picosecond {@code p} is known to its
 *       dispatcher at nanosecond {@code ceil(p / 1000)}; what a dispatcher does at {@code n} reaches an engine at
 *       {@code 1000 n} plus the network's whole round trip, so that answers come back in no time.
 *   <li>At equal nanoseconds: engines in the order of their replicas, each until nothing of it is due; then what was
 *       put on the agenda, in that order (requests and cancellations that arrive, readings, ticks, losses); then wakes,
 *       in the order they were asked for, all of them before anything they lead to; then arrivals. Nothing is answered
 *       from inside a dispatcher's own call.
 *   <li>Of one engine step: what finished, in the order it began to decode; then first tokens; then other tokens. Of
 *       replicas that are lost together: broken answers in the order of their replicas, then in that of sending.
 *   <li>A dispatcher is told of a first token, and of others before the answer ends or fails, before its call is woken
 *       or abandoned, when an engine throws the answer out for lack of cache, and when there are
 *       {@link Attempt#reviseAtTokens} of them, each time with the time of the last. Told of every single token it
 *       would decide the same.
 *   <li>Every gateway ticks at each multiple of ten seconds, all in turn. Its replicas that are not hosted are read one
 *       after the other, evenly over the interval, the first after one such part of it.
 * </ol>
 *
 * <p>Cost: logarithmic in replicas and open requests per event, about four events a request; memory grows with open
 * requests, not with finished ones. At its end it checks that nothing is left anywhere and every attempt was charged.
 */
public final class Simulation {
    private static final long PICOS = 1000;
    private static final long TICK_NANOS = 10_000_000_000L;

    private final Scenario scenario;
    private final Traffic traffic;
    private final Asks asks;
    private final Contents contents;
    private final Draws draws;
    private final Tally tally;
    private final Board[] boards;
    private final Dispatcher[] dispatchers;
    private final Machine[] machines;
    private final Soonest due;
    private final Agenda agenda = new Agenda();
    private final Alarms alarms = new Alarms();
    private final Outbox outbox = new Outbox();
    private final ClientPool clients = new ClientPool();
    private final Carrier carrier;
    private final Scrapes scrapes;
    private final Losses losses;

    private @Nullable Arrival next;
    private long now;
    private long toldTokens;

    /** Gateways know prompts' lengths exactly and ask for the fleet's first model. */
    public Simulation(Scenario scenario, Traffic traffic) {
        this(
                scenario,
                traffic,
                Asks.usual(scenario.roster().fleet().pools().getFirst().model()));
    }

    /** @param asks what gateways make of requests */
    public Simulation(Scenario scenario, Traffic traffic, Asks asks) {
        this(scenario, traffic, asks, (request, ending, firstTokenPicos, atNanos) -> {});
    }

    /** @param endings hears of every call's ending */
    public Simulation(Scenario scenario, Traffic traffic, Asks asks, Endings endings) {
        this.scenario = scenario;
        this.traffic = traffic;
        this.asks = asks;
        this.contents = new Contents(traffic.blockTokens());
        this.draws = new Draws(scenario);
        this.tally = new Tally(scenario);
        this.machines = machines(scenario, traffic.blockTokens());
        this.due = new Soonest(machines.length);
        this.carrier = new Carrier(scenario.clients(), draws, machines, agenda, alarms, clients, tally, endings);
        this.boards = new Board[scenario.gateways()];
        this.dispatchers = new Dispatcher[scenario.gateways() * scenario.loops()];
        for (int i = 0; i < dispatchers.length; i++) {
            int gateway = i / scenario.loops();
            int loop = i % scenario.loops();
            if (loop == 0) {
                boards[gateway] = new Board(scenario.loops());
            }
            dispatchers[i] = new Dispatcher(
                    carrier,
                    scenario.roster(),
                    boards[gateway],
                    loop,
                    draws.gatewaySeed(gateway),
                    scenario.options(),
                    now);
        }
        this.losses = new Losses(scenario.outages(), this, agenda);
        agenda.add(TICK_NANOS, Agenda.Kind.TICK, 0, 0);
        agenda.add(tally.sampleNanos(), Agenda.Kind.SAMPLE, 0, 0);
        this.scrapes = new Scrapes(scenario, draws, machines, dispatchers, agenda);
        this.next = traffic.next();
    }

    private static Machine[] machines(Scenario scenario, int contentTokens) {
        Roster roster = scenario.roster();
        Machine[] machines = new Machine[roster.replicas().size()];
        if (roster.indexes() != machines.length) {
            throw new ScenarioException("The roster's replicas are not numbered without holes. Maybe compile it anew.");
        }
        for (Roster.Target target : roster.targets()) {
            for (int number = 0; number < target.replicas().size(); number++) {
                Truth truth = Truth.factor(Where.EVERYWHERE, 1);
                for (Truth each : scenario.truths()) {
                    truth = each.where().matches(target.pool(), number) ? each : truth;
                }
                long latency = target.pool().hosted() == null ? scenario.networkNanos() : scenario.hostedNetworkNanos();
                Machine machine = new Machine(target, number, truth, latency, contentTokens);
                machines[machine.index] = machine;
            }
        }
        return machines;
    }

    /** From start to end. */
    public static Report run(Scenario scenario, Traffic traffic) {
        Simulation simulation = new Simulation(scenario, traffic);
        simulation.run(Long.MAX_VALUE);
        return simulation.report();
    }

    /**
     * Goes on to that time.
     *
     * @return false once the traffic has ended and every request in it
     * @throws IllegalStateException when then something is left over anywhere, or was not charged
     */
    public boolean run(long untilNanos) {
        while (next != null || clients.size() > 0 || carrier.cancelling > 0) {
            long engineAt = due.at();
            long agendaAt = agenda.nextAt();
            long alarmAt = alarms.nextAt();
            long arrivalAt = next == null ? Long.MAX_VALUE : next.arrivalNanos();
            long at = Math.min(Math.min(engineAt, agendaAt), Math.min(alarmAt, arrivalAt));
            if (at > untilNanos) {
                moveTo(untilNanos);
                return true;
            }
            moveTo(at);
            tally.events++;
            if (engineAt == at) {
                advance(machines[due.who()]);
            } else if (agendaAt == at) {
                handle(agenda.poll());
            } else if (alarmAt == at) {
                do {
                    alarm(alarms.poll(at, clients::wants));
                } while (alarms.nextAt() == at);
            } else {
                arrive();
            }
        }
        settle();
        return false;
    }

    /** Virtual time since the start. */
    public long nowNanos() {
        return now;
    }

    /** Requests that have arrived so far. */
    public long requests() {
        return tally.requests;
    }

    /** What came of it so far. */
    public Report report() {
        return tally.report(machines, now);
    }

    Machine[] machines() {
        return machines;
    }

    ClientPool clients() {
        return clients;
    }

    private void moveTo(long nanos) {
        now = Math.max(now, nanos);
        carrier.now = now;
    }

    // ---- clients

    private void arrive() {
        Arrival arrival = Objects.requireNonNull(next);
        next = traffic.next();
        if (next != null && next.arrivalNanos() < arrival.arrivalNanos()) {
            throw new ScenarioException("Request %d arrives %d ns before the one above. Maybe sort the traffic."
                    .formatted(tally.requests + 1, arrival.arrivalNanos() - next.arrivalNanos()));
        }
        Client client = clients.open();
        client.open(arrival, tally.requests, contents.hashes(arrival));
        tally.arrived(arrival);
        long patience = draws.patienceNanos(client.number);
        if (patience != Long.MAX_VALUE) {
            agenda.add(now + patience, Agenda.Kind.HANG_UP, 0, Agenda.name(client.slot, client.life));
        }
        ask(client);
    }

    /** Its first try or another one. */
    private void ask(Client client) {
        Arrival arrival = client.arrival();
        tally.calls++;
        Dispatcher dispatcher = dispatchers[draws.dispatcher(dispatchers.length, client.number, client.tries)];
        client.dispatcher = dispatcher;
        long[] hashes = arrival.blocks().length > 0 ? client.hashes : Arrival.NO_BLOCKS;
        long seed = draws.askSeed(client.number, client.tries);
        int[] boundaries = contents.boundaries(hashes.length);
        dispatcher.accept(asks.of(arrival, client.number, seed, hashes, boundaries), client, now);
    }

    private void hangUp(Client client) {
        if (client.call == null) {
            tally.abandoned(client.arrival(), Backend.NEVER, now); // between two tries
            clients.close(client);
        } else {
            catchUp(client);
            client.dispatcher().abandoned(client.call(), now);
        }
    }

    private void alarm(long alarm) {
        if (alarm != Alarms.NOBODY && clients.wants(alarm)) {
            Client client = clients.wokenBy(alarm);
            client.alarm++;
            catchUp(client);
            client.dispatcher().woken(client.call(), now);
        }
    }

    // ---- engines

    private void advance(Machine machine) {
        machine.advance(now, outbox);
        deliver(machine);
        due.set(machine.index, machine.dueNanos());
    }

    private void deliver(Machine machine) {
        for (int i = 0; i < outbox.size(); i++) {
            Client client = clients.onLeg(outbox.id(i));
            if (client == null) {
                continue; // it was cancelled, and the engine did not know yet
            }
            switch (outbox.news(i)) {
                case FIRST -> {
                    client.firstPicos = outbox.picos(i);
                    client.told = 1;
                    toldTokens++;
                    client.dispatcher().firstToken(client.call(), client.attempt(), true, now);
                    watch(machine, client);
                }
                case REACHED -> {
                    tell(client, outbox.count(i), outbox.picos(i));
                    watch(machine, client);
                }
                case PREEMPTED -> tell(client, outbox.count(i), outbox.picos(i));
                case FINISHED -> finish(client, outbox.count(i), outbox.picos(i));
            }
        }
        outbox.clear();
    }

    private void watch(Machine machine, Client client) {
        Attempt attempt = client.attempt;
        if (attempt != null && attempt.reviseAtTokens() < client.arrival().outputTokens()) {
            machine.backend.watch(client.id(), Math.max(client.told + 1, attempt.reviseAtTokens()));
        }
    }

    /** The dispatcher hears of all tokens so far. */
    private void tell(Client client, int produced, long lastPicos) {
        int news = produced - client.told;
        if (news > 0) {
            client.told = produced;
            toldTokens += news;
            long at = Math.ceilDiv(Math.max(lastPicos, client.firstPicos), PICOS);
            client.dispatcher().tokens(client.call(), client.attempt(), news, at);
        }
    }

    /** The dispatcher hears of what came out while nothing happened that mattered to it. */
    void catchUp(Client client) {
        if (client.attempt == null || client.firstPicos == Backend.NEVER) {
            return;
        }
        Machine machine = machines[client.replica];
        machine.advance(now, outbox);
        tell(client, machine.backend.produced(client.id()), machine.backend.lastTokenPicos(client.id()));
    }

    private void finish(Client client, int cachedTokens, long atPicos) {
        int output = Math.max(1, client.arrival().outputTokens());
        tell(client, output, atPicos);
        Usage usage = new Usage(client.arrival().promptTokens(), cachedTokens, output, false);
        carrier.completing = true;
        client.dispatcher().completed(client.call(), client.attempt(), usage, now);
        carrier.completing = false;
    }

    // ---- the agenda

    private void handle(long event) {
        int detail = Agenda.detail(event);
        switch (Agenda.kind(event)) {
            case SUBMIT -> submit(clients.onLeg(event));
            case CANCEL -> {
                carrier.cancelling--;
                change(machines[detail], () -> machines[detail].cancel(Agenda.name(event), now));
            }
            case HANG_UP -> {
                Client client = clients.living(event);
                if (client != null) {
                    hangUp(client);
                }
            }
            case RETRY -> {
                Client client = clients.living(event);
                if (client != null) {
                    ask(client);
                }
            }
            case SCRAPE -> scrapes.turn(detail, outbox, now);
            case READING -> {
                Agenda.Pending pending = agenda.takeReading(event);
                scrapes.arrived(detail, pending.replica(), pending.reading(), now);
            }
            case TICK -> tick();
            case SAMPLE -> {
                tally.sample(machines, (int) (tally.calls - carrier.endedCalls) - carrier.running, now);
                agenda.add(now + tally.sampleNanos(), Agenda.Kind.SAMPLE, 0, 0);
            }
            case LOSE -> losses.lose(detail, now);
            case START -> losses.start(detail, now);
            case SERVE -> losses.serve(detail, now);
            case WARM -> losses.warm(detail, now);
        }
    }

    private void submit(@Nullable Client client) {
        if (client == null) {
            return; // cancelled on its way
        }
        Machine machine = machines[client.replica];
        machine.attempts++;
        client.submitted = true;
        switch (machine.state) {
            case DOWN -> fail(client, Fault.Kind.CONNECT, 0, 0);
            case SILENT -> {
                // nothing ever comes back
            }
            case SERVING -> {
                machine.advance(now, outbox);
                HostedApi.Admission admission = machine.submit(client.id(), client.arrival(), client.hashes, now);
                due.set(machine.index, machine.dueNanos());
                if (!admission.taken()) {
                    boolean busy = admission.status() == 429 || admission.status() == 498;
                    Fault.Kind kind = busy ? Fault.Kind.BUSY : Fault.Kind.CLIENT_ERROR;
                    long retryAfter = busy ? admission.retryAfterPicos() / PICOS : 0;
                    fail(client, kind, admission.status(), retryAfter);
                }
            }
        }
    }

    private void fail(Client client, Fault.Kind kind, int status, long retryAfterNanos) {
        Attempt attempt = client.attempt();
        carrier.dropped(client);
        tally.attemptFailed(machines[client.replica].pool);
        Fault fault = new Fault(kind, status, retryAfterNanos, "simulated");
        client.dispatcher().failed(client.call(), attempt, fault, now);
    }

    /** The connections of those that still have one break, in this order. */
    void reset(List<Client> hit) {
        for (Client client : hit) {
            if (client.attempt != null) {
                fail(client, Fault.Kind.RESET, 0, 0);
            }
        }
    }

    /** Does something to a replica that has been brought to the present. */
    void change(Machine machine, Runnable what) {
        machine.advance(now, outbox);
        what.run();
        due.set(machine.index, machine.dueNanos());
    }

    private void tick() {
        for (Machine machine : machines) {
            if (machine.drifts()) {
                change(machine, () -> machine.retime(now));
            }
        }
        for (Dispatcher dispatcher : dispatchers) {
            dispatcher.tick(now);
        }
        agenda.add(now + TICK_NANOS, Agenda.Kind.TICK, 0, 0);
    }

    /** Nothing may be left once all requests have ended. */
    private void settle() {
        for (Machine machine : machines) {
            machine.advance(now, outbox);
            holds(machine.backend.running() + machine.backend.waiting() == 0, "replica %d still works", machine.index);
            holds(machine.backend.kvUsed() == 0, "replica %d still holds cache", machine.index);
            for (Board board : boards) {
                holds(board.inFlight(machine.index) == 0, "a board counts what runs on replica %d", machine.index);
            }
        }
        for (Dispatcher dispatcher : dispatchers) {
            holds(dispatcher.open() == 0, "a dispatcher has %d open calls", dispatcher.open());
        }
        holds(carrier.running == 0, "%d attempts are under way", carrier.running);
        holds(
                carrier.endedCalls == tally.calls,
                "%d calls were accepted and %d ended",
                tally.calls,
                carrier.endedCalls);
        holds(
                carrier.charges == tally.attempts,
                "%d attempts were sent and %d charged",
                tally.attempts,
                carrier.charges);
        holds(
                carrier.chargedTokens == toldTokens,
                "%d tokens came and %d were charged",
                toldTokens,
                carrier.chargedTokens);
    }

    @SuppressWarnings("AnnotateFormatMethod") // its annotation would be one more library for this one method
    private void holds(boolean promise, String broken, Object... values) {
        if (!promise) {
            throw new IllegalStateException(
                    "Seed %d at its end: %s.".formatted(scenario.seed(), broken.formatted(values)));
        }
    }
}
