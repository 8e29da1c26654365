package io.polychip.llama;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Requests on their way to the engine's thread, first come first served, and the bell that wakes it. For any thread.
 */
final class Intake {
    private final int queue;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition bell = lock.newCondition();
    private final Deque<Generation> waiting = new ArrayDeque<>();
    private final int slots;
    private int running;
    private boolean rung;
    private boolean closed;

    Intake(int queue, int slots) {
        this.queue = queue;
        this.slots = slots;
    }

    /** Takes all of them or none. */
    void submit(List<Generation> generations) {
        lock.lock();
        try {
            if (closed) {
                throw new LlamaException("The engine is closed.");
            }
            waiting.removeIf(Generation::cancelled);
            if (waiting.size() + generations.size() > queue + slots - running) {
                throw new EngineBusyException(waiting.size(), queue);
            }
            waiting.addAll(generations);
            ring();
        } finally {
            lock.unlock();
        }
    }

    /** The next request that is still wanted. */
    @Nullable
    Generation poll() {
        lock.lock();
        try {
            waiting.removeIf(Generation::cancelled);
            Generation next = waiting.poll();
            if (next != null) {
                running++;
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    void slotFreed() {
        lock.lock();
        try {
            running--;
        } finally {
            lock.unlock();
        }
    }

    /** How many answers hold a slot and how many wait for one, at one moment. */
    Load load() {
        lock.lock();
        try {
            waiting.removeIf(Generation::cancelled);
            return new Load(running, waiting.size());
        } finally {
            lock.unlock();
        }
    }

    record Load(int running, int waiting) {}

    void ring() {
        lock.lock();
        try {
            rung = true;
            bell.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until the bell rings; it may have rung since the last time. */
    void awaitBell() {
        lock.lock();
        try {
            while (!rung) {
                bell.awaitUninterruptibly();
            }
            rung = false;
        } finally {
            lock.unlock();
        }
    }

    boolean closed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Lets no more in and returns what still waits. */
    List<Generation> close() {
        lock.lock();
        try {
            closed = true;
            List<Generation> left = new ArrayList<>(waiting);
            waiting.clear();
            ring();
            return left;
        } finally {
            lock.unlock();
        }
    }
}
