package io.polychip.routing;

import io.polychip.fleet.RequestClass;

/**
 * What routing knows of a request.
 *
 * @param seed the request's own draw of randomness; with it and the same state a decision replays
 * @param model the name the client asked for
 * @param promptTokens estimated by the caller, media included
 * @param maxTokens the client's own cap on the answer, per choice; 0: none given
 * @param choices answers wanted ({@code n})
 * @param needs features the target must support, bits of {@link Needs}
 * @param conversation stable hash of who is talking about what; 0: unknown
 * @param prefixHashes chained hashes at ascending prompt boundaries (blocks or messages), may be empty
 * @param prefixTokens tokens up to and including each of those boundaries
 * @param estimatedOutput the caller's hint of answer tokens, 0: let routing learn it
 * @param fingerprint of the whole body, to quarantine a request that kills engines
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; arrays are what the hot path reads
public record Ask(
        long seed,
        String model,
        String tenant,
        RequestClass requestClass,
        double tenantWeight,
        int promptTokens,
        int promptBytes,
        int maxTokens,
        int choices,
        int needs,
        boolean stream,
        long conversation,
        long[] prefixHashes,
        int[] prefixTokens,
        int estimatedOutput,
        long fingerprint) {}
