package io.polychip.llama;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The key-value memory of several sequences and one batch that advances them together.
 *
 * <p>The memory is divided evenly ({@code kv_unified = false}): a sequence then gives the very tokens it would give
 * alone, which a shared buffer does not. One thread at a time.
 */
final class LlamaContext implements AutoCloseable {
    private final LlamaModel model;
    private final LlamaLibrary library;
    private final Arena arena = Arena.ofShared(); // opened by one thread, used by another
    private final MemorySegment context;
    private final MemorySegment memory;
    private final int sequences;
    private final int batchCapacity;
    private final int tokensPerSequence;

    private final MemorySegment batch;
    private final MemorySegment tokens;
    private final MemorySegment positions;
    private final MemorySegment sequencesOfEntries;
    private final MemorySegment outputs;
    private int count;

    LlamaContext(LlamaModel model, int sequences, int tokensPerSequence, int batchCapacity, int threads) {
        this.model = model;
        this.library = model.library();
        this.sequences = sequences;
        this.batchCapacity = batchCapacity;
        library.log().forget();
        MemorySegment params = library.contextDefaultParams(arena);
        params.set(JAVA_INT, Structs.CONTEXT_TOKENS, Math.multiplyExact(sequences, tokensPerSequence));
        params.set(JAVA_INT, Structs.CONTEXT_BATCH, batchCapacity);
        params.set(JAVA_INT, Structs.CONTEXT_MICRO_BATCH, batchCapacity);
        params.set(JAVA_INT, Structs.CONTEXT_SEQUENCES, sequences);
        params.set(JAVA_INT, Structs.CONTEXT_THREADS, threads);
        params.set(JAVA_INT, Structs.CONTEXT_BATCH_THREADS, threads);
        params.set(JAVA_BYTE, Structs.CONTEXT_UNIFIED_KV, (byte) 0);
        context = library.initFromModel(model.pointer(), params);
        if (context.address() == 0) {
            arena.close();
            throw new LlamaException("No context of %d x %d tokens: %s. Maybe take fewer slots or a shorter context."
                    .formatted(sequences, tokensPerSequence, library.log().latestError()));
        }
        memory = library.memory(context);
        this.tokensPerSequence = Math.min(tokensPerSequence, library.contextTokensPerSequence(context));

        tokens = arena.allocate(JAVA_INT, batchCapacity);
        positions = arena.allocate(JAVA_INT, batchCapacity);
        outputs = arena.allocate(JAVA_BYTE, batchCapacity);
        sequencesOfEntries = arena.allocate(JAVA_INT, batchCapacity);
        batch = arena.allocate(Structs.BATCH);
        layOutBatch();
    }

    /** Every entry belongs to exactly one sequence, so the pointers to the lists of sequences never change. */
    private void layOutBatch() {
        MemorySegment counts = arena.allocate(JAVA_INT, batchCapacity);
        MemorySegment lists = arena.allocate(ADDRESS, batchCapacity);
        for (int i = 0; i < batchCapacity; i++) {
            counts.setAtIndex(JAVA_INT, i, 1);
            lists.setAtIndex(ADDRESS, i, sequencesOfEntries.asSlice((long) i * Integer.BYTES));
        }
        batch.set(ADDRESS, Structs.BATCH_TOKENS, tokens);
        batch.set(ADDRESS, Structs.BATCH_POSITIONS, positions);
        batch.set(ADDRESS, Structs.BATCH_SEQUENCE_COUNTS, counts);
        batch.set(ADDRESS, Structs.BATCH_SEQUENCES, lists);
        batch.set(ADDRESS, Structs.BATCH_OUTPUTS, outputs);
    }

    int tokensPerSequence() {
        return tokensPerSequence;
    }

    int batchCapacity() {
        return batchCapacity;
    }

    void clearBatch() {
        count = 0;
    }

    int batchCount() {
        return count;
    }

    /**
     * Puts one token into the batch and returns its entry.
     *
     * @param position how many tokens the sequence has before it
     * @param output whether its logits are wanted
     */
    int add(int token, int position, int sequence, boolean output) {
        if (count >= batchCapacity) {
            throw new IllegalStateException("batch full: capacity %d".formatted(batchCapacity));
        }
        if (token < 0 || token >= model.vocabSize()) {
            throw new IllegalArgumentException("token %d is not in 0..%d".formatted(token, model.vocabSize() - 1));
        }
        if (position < 0 || position >= tokensPerSequence) {
            throw new IllegalArgumentException("position %d is not below %d".formatted(position, tokensPerSequence));
        }
        checkSequence(sequence);
        tokens.setAtIndex(JAVA_INT, count, token);
        positions.setAtIndex(JAVA_INT, count, position);
        sequencesOfEntries.setAtIndex(JAVA_INT, count, sequence);
        outputs.set(JAVA_BYTE, count, (byte) (output ? 1 : 0));
        return count++;
    }

    /** Computes the batch. False if llama.cpp refused it; its sequences are then to be forgotten. */
    boolean decode() {
        if (count == 0) {
            throw new IllegalStateException("empty batch");
        }
        batch.set(JAVA_INT, Structs.BATCH_COUNT, count);
        return library.decode(context, batch) == 0;
    }

    /** Copies the logits of an entry whose output was wanted. */
    void logits(int entry, float[] into) {
        if (entry < 0 || entry >= count || outputs.get(JAVA_BYTE, entry) == 0) {
            throw new IllegalArgumentException("entry %d of %d has no output".formatted(entry, count));
        }
        MemorySegment.copy(library.logitsAt(context, entry, into.length), JAVA_FLOAT, 0, into, 0, into.length);
    }

    /** Forgets a sequence from a position on. False if only all of it can be forgotten; then nothing was. */
    boolean forget(int sequence, int fromPosition) {
        checkSequence(sequence);
        return library.memoryRemove(memory, sequence, fromPosition, -1);
    }

    private void checkSequence(int sequence) {
        if (sequence < 0 || sequence >= sequences) {
            throw new IllegalArgumentException("sequence %d is not in 0..%d".formatted(sequence, sequences - 1));
        }
    }

    @Override
    public void close() {
        library.contextFree(context);
        arena.close();
    }
}
