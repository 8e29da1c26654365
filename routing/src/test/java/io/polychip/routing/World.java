package io.polychip.routing;

import io.polychip.fleet.Objective;
import io.polychip.fleet.RequestClass;
import io.polychip.performance.Profile;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IntSummaryStatistics;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * Several gateways before shared engines on virtual time: continuous batching with a prefill budget, as far as routing
 * tests need it. The engines' true speed is theirs; gateways only see events and scrapes.
 */
final class World {
    static final long MILLI = 1_000_000L;

    final List<Gateway> gateways = new ArrayList<>();
    final Map<Integer, TestEngine> engines = new HashMap<>();
    final Map<String, HostedLimit> hosted = new HashMap<>();
    long now = 1_000 * MILLI;

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long sequence;

    /** What truly happens at a time. */
    private record Event(long at, long order, Runnable what) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    World(Roster roster, int count, Options options) {
        for (Roster.Target target : roster.targets()) {
            for (Roster.Replica replica : target.replicas()) {
                engines.put(replica.index(), new TestEngine(target.profile()));
            }
        }
        for (int i = 0; i < count; i++) {
            gateways.add(new Gateway(roster, i, options));
        }
    }

    World(Roster roster) {
        this(roster, 1, Options.DEFAULT);
    }

    void at(long time, Runnable what) {
        events.add(new Event(Math.max(time, now), sequence++, what));
    }

    void every(long nanos, Runnable what) {
        at(now + nanos, () -> {
            what.run();
            every(nanos, what);
        });
    }

    /** Total and KV load of every replica to every gateway, late by {@code delay}. */
    void scrapeEvery(long nanos, long delay) {
        every(
                nanos,
                () -> engines.forEach((index, engine) -> {
                    Reading reading = new Reading(
                            now,
                            engine.decoding.size() + (engine.waiting.isEmpty() ? 0 : 1),
                            Math.max(0, engine.waiting.size() - 1),
                            -1,
                            true,
                            true);
                    at(
                            now + delay,
                            () -> gateways.forEach(gateway -> gateway.dispatcher.observed(index, reading, now)));
                }));
    }

    void tickEvery(long nanos) {
        every(nanos, () -> gateways.forEach(gateway -> gateway.dispatcher.tick(now)));
    }

    /** Random arrivals: exponential gaps with a fixed seed. */
    void arrivals(double perSecond, long seconds, long seed, Consumer<Long> each) {
        double time = now;
        double end = now + seconds * 1e9;
        for (long i = 0; ; i++) {
            time += -StrictMath.log(1 - Mix.unit(seed, (int) i)) / perSecond * 1e9;
            if (time >= end) {
                return;
            }
            long number = i;
            at((long) time, () -> each.accept(number));
        }
    }

    /**
     * All gateways' clocks jump; what truly happens goes on as before. Timers that are due by the new time go off at
     * once, as they do in an event loop.
     */
    void jump(long nanos) {
        List<Event> pending = List.copyOf(events);
        events.clear();
        now += nanos;
        pending.forEach(event -> events.add(new Event(event.at() + nanos, event.order(), event.what())));
        gateways.forEach(Gateway::wakeAllDue);
    }

    void run(long nanos) {
        long until = now + nanos;
        while (!events.isEmpty() && events.peek().at() <= until) {
            Event event = events.remove();
            now = event.at();
            event.what().run();
        }
        now = until;
    }

    /** Requests of the most loaded replica over the mean. */
    double worstOverMean() {
        IntSummaryStatistics served =
                engines.values().stream().mapToInt(engine -> engine.served).summaryStatistics();
        return served.getMax() / served.getAverage();
    }

    /** In milliseconds. */
    static double percentile(List<Long> nanos, double share) {
        List<Long> sorted = nanos.stream().sorted().toList();
        return sorted.isEmpty() ? 0 : sorted.get((int) (share * (sorted.size() - 1))) / 1e6;
    }

