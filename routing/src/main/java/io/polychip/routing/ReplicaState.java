package io.polychip.routing;

/** All that one dispatcher knows of one replica. Outlives a reload that keeps the replica. */
final class ReplicaState {
    private final Board board;
    private final int shard;
    Roster.Replica replica;
    PoolState pool;
    final Belief belief = new Belief();
    final Breaker breaker;
    long coolUntilNanos = Long.MIN_VALUE;
    long unhealthyUntilNanos = Long.MIN_VALUE;
    /** The last scrape did not get through. */
    boolean unreachable;
    /** No longer in the roster: runs dry, writes nothing to the board. */
    boolean gone;

    ReplicaState(Roster.Replica replica, PoolState pool, Board board, int shard, long now) {
        this.replica = replica;
        this.pool = pool;
        this.board = board;
        this.shard = shard;
        this.breaker = new Breaker(now);
    }

    /** A roster has it, perhaps under another index or pool object. */
    void adopt(Roster.Replica current, PoolState itsPool) {
        replica = current;
        pool = itsPool;
        gone = false;
    }

    int index() {
        return replica.index();
    }

    /** May take a request that is not a probe. */
    boolean available(long now) {
        return breaker.closed() && now >= coolUntilNanos && now >= unhealthyUntilNanos;
    }

    /** The clock was set back by that much. */
    void setBack(long nanos) {
        breaker.setBack(nanos);
        coolUntilNanos = earlier(coolUntilNanos, nanos);
        unhealthyUntilNanos = earlier(unhealthyUntilNanos, nanos);
    }

    private static long earlier(long until, long nanos) {
        return until == Long.MIN_VALUE ? until : until - nanos;
    }

    void publish() {
        if (!gone) {
            board.write(shard, index(), belief.inFlight(), belief.prefillTokens(), belief.kvTokens());
        }
    }

    long boardOthers() {
        return board.shards() == 1 ? 0 : board.others(index(), shard);
    }
}
