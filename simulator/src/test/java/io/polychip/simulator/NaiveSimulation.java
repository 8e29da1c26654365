package io.polychip.simulator;

import io.polychip.fleet.Pool;
import io.polychip.performance.Profile;
import io.polychip.performance.StepTime;
import io.polychip.routing.Attempt;
import io.polychip.routing.Board;
import io.polychip.routing.Call;
import io.polychip.routing.Dispatcher;
import io.polychip.routing.Ending;
import io.polychip.routing.Fault;
import io.polychip.routing.Host;
import io.polychip.routing.Options;
import io.polychip.routing.Reading;
import io.polychip.routing.Roster;
import io.polychip.routing.Usage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The rules of {@link Simulation} carried out as plainly as they read: one list of events, engines one step at a time,
 * dispatchers told of every token by itself, an object for everything. Shares with it the dispatchers, the draws, the
 * hashes of contents and {@link HostedApi}, which it steps from token to token.
 */
final class NaiveSimulation implements Host {
    private static final long PICOS = 1000;

    /** One ending, to compare. */
    record Ended(long request, Ending ending, long firstTokenPicos, long atNanos) {}

    private static final int WAKE = 2;

    private record Event(long at, int rank, long number, Runnable what) {}

    private final Scenario scenario;
    private final Contents contents;
    private final Draws draws;
    private final Asks asks;
    private final Iterator<Arrival> arrivals;
    private final TreeSet<Event> events = new TreeSet<>(
            Comparator.comparingLong(Event::at).thenComparingInt(Event::rank).thenComparingLong(Event::number));
    private final List<Replica> replicas = new ArrayList<>();
    private final List<Dispatcher> dispatchers = new ArrayList<>();
    private final List<Ended> endings = new ArrayList<>();
    private long added;
    private long now;
    private long requests;
    private long sends;
    private int open;
    private int cancelling;

    private static final class Person {
        final long number;
        final Arrival arrival;
        final long[] hashes;
        int tries;
        boolean gone;

        @Nullable
        Dispatcher dispatcher;

        @Nullable
        Call call;

        @Nullable
        Try running;

        long firstPicos = Backend.NEVER;
        long wake = -1;

        Person(long number, Arrival arrival, long[] hashes) {
            this.number = number;
            this.arrival = arrival;
            this.hashes = hashes;
        }
    }

    private static final class Try {
        final long id;
        final Person person;
        final Attempt attempt;
        final Replica replica;
        boolean submitted;
        boolean started;

        Try(long id, Person person, Attempt attempt, Replica replica) {
            this.id = id;
            this.person = person;
            this.attempt = attempt;
            this.replica = replica;
        }
    }

    NaiveSimulation(Scenario scenario, List<Arrival> arrivals, int blockTokens, Options options) {
        this.scenario = scenario;
        this.contents = new Contents(blockTokens);
        this.draws = new Draws(scenario);
        this.asks = Asks.usual(scenario.roster().fleet().pools().getFirst().model());
        this.arrivals = arrivals.iterator();
        for (Roster.Target target : scenario.roster().targets()) {
            for (int i = 0; i < target.replicas().size(); i++) {
                replicas.add(new Replica(target, i, blockTokens));
            }
        }
        for (int gateway = 0; gateway < scenario.gateways(); gateway++) {
            Board board = new Board(scenario.loops());
            for (int loop = 0; loop < scenario.loops(); loop++) {
                dispatchers.add(
                        new Dispatcher(this, scenario.roster(), board, loop, draws.gatewaySeed(gateway), options, 0));
            }
        }
        for (Outage outage : scenario.outages()) {
            add(Math.max(0, outage.atNanos()), () -> lose(outage));
        }
        add(10_000_000_000L, this::tick);
        List<Replica> owned =
                replicas.stream().filter(each -> each.engine != null).toList();
        if (scenario.observation().intervalNanos() > 0 && !owned.isEmpty()) {
            long gap = Math.max(1, scenario.observation().intervalNanos() / owned.size());
            for (int gateway = 0; gateway < scenario.gateways(); gateway++) {
                int its = gateway;
                add(gap, () -> scrape(its, 0, gap, owned));
            }
        }
    }

    List<Ended> live() {
        Arrival next = arrivals.hasNext() ? arrivals.next() : null;
        while (next != null || open > 0 || cancelling > 0) {
            Replica first = replicas.stream()
                    .min(Comparator.comparingLong(Replica::dueNanos))
                    .orElseThrow();
            long engineAt = first.dueNanos();
            long eventAt = events.isEmpty() ? Long.MAX_VALUE : events.first().at;
            long arrivalAt = next == null ? Long.MAX_VALUE : next.arrivalNanos();
            if (engineAt <= Math.min(eventAt, arrivalAt)) {
                now = Math.max(now, engineAt);
                first.step();
            } else if (eventAt <= arrivalAt) {
                Event event = events.pollFirst();
                now = Math.max(now, Objects.requireNonNull(event).at);
                while (event != null) {
                    event.what.run();
                    event = event.rank == WAKE ? otherWake(event.at) : null;
                }
            } else {
                now = arrivalAt;
                arrive(Objects.requireNonNull(next));
                next = arrivals.hasNext() ? arrivals.next() : null;
            }
        }
        return endings;
    }

