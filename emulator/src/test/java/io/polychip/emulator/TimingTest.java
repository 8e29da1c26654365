package io.polychip.emulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.performance.Profile;
import io.polychip.performance.Profiles;
import io.polychip.simulator.Engine;
import io.polychip.simulator.Sink;
import io.polychip.simulator.Truth;
import io.polychip.simulator.Where;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On real sockets and a machine that may be busy, so only roughly; exactly on virtual time, in the test kit. */
@Timeout(60)
class TimingTest {
    /** Times as long as the engine says an answer may take on a busy machine. */
    private static final double SLOWEST = 4;

    private static final int TOKENS = 60;
    private static final String BODY = "'stream':true,'ignore_eos':true,'max_tokens':%d".formatted(TOKENS);

    @Test
    void anAnswerTakesWhatTheEngineSays() {
        try (Emulated fleet = new Emulated(EmulatorOptions.DEFAULT)) {
            long exact = engineNanos(1);
            fleet.chat("h100", BODY); // warm
            long took = best(fleet);
            assertThat((double) took / exact).isBetween(1.0, SLOWEST);
        }
    }

    @Test
    void hiddenTruthAndSlownessChangeTheTime() {
        Truth slow = Truth.factor(Where.pool("h100"), 2);
        try (Emulated fleet = new Emulated(EmulatorOptions.DEFAULT.withTruths(List.of(slow)))) {
            fleet.chat("h100", BODY);
            assertThat((double) best(fleet) / engineNanos(2)).isBetween(1.0, SLOWEST);
            fleet.emulator.inject(
                    Fault.of(Fault.Kind.SLOW, Where.vendor("nvidia")).factor(0.1));
            assertThat(best(fleet)).isBetween(engineNanos(0.2), engineNanos(2));
        }
    }

    /** The least of three, since other programs disturb only upwards. */
    private static long best(Emulated fleet) {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long before = System.nanoTime();
            fleet.chat("h100", BODY);
            best = Math.min(best, System.nanoTime() - before);
        }
        return best;
    }

    private static long engineNanos(double factor) {
        var fleet = Emulated.fleet();
        Profile profile = Profiles.of(fleet.pools().getFirst(), fleet.catalogue());
        Engine engine = new Engine(profile.stepTime().scaled(factor), profile.batching(), profile.kvTokens());
        engine.submit(1, 6, TOKENS, new long[0], 0);
        long[] end = new long[1];
        engine.advance(Long.MAX_VALUE / 2, new Sink() {
            @Override
            public void firstToken(long id, long atPicos) {}

            @Override
            public void finished(long id, int cachedTokens, long atPicos) {
                end[0] = atPicos;
            }
        });
        return end[0] / 1000;
    }
}
