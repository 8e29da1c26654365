package io.polychip.fleet;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Timing of a deployment as the catalogue or a measurement states it: coefficients of the step-time form in
 * {@code performance}, in picoseconds, and where they come from.
 *
 * @param model chip, precision, engine (name only matters when the version is empty), tensor and pipeline: the key
 * @param batchSizes ascending sizes at which {@code stepPicos} was taken; between them it is interpolated
 * @param stepPicos time of a decode step of that many sequences with an empty cache
 * @param prefillTokenPicos per new prompt token
 * @param pairPicos per (new token, token it attends to)
 * @param kvTokenPicos per cached token read in a step
 * @param arrivalPicos once per request
 * @param floorPicos least time of a step that carries prefill (weights are read once)
 * @param maxSequences sequences decoded at once, 0: the engine's default
 * @param stepTokens new tokens one step may carry (chunked prefill), 0: the engine's default
 * @param kvTokens cache capacity of one replica, 0: from memory arithmetic
 * @param band one-sigma relative error of predictions, 0.1 = 10 %
 */
public record ProfileEntry(
        String model,
        String chip,
        Precision precision,
        EngineRelease engine,
        Layout layout,
        List<Integer> batchSizes,
        List<Long> stepPicos,
        long prefillTokenPicos,
        long pairPicos,
        long kvTokenPicos,
        long arrivalPicos,
        long floorPicos,
        int maxSequences,
        int stepTokens,
        long kvTokens,
        double band,
        @Nullable String note,
        Source source) {
    public ProfileEntry {
        batchSizes = List.copyOf(batchSizes);
        stepPicos = List.copyOf(stepPicos);
    }

    /**
     * Time of a decode step of that many sequences with an empty cache: linear between the points and beyond the last.
     */
    public long stepPicosAt(int sequences) {
        int right = 1;
        while (right < batchSizes.size() - 1 && batchSizes.get(right) < sequences) {
            right++;
        }
        if (batchSizes.size() == 1 || sequences <= batchSizes.getFirst()) {
            return stepPicos.getFirst();
        }
        int left = right - 1;
        double slope =
                (stepPicos.get(right) - stepPicos.get(left)) / (double) (batchSizes.get(right) - batchSizes.get(left));
        return stepPicos.get(left) + Math.round(slope * (sequences - batchSizes.get(left)));
    }
}
