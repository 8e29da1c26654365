package io.polychip.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.polychip.performance.Batching;
import io.polychip.performance.StepTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tables whose attention takes 5 us, 0.1 us a sequence and 1 ns a token read, and per prompt 20 ns a token and pair.
 */
final class LayerTimingsTest {
    private static final Batching BATCHING = new Batching(64, 2048, 16, true, false, true, 0, true);
    private static final int LAYERS = 10;
    private static final List<LayerTimings.Look> EVEN = List.of(new LayerTimings.Look(16, 1000, 1000, 1000));
    private static final List<LayerTimings.Look> UNEVEN = List.of(new LayerTimings.Look(16, 1000, 500, 3000));
    private static final int[] PROMPTS = {512, 1024};

    private static double attention(int chunk, int before, int sequences, int reach) {
        double prompt = chunk == 0 ? 0 : 0.02 * chunk + 2e-5 * chunk * (before + chunk / 2.0);
        return 5 + prompt + 0.1 * sequences + 1e-3 * sequences * reach;
    }

    private static LayerTimings timings(Path folder, boolean skewed, String label) throws IOException {
        Path tables = Files.createDirectories(folder.resolve("tp1"));
        StringBuilder attention = new StringBuilder("prefill_chunk,kv_prefill,n_decode,kv_decode,time_us\n");
        for (int chunk : new int[] {0, 128, 256, 512, 1024, 2048}) {
            for (int before : chunk == 0 ? new int[] {0} : new int[] {0, 512, 2048}) {
                for (int sequences : new int[] {0, 1, 8, 16, 32, 64}) {
                    for (int reach : sequences == 0 ? new int[] {0} : new int[] {256, 1024, 4096}) {
                        if (chunk + sequences > 0) {
                            attention.append("%d,%d,%d,%d,%s\n"
                                    .formatted(
                                            chunk,
                                            before,
                                            sequences,
                                            reach,
                                            attention(chunk, before, sequences, reach)));
                        }
                    }
                }
            }
        }
        Files.writeString(tables.resolve("attention.csv"), attention);
        Files.writeString(tables.resolve("dense.csv"), """
            layer,tokens,time_us
            qkv_proj,1,10
            qkv_proj,2048,2057
            embedding,1,3
            embedding,2048,3
            """);
        Files.writeString(tables.resolve("per_sequence.csv"), "layer,sequences,time_us\nlm_head,1,50\nlm_head,64,50\n");
        Files.writeString(tables.resolve("skew_fit.csv"), """
            pc,n_label,skew_rate_label,kv_big_label,kp_label,alpha,n_samples
            0,n<=16,sr<=15%%,kvB<=4k,kp=0,0.9,4
            0,n<=16,%s,kvB<=4k,kp=0,0.2,4
            0,n<=16,%s,kvB>16k,kp=0,0.9,4
            0,n<=8,sr>70%%,kvB<=4k,kp=0,0.9,4
            0,n<=16,sr<=40%%,kvB<=4k,kp<=1k,0.9,4
            512,n<=16,sr<=40%%,kvB<=4k,kp=0,0.9,4
            """.formatted(label, label));
        Files.writeString(folder.resolve("meta.yaml"), """
            skew_profile:
              enabled: true
            skew_fit:
              enabled: %s
              per_tp:
                1:
                  alpha_default: 0.1
            """.formatted(skewed));
        return new LayerTimings(tables, LAYERS, tokens -> 0);
    }

    private static double micros(long picos) {
        return picos / 1e6;
    }

    @Test
    void aStepTakesWhatItsTablesSay(@TempDir Path folder) throws IOException {
        StepTime time = timings(folder, false, "sr<=40%").stepTime(BATCHING, EVEN, PROMPTS);
        for (int n : new int[] {1, 12, 16, 64}) {
            double dense = LAYERS * (9 + n) + 3 + 50;
            assertThat(micros(time.stepPicos(0, n, 1000L * n)))
                    .isCloseTo(dense + LAYERS * attention(0, 0, n, 1000), within(0.01));
        }
        double prompts = micros(time.prefillPicos(512, 0) + time.prefillPicos(1024, 0));
        double attention = attention(512, 0, 0, 0) + attention(1024, 0, 0, 0) - 2 * 5;
        assertThat(prompts).isCloseTo(LAYERS * (1536 + attention), within(0.001 * prompts));
    }

    @Test
    void anUnevenBatchTakesLongerByTheShareThatItsProfileMeasured(@TempDir Path folder) throws IOException {
        StepTime even = timings(folder, true, "sr<=40%").stepTime(BATCHING, EVEN, PROMPTS);
        StepTime uneven = timings(folder, true, "sr<=40%").stepTime(BATCHING, UNEVEN, PROMPTS);
        double more = 0.2 * 1e-3 * 16 * 2000; // to 3,000 tokens each
        assertThat(micros(uneven.stepPicos(0, 16, 16_000) - even.stepPicos(0, 16, 16_000)))
                .isCloseTo(LAYERS * more, within(0.01));
        assertThat(uneven.prefillPicos(512, 0)).isNotEqualTo(even.prefillPicos(512, 0));
    }

    @Test
    void aProfileThatDidNotMeasureUnevenBatchesIsTakenAsItIs(@TempDir Path folder) throws IOException {
        StepTime even = timings(folder, false, "sr<=40%").stepTime(BATCHING, EVEN, PROMPTS);
        StepTime uneven = timings(folder, false, "sr<=40%").stepTime(BATCHING, UNEVEN, PROMPTS);
        assertThat(uneven.stepPicos(0, 16, 16_000)).isEqualTo(even.stepPicos(0, 16, 16_000));
        assertThat(uneven.prefillPicos(512, 0)).isEqualTo(even.prefillPicos(512, 0));
    }

    @Test
    void aBoundThatCannotBeReadIsNamed(@TempDir Path folder) {
        assertThatThrownBy(() -> timings(folder, true, "many"))
                .isInstanceOf(ValidationException.class)
                .hasMessageContaining("\"many\" is no bound; expected for example");
    }

    @Test
    void aPreemptedSequenceFindsItsOwnBlocksAgain() {
        // 12 blocks; both need a seventh after 96 tokens: the newer one makes room and returns when the older has ended
        StepTime time =
                new StepTime(new long[] {1_000_000, 1_000_000, 1_000_000}, 1_000_000, 0, 0, 0, 0).withMaxBatch(2);
        Batching two = new Batching(2, 256, 16, true, false, true, 0, false);
        double with = latency(time, two, true);
        double without = latency(time, two, false);
        assertThat(without - with).isCloseTo(96e-6, within(17e-6)); // a token's computing takes a microsecond
    }

    private static double latency(StepTime time, Batching batching, boolean hashed) {
        List<Replay.Request> requests = List.of(
                new Replay.Request(0, 90, 12, hashed ? LayerCheck.contents(0, 102) : new long[0]),
                new Replay.Request(0, 90, 12, hashed ? LayerCheck.contents(1, 102) : new long[0]));
        Replay.Result result = Replay.run(time, batching, 12 * 16, requests);
        assertThat(result.preemptions()).isEqualTo(1);
        return result.latency()[1];
    }
}
