package io.polychip.benchmarks;

import io.polychip.fleet.RequestClass;
import io.polychip.routing.Ask;
import io.polychip.routing.Attempt;
import io.polychip.routing.Board;
import io.polychip.routing.Call;
import io.polychip.routing.Dispatcher;
import io.polychip.routing.Ending;
import io.polychip.routing.Host;
import io.polychip.routing.Options;
import io.polychip.routing.Policy;
import io.polychip.routing.Usage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One call's whole life in the dispatcher, decision included, over 8 pools. Run: ./bench Router. Watch
 * gc.alloc.rate.norm, which counts the call and its attempt too.
 *
 * <p>A call is accepted, gets its first token before the next one comes and completes {@code inFlight} calls later, so
 * that the decision sees replicas that decode; were first tokens late, short prompt queues would keep calls waiting.
 * Prompts carry a few prefix boundaries, some shared.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class RouterBenchmark {
    private static final int POOLS = 8;
    private static final int ASKS = 4096;
    private static final long GAP_NANOS = 50_000;
    private static final Usage USAGE = new Usage(700, 0, 120, false);

    /** Of each of the 8 pools. */
    @Param({"16", "128"})
    public int replicas;

    @Param({"POLYCHIP", "LEAST_REQUEST"})
    public Policy policy = Policy.POLYCHIP;

    /** Part of the fleet's places that is taken. */
    @Param({"0.4"})
    public double load;

    private final ArrayDeque<Attempt> running = new ArrayDeque<>();
    private final List<Ask> asks = new ArrayList<>();
    private long now = 1_000_000_000L;
    private Dispatcher dispatcher = dispatcher(1, Policy.POLYCHIP);
    private int next;
    private int inFlight;

    /** A fleet with its usual number of calls under way. */
    @Setup
    public void fill() {
        dispatcher = dispatcher(replicas, policy);
        for (int i = 0; i < ASKS; i++) {
            asks.add(ask(i));
        }
        inFlight = (int) (POOLS * replicas * 60 * load);
        while (running.size() < inFlight) {
            accept();
        }
        dispatcher.tick(now);
    }

    /** The oldest call completes; one more is accepted, decided on, sent and gets its first token. */
    @Benchmark
    public Call decide() {
        Attempt oldest = running.removeFirst();
        dispatcher.tokens(oldest.call(), oldest, USAGE.completionTokens() - 1, now);
        dispatcher.completed(oldest.call(), oldest, USAGE, now);
        return accept();
    }

    private Call accept() {
        int before = running.size();
        Call call = dispatcher.accept(asks.get(next++ % ASKS), this, now += GAP_NANOS);
        if (running.size() != before + 1) {
            throw new IllegalStateException(
                    "%d calls run and one more must wait; the load is too high for this benchmark.".formatted(before));
        }
        Attempt attempt = running.getLast();
        dispatcher.firstToken(call, attempt, true, now);
        return call;
    }

    private Dispatcher dispatcher(int each, Policy itsPolicy) {
        return new Dispatcher(
                new Sink(), BenchmarkFleet.of(POOLS, each), new Board(2), 0, 1, Options.DEFAULT.with(itsPolicy), now);
    }

    /** Remembers what was sent; does nothing else. */
    private final class Sink implements Host {
        @Override
        public void send(Call call, Attempt attempt, long at) {
            running.addLast(attempt);
        }

        @Override
        public void cancel(Call call, Attempt attempt, long at) {}

        @Override
        public void wake(Call call, long at) {}

        @Override
        public void end(Call call, Ending ending, long at) {}
    }

    private static Ask ask(int i) {
        long conversation = i % 500;
        long[] hashes = {7, 100 + conversation % 20, 1_000 + conversation, 1_000_000 + i};
        int[] tokens = {200, 320, 600, 700};
        return new Ask(
                i,
                BenchmarkFleet.MODEL,
                "tenant" + i % 5,
                RequestClass.DEFAULT,
                1,
                700,
                2800,
                0,
                1,
                0,
                true,
                conversation,
                hashes,
                tokens,
                0,
                i);
    }
}
