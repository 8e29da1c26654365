package io.polychip.routing;

/** One client's request from acceptance to its one ending. Owned by the dispatcher that accepted it. */
public final class Call {
    final Ask ask;
    final Object owner;
    final long acceptedNanos;

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
}
