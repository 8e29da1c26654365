package io.polychip.performance;

/**
 * How an engine forms its steps, apart from how long they take.
 *
 * @param maxSequences sequences it decodes at once
 * @param stepTokens new tokens one step may carry, decoding sequences included; only of meaning with chunked prefill
 * @param blockTokens tokens per cache block
 * @param chunkedPrefill false: a prompt is prefilled whole, alone in its step, and decoding waits for it
 * @param staticBatch a decode step always costs what the full compiled batch costs (Neuron)
 * @param prefixCache cache blocks of earlier requests are used again
 * @param promptBucketTokens prompts are padded to this length, its double, its quadruple and so on (compiled shapes of
 *     Neuron and XLA); 0: not padded
 * @param schedulesAhead the next step is formed as the present one begins, so that the chip never waits for its host
 *     (asynchronous scheduling, overlap scheduler); who arrives in between joins a step later
 */
public record Batching(
        int maxSequences,
        int stepTokens,
        int blockTokens,
        boolean chunkedPrefill,
        boolean staticBatch,
        boolean prefixCache,
        int promptBucketTokens,
        boolean schedulesAhead) {
    /** An engine that forms a step when it begins. */
    public Batching(
            int maxSequences,
            int stepTokens,
            int blockTokens,
            boolean chunkedPrefill,
            boolean staticBatch,
            boolean prefixCache,
            int promptBucketTokens) {
        this(
                maxSequences,
                stepTokens,
                blockTokens,
                chunkedPrefill,
                staticBatch,
                prefixCache,
                promptBucketTokens,
                false);
    }

    public Batching {
        if (maxSequences < 1 || maxSequences > 1 << 16) {
            throw new ProfileException("maxSequences (%d) is outside 1 to 65536.".formatted(maxSequences));
        }
        if (blockTokens < 1) {
            throw new ProfileException(
                    "blockTokens (%d) must be at least 1; engines use 16 to 128.".formatted(blockTokens));
        }
        if (chunkedPrefill && stepTokens < maxSequences) {
            throw new ProfileException(
                    ("stepTokens (%d) is less than maxSequences (%d): not every sequence could decode in"
                                    + " each step. Maybe raise stepTokens to %d.")
                            .formatted(stepTokens, maxSequences, maxSequences));
        }
        if (promptBucketTokens < 0) {
            throw new ProfileException(
                    "promptBucketTokens (%d) is negative; 0 means not padded.".formatted(promptBucketTokens));
        }
    }

    /** How an engine batches when nobody configures it; an unknown one as vLLM does, like most. */
    public static Batching of(String engine) {
        return Dialect.of(engine).batching();
    }

    public Batching withMaxSequences(int sequences) {
        return new Batching(
                sequences,
                Math.max(stepTokens, sequences),
                blockTokens,
                chunkedPrefill,
                staticBatch,
                prefixCache,
                promptBucketTokens,
                schedulesAhead);
    }

    public Batching withStepTokens(int tokens) {
        return new Batching(
                maxSequences,
                tokens,
                blockTokens,
                chunkedPrefill,
                staticBatch,
                prefixCache,
                promptBucketTokens,
                schedulesAhead);
    }

    /** What a chunk of that many prompt tokens is computed as. */
    public long paddedTokens(long tokens) {
        if (promptBucketTokens == 0) {
            return tokens;
        }
        long bucket = promptBucketTokens;
        while (bucket < tokens) {
            bucket *= 2;
        }
        return bucket;
    }
}
