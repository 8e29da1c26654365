package io.polychip.simulator;

import io.polychip.fleet.RequestClass;

/**
 * One request of a {@link Traffic}.
 *
 * @param arrivalNanos since the run began
 * @param model the name it asks for; empty: the fleet's only one, or its first
 * @param outputTokens how long its answer will be, which nobody knows; at least 1
 * @param maxTokens the client's own cap on the answer; 0: none
 * @param conversation stable hash of who is talking about what; 0: unknown
 * @param blocks ids of the prompt's successive blocks of {@link Traffic#blockTokens}: the same id in the same place of
 *     the same beginning is the same content; empty: unknown, and then a conversation's turns begin alike
 */
@SuppressWarnings("ArrayRecordComponent") // read on the hot path, compared by nobody
public record Arrival(
        long arrivalNanos,
        String model,
        String tenant,
        RequestClass requestClass,
        int promptTokens,
        int outputTokens,
        int maxTokens,
        long conversation,
        long[] blocks) {
    static final long[] NO_BLOCKS = {};

    /** One of which only lengths are known. */
    public static Arrival of(long arrivalNanos, int promptTokens, int outputTokens) {
        return new Arrival(arrivalNanos, "", "", RequestClass.DEFAULT, promptTokens, outputTokens, 0, 0, NO_BLOCKS);
    }

    /** The same at another time. */
    public Arrival at(long nanos) {
        return new Arrival(
                nanos, model, tenant, requestClass, promptTokens, outputTokens, maxTokens, conversation, blocks);
    }

    /** The same from another tenant and of another class. */
    public Arrival from(String newTenant, RequestClass newClass) {
        return new Arrival(
                arrivalNanos, model, newTenant, newClass, promptTokens, outputTokens, maxTokens, conversation, blocks);
    }
}
