package io.polychip.simulator;

import io.polychip.performance.Batching;
import io.polychip.performance.StepTime;

/**
 * Who computes what in a step: admission, cache blocks and eviction of one engine. Knows no time but the order of
 * arrivals; {@link Engine} says when. The rules are in {@link Engine}'s description.
 */
final class Batch {
    /** Told of a sequence that is thrown out of the batch, just after it was. */
    interface Evictions {
        void evicted(int slot);
    }

    private static final long[] NO_HASHES = {};

    final Sequences sequences = new Sequences();
    final BlockPool blocks;
    final DecodeGroup decoding;

    private final Batching batching;

    /** Blocks, and tokens, one hash stands for. */
    private final int unitBlocks;

    private final int unitTokens;

    /** The step formed last: whether the decode group is in it, the prompts it carries and what those cost. */
    private boolean decodes;

    private final int[] chunkSlot;
    private final int[] chunkTokens;
    private int chunks;
    private long prefillPicos;

    /** The running sequence whose prompt is unfinished. */
    private int unfinished = Sequences.NONE;

    /**
     * The head of the queue was tried and is not tried again before somebody leaves; {@link #headHits} of its blocks
     * are cached.
     */
    private boolean headBlocked;

    private int headHits;

    Batch(Batching batching, long kvTokens, int hashBlocks) {
        this.batching = batching;
        this.unitBlocks = hashBlocks;
        this.unitTokens = hashBlocks * batching.blockTokens();
        this.blocks = new BlockPool(kvTokens / batching.blockTokens(), hashBlocks);
        this.decoding = new DecodeGroup(sequences, batching.blockTokens());
        this.chunkSlot = new int[batching.maxSequences()];
        this.chunkTokens = new int[batching.maxSequences()];
    }

    boolean fits(int promptTokens, int outputTokens) {
        return blocksFor((long) promptTokens + Math.max(outputTokens, 1) - 1) <= blocks.total();
    }

    void open(long id, int promptTokens, int outputTokens, long[] blockHashes, long eligible) {
        sequences.open(id, promptTokens, outputTokens, batching.prefixCache() ? blockHashes : NO_HASHES, eligible);
    }

    boolean decodes() {
        return decodes;
    }

    /** Nothing is in the step. */
    boolean isEmpty() {
        return !decodes && chunks == 0;
    }

    /** The next steps are the same as this one until somebody finishes, arrives or runs out of blocks. */
    boolean isSteady() {
        return chunks == 0 && decodes && decoding.size() > 0 && (sequences.waiting.size == 0 || headBlocked);
    }

    /** New arrivals cannot change the next steps: they queue behind one that is blocked. */
    boolean isHeadBlocked() {
        return headBlocked;
    }

    int chunks() {
        return chunks;
    }

    long prefillPicos() {
        return prefillPicos;
    }

    /** Forms the next step of those that have arrived. */
    void form(StepTime stepTime, Evictions evictions) {
        prefillPicos = 0;
        chunks = 0;
        if (batching.chunkedPrefill()) {
            formChunked(stepTime, evictions);
        } else {
            formWhole(stepTime, evictions);
        }
    }

    private void formChunked(StepTime stepTime, Evictions evictions) {
        boolean roomForAll = takeForDecoding(evictions);
        int budget = batching.stepTokens() - decoding.size();
        if (unfinished != Sequences.NONE) {
            int slot = unfinished;
            int chunk = Math.min(known(slot) - sequences.computed[slot], budget);
            long need = blocksFor(sequences.computed[slot] + chunk) - blocksFor(sequences.computed[slot]);
            if (need > blocks.free()) {
                evict(slot, evictions);
                roomForAll = false;
            } else {
                blocks.take(need);
                schedule(slot, chunk, stepTime);
                budget -= chunk;
            }
        }
        while (roomForAll && budget > 0 && admissible(budget)) {
            int slot = sequences.waiting.head;
            int chunk = admit(slot, budget);
            schedule(slot, chunk, stepTime);
            budget -= chunk;
        }
    }

    /** One waiting prompt alone, else a decode step. */
    private void formWhole(StepTime stepTime, Evictions evictions) {
        decodes = false;
        if (admissible(Integer.MAX_VALUE)) {
            int slot = sequences.waiting.head;
            schedule(slot, admit(slot, Integer.MAX_VALUE), stepTime);
        } else {
            takeForDecoding(evictions);
        }
    }

    /** Gives each decoding sequence its place for one more token; false when somebody had to be thrown out for it. */
    private boolean takeForDecoding(Evictions evictions) {
        long need = decoding.blocksForNext(1, false);
        boolean room = need <= blocks.free();
        if (room) {
            blocks.take(need);
        } else {
            takeByEvicting(evictions);
        }
        decodes = decoding.size() > 0;
        return room;
    }

    private void takeByEvicting(Evictions evictions) {
        for (int slot = sequences.running.head; slot != Sequences.NONE; slot = sequences.next(slot)) {
            if (!sequences.decoding(slot) || !decoding.crosses(slot)) {
                continue;
            }
            while (blocks.free() == 0) {
                int newest = sequences.running.tail;
                evict(newest, evictions);
                if (newest == slot) {
                    return;
                }
            }
            blocks.take(1);
        }
    }

    /** Back to the front of the queue, to be computed anew. */
    private void evict(int slot, Evictions evictions) {
        release(slot, false);
        sequences.computed[slot] = 0;
        sequences.moveToFront(slot, sequences.waiting);
        evictions.evicted(slot);
    }

