package io.polychip.routing;

/** One try of a call on one replica. Created by the dispatcher; the host may hang its own state on it. */
public final class Attempt {
    final Call call;
    final int number;
    final Roster.Replica replica;
    private Object handle = this;

    Attempt(Call call, int number, Roster.Replica replica) {
        this.call = call;
        this.number = number;
        this.replica = replica;
    }

    public Call call() {
        return call;
    }

    /** 0 for the first. */
    public int number() {
        return number;
    }

    public Roster.Replica replica() {
        return replica;
    }

    /** The host's own state for this attempt; the attempt itself until set. */
    public Object handle() {
        return handle;
    }

    public void handle(Object newHandle) {
        this.handle = newHandle;
    }
}
