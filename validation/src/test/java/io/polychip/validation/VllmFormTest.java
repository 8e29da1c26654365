package io.polychip.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.CatalogueReader;
import io.polychip.performance.LeastSquares;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class VllmFormTest {
    private static final String HEADER =
            "experiment,model,hardware,tp,precision,max_num_batched_tokens,workload,stage,metric,measured\n";

    private static VllmRun run(Path folder, String model, String precision, int tensor) throws IOException {
        Path file = folder.resolve("run.csv");
        Files.writeString(
                file,
                HEADER
                        + "1-general-lite-1,%s,H100,%d,%s,2048,general,0,e2e_mean,1\n"
                                .formatted(model, tensor, precision));
        return VllmRun.read(file, CatalogueReader.shipped()).getFirst();
    }

    private static double alphaMillis(VllmRun run, int sequences) {
        return run.stepTime(VllmForm.expected()).alphaPicos(sequences) / 1e9;
    }

    @Test
    void aModelThatSortsItsVocabularySlowsDownWithItsBatchAsAnotherDoesNot(@TempDir Path folder) throws IOException {
        VllmRun nemo = run(folder, "mistralai/Mistral-Nemo-Instruct-2407", "FP16", 1);
        VllmRun llama = run(folder, "meta-llama/Llama-3.1-8B-Instruct", "FP16", 1);
        assertThat(nemo.served().nucleus()).isFalse();
        assertThat(llama.served().nucleus()).isTrue();
        double own = 0.3e-6 * 32; // seconds for each sequence in the layers
        double sorting = 600 * 128256 / 3350e9;
        assertThat(alphaMillis(llama, 101) - alphaMillis(llama, 1)).isCloseTo(1e5 * (own + sorting), within(1e-6));
        assertThat(alphaMillis(nemo, 101) - alphaMillis(nemo, 1)).isCloseTo(1e5 * 0.3e-6 * 40, within(1e-6));
    }

    @Test
    void eachTensorRankSortsAllOfTheVocabulary(@TempDir Path folder) throws IOException {
        int sorted = VllmForm.Term.SORTED_BYTES.ordinal();
        String llama = "meta-llama/Llama-3.1-70B-Instruct";
        double four = VllmForm.stepTerms(run(folder, llama, "FP16", 4).served(), 16, 0)[sorted];
        double eight = VllmForm.stepTerms(run(folder, llama, "FP16", 8).served(), 16, 0)[sorted];
        assertThat(eight).isEqualTo(four).isPositive();
    }

    @Test
    void expertsAreReadAsFarAsABatchAndItsPaddingChooseThem(@TempDir Path folder) throws IOException {
        VllmRun mixtral = run(folder, "mistralai/Mixtral-8x7B-v0.1", "FP16", 2);
        int weights = VllmForm.Term.WEIGHTS.ordinal();
        double one = VllmForm.stepTerms(mixtral.served(), 1, 0)[weights];
        double ten = VllmForm.stepTerms(mixtral.served(), 10, 0)[weights];
        double all = VllmForm.stepTerms(mixtral.served(), 1000, 0)[weights];
        double active = 2.0 * (12_879_925_248L - 32_000L * 4096) / 6700e9; // without the input embedding
        assertThat(one).isCloseTo(active, within(0.01 * active));
        assertThat((all - ten) / (all - one)).isCloseTo(Math.pow(0.75, 13.5) / 0.75, within(1e-9));
    }

    @Test
    void aCheckpointThatKeepsItsAttentionWideIsReadLongerAndLeavesLessRoom(@TempDir Path folder) throws IOException {
        VllmRun wide = run(folder, "RedHatAI/Llama-4-Scout-17B-16E-Instruct-FP8-dynamic", "FP8", 2);
        VllmRun narrow = run(folder, "meta-llama/Llama-4-Scout-17B-16E-Instruct", "FP8", 2);
        double bytes = 48.0 * 5120 * 12_288;
        double longer = 1.12 * bytes / 6700e9;
        assertThat(alphaMillis(wide, 1) - alphaMillis(narrow, 1)).isCloseTo(1e3 * longer, within(1e-6));
        double tokens = bytes / 2 / 98_304; // of one rank's cache
        assertThat((double) narrow.kvTokens() - wide.kvTokens()).isCloseTo(tokens, within(16.0));
    }

    @Test
    void manyStagesOfOneModelDoNotOutweighWhatIsExpected() {
        double once = drawn(1);
        double often = drawn(12);
        // one model may be 8 % off as a whole: a single stage adds 3 % of its own to that, twelve nearly none
        assertThat(once).isCloseTo(0.9 + 0.1 * 0.64 / (0.64 + 0.64 + 0.09), within(1e-9));
        assertThat(often).isCloseTo(0.9 + 0.1 * 0.64 / (0.64 + 0.64 + 0.09 / 12), within(1e-9));
    }

    /** An unknown, expected to be 0.9 give or take 0.08, of which so many stages of one model say 1. */
    private static double drawn(int stages) {
        LeastSquares squares = new LeastSquares(1);
        squares.add(new double[] {1}, 0.9, 0.08);
        VllmCheck.addCorrelated(squares, Collections.nCopies(stages, new double[] {1}));
        return squares.solve()[0];
    }

    private static double metric(VllmRun.Simulated simulated, int stage, String metric) {
        return simulated.metrics().getOrDefault(stage + "/" + metric, Double.NaN);
    }

    @Test
    void aFitComesNearerToTheFormThatMadeTheRuns(@TempDir Path folder) throws IOException {
        double[] truth = VllmForm.expected();
        for (VllmForm.Term term : VllmForm.Term.values()) {
            truth[term.ordinal()] += term.sigma;
        }
        StringBuilder rows = new StringBuilder(HEADER);
        for (String model : List.of(
                "mistralai/Mistral-Nemo-Instruct-2407",
                "meta-llama/Llama-3.1-8B-Instruct",
                "Qwen/Qwen2.5-7B-Instruct")) {
            VllmRun run = run(folder, model, "FP16", 1);
            VllmRun.Simulated simulated = run.simulate(run.stepTime(truth), 3);
            for (int stage = -1; stage < run.stages(); stage++) {
                for (String metric : VllmCheck.METRICS) {
                    rows.append("%s-general-lite-1,%s,H100,1,FP16,2048,general,%d,%s,%s\n"
                            .formatted(
                                    model.substring(model.indexOf('/') + 1),
                                    model,
                                    stage,
                                    metric,
                                    1e3 * metric(simulated, stage, metric)));
                }
            }
        }
        Path file = folder.resolve("runs.csv");
        Files.writeString(file, rows);
        List<VllmRun> runs = VllmRun.read(file, CatalogueReader.shipped());
        double before = VllmCheck.errors(runs, VllmForm.expected()).getOrDefault("e2e_mean", Double.NaN);
        double after = VllmCheck.errors(runs, VllmCheck.fit(runs, -1)).getOrDefault("e2e_mean", Double.NaN);
        assertThat(before).isGreaterThan(4);
        assertThat(after).isLessThan(0.7 * before);
    }
}
