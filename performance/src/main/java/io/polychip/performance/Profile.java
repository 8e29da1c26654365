package io.polychip.performance;

import io.polychip.fleet.Deployment;
import io.polychip.fleet.Source;

/**
 * How one replica of a deployment behaves: its timing, what it can hold, and how sure we are.
 *
 * @param kvTokens cache capacity in tokens, whole blocks
 * @param band one-sigma relative error of a prediction
 */
public record Profile(
        Deployment deployment,
        StepTime stepTime,
        Batching batching,
        long kvTokens,
        double band,
        Evidence evidence,
        Source source) {
    /** What the figures rest on, best first. */
    public enum Evidence {
        /** Measured on exactly this deployment. */
        MEASURED,
        /** Measured on the same deployment with another release of its engine. */
        OTHER_RELEASE,
        /** Computed from related figures, or from chip and model with coefficients fitted to other deployments. */
        ESTIMATED,
        /** Published speed of a provider's stream; its batches are not ours to see. */
        PUBLISHED_SPEED
    }

    public Profile {
        if (stepTime.maxBatch() < batching.maxSequences()) {
            throw new ProfileException("The step table ends at %d sequences but the engine decodes %d at once."
                    .formatted(stepTime.maxBatch(), batching.maxSequences()));
        }
        if (kvTokens < batching.blockTokens()) {
            throw new ProfileException(
                    "A cache of %d tokens does not hold one block of %d.".formatted(kvTokens, batching.blockTokens()));
        }
    }

    public int maxSequences() {
        return batching.maxSequences();
    }

    public int blockTokens() {
        return batching.blockTokens();
    }

    public int stepTokens() {
        return batching.stepTokens();
    }

    public boolean chunkedPrefill() {
        return batching.chunkedPrefill();
    }

    public boolean staticBatch() {
        return batching.staticBatch();
    }
}
