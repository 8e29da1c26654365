package io.polychip.load;

import io.polychip.performance.MeasuredStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the probes before the grid found out about an endpoint. Written by the measurement's loop only. */
final class Findings {
    int slots;
    int stepTokens;
    int longestPrompt;
    int mostConcurrency;

    @Nullable
    Boolean prefixCache;

    final List<CellResult> singles = new ArrayList<>();
    final List<MeasuredStep> steps = new ArrayList<>();
    final List<String> notes = new ArrayList<>();

    void note(String sentence) {
        if (!notes.contains(sentence)) {
            notes.add(sentence);
        }
    }

    void step(@Nullable MeasuredStep step) {
        if (step != null) {
            steps.add(step);
        }
    }

    /** One lone request as a point, for a first idea of how long things take. */
    void single(Answer answer, int outputTokens) {
        if (answer.ok() && answer.itlNanos() > 0 && answer.ttftNanos() > 0) {
            CellTally.Timing timing = new CellTally.Timing(
                    1,
                    (double) answer.ttftNanos(),
                    0,
                    (double) answer.itlNanos(),
                    answer.computedTokens(),
                    answer.completionTokens());
            Cell cell = new Cell(1, Math.max(1, answer.computedTokens()), outputTokens);
            singles.add(new CellResult(cell, timing, null, 0, Map.of(), 0, answer.e2eNanos() / 1e9, null));
        }
    }
}
