package io.polychip.benchmarks;

import io.polychip.performance.Profile;
import io.polychip.routing.Mix;
import io.polychip.simulator.Backend;
import io.polychip.simulator.Engine;
import io.polychip.simulator.Sink;
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
 * One request's whole life in an engine: submitted, prefilled, decoded, finished, with every step in between. Arrivals
 * are Poisson, lengths log-normal like Azure's conversations. Run: ./bench Engine.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 4, time = 2)
@Fork(1)
public class EngineBenchmark implements Sink {
    private static final int REQUESTS = 1 << 16;
    private static final int BLOCK = 16;
    private static final int SHARED_BLOCKS = 20;
    private static final long[] NO_HASHES = {};

    /** Of what the engine can do. */
    @Param("0.7")
    public double load = 0.7;

    /** Whether prompts are hashed block by block: a conversation's earlier turns are found again. */
    @Param({"false", "true"})
    public boolean prefixes;

    private final int[] prompts = new int[REQUESTS];
    private final int[] answers = new int[REQUESTS];
    private final long[] gaps = new long[REQUESTS];
    private final long[][] hashes = new long[REQUESTS][];
    private Engine engine = new Engine(BenchmarkFleet.profile(BenchmarkFleet.pool(0, 1)));
    private long now;
    private int next;
    private int finished;

    /** Until as many are inside as ever will be. */
    @Setup
    public void fill() {
        Profile profile = BenchmarkFleet.profile(BenchmarkFleet.pool(0, 1));
        engine = new Engine(profile);
        double answerSum = 0;
        double prefillSum = 0;
        for (int i = 0; i < REQUESTS; i++) {
            prompts[i] = Lengths.prompt(i);
            answers[i] = Lengths.answer(i);
            answerSum += answers[i];
            prefillSum += profile.stepTime().prefillPicos(prompts[i], 0);
            hashes[i] = prefixes ? hashes(i) : NO_HASHES;
        }
        int full = BenchmarkFleet.SEQUENCES;
        double tokenPicos = (double) profile.stepTime().stepPicos(0, full, full * 1_500L) / full;
        double perPico = load * REQUESTS / (answerSum * tokenPicos + prefillSum);
        for (int i = 0; i < REQUESTS; i++) {
            gaps[i] = 1 + (long) (-StrictMath.log(1 - Mix.unit(i, 5)) / perPico);
        }
        for (int i = 0; i < REQUESTS; i++) {
            request();
        }
    }

    /** From one arrival to the next, change by change as a simulation does. */
    @Benchmark
    public int request() {
        int number = next++ & REQUESTS - 1;
        now += gaps[number];
        for (long change = engine.nextChange(); change <= now && change != Backend.NEVER; ) {
            engine.advance(change, this);
            change = engine.nextChange();
        }
        engine.advance(now, this);
        engine.submit(next, prompts[number], answers[number], hashes[number], now);
        return finished;
    }

    /** Requests inside, and those done. */
    String state() {
        return "running %d waiting %d done %d steps %d"
                .formatted(engine.running(), engine.waiting(), finished, engine.steps());
    }

    @Override
    public void firstToken(long id, long atPicos) {}

    @Override
    public void finished(long id, int cachedTokens, long atPicos) {
        finished++;
    }

    private long[] hashes(int i) {
        long[] blocks = new long[prompts[i] / BLOCK];
        for (int b = 0; b < blocks.length; b++) {
            long content = b < SHARED_BLOCKS ? 7 : b < blocks.length / 2 ? i % 256 : i;
            blocks[b] = Mix.draw(content, b);
        }
        return blocks;
    }
}
