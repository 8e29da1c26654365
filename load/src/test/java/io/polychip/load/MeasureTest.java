package io.polychip.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.emulator.Emulator;
import io.polychip.emulator.EmulatorOptions;
import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.performance.Batching;
import io.polychip.performance.Profile;
import io.polychip.performance.Profiles;
import io.polychip.performance.StepTime;
import io.polychip.testkit.SimulatedNetwork;
import io.polychip.testkit.Weather;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Measures emulated chips whose coefficients are known, on virtual time. */
class MeasureTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String GPU = """
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
        """;

    /** A small model on a CPU: hundreds of times slower, prompts in small pieces, few places. */
    private static final String CPU = """
        max-sequences: 8
        profile:
          step: {0: 3 ms, 1: 13 ms, 4: 30 ms, 8: 55 ms}
          prefill-per-token: 5 ms
          attention-per-pair: 1 us
          cache-per-token: 6 us
          arrival: 2 ms
          floor: 13 ms
          step-tokens: 33
          cache-tokens: 16384
        """;

    @TempDir
    private Path folder = Path.of("");

    private final SimulatedNetwork world = new SimulatedNetwork(5, Weather.NONE);

    @Test
    void theRecoveredProfilePredictsPointsItDidNotSee() {
        Fleet fleet = fleet(GPU);
        Measurement measured = measure(fleet, fleet.pools().getFirst().deployment(), "vllm", false);
        assertThat(measured.slots()).isEqualTo(16);
        assertThat(measured.stepTokens()).isEqualTo(2048);
        assertThat(measured.prefixCache()).isTrue();
        assertThat(measured.ttft(true).count()).isGreaterThanOrEqualTo(3);
        assertThat(measured.ttft(true).mean()).isLessThan(0.03);
        assertThat(measured.itl(true).mean()).isLessThan(0.03);
        StepTime time = measured.profile().stepTime();
        assertThat(time.alphaPicos(1) / 1e9).isCloseTo(6, within(0.1));
        assertThat(time.alphaPicos(16) / 1e9).isCloseTo(9, within(0.2));
        assertThat(time.tokenPicos() / 1e6).isCloseTo(60, within(5.0));
    }

    @Test
    void aQuickMeasurementOfASlowUnknownMachineKeepsItsTimeAndPredicts() {
        Measurement measured = measure(fleet(CPU), Deployment.unknown("openai"), "llama.cpp", true);
        assertThat(measured.seconds()).isLessThanOrEqualTo(MeasureOptions.QUICK.toSeconds() + 10.0);
        assertThat(measured.slots()).isEqualTo(8);
        assertThat(measured.stepTokens()).isBetween(31, 34);
        assertThat(measured.ttft(true).count()).isGreaterThanOrEqualTo(2);
        assertThat(measured.ttft(true).mean()).isLessThan(0.12); // of three to six answers each
        assertThat(measured.itl(true).mean()).isLessThan(0.03);
    }

    @Test
    void aFleetThatNamesTheWrittenFileIsTimedByIt() throws IOException {
        Fleet fleet = fleet(GPU);
        Measurement measured = measure(fleet, fleet.pools().getFirst().deployment(), "vllm", true);
        Files.writeString(folder.resolve("m.profile.yaml"), ProfileText.of(measured));
        Path file = folder.resolve("fleet.yaml");
        Files.writeString(file, text("profile: m.profile.yaml\n"));

        Fleet read = new FleetReader(CatalogueReader.shipped(), Map.of()).read(file);
        Profile profile = Profiles.of(read.pools().getFirst(), read.catalogue());

        StepTime was = measured.profile().stepTime();
        StepTime is = profile.stepTime();
        assertThat(profile.batching()).isEqualTo(measured.profile().batching());
        assertThat(profile.evidence()).isEqualTo(Profile.Evidence.MEASURED);
        assertThat(profile.band()).isCloseTo(measured.entry().band(), within(0.001));
        assertThat(profile.source().origin()).contains("polychip measure").contains("model m");
        for (int n = 0; n <= 16; n++) {
            assertThat(is.alphaPicos(n)).isCloseTo(was.alphaPicos(n), within(2_000L)); // a nanosecond in the file
        }
        assertThat(is.tokenPicos()).isCloseTo(was.tokenPicos(), within(1_000L));
        assertThat(is.pairPicos()).isEqualTo(was.pairPicos());
        assertThat(is.kvPicos()).isEqualTo(was.kvPicos());
        Cell cell = new Cell(7, 300, 50);
        assertThat(ClosedLoop.run(profile, cell, 20).timing().ttftNanos())
                .isCloseTo(ClosedLoop.run(measured.profile(), cell, 20).timing().ttftNanos(), within(1e5));
    }

    @Test
    void piecesOfAPromptTellTheTokensOfAStep() {
        assertThat(Probes.stepTokens(8192, 5)).isEqualTo(2048); // 2047 beside one answer
        assertThat(Probes.stepTokens(540, 17)).isEqualTo(33); // 32 and the answer's
        assertThat(Probes.stepTokens(1200, 3)).isEqualTo(512);
        assertThat(Probes.stepTokens(600, 10)).isEqualTo(64); // 63 beside one answer
    }

    private Measurement measure(Fleet fleet, Deployment deployment, String engine, boolean quick) {
        CompletableFuture<Emulator> started =
                Emulator.start(fleet, world.node(2), EmulatorOptions.DEFAULT.withGrainNanos(0));
        world.runUntil(started::isDone, SECOND);
        MeasureOptions options = new MeasureOptions(
                started.join().addresses().getFirst().url(),
                "m",
                null,
                deployment,
                Batching.of(engine),
                Measure.AMPLE_CACHE,
                quick ? MeasureOptions.QUICK : MeasureOptions.USUAL,
                quick ? 16 : 64,
                2048,
                quick,
                1);
        Measure measure = new Measure(world.node(1), options);
        CompletableFuture<Measurement> done = measure.start();
        world.runUntil(done::isDone, 2_000 * SECOND);
        assertThat(done).isCompleted();
        return Objects.requireNonNull(done.join());
    }

    private static Fleet fleet(String pool) {
        return new FleetReader(CatalogueReader.shipped(), Map.of()).read("fleet.yaml", text(pool));
    }

    private static String text(String pool) {
        return """
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
            """ + pool.indent(4);
    }
}
