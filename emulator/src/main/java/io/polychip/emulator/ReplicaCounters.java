package io.polychip.emulator;

/**
 * What a replica did up to one moment.
 *
 * @param started requests its engine took, each choice counted
 * @param cancelled because the client went away or a fault cut it
 * @param refused answered with an error status
 * @param tokens answer tokens produced, sent or not
 * @param running in the engine's batch now
 * @param waiting in the engine's queue now
 */
public record ReplicaCounters(
        String pool,
        int replica,
        long started,
        long finished,
        long cancelled,
        long refused,
        long promptTokens,
        long cachedTokens,
        long tokens,
        int running,
        int waiting) {}
