package io.polychip.routing;

import org.jspecify.annotations.Nullable;

/** One client's request from acceptance to its one ending. Owned by the dispatcher that accepted it. */
public final class Call {
    /** Where a call is in its life. */
    enum State {
        /** In the waiting room. */
        WAITING,
        /** An attempt is under way. */
        RUNNING,
        /** Between two attempts, for a moment. */
        BACKING_OFF,
        ENDED
    }

    final Ask ask;
    final Object owner;
    final long acceptedNanos;

    State state = State.BACKING_OFF;

    @Nullable
    ModelState model;

    @Nullable
    Attempt current;

    @Nullable
    Fault lastFault;

    int attempts;
    /** Where the connection itself failed; a retry goes to another pool if it can. */
    @Nullable
    PoolState avoided;
    /** Replicas tried, by index plus one, 16 bits each; 0: none. */
    long tried;

    boolean shown;
    double expectedOutput;
    double highOutput;
    /** Orders calls of one class in the waiting room. */
    long deadlineNanos;
    /** Cannot keep it any more. */
    boolean late;
    /** Gives up waiting. */
    long queueUntilNanos;

    long totalUntilNanos;
    long backOffUntilNanos;
    /** The wake the host holds for us, {@link Long#MAX_VALUE}: none. */
    long wakeAtNanos = Long.MAX_VALUE;
    /** Its place in the waiting room's heap, -1: not there. */
    int heapIndex = -1;

    WaitingRoom.@Nullable Line line;

    Call(Ask ask, Object owner, long acceptedNanos) {
        this.ask = ask;
        this.owner = owner;
        this.acceptedNanos = acceptedNanos;
    }

    public Ask ask() {
        return ask;
    }

    /** What the host passed to {@link Dispatcher#accept}: its exchange with the client. */
    public Object owner() {
        return owner;
    }

    public long acceptedNanos() {
        return acceptedNanos;
    }

    /** Attempts started so far. */
    public int attempts() {
        return attempts;
    }

    /** Something of an answer has reached the client. */
    public boolean shown() {
        return shown;
    }

    boolean hasTried(int replica) {
        for (long rest = tried; rest != 0; rest >>>= 16) {
            if ((rest & 0xFFFF) == ((replica + 1) & 0xFFFF)) {
                return true;
            }
        }
        return false;
    }

    void markTried(int replica) {
        tried = tried << 16 | ((replica + 1) & 0xFFFF);
    }
}
