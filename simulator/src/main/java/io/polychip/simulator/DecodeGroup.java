package io.polychip.simulator;

import java.util.Arrays;

/**
 * The sequences of one engine that decode, as a whole. A step adds one token to each, so the group is described by how
 * many they are, how many tokens they reach together, how many of them cross a block boundary at each residue, and a
 * heap of the steps at which they will be done: any number of steps is one addition.
 */
final class DecodeGroup {
    private static final int SLOT_BITS = 24;
    private static final long SLOT_MASK = (1L << SLOT_BITS) - 1;

    private final Sequences sequences;
    private final int blockTokens;

    /** Members by {@code (computed - steps) mod blockTokens}: those that need a block at the same steps. */
    private final int[] byResidue;

    private long steps;
    private int size;
    private long reach;

    /** Binary heap of {@code finishStep << 24 | slot}; keys of those who left early are dropped when they surface. */
    private long[] heap = new long[64];

    private int heapSize;

    private int[] done = new int[16];
    private long joins;

    DecodeGroup(Sequences sequences, int blockTokens) {
        this.sequences = sequences;
        this.blockTokens = blockTokens;
        this.byResidue = new int[blockTokens];
    }

    int size() {
        return size;
    }

    /** Cached tokens of all members. */
    long reach() {
        return reach;
    }

    int computed(int slot) {
        return sequences.computed[slot] + (int) (steps - sequences.joinStep[slot]);
    }

    int produced(int slot) {
        return sequences.decoding(slot)
                ? sequences.produced[slot] + (int) (steps - sequences.joinStep[slot])
                : sequences.produced[slot];
    }

    /** A sequence with at least one token to go begins to decode. */
    void join(int slot) {
        sequences.joinStep[slot] = steps;
        sequences.joinNumber[slot] = joins++;
        sequences.finishStep[slot] = steps + sequences.output[slot] - sequences.produced[slot];
        size++;
        reach += sequences.computed[slot];
        byResidue[residue(slot)]++;
        push(sequences.finishStep[slot] << SLOT_BITS | slot);
    }

    /** It stops; its counts are brought up to date. */
    void leave(int slot) {
        size--;
        byResidue[residue(slot)]--;
        sequences.produced[slot] = produced(slot);
        sequences.computed[slot] = computed(slot);
        reach -= sequences.computed[slot];
        sequences.joinStep[slot] = Sequences.NONE;
    }

    /** That many steps of every member. */
    void step(long count) {
        steps += count;
        reach += count * size;
    }

    /** Steps until the first member is done, at least 1; {@link Long#MAX_VALUE} when empty. */
    long stepsToFinish() {
        int slot = earliest();
        return slot == Sequences.NONE ? Long.MAX_VALUE : sequences.finishStep[slot] - steps;
    }

    /** Finds the members that are done, in the order in which they joined. @return how many, for {@link #done} */
    int findDone() {
        int count = 0;
        int last = Sequences.NONE;
        for (int slot = earliest(); slot != Sequences.NONE; slot = earliest()) {
            if (sequences.finishStep[slot] != steps) {
                break;
            }
            pop();
            if (slot == last) {
                continue; // it left and came back to the same finish: two equal keys, one of them stale
            }
            last = slot;
            int at = count++;
            if (count > done.length) {
                done = Arrays.copyOf(done, count * 2);
            }
            while (at > 0 && sequences.joinNumber[done[at - 1]] > sequences.joinNumber[slot]) {
                done[at] = done[at - 1];
                at--;
            }
            done[at] = slot;
        }
        return count;
    }

    /** One of those found last. */
    int done(int index) {
        return done[index];
    }

    /** Blocks the members need so that each of the next {@code count} steps can begin, the step under way excluded. */
    long blocksForNext(long count, boolean stepUnderWay) {
        long first = steps + (stepUnderWay ? 1 : 0);
        long blocks = count / blockTokens * size;
        for (long step = first + count - count % blockTokens; step < first + count; step++) {
            blocks += byResidue[crossing(step)];
        }
        return blocks;
    }

    /** How many of the next steps can begin with that many free blocks, at most {@code limit}. */
    long stepsWithBlocks(long free, long limit) {
        if (blocksForNext(limit, true) <= free) {
            return limit;
        }
        long count = free / size * blockTokens;
        long left = free - count / blockTokens * size;
        for (long step = steps + 1 + count; ; step++) {
            left -= byResidue[crossing(step)];
            if (left < 0) {
                return count;
            }
            count++;
        }
    }

    /** True when the member's next token needs a new block. */
    boolean crosses(int slot) {
        return computed(slot) % blockTokens == 0;
    }

    /** The residue whose members begin a block in the step that follows {@code atSteps} steps. */
    private int crossing(long atSteps) {
        return (int) Math.floorMod(-atSteps, (long) blockTokens);
    }

    private int residue(int slot) {
        return (int) Math.floorMod(sequences.computed[slot] - sequences.joinStep[slot], (long) blockTokens);
    }

    private int earliest() {
        while (heapSize > 0) {
            int slot = (int) (heap[0] & SLOT_MASK);
            if (sequences.decoding(slot) && sequences.finishStep[slot] == heap[0] >>> SLOT_BITS) {
                return slot;
            }
            pop();
        }
        return Sequences.NONE;
    }

    private void push(long key) {
        if (heapSize == heap.length) {
            heap = Arrays.copyOf(heap, heapSize * 2);
        }
        int at = heapSize++;
        while (at > 0 && heap[(at - 1) / 2] > key) {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        heap[at] = key;
    }

    private void pop() {
        long key = heap[--heapSize];
        int at = 0;
        while (2 * at + 1 < heapSize) {
            int child = 2 * at + 1;
            if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= key) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = key;
    }
}
