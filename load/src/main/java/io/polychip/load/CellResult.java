package io.polychip.load;

import io.polychip.performance.MeasuredPoint;
import io.polychip.performance.MeasuredStep;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a cell's run brought.
 *
 * @param step bare decode steps seen on the way; null for too few
 * @param failures what went wrong, in the endpoint's words where it had any, and how often
 * @param early answers that ended well before their wanted length
 * @param dropped why the cell counts for nothing; null when it counts
 */
record CellResult(
        Cell cell,
        CellTally.Timing timing,
        @Nullable MeasuredStep step,
        int failed,
        Map<String, Integer> failures,
        int early,
        double seconds,
        @Nullable String dropped) {
    MeasuredPoint point(String source) {
        return new MeasuredPoint(
                cell.concurrency(),
                (int) Math.max(1, Math.round(timing.promptTokens())),
                (int) Math.max(2, Math.round(timing.completionTokens())),
                Math.max(1, Math.round(timing.ttftNanos())),
                Math.max(1, Math.round(timing.itlNanos())),
                source);
    }

    /** The cell as it really was, for a simulation of the same. */
    Cell asMeasured() {
        return new Cell(cell.concurrency(), (int) Math.max(1, Math.round(timing.promptTokens())), (int)
                Math.max(2, Math.round(timing.completionTokens())));
    }
}
