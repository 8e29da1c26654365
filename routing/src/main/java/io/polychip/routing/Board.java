package io.polychip.routing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * What each loop of this process has under way on each replica: one row per loop, written by that loop alone and read
 * by all others.
 *
 * <p>A cell packs three counts, so that a reader sees them of one moment and sums of cells stay sums of counts:
 * sequences in flight (20 bits), prompt tokens waiting for prefill in units of 16, cache tokens held in units of 64 (22
 * bits each). Reads and writes are opaque: never torn, late by nanoseconds, no fence on the hot path. A row grows by
 * replacement when a reload brings more replicas.
 */
public final class Board {
    private static final VarHandle CELL = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle ROW = MethodHandles.arrayElementVarHandle(long[][].class);
    private static final int PREFILL_UNIT = 16;
    private static final int KV_UNIT = 64;
    private static final long FIELD = (1L << 22) - 1;

    private final long[][] rows;

    /** @param shards loops that decide, each with its own {@link Dispatcher} */
    public Board(int shards) {
        if (shards < 1) {
            throw new IllegalArgumentException("%d shards; a board needs at least 1.".formatted(shards));
        }
        rows = new long[shards][64];
    }

    public int shards() {
        return rows.length;
    }

    /** Sequences in flight on a replica, all loops together; for metrics. */
    public int inFlight(int replica) {
        return inFlightOf(others(replica, -1));
    }

    /** Called by the loop that owns the row only. */
    void write(int shard, int replica, int inFlight, long prefillTokens, long kvTokens) {
        long[] row = rows[shard];
        if (replica >= row.length) {
            row = Arrays.copyOf(row, Math.max(row.length * 2, replica + 1));
            ROW.setRelease(rows, shard, row);
        }
        long packed = ((long) inFlight << 44)
                | Math.min(FIELD, (prefillTokens + PREFILL_UNIT - 1) / PREFILL_UNIT) << 22
                | Math.min(FIELD, (kvTokens + KV_UNIT - 1) / KV_UNIT);
        CELL.setOpaque(row, replica, packed);
    }

    /** Packed sum over all loops but one. */
    long others(int replica, int shard) {
        long sum = 0;
        for (int other = 0; other < rows.length; other++) {
            if (other == shard) {
                continue;
            }
            long[] row = (long[]) ROW.getAcquire(rows, other);
            if (replica < row.length) {
                sum += (long) CELL.getOpaque(row, replica);
            }
        }
        return sum;
    }

    static int inFlightOf(long packed) {
        return (int) (packed >>> 44);
    }

    static long prefillTokensOf(long packed) {
        return ((packed >>> 22) & FIELD) * PREFILL_UNIT;
    }

    static long kvTokensOf(long packed) {
        return (packed & FIELD) * KV_UNIT;
    }
}