    /** Requests a hosted account lets through per clock minute, however they are spread. */
    static final class HostedLimit {
        final long perMinute;
        long minute = -1;
        long used;
        int refused;
        int served;
        final List<Long> times = new ArrayList<>();

        HostedLimit(long perMinute) {
            this.perMinute = perMinute;
        }
    }

    /** One gateway with its dispatcher; its host acts on the world's engines. */
    final class Gateway implements Host {
        final Dispatcher dispatcher;
        final Roster roster;
        final Map<String, Integer> sentTo = new HashMap<>();
        final List<Ending> endings = new ArrayList<>();
        final Map<Call, Ending> ends = new HashMap<>();
        final List<Long> ttfts = new ArrayList<>();
        private final Map<Call, Long> wakes = new HashMap<>();
        int sends;
        /** Answers whose first token and pace kept the default objective. */
        int kept;

        Gateway(Roster roster, int number, Options options) {
            this.roster = roster;
            dispatcher = new Dispatcher(this, roster, new Board(1), 0, 1000 + number, options, now);
        }

        Call accept(Ask ask) {
            return dispatcher.accept(ask, this, now);
        }

        int sentTo(String pool) {
            return sentTo.getOrDefault(pool, 0);
        }

        int completed() {
            return (int)
                    endings.stream().filter(Ending.Completed.class::isInstance).count();
        }

        int refused() {
            return (int)
                    endings.stream().filter(Ending.Refused.class::isInstance).count();
        }

        @Override
        public void send(Call call, Attempt attempt, long at) {
            sends++;
            sentTo.merge(attempt.replica().pool(), 1, Integer::sum);
            HostedLimit limit = hosted.get(attempt.replica().pool());
            if (limit != null && over(limit)) {
                Fault busy = new Fault(Fault.Kind.BUSY, 429, (limit.minute + 1) * 60_000 * MILLI - now, "rate");
                World.this.at(now + MILLI, () -> dispatcher.failed(call, attempt, busy, now));
                return;
            }
            engine(attempt).submit(this, call, attempt);
        }

        private void count(Sequence done) {
            Objective promised = roster.fleet().objective(RequestClass.DEFAULT);
            long ttft = done.firstNanos - done.call.acceptedNanos();
            long itl = (now - done.firstNanos) / Math.max(1, done.produced - 1);
            boolean both = ttft <= promised.ttftNanos(done.call.ask().promptTokens()) && itl <= promised.itlNanos();
            kept += both ? 1 : 0;
        }

        private boolean over(HostedLimit limit) {
            long minute = now / (60_000 * MILLI);
            if (minute != limit.minute) {
                limit.minute = minute;
                limit.used = 0;
            }
            limit.times.add(now);
            if (++limit.used > limit.perMinute) {
                limit.refused++;
                return true;
            }
            limit.served++;
            return false;
        }

        @Override
        public void cancel(Call call, Attempt attempt, long at) {
            engine(attempt).cancel(attempt);
        }

        @Override
        public void wake(Call call, long at) {
            wakes.put(call, at);
            World.this.at(at, () -> {
                if (Objects.equals(wakes.get(call), at)) {
                    wakes.remove(call);
                    dispatcher.woken(call, now);
                }
            });
        }

        private void wakeAllDue() {
            Map.copyOf(wakes).forEach((call, at) -> {
                if (at <= now && wakes.remove(call, at)) {
                    dispatcher.woken(call, now);
                }
            });
        }

        @Override
        public void end(Call call, Ending ending, long at) {
            endings.add(ending);
            ends.put(call, ending);
            wakes.remove(call);
        }

        private TestEngine engine(Attempt attempt) {
            return Objects.requireNonNull(engines.get(attempt.replica().index()));
        }
    }

    /** A request on an engine. */
    static final class Sequence {
        final Gateway gateway;
        final Call call;
        final Attempt attempt;
        double prefillLeft;
        int produced;
        long firstNanos;
        final int wanted;

