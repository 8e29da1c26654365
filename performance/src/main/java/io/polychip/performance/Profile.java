package io.polychip.performance;

import io.polychip.fleet.Deployment;
import io.polychip.fleet.Source;

/**
 * How one replica of a deployment behaves: its timing, what it can hold, and how sure we are.
 *
 * @param kvTokens cache capacity in tokens, whole blocks
 * @param blockTokens tokens per cache block
 * @param stepTokens new tokens one step may carry
 * @param chunkedPrefill false: a prompt is prefilled whole, and decoding waits for it
 * @param staticBatch true: the step always costs what its full compiled batch costs (Neuron)
 * @param band one-sigma relative error of a prediction
 */
public record Profile(
        Deployment deployment,
        StepTime stepTime,
        long kvTokens,
        int blockTokens,
        int stepTokens,
        boolean chunkedPrefill,
        boolean staticBatch,
        double band,
        Source source) {}