    /** Whether the head of the queue can run now with that many tokens; remembers it when it cannot. */
    private boolean admissible(int budget) {
        if (sequences.waiting.size == 0 || headBlocked) {
            return false;
        }
        if (sequences.running.size == batching.maxSequences()) {
            headBlocked = true;
            return false;
        }
        int slot = sequences.waiting.head;
        int hits = lookUp(slot);
        long idleHits = 0;
        for (int i = 0; i < hits; i++) {
            idleHits += blocks.isIdle(sequences.entries[slot][i]) ? 1 : 0;
        }
        headHits = hits;
        long need = blocksFor(reused(hits) + chunk(slot, hits, budget)) + (idleHits - hits) * unitBlocks;
        headBlocked = need > blocks.free();
        return !headBlocked;
    }

    /** Moves the admissible head of the queue into the batch. @return prompt tokens it computes in this step */
    private int admit(int slot, int budget) {
        int hits = headHits;
        for (int i = 0; i < hits; i++) {
            blocks.acquire(sequences.entries[slot][i]);
        }
        sequences.indexed[slot] = hits;
        sequences.shared[slot] = hits;
        int chunk = chunk(slot, hits, budget);
        blocks.take(blocksFor(reused(hits) + chunk) - (long) hits * unitBlocks);
        sequences.computed[slot] = reused(hits);
        if (sequences.cached[slot] == Sequences.NONE) {
            sequences.cached[slot] = reused(hits);
        }
        sequences.move(slot, sequences.running);
        return chunk;
    }

    /** Finds the leading blocks that are cached; the last token is always computed: its result is what is wanted. */
    private int lookUp(int slot) {
        long[] hashes = sequences.hashes[slot];
        int most = Math.min(hashes.length, (known(slot) - 1) / unitTokens);
        for (int i = 0; i < most; i++) {
            int entry = blocks.find(hashes[i]);
            if (entry == BlockPool.NONE) {
                return i;
            }
            sequences.entries[slot][i] = entry;
        }
        return most;
    }

    private int reused(int hits) {
        return hits * unitTokens;
    }

    private int chunk(int slot, int hits, int budget) {
        return Math.min(known(slot) - reused(hits), budget);
    }

    private void schedule(int slot, int chunk, StepTime stepTime) {
        chunkSlot[chunks] = slot;
        chunkTokens[chunks++] = chunk;
        int after = sequences.computed[slot] + chunk;
        unfinished = after < known(slot) ? slot : Sequences.NONE;
        publish(slot, after);
        prefillPicos += stepTime.prefillPicos(batching.paddedTokens(chunk), sequences.computed[slot]);
    }

    /**
     * The step has ended: enters what its {@code index}-th prompt piece computed.
     *
     * @return its sequence if that finished its prompt, else {@link Sequences#NONE}
     */
    int computed(int index) {
        int slot = chunkSlot[index];
        if (slot == Sequences.NONE) {
            return Sequences.NONE;
        }
        sequences.computed[slot] += chunkTokens[index];
        return sequences.computed[slot] == known(slot) ? slot : Sequences.NONE;
    }

    /** Removes a sequence for good. @param inStep a step with it is under way */
    void remove(int slot, boolean inStep) {
        if (sequences.in(sequences.running, slot)) {
            release(slot, inStep);
            for (int i = 0; i < chunks; i++) {
                chunkSlot[i] = chunkSlot[i] == slot ? Sequences.NONE : chunkSlot[i];
            }
        }
        headBlocked = false;
        sequences.close(slot);
    }

    /**
     * Gives back all blocks of a running sequence, from its end, and takes it out of the decode group.
     *
     * @param inStep the step under way has already taken a place for its next tokens
     */
    private void release(int slot, boolean inStep) {
        int pending = inStep ? pendingTokens(slot) : 0;
        if (sequences.decoding(slot)) {
            decoding.leave(slot);
            publish(slot, sequences.computed[slot]);
        }
        for (int i = sequences.indexed[slot] - 1; i >= 0; i--) {
            int entry = sequences.entries[slot][i];
            if (entry == BlockPool.NONE) {
                blocks.touch(sequences.hashes[slot][i]);
            } else {
                blocks.release(entry);
            }
        }
        blocks.give(blocksFor(sequences.computed[slot] + pending) - (long) sequences.shared[slot] * unitBlocks);
        sequences.indexed[slot] = 0;
        sequences.shared[slot] = 0;
        unfinished = unfinished == slot ? Sequences.NONE : unfinished;
        headBlocked = false;
    }

    /** Tokens the step under way is computing for a sequence. */
    private int pendingTokens(int slot) {
        if (sequences.decoding(slot)) {
            return decodes ? 1 : 0;
        }
        for (int i = 0; i < chunks; i++) {
            if (chunkSlot[i] == slot) {
                return chunkTokens[i];
            }
        }
        return 0;
    }

    /** Makes the whole blocks among the first {@code tokens} of a sequence available to others. */
    private void publish(int slot, int tokens) {
        int whole = Math.min(sequences.hashes[slot].length, tokens / unitTokens);
        for (int i = sequences.indexed[slot]; i < whole; i++) {
            int entry = blocks.publish(sequences.hashes[slot][i]);
            sequences.entries[slot][i] = entry;
            sequences.shared[slot] += entry == BlockPool.NONE ? 0 : 1;
        }
        sequences.indexed[slot] = Math.max(sequences.indexed[slot], whole);
    }

    /** Tokens of prompt and answer that exist: what must be cached before the next one. */
    private int known(int slot) {
        return sequences.prompt[slot] + sequences.produced[slot];
    }

    private long blocksFor(long tokens) {
        return Math.ceilDiv(tokens, batching.blockTokens());
    }
}