        Sequence(Gateway gateway, Call call, Attempt attempt) {
            this.gateway = gateway;
            this.call = call;
            this.attempt = attempt;
            this.prefillLeft = call.ask().promptTokens();
            this.wanted = Math.max(1, call.ask().estimatedOutput());
        }
    }

    /** The truth of one replica. */
    final class TestEngine {
        final ArrayDeque<Sequence> waiting = new ArrayDeque<>();
        final List<Sequence> decoding = new ArrayList<>();
        final Profile truth;
        /** True time over profile time. */
        double slowness = 1;

        boolean dead;
        boolean hangs;
        boolean busy;
        int peak;
        int served;

        TestEngine(Profile truth) {
            this.truth = truth;
        }

        int load() {
            return waiting.size() + decoding.size();
        }

        void submit(Gateway gateway, Call call, Attempt attempt) {
            if (dead) {
                at(
                        now + MILLI,
                        () -> gateway.dispatcher.failed(
                                call, attempt, new Fault(Fault.Kind.CONNECT, 0, 0, "refused"), now));
                return;
            }
            if (hangs) {
                return;
            }
            served++;
            waiting.add(new Sequence(gateway, call, attempt));
            peak = Math.max(peak, load());
            if (!busy) {
                step();
            }
        }

        void cancel(Attempt attempt) {
            waiting.removeIf(sequence -> sequence.attempt == attempt);
            decoding.removeIf(sequence -> sequence.attempt == attempt);
        }

        /** The machine goes: all connections break. */
        void die() {
            dead = true;
            List<Sequence> lost = new ArrayList<>(waiting);
            lost.addAll(decoding);
            waiting.clear();
            decoding.clear();
            for (Sequence each : lost) {
                each.gateway.dispatcher.failed(each.call, each.attempt, new Fault(Fault.Kind.RESET, 0, 0, "died"), now);
            }
        }

        private void step() {
            if (dead || load() == 0) {
                busy = false;
                return;
            }
            busy = true;
            double budget = truth.stepTokens();
            double tokens = 0;
            List<Sequence> ready = new ArrayList<>();
            int places = truth.maxSequences() - decoding.size();
            for (Sequence each : waiting) {
                if (budget <= 0 || places-- <= 0) {
                    break;
                }
                double part = Math.min(budget, each.prefillLeft);
                each.prefillLeft -= part;
                budget -= part;
                tokens += part;
                if (each.prefillLeft <= 0) {
                    ready.add(each);
                }
            }
            long picos =
                    truth.stepTime().stepPicos(truth.stepTime().prefillPicos((long) tokens, 0), decoding.size(), 0);
            long nanos = Math.max(1, (long) (picos / 1000.0 * slowness));
            at(now + nanos, () -> finish(ready));
        }

        private void finish(List<Sequence> ready) {
            if (dead) {
                busy = false;
                return;
            }
            List<Sequence> done = new ArrayList<>();
            for (Iterator<Sequence> all = decoding.iterator(); all.hasNext(); ) {
                Sequence each = all.next();
                each.produced++;
                if (each.produced >= each.wanted) {
                    all.remove();
                    done.add(each);
                }
            }
            List<Sequence> stepped = new ArrayList<>(decoding);
            stepped.addAll(done);
            List<Sequence> first = new ArrayList<>();
            for (Sequence each : ready) {
                if (waiting.remove(each)) {
                    each.produced = 1;
                    each.firstNanos = now;
                    first.add(each);
                    (each.wanted == 1 ? done : decoding).add(each);
                }
            }
            for (Sequence each : stepped) {
                each.gateway.dispatcher.tokens(each.call, each.attempt, 1, now);
            }
            for (Sequence each : first) {
                each.gateway.ttfts.add(now - each.call.acceptedNanos());
                each.gateway.dispatcher.firstToken(each.call, each.attempt, true, now);
            }
            for (Sequence each : done) {
                each.gateway.count(each);
                Usage usage = new Usage(each.call.ask().promptTokens(), 0, each.produced, false);
                each.gateway.dispatcher.completed(each.call, each.attempt, usage, now);
            }
            step();
        }
    }
}
