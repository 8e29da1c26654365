package io.polychip.load;

/**
 * One point of a measurement: so many requests always under way, each as long as the others on average.
 *
 * <p>Answers differ in length by up to a quarter, evenly spread, and those of the first wave end one after the other:
 * requests that all began at once would otherwise stay in step, which no traffic does.
 *
 * @param outputTokens mean answer length
 */
record Cell(int concurrency, int promptTokens, int outputTokens) {
    private static final double GOLDEN = 0.6180339887498949;
    private static final int LEAST_OUTPUT = 2; // one token has no time between tokens

    /** Answer length of the request that was sent as the index-th, from 0. */
    int outputOf(int index) {
        if (index < concurrency) {
            return Math.max(LEAST_OUTPUT, Math.ceilDiv(outputTokens * (index + 1), concurrency));
        }
        double place = (index + 1) * GOLDEN;
        double spread = place - Math.floor(place) - 0.5;
        return Math.max(LEAST_OUTPUT, (int) Math.round(outputTokens * (1 + spread / 2)));
    }

    /** Answers to count, the first wave's left out. */
    int answers(Effort effort) {
        return switch (effort) {
            case FULL -> Math.max(6, concurrency * 3);
            case QUICK -> Math.max(4, concurrency * 3 / 2);
            case LEAN -> Math.max(3, Math.ceilDiv(concurrency * 3, 4));
        };
    }

    /** How many answers a cell gets. {@code LEAN}: few each, so that a slow endpoint still has several cells. */
    enum Effort {
        FULL,
        QUICK,
        LEAN
    }

    String words() {
        return "%d at once, %,d prompt and %,d answer tokens".formatted(concurrency, promptTokens, outputTokens);
    }
}