    private @Nullable Event otherWake(long at) {
        Optional<Event> wake = events.stream()
                .filter(event -> event.at == at && event.rank == WAKE)
                .findFirst();
        wake.ifPresent(events::remove);
        return wake.orElse(null);
    }

    private void add(long at, Runnable what) {
        events.add(new Event(at, 1, added++, what));
    }

    private void arrive(Arrival arrival) {
        Person person = new Person(requests++, arrival, contents.hashes(arrival));
        open++;
        long patience = draws.patienceNanos(person.number);
        if (patience != Long.MAX_VALUE) {
            add(now + patience, () -> hangUp(person));
        }
        ask(person);
    }

    private void ask(Person person) {
        if (person.gone) {
            return;
        }
        Dispatcher dispatcher = dispatchers.get(draws.dispatcher(dispatchers.size(), person.number, person.tries));
        person.dispatcher = dispatcher;
        long[] hashes = person.arrival.blocks().length > 0 ? person.hashes : Arrival.NO_BLOCKS;
        dispatcher.accept(
                asks.of(
                        person.arrival,
                        person.number,
                        draws.askSeed(person.number, person.tries),
                        hashes,
                        contents.boundaries(hashes.length)),
                person,
                now);
    }

    private void hangUp(Person person) {
        if (person.gone) {
            return;
        }
        if (person.call == null) {
            person.gone = true;
            open--;
        } else {
            dispatcher(person).abandoned(person.call, now);
        }
    }

    private void tick() {
        for (Replica replica : replicas) {
            replica.retime();
        }
        for (Dispatcher dispatcher : dispatchers) {
            dispatcher.tick(now);
        }
        add(now + 10_000_000_000L, this::tick);
    }

    private void scrape(int gateway, long turn, long gap, List<Replica> owned) {
        add(now + gap, () -> scrape(gateway, turn + 1, gap, owned));
        Replica replica = owned.get((int) (turn % owned.size()));
        long delay = draws.readingDelayNanos(gateway, turn);
        if (delay < 0) {
            return;
        }
        long late = replica.state == Machine.State.SILENT ? 1_000_000_000L : 0;
        Reading reading = replica.state == Machine.State.SERVING
                ? replica.reading()
                : new Reading(now + late, -1, -1, -1, false, false);
        Runnable arrived = () -> {
            for (int loop = 0; loop < scenario.loops(); loop++) {
                dispatchers.get(gateway * scenario.loops() + loop).observed(replica.index, reading, now);
            }
        };
        if (late + delay == 0) {
            arrived.run();
        } else {
            add(now + late + delay, arrived);
        }
    }

    private List<Replica> matching(Outage outage) {
        return replicas.stream()
                .filter(each -> outage.where().matches(each.pool, each.number))
                .toList();
    }

    private void lose(Outage outage) {
        List<Replica> lost = matching(outage);
        List<Try> hit = new ArrayList<>();
        for (Replica replica : lost) {
            hit.addAll(replica.tries.values());
            replica.lose(outage.silent() ? Machine.State.SILENT : Machine.State.DOWN);
        }
        if (!outage.silent()) {
            reset(hit, lost);
        }
        if (outage.nanos() != Long.MAX_VALUE) {
            add(now + outage.nanos(), () -> start(outage));
        }
    }

    private void start(Outage outage) {
        List<Replica> lost = matching(outage);
        if (outage.silent()) {
            List<Try> hit = new ArrayList<>();
            for (Replica replica : lost) {
                replica.state = Machine.State.DOWN;
                hit.addAll(replica.tries.values());
            }
            reset(hit, lost);
        }
        boolean hosted = lost.stream().allMatch(each -> each.engine == null);
        add(now + (hosted ? 0 : outage.restart().startNanos()), () -> {
            for (Replica replica : lost) {
                replica.restart(outage.restart().warmFactor());
            }
            add(now + outage.restart().warmNanos(), () -> {
                for (Replica replica : lost) {
                    replica.slowness = 1;
                    replica.retime();
                }
            });
        });
    }

    private void reset(List<Try> hit, List<Replica> lost) {
        for (Replica replica : lost) {
            replica.tries.clear();
        }
        hit.sort(Comparator.comparingInt((Try each) -> each.replica.index).thenComparingLong(each -> each.id));
        for (Try each : hit) {
            if (each.person.running == each) {
                fail(each, Fault.Kind.RESET, 0, 0);
            }
        }
    }

