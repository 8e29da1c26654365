package io.polychip.benchmarks;

import io.polychip.routing.Call;
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
 * One request's whole life in a dispatcher on virtual time, with its share of scrapes and of the slow loop: accept,
 * decide, first token, tokens, completed, and the queue where there is one. Run: ./bench Dispatcher. Watch
 * gc.alloc.rate.norm. It includes the host's own heap of events.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 4, time = 2)
@Fork(1)
public class DispatcherBenchmark {
    /** Pools x replicas of each. */
    @Param({"8x16", "8x128", "5x20"})
    public String fleet = "5x20";

    /** Arrivals over what the fleet's places can take; above 1 they queue and some are refused. */
    @Param({"0.6", "1.2"})
    public double load = 0.6;

    /** Prefix boundaries of a prompt. */
    @Param({"0", "25"})
    public int hashes;

    private PacedHost host = new PacedHost(1, 1, 0.5, 0);

    /** Runs until as many are under way, or wait, as ever will. */
    @Setup
    public void fill() {
        String[] parts = fleet.split("x", -1);
        int pools = Integer.parseInt(parts[0]);
        int replicas = Integer.parseInt(parts[1]);
        host = new PacedHost(pools, replicas, load, hashes);
        for (int i = 0; i < 100_000 + 500 * pools * replicas; i++) {
            host.request();
        }
    }

    /** From one arrival to the next. */
    @Benchmark
    public Call request() {
        return host.request();
    }
}
