package io.polychip.simulator;

import java.util.Arrays;

/**
 * The sequences of one engine that decode, as a whole. A step adds one token to each, so the group is described by how
 * many they are, how many tokens they reach together, how many of them cross a block boundary at each residue, and a
 * heap of the steps at which they will be done: any number of steps is one addition.
 */
final class DecodeGroup {
    private final Sequences sequences;
    private final int blockTokens;

    /** Members by {@code (computed - steps) mod blockTokens}: those that need a block at the same steps. */
    private final int[] byResidue;

    private long steps;
    private int size;
    private long reach;

    /**
     * Who will be done, and who will have as many tokens as somebody watches for; stale entries go when they surface.
     */
    private final StepHeap finishing = new StepHeap();

    private final StepHeap reaching = new StepHeap();

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
        finishing.push(sequences.finishStep[slot], slot);
        watch(slot);
    }

    /** A member is to be found by {@link #reached} once it has {@link Sequences#watched} tokens, if it will. */
    void watch(int slot) {
        int watched = sequences.watched[slot];
        if (watched > produced(slot) && watched < sequences.output[slot]) {
            reaching.push(steps + watched - produced(slot), slot);
        }
    }

    /** One that has its watched tokens now and is watched no more; {@link Sequences#NONE} when there is none. */
    int reached() {
        int slot = nextReaching();
        if (slot == Sequences.NONE || reaching.step() != steps) {
            return Sequences.NONE;
        }
        reaching.pop();
        sequences.watched[slot] = 0;
        return slot;
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

    /** Steps until the first member is done or has its watched tokens, at least 1; a great many when empty. */
    long stepsToEvent() {
        long finish = earliest() == Sequences.NONE ? Long.MAX_VALUE : finishing.step();
        long reach = nextReaching() == Sequences.NONE ? Long.MAX_VALUE : reaching.step();
        return Math.min(finish, reach) - steps;
    }

    /** Finds the members that are done, in the order in which they joined. @return how many, for {@link #done} */
    int findDone() {
        int count = 0;
        int last = Sequences.NONE;
        for (int slot = earliest(); slot != Sequences.NONE; slot = earliest()) {
            if (sequences.finishStep[slot] != steps) {
                break;
            }
            finishing.pop();
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
        int rest = (int) (count % blockTokens);
        int residue = rest == 0 ? 0 : crossing(first);
        for (int i = 0; i < rest; i++) {
            blocks += byResidue[residue];
            residue = before(residue);
        }
        return blocks;
    }

    /** How many of the next steps can begin with that many free blocks, at most {@code limit}. */
    long stepsWithBlocks(long free, long limit) {
        if ((limit / blockTokens + 1) * size <= free || blocksForNext(limit, true) <= free) {
            return limit;
        }
        long count = free / size * blockTokens;
        long left = free - count / blockTokens * size;
        for (int residue = crossing(steps + 1); ; residue = before(residue)) {
            left -= byResidue[residue];
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

    /** The residue whose turn is one step after this one's. */
    private int before(int residue) {
        return residue == 0 ? blockTokens - 1 : residue - 1;
    }

    private int residue(int slot) {
        return (int) Math.floorMod(sequences.computed[slot] - sequences.joinStep[slot], (long) blockTokens);
    }

    private int earliest() {
        while (!finishing.isEmpty()) {
            int slot = finishing.slot();
            if (sequences.decoding(slot) && sequences.finishStep[slot] == finishing.step()) {
                return slot;
            }
            finishing.pop();
        }
        return Sequences.NONE;
    }

    private int nextReaching() {
        while (!reaching.isEmpty()) {
            int slot = reaching.slot();
            if (sequences.decoding(slot)
                    && sequences.produced[slot] + reaching.step() - sequences.joinStep[slot]
                            == sequences.watched[slot]) {
                return slot;
            }
            reaching.pop();
        }
        return Sequences.NONE;
    }
}