    private void fail(Try failed, Fault.Kind kind, int status, long retryAfter) {
        failed.person.running = null;
        failed.replica.tries.remove(failed.id);
        dispatcher(failed.person)
                .failed(call(failed.person), failed.attempt, new Fault(kind, status, retryAfter, "simulated"), now);
    }

    @Override
    public void send(Call call, Attempt attempt, long at) {
        Person person = person(call);
        Try next =
                new Try(sends++, person, attempt, replicas.get(attempt.replica().index()));
        person.running = next;
        person.firstPicos = Backend.NEVER;
        add(now + next.replica.latencyNanos, () -> {
            if (person.running == next) {
                next.submitted = true;
                next.replica.submit(next);
            }
        });
    }

    @Override
    public void cancel(Call call, Attempt attempt, long at) {
        Person person = person(call);
        Try cancelled = Objects.requireNonNull(person.running);
        person.running = null;
        if (cancelled.submitted) {
            cancelling++;
            add(now + cancelled.replica.latencyNanos, () -> {
                cancelling--;
                cancelled.replica.cancel(cancelled);
            });
        }
    }

    @Override
    public void wake(Call call, long at) {
        Person person = person(call);
        long wake = added++;
        person.wake = wake;
        events.add(new Event(at, WAKE, wake, () -> {
            if (person.wake == wake && person.call == call) {
                person.wake = -1;
                dispatcher(person).woken(call, now);
            }
        }));
    }

    @Override
    public void end(Call call, Ending ending, long at) {
        Person person = person(call);
        endings.add(new Ended(person.number, ending, person.firstPicos, now));
        person.call = null;
        person.running = null;
        person.wake = -1;
        boolean may = switch (ending) {
            case Ending.Refused refused ->
                refused.retryable() || !scenario.clients().obedient();
            case Ending.Failed failed -> !failed.shown() && failed.fault().kind() != Fault.Kind.CLIENT_ERROR;
            case Ending.Completed _, Ending.Cancelled _ -> false;
        };
        if (may && person.tries < scenario.clients().retries()) {
            long told = ending instanceof Ending.Refused refused ? refused.retryAfterNanos() : 0;
            long wait = told > 0 ? told : draws.retryNanos(person.number, person.tries);
            person.tries++;
            add(now + wait, () -> ask(person));
        } else {
            person.gone = true;
            open--;
        }
    }

    private static Person person(Call call) {
        Person person = (Person) call.owner();
        person.call = call;
        return person;
    }

    private static Dispatcher dispatcher(Person person) {
        return Objects.requireNonNull(person.dispatcher);
    }

    private static Call call(Person person) {
        return Objects.requireNonNull(person.call);
    }

    /** One replica: an engine or an API, one step at a time. */
    private final class Replica implements TokenSink {
        final int index;
        final Pool pool;
        final int number;
        final Profile profile;
        final long latencyNanos;
        final int hashBlocks;
        final Map<Long, Try> tries = new LinkedHashMap<>();
        final @Nullable HostedApi api;

        @Nullable
        NaiveEngine engine;

        Machine.State state = Machine.State.SERVING;
        double slowness = 1;
        int losses;
        private Truth truth = Truth.factor(Where.EVERYWHERE, 1);
        private StepTime stepTime;
        private final List<Runnable> tellings = new ArrayList<>();

        Replica(Roster.Target target, int number, int blockTokens) {
            this.index = target.replicas().get(number).index();
            this.pool = target.pool();
            this.number = number;
            this.profile = target.profile();
            this.hashBlocks = blockTokens % profile.blockTokens() == 0 ? blockTokens / profile.blockTokens() : 0;
            boolean hosted = pool.hosted() != null;
            this.latencyNanos = hosted ? scenario.hostedNetworkNanos() : scenario.networkNanos();
            for (Truth each : scenario.truths()) {
                truth = each.where().matches(pool, number) ? each : truth;
            }
            this.stepTime = truth.of(profile.stepTime(), 0);
            this.api = hosted ? new HostedApi(stepTime, profile.maxSequences(), pool.quota()) : null;
            this.engine = hosted ? null : newEngine();
        }

        private NaiveEngine newEngine() {
            int blocks = (int) (profile.kvTokens() / profile.blockTokens());
            return new NaiveEngine(stepTime, profile.batching(), blocks, Math.max(1, hashBlocks));
        }

        long dueNanos() {
            long at = engine != null
                    ? engine.nextAt()
                    : Objects.requireNonNull(api).nextStep();
            return at == Long.MAX_VALUE ? at : Math.ceilDiv(at, PICOS);
        }

