package io.polychip.llama;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One sequence of the context: which tokens its memory holds, and whose answer it works on. Only for the engine's
 * thread.
 */
final class Slot {
    private final int sequence;
    private final int[] held;
    private int heldCount;
    private long lastUsed;
    private @Nullable Answer answer;

    Slot(int sequence, int capacity) {
        this.sequence = sequence;
        this.held = new int[capacity];
    }

    int sequence() {
        return sequence;
    }

    int heldCount() {
        return heldCount;
    }

    long lastUsed() {
        return lastUsed;
    }

    @Nullable
    Answer answer() {
        return answer;
    }

    /** How many tokens of a prompt need not be computed again. At least one must be, for its logits. */
    int reusable(int[] prompt) {
        int most = Math.min(heldCount, prompt.length - 1);
        int mismatch = Arrays.mismatch(held, 0, most, prompt, 0, most);
        return mismatch < 0 ? most : mismatch;
    }

    void begin(Answer next, long use) {
        answer = next;
        lastUsed = use;
    }

    void end() {
        answer = null;
    }

    void hold(int token) {
        held[heldCount++] = token;
    }

    void keep(int count) {
        heldCount = count;
    }
}
