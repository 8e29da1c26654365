package io.polychip.routing;

/** In-flight counts of all loops of this process: one row per loop, single writer, any reader. */
public final class Board {
    private final int shards;

    public Board(int shards) {
        this.shards = shards;
    }

    public int shards() {
        return shards;
    }
}
