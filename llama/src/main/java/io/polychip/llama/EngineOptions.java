package io.polychip.llama;

/**
 * How an engine uses the machine.
 *
 * @param threads that compute, the engine's own included. llama.cpp's threads spin at barriers: with no core left over
 *     for the rest of the program a token can take ten times as long
 * @param slots answers generated at the same time
 * @param contextTokens prompt and answer together, per slot; the memory for all slots is taken at start
 * @param batchTokens prompt tokens computed in one step while nobody is generating
 * @param chunkTokens prompt tokens computed in one step beside generating answers, which wait for them
 * @param queue requests that may wait for a slot
 */
public record EngineOptions(int threads, int slots, int contextTokens, int batchTokens, int chunkTokens, int queue) {
    private static final int MOST_SLOTS = 64;

    public EngineOptions {
        require("threads", threads, 1, 1024);
        require("slots", slots, 1, MOST_SLOTS);
        require("contextTokens", contextTokens, 32, 1 << 20);
        require("batchTokens", batchTokens, slots, 4096);
        require("chunkTokens", chunkTokens, 1, batchTokens);
        require("queue", queue, 0, 1 << 20);
    }

    private static void require(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("%s (%d) must be from %d to %d.".formatted(name, value, least, most));
        }
    }

    /** For a machine with so many cores: all but one compute. */
    public static EngineOptions standard(int cores) {
        return new EngineOptions(Math.max(1, cores - 1), 8, 2048, 128, 32, 64);
    }

    public EngineOptions withThreads(int count) {
        return new EngineOptions(count, slots, contextTokens, batchTokens, chunkTokens, queue);
    }

    public EngineOptions withSlots(int count) {
        return new EngineOptions(threads, count, contextTokens, Math.max(batchTokens, count), chunkTokens, queue);
    }

    public EngineOptions withContextTokens(int count) {
        return new EngineOptions(threads, slots, count, batchTokens, chunkTokens, queue);
    }

    public EngineOptions withQueue(int count) {
        return new EngineOptions(threads, slots, contextTokens, batchTokens, chunkTokens, count);
    }
}
