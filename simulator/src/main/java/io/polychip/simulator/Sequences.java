package io.polychip.simulator;

import java.util.Arrays;

/**
 * The requests inside one engine as a table of primitive columns; a slot is used again after its request left. Each
 * slot is in at most one of three lists (arriving, waiting, running), kept as links between slots, so that leaving from
 * the middle costs as little as from an end.
 */
final class Sequences {
    static final int NONE = -1;
    private static final int[] NO_ENTRIES = {};
    private static final long[] NO_HASHES = {};

    /** A list of slots in order. */
    static final class Line {
        int head = NONE;
        int tail = NONE;
        int size;
    }

    final LongIntMap slotById = new LongIntMap();
    final Line arriving = new Line();
    final Line waiting = new Line();
    final Line running = new Line();

    long[] id = new long[16];
    int[] prompt = new int[16];
    int[] output = new int[16];
    long[] eligible = new long[16];

    /** Tokens whose cache is computed; of a decoding one, as of {@link #joinStep}. */
    int[] computed = new int[16];

    /** Answer tokens; of a decoding one, as of {@link #joinStep}. */
    int[] produced = new int[16];

    int[] reported = new int[16];

    /** Answer tokens somebody wants to hear of; 0: none. */
    int[] watched = new int[16];

    int[] cached = new int[16];

    /** Decode step count of the engine when this one began to decode; -1 while it does not. */
    long[] joinStep = new long[16];

    /** Order in which those that decode began to. */
    long[] joinNumber = new long[16];

    /** Decode step count at which it will be done; of meaning while it decodes. */
    long[] finishStep = new long[16];

    /** Hashes of its content block by block, and how many of those blocks have been looked at. */
    long[][] hashes = new long[16][];

    int[] indexed = new int[16];

    /** Shared block of each looked-at block, {@link BlockPool#NONE} where it has a private copy. */
    int[][] entries = new int[16][];

    int[] shared = new int[16];

    private Line[] line = new Line[16];
    private int[] before = new int[16];
    private int[] after = new int[16];
    private int unused = NONE;
    private int slots;

    int open(long newId, int promptTokens, int outputTokens, long[] blockHashes, long eligibleAt) {
        int slot = unused;
        if (slot == NONE) {
            slot = slots++;
            if (slot == id.length) {
                grow(slot * 2);
            }
            entries[slot] = NO_ENTRIES;
        } else {
            unused = after[slot];
        }
        id[slot] = newId;
        prompt[slot] = promptTokens;
        output[slot] = outputTokens;
        eligible[slot] = eligibleAt;
        computed[slot] = 0;
        produced[slot] = 0;
        reported[slot] = 0;
        watched[slot] = 0;
        cached[slot] = NONE;
        joinStep[slot] = NONE;
        hashes[slot] = blockHashes;
        indexed[slot] = 0;
        shared[slot] = 0;
        if (entries[slot].length < blockHashes.length) {
            entries[slot] = new int[blockHashes.length];
        }
        slotById.put(newId, slot);
        append(arriving, slot);
        return slot;
    }

    void close(int slot) {
        leave(slot);
        slotById.remove(id[slot]);
        hashes[slot] = NO_HASHES;
        after[slot] = unused;
        unused = slot;
    }

    boolean decoding(int slot) {
        return joinStep[slot] != NONE;
    }

    boolean in(Line list, int slot) {
        return line[slot] == list;
    }

    int next(int slot) {
        return after[slot];
    }

    /** Moves a slot to the end of a list, out of the one it is in. */
    void move(int slot, Line to) {
        leave(slot);
        append(to, slot);
    }

    /** Moves a slot to the front of a list. */
    void moveToFront(int slot, Line to) {
        leave(slot);
        line[slot] = to;
        before[slot] = NONE;
        after[slot] = to.head;
        if (to.head == NONE) {
            to.tail = slot;
        } else {
            before[to.head] = slot;
        }
        to.head = slot;
        to.size++;
    }

    private void append(Line to, int slot) {
        line[slot] = to;
        before[slot] = to.tail;
        after[slot] = NONE;
        if (to.tail == NONE) {
            to.head = slot;
        } else {
            after[to.tail] = slot;
        }
        to.tail = slot;
        to.size++;
    }

    private void leave(int slot) {
        Line from = line[slot];
        if (before[slot] == NONE) {
            from.head = after[slot];
        } else {
            after[before[slot]] = after[slot];
        }
        if (after[slot] == NONE) {
            from.tail = before[slot];
        } else {
            before[after[slot]] = before[slot];
        }
        from.size--;
    }

    private void grow(int capacity) {
        id = Arrays.copyOf(id, capacity);
        prompt = Arrays.copyOf(prompt, capacity);
        output = Arrays.copyOf(output, capacity);
        eligible = Arrays.copyOf(eligible, capacity);
        computed = Arrays.copyOf(computed, capacity);
        produced = Arrays.copyOf(produced, capacity);
        reported = Arrays.copyOf(reported, capacity);
        watched = Arrays.copyOf(watched, capacity);
        cached = Arrays.copyOf(cached, capacity);
        joinStep = Arrays.copyOf(joinStep, capacity);
        joinNumber = Arrays.copyOf(joinNumber, capacity);
        finishStep = Arrays.copyOf(finishStep, capacity);
        hashes = Arrays.copyOf(hashes, capacity);
        indexed = Arrays.copyOf(indexed, capacity);
        entries = Arrays.copyOf(entries, capacity);
        shared = Arrays.copyOf(shared, capacity);
        line = Arrays.copyOf(line, capacity);
        before = Arrays.copyOf(before, capacity);
        after = Arrays.copyOf(after, capacity);
    }
}
