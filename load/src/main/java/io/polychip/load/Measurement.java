package io.polychip.load;

import io.polychip.fleet.ProfileEntry;
import io.polychip.performance.Profile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A measured endpoint.
 *
 * @param entry its profile, as a fleet file takes it
 * @param profile the same, compiled
 * @param slots answers it generates at once, 0: at least as many as were tried
 * @param stepTokens new tokens it computes in one step, 0: no prompt tried was cut
 * @param prefixCache whether it keeps prompts; null: not to be seen
 * @param templateTokens what its chat template adds to a prompt
 * @param points every cell tried, in that order
 * @param notes caveats, each a sentence
 */
public record Measurement(
        String model,
        ProfileEntry entry,
        Profile profile,
        int slots,
        int stepTokens,
        @Nullable Boolean prefixCache,
        double tokensPerWord,
        double templateTokens,
        List<Point> points,
        List<String> notes,
        long requests,
        long tokens,
        double seconds) {
    public Measurement {
        points = List.copyOf(points);
        notes = List.copyOf(notes);
    }

    /**
     * One cell: what was measured, and what the simulator says with the profile.
     *
     * @param heldOut not fitted on
     * @param scatter standard error of the measured time to first token, as a share of it
     * @param failed requests that failed
     * @param dropped why it counts for nothing; null when it counts; the times are then 0
     */
    public record Point(
            int concurrency,
            int promptTokens,
            int outputTokens,
            int answers,
            boolean heldOut,
            double ttftNanos,
            double scatter,
            double itlNanos,
            double predictedTtftNanos,
            double predictedItlNanos,
            int failed,
            @Nullable String dropped) {
        public double ttftError() {
            return predictedTtftNanos / ttftNanos - 1;
        }

        public double itlError() {
            return predictedItlNanos / itlNanos - 1;
        }
    }

    /** Errors at points not fitted on, or at those fitted on. */
    public Score ttft(boolean heldOut) {
        return Score.of(points.stream()
                .filter(point -> point.dropped() == null && point.heldOut() == heldOut)
                .mapToDouble(Point::ttftError));
    }

    public Score itl(boolean heldOut) {
        return Score.of(points.stream()
                .filter(point -> point.dropped() == null && point.heldOut() == heldOut)
                .mapToDouble(Point::itlError));
    }
}
