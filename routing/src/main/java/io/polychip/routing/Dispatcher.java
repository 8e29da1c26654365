package io.polychip.routing;

/**
 * Owns every call of one event loop: its queueing, attempts, timeouts, retries and its one ending. Reads no clock, takes
 * no lock, waits for nothing. Not thread-safe; everything but {@link Board} belongs to one loop.
 */
public final class Dispatcher {
    private final Host host;

    public Dispatcher(Host host, Roster roster, Board board, int shard, long seed) {
        this.host = host;
    }

    /** @param owner the host's exchange with the client, given back by {@link Call#owner()} */
    public Call accept(Ask ask, Object owner, long now) {
        throw new IllegalStateException("being written " + host + ask + owner + now);
    }

    /** The first token, visible or not, was seen upstream. @param shown it has been passed to the client */
    public void firstToken(Call call, Attempt attempt, boolean shown, long now) {}

    /** More of them. */
    public void tokens(Call call, Attempt attempt, int count, long now) {}

    /** Reading upstream is paused because the client reads slowly; the stall clock stands still. */
    public void paused(Call call, Attempt attempt, boolean paused, long now) {}

    public void completed(Call call, Attempt attempt, Usage usage, long now) {}

    public void failed(Call call, Attempt attempt, Fault fault, long now) {}

    /** The client hung up. */
    public void abandoned(Call call, long now) {}

    public void woken(Call call, long now) {}

    /** A scrape. @param replica {@link Roster.Replica#index} */
    public void observed(int replica, Reading reading, long now) {}

    /** The slow loop: prices, shares, corrections. The host calls it about every ten seconds. */
    public void tick(long now) {}

    public void reload(Roster roster, long now) {}
}