        void step() {
            if (engine == null) {
                Objects.requireNonNull(api).advance(now * PICOS, this);
                List<Runnable> all = List.copyOf(tellings);
                tellings.clear();
                all.forEach(Runnable::run);
                return;
            }
            engine.advance(now * PICOS);
            List<NaiveEngine.News> news = List.copyOf(engine.news);
            news.stream().filter(each -> !each.prompted() && each.finished()).forEach(this::tell);
            news.stream().filter(NaiveEngine.News::prompted).forEach(this::tell);
            news.stream().filter(each -> !each.prompted() && !each.finished()).forEach(this::tell);
        }

        private void tell(NaiveEngine.News news) {
            token(news.request().id, news.at());
            if (news.finished()) {
                done(news.request().id, news.request().cached);
            }
        }

        private void token(long id, long atPicos) {
            Try each = tries.get(id);
            if (each == null || each.person.running != each) {
                return;
            }
            if (!each.started) {
                each.started = true;
                each.person.firstPicos = atPicos;
                dispatcher(each.person).firstToken(call(each.person), each.attempt, true, now);
            } else {
                dispatcher(each.person).tokens(call(each.person), each.attempt, 1, now);
            }
        }

        private void done(long id, int cached) {
            Try each = tries.remove(id);
            if (each != null && each.person.running == each) {
                Arrival arrival = each.person.arrival;
                Usage usage = new Usage(arrival.promptTokens(), cached, arrival.outputTokens(), false);
                dispatcher(each.person).completed(call(each.person), each.attempt, usage, now);
            }
        }

        @Override
        public void firstToken(long id, long atPicos) {
            tellings.add(() -> token(id, atPicos));
        }

        @Override
        public void tokens(long id, int count, long atPicos) {
            for (int i = 0; i < count; i++) {
                tellings.add(() -> token(id, atPicos));
            }
        }

        @Override
        public void finished(long id, int cachedTokens, long atPicos) {
            tellings.add(() -> done(id, cachedTokens));
        }

        void submit(Try next) {
            Arrival arrival = next.person.arrival;
            switch (state) {
                case DOWN -> fail(next, Fault.Kind.CONNECT, 0, 0);
                case SILENT -> tries.put(next.id, next);
                case SERVING -> {
                    tries.put(next.id, next);
                    if (engine != null) {
                        int tokens = arrival.promptTokens() + arrival.outputTokens() - 1;
                        if (Math.ceilDiv(tokens, profile.blockTokens()) > profile.kvTokens() / profile.blockTokens()) {
                            fail(next, Fault.Kind.CLIENT_ERROR, 400, 0);
                            return;
                        }
                        engine.submit(
                                next.id,
                                arrival.promptTokens(),
                                arrival.outputTokens(),
                                hashBlocks == 0 ? Arrival.NO_BLOCKS : next.person.hashes,
                                now * PICOS);
                        return;
                    }
                    HostedApi.Admission admission = Objects.requireNonNull(api)
                            .submit(next.id, arrival.promptTokens(), arrival.outputTokens(), true, now * PICOS);
                    if (admission.status() == 413) {
                        fail(next, Fault.Kind.CLIENT_ERROR, 413, 0);
                    } else if (!admission.taken()) {
                        fail(next, Fault.Kind.BUSY, admission.status(), admission.retryAfterPicos() / PICOS);
                    }
                }
            }
        }

        void cancel(Try cancelled) {
            if (tries.remove(cancelled.id) == null) {
                return;
            }
            if (engine == null) {
                Objects.requireNonNull(api).cancel(cancelled.id, now * PICOS);
            } else if (engine.requests.containsKey(cancelled.id)) {
                engine.cancel(cancelled.id);
            }
        }

        void lose(Machine.State how) {
            losses++;
            state = how;
            if (engine == null) {
                tries.keySet().forEach(id -> Objects.requireNonNull(api).cancel(id, now * PICOS));
            } else {
                engine = newEngine();
            }
        }

        void restart(double warmFactor) {
            if (--losses == 0) {
                state = Machine.State.SERVING;
                slowness = engine == null ? 1 : warmFactor;
                retime();
            }
        }

        void retime() {
            stepTime = truth.of(profile.stepTime(), now / 60e9);
            StepTime timing = slowness == 1 ? stepTime : stepTime.scaled(slowness);
            if (engine != null) {
                engine.retime(timing);
            } else {
                Objects.requireNonNull(api).retime(timing);
            }
        }

        Reading reading() {
            NaiveEngine there = Objects.requireNonNull(engine);
            double blocks = (double) profile.kvTokens() / profile.blockTokens();
            return new Reading(
                    now,
                    there.running.size(),
                    there.waiting.size() + there.arriving.size(),
                    1 - (blocks - there.usedBlocks()) / blocks,
                    true,
                    true);
        }
    }
}
