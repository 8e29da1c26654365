package io.polychip.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.emulator.Emulator;
import io.polychip.emulator.EmulatorOptions;
import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.performance.Batching;
import io.polychip.testkit.SimulatedNetwork;
import io.polychip.testkit.Weather;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Measures emulated chips whose coefficients are known, on virtual time. */
class MeasureTest {
    private static final long SECOND = 1_000_000_000L;

    private final SimulatedNetwork world = new SimulatedNetwork(5, Weather.NONE);

    @Test
    void theRecoveredProfilePredictsPointsItDidNotSee() {
        Measurement measured = measure("""
            max-sequences: 16
            profile:
              step: {1: 6 ms, 4: 6500 us, 16: 9 ms}
              prefill-per-token: 60 us
              attention-per-pair: 2 ps
              cache-per-token: 40 ns
              arrival: 12 ms
              floor: 6 ms
              step-tokens: 2048
              cache-tokens: 200000
            """, false);
        print(measured);
        assertThat(measured.slots()).isEqualTo(16);
    }

    private static void print(Measurement m) {
        System.out.println(m.entry().toString().substring(100));
        System.out.printf(
                "slots %d step %d prefix %s words %.3f template %.1f req %d tok %d sec %.1f%n",
                m.slots(),
                m.stepTokens(),
                m.prefixCache(),
                m.tokensPerWord(),
                m.templateTokens(),
                m.requests(),
                m.tokens(),
                m.seconds());
        for (Measurement.Point p : m.points()) {
            System.out.printf(
                    "%s %3d %5d %4d n=%d ttft %.1f pred %.1f (%+.1f%%, se %.1f%%) itl %.2f pred %.2f (%+.1f%%) %s%n",
                    p.heldOut() ? "H" : "F",
                    p.concurrency(),
                    p.promptTokens(),
                    p.outputTokens(),
                    p.answers(),
                    p.ttftNanos() / 1e6,
                    p.predictedTtftNanos() / 1e6,
                    p.ttftError() * 100,
                    p.scatter() * 100,
                    p.itlNanos() / 1e6,
                    p.predictedItlNanos() / 1e6,
                    p.itlError() * 100,
                    p.dropped());
        }
        System.out.println("held " + m.ttft(true) + " " + m.itl(true) + " fit " + m.ttft(false) + " " + m.itl(false));
        System.out.println(m.notes());
    }

    private Measurement measure(String pool, boolean quick) {
        Fleet fleet = fleet(pool);
        CompletableFuture<Emulator> started =
                Emulator.start(fleet, world.node(2), EmulatorOptions.DEFAULT.withGrainNanos(0));
        world.runUntil(started::isDone, SECOND);
        MeasureOptions options = new MeasureOptions(
                started.join().addresses().getFirst().url(),
                "m",
                null,
                fleet.pools().getFirst().deployment(),
                new Batching(256, 8192, 16, true, false, true, 0),
                0,
                quick ? MeasureOptions.QUICK : MeasureOptions.USUAL,
                64,
                2048,
                quick,
                1);
        Measure measure = new Measure(world.node(1), options);
        CompletableFuture<Measurement> done = measure.start();
        world.runUntil(done::isDone, 2_000 * SECOND);
        return done.join();
    }

    private static Fleet fleet(String pool) {
        return new FleetReader(CatalogueReader.shipped(), Map.of()).read("fleet.yaml", """
            models:
              - name: m
                is: meta-llama/Llama-3.1-8B-Instruct
            pools:
              - name: p
                model: m
                chip: nvidia/h100-sxm
                precision: fp8
                engine: vllm@0.15.1
                price: {usd-per-chip-hour: 2.95}
                replicas: [http://127.0.0.1:8001]
            """ + pool.indent(4));
    }
}
