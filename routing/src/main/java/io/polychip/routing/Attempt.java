package io.polychip.routing;

import io.polychip.fleet.Objective;

/** One try of a call on one replica. Created by the dispatcher; the host may hang its own state on it. */
public final class Attempt {
    /** {@link #firstTokenNanos} before there was one. */
    static final long NEVER = Long.MIN_VALUE;

    final Call call;
    final int number;
    final Roster.Replica replica;
    final ReplicaState where;
    final long sentNanos;

    /** Predictions before correction, for learning. */
    double rawTtftNanos;

    double rawItlNanos;
    /** Prediction with correction, for time-outs and the slow-token verdict. */
    double ttftNanos;

    Objective promised = Objective.NONE;

    int predictedCached;
    int prefillTokens;
    int kvTokens;
    long reservedTokens;
    double chargedTokens;
    double sharedTokens;
    int reviseAtTokens;
    long firstTokenUntilNanos;
    boolean probe;

    boolean prefilled;
    boolean paused;
    boolean everPaused;
    /** The clock jumped meanwhile: how long anything took is not known. */
    boolean timeless;

    int tokens;
    long firstTokenNanos = NEVER;
    long progressNanos;

    private Object handle = this;

    Attempt(Call call, int number, ReplicaState where, long sentNanos) {
        this.call = call;
        this.number = number;
        this.where = where;
        this.replica = where.replica;
        this.sentNanos = sentNanos;
        this.progressNanos = sentNanos;
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

    public long sentNanos() {
        return sentNanos;
    }

    /** Tokens of the answer seen so far, hidden ones included. */
    public int tokens() {
        return tokens;
    }

    /**
     * Tokens from which on the dispatcher thinks anew about how long the answer gets. A host that leaps over tokens
     * reports up to this one when it comes; those between change nothing until the attempt ends or the call is woken.
     */
    public int reviseAtTokens() {
        return reviseAtTokens;
    }

    /** The host's own state for this attempt; the attempt itself until set. */
    public Object handle() {
        return handle;
    }

    public void handle(Object newHandle) {
        this.handle = newHandle;
    }
}
