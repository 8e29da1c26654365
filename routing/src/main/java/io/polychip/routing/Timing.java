package io.polychip.routing;

import io.polychip.performance.Profile;
import io.polychip.performance.StepTime;

/**
 * A profile as deciding needs it: predictions in nanoseconds for one replica of a pool, before any learned correction.
 *
 * <p>The form is {@link StepTime}'s. First token: what is still to be prefilled there, then the own prompt, in chunks
 * that each carry a decode step of the running batch. Between tokens: the step of the batch with this request in it,
 * plus the prefill work that newcomers inject into each step. Immutable, O(1) per prediction.
 */
final class Timing {
    private final StepTime steps;
    private final double[] stepNanos;
    private final double kvNanos;
    private final double floorNanos;
    private final double arrivalNanos;
    private final int stepTokens;
    private final boolean chunked;
    private final long kvCapacity;

    Timing(Profile profile) {
        steps = profile.stepTime();
        stepNanos = new double[Math.min(steps.maxBatch(), profile.maxSequences()) + 1];
        for (int n = 0; n < stepNanos.length; n++) {
            stepNanos[n] = steps.stepPicos(0, n, 0) / 1e3;
        }
        kvNanos = (steps.stepPicos(0, 1, 1_000_000) - steps.stepPicos(0, 1, 0)) / 1e9;
        floorNanos = steps.stepPicos(1, 0, 0) / 1e3;
        arrivalNanos = steps.arrivalPicos() / 1e3;
        stepTokens = Math.max(1, profile.stepTokens());
        chunked = profile.chunkedPrefill();
        kvCapacity = Math.max(1, profile.kvTokens());
    }

    int maxBatch() {
        return stepNanos.length - 1;
    }

    long kvCapacity() {
        return kvCapacity;
    }

    /** Prefill work of a prompt whose first {@code cached} tokens are kept, without the steps that carry it. */
    double prefillNanos(int promptTokens, int cached) {
        return steps.prefillPicos(promptTokens - (long) cached, cached) / 1e3;
    }

    /**
     * Arrival to first token.
     *
     * @param running sequences decoding there now
     * @param kvTokens cache tokens they hold
     * @param backlogTokens prompt tokens of others that come first
     * @param backlogNanosPerToken their prefill cost
     * @param prefillNanos {@link #prefillNanos} of the same prompt
     */
    double ttftNanos(
            double running,
            double kvTokens,
            double backlogTokens,
            double backlogNanosPerToken,
            int promptTokens,
            int cached,
            double prefillNanos) {
        double step = step(running) + kvNanos * Math.min(kvTokens, (double) kvCapacity);
        double tokens = backlogTokens + promptTokens - cached;
        double chunk = Math.max(stepTokens * 0.25, stepTokens - running);
        double carried = chunked ? Math.ceil(tokens / chunk) : 1 + Math.ceil(backlogTokens / Math.max(1, promptTokens));
        double work = backlogTokens * backlogNanosPerToken + prefillNanos;
        double underway = running >= 1 ? step / 2 : 0;
        return arrivalNanos + underway + Math.max(work + carried * step, carried * floorNanos);
    }

    /**
     * Mean time between tokens with {@code running} sequences in the batch, this one included.
     *
     * <p>In a steady state each step of {@code n} sequences brings {@code n / output} new prompts.
     *
     * @param prefillPerToken prefill work of a usual prompt over the tokens of a usual answer
     */
    double itlNanos(double running, double kvTokens, double prefillPerToken) {
        return step(running) + kvNanos * Math.min(kvTokens, (double) kvCapacity) + running * prefillPerToken;
    }

    /** Chip time one request takes of a replica that runs at {@code batch}, times 1 replica. */
    double replicaNanos(int promptTokens, int cached, double outputTokens, int batch) {
        return prefillNanos(promptTokens, cached) + outputTokens * perTokenNanos(promptTokens, outputTokens, batch);
    }

    /** The part of {@link #replicaNanos} that each token of the answer takes. */
    double perTokenNanos(int promptTokens, double outputTokens, int batch) {
        return step(batch) / batch + kvNanos * (promptTokens + outputTokens / 2);
    }

    /**
     * Most sequences at which the inter-token objective still holds, newcomers' prefill included; at least 1.
     *
     * @param allowedNanos already divided by the learned correction
     */
    int knee(double allowedNanos, double meanPrompt, double meanOutput) {
        double perSequence = Math.max(1, meanPrompt + meanOutput / 2);
        int fits = (int) Math.clamp(kvCapacity / perSequence, 1, maxBatch());
        double prefill = prefillNanos((int) meanPrompt, 0) / Math.max(1, meanOutput);
        int low = 1;
        int high = fits;
        while (low < high) {
            int n = (low + high + 1) >>> 1;
            if (itlNanos(n, n * perSequence, prefill) <= allowedNanos) {
                low = n;
            } else {
                high = n - 1;
            }
        }
        return low;
    }

    /** Whether even a single sequence stays within the inter-token objective. */
    boolean canMeet(double itlNanos) {
        return stepNanos[Math.min(1, maxBatch())] <= itlNanos;
    }

    private double step(double running) {
        int n = (int) Math.ceil(running);
        return stepNanos[Math.clamp(n, 0, maxBatch())];
    }
}
