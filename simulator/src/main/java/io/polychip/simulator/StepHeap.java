package io.polychip.simulator;

import java.util.Arrays;

/** Binary heap of {@code step << 24 | slot}: which slot is due at which step. */
final class StepHeap {
    private static final int SLOT_BITS = 24;
    private static final long SLOT_MASK = (1L << SLOT_BITS) - 1;

    private long[] heap = new long[64];
    private int size;

    boolean isEmpty() {
        return size == 0;
    }

    /** Step of the first; there must be one. */
    long step() {
        return heap[0] >>> SLOT_BITS;
    }

    int slot() {
        return (int) (heap[0] & SLOT_MASK);
    }

    void push(long step, int slot) {
        long key = step << SLOT_BITS | slot;
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, size * 2);
        }
        int at = size++;
        while (at > 0 && heap[(at - 1) / 2] > key) {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        heap[at] = key;
    }

    void pop() {
        long key = heap[--size];
        int at = 0;
        while (2 * at + 1 < size) {
            int child = 2 * at + 1;
            if (child + 1 < size && heap[child + 1] < heap[child]) {
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
