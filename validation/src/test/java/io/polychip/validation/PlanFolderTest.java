package io.polychip.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.planner.Search;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PlanFolderTest {
    /** Mélange's README example: whole slices cost 6.70, a bucket that may be split 4.68. */
    private static final String MELANGE = """
        {"cases": [{"id": "readme", "gpu_info": {
           "A10G": {"cost": 1.01, "tputs": [[2, 1], [5, 2]]},
           "A100": {"cost": 3.67, "tputs": [[20, 20], [40, 20]]}},
          "workload_distribution": [[0.2, 0.1], [0.5, 0.2]], "total_request_rate": 30,
          "expected": {"melange_ilp": {"cost": 6.7}, "continuous_split": {"cost": SPLIT}}}]}
        """;

    @TempDir
    private Path folder;

    private List<PlanCase> solve(String split, String solver) throws IOException {
        Files.writeString(folder.resolve("any-name.json"), MELANGE.replace("SPLIT", split));
        Files.writeString(folder.resolve("other.json"), "{\"unrelated\": true}");
        Files.writeString(folder.resolve("broken.json"), "{");
        return PlanFolder.solve(folder, Search.named(solver), each -> {});
    }

    @Test
    void melangesExampleCostsLessWhereABucketMayBeSplit() throws IOException {
        for (String solver : List.of("scip", "ojalgo")) {
            List<PlanCase> cases = solve("4.68", solver);
            assertThat(cases).hasSize(1);
            assertThat(cases.getFirst().costUsd()).isCloseTo(4.68, within(1e-6));
            assertThat(cases.getFirst().meets()).isTrue();
        }
    }

    @Test
    void aDearerPlanThanTheBestKnownFallsShort() throws IOException {
        assertThat(solve("4.67", "scip").getFirst().meets()).isFalse();
    }
}
