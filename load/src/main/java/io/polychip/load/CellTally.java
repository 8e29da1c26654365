package io.polychip.load;

/**
 * Which answers of a closed load count, and their means. The same rule for a real endpoint and for the simulated one:
 * what counts was sent once every request of the first wave had its first token.
 */
final class CellTally {
    private final Cell cell;
    private final int wanted;
    private int sent;
    private int begun;
    private long steadyFrom = -1;
    private int counted;
    private double ttft;
    private double ttftSquares;
    private double itl;
    private double prompt;
    private double completion;

    CellTally(Cell cell, int wanted) {
        this.cell = cell;
        this.wanted = wanted;
    }

    /** Index of the next request. */
    int send() {
        return sent++;
    }

    /** A request had its first token, or ended without any. */
    void begun(int index, long now) {
        if (index < cell.concurrency() && ++begun == cell.concurrency()) {
            steadyFrom = now;
        }
    }

    /** @param sentAt on the clock that {@link #begun} is told */
    void answered(long sentAt, double ttftNanos, double itlNanos, int promptTokens, int completionTokens) {
        if (steadyFrom < 0 || sentAt < steadyFrom || enough()) {
            return;
        }
        counted++;
        ttft += ttftNanos;
        ttftSquares += ttftNanos * ttftNanos;
        itl += itlNanos;
        prompt += promptTokens;
        completion += completionTokens;
    }

    boolean enough() {
        return counted >= wanted;
    }

    int counted() {
        return counted;
    }

    /** All zero where nothing counted. */
    Timing timing() {
        if (counted == 0) {
            return new Timing(0, 0, 0, 0, 0, 0);
        }
        double mean = ttft / counted;
        double variance = counted < 2 ? 0 : Math.max(0, ttftSquares / counted - mean * mean) / (counted - 1);
        return new Timing(
                counted, mean, Math.sqrt(variance) / mean, itl / counted, prompt / counted, completion / counted);
    }

    /**
     * Means over the answers that counted.
     *
     * @param ttftScatter standard error of the mean over the mean
     * @param itlNanos of each answer the mean time between its tokens, of these the mean
     */
    record Timing(
            int answers,
            double ttftNanos,
            double ttftScatter,
            double itlNanos,
            double promptTokens,
            double completionTokens) {}
}
