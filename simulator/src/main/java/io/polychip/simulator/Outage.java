package io.polychip.simulator;

/**
 * Replicas that are lost together and come back: at once unreachable, what runs there is reset, the cache is gone; then
 * they start, and for a while they run slower.
 *
 * @param atNanos 0 or less: they are not there when the run begins (capacity that is added later)
 * @param nanos until they begin to start; {@link Long#MAX_VALUE}: they never do
 * @param silent nothing is reset or refused: requests are taken and never answered (a network that swallows)
 * @param restart how they come back; hosted pools are there at once
 */
public record Outage(Where where, long atNanos, long nanos, boolean silent, Restart restart) {
    /**
     * From start to full speed.
     *
     * @param startNanos until the first request is taken
     * @param warmNanos slower for so long after that
     * @param warmFactor by which everything takes longer meanwhile
     */
    public record Restart(long startNanos, long warmNanos, double warmFactor) {
        /** Two minutes to load weights and capture graphs, then a minute of half speed. */
        public static final Restart USUAL = new Restart(120_000_000_000L, 60_000_000_000L, 2);

        public Restart {
            if (startNanos < 0 || warmNanos < 0 || !(warmFactor >= 1 && warmFactor <= 100)) {
                throw new ScenarioException("A restart needs times of at least 0 and a factor from 1 to 100:"
                        + " %d ns, %d ns, %s.".formatted(startNanos, warmNanos, warmFactor));
            }
        }
    }

    public Outage {
        if (nanos <= 0) {
            throw new ScenarioException("An outage of %d ns is none; allowed is more than 0.".formatted(nanos));
        }
    }

    /** With the usual restart. */
    public static Outage of(Where where, long atNanos, long nanos) {
        return new Outage(where, atNanos, nanos, false, Restart.USUAL);
    }

    /** The same somewhere else. */
    Outage at(Where other) {
        return new Outage(other, atNanos, nanos, silent, restart);
    }

    public Outage with(Restart other) {
        return new Outage(where, atNanos, nanos, silent, other);
    }
}
