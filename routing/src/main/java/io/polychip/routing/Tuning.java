package io.polychip.routing;

import java.util.List;

/**
 * What the rival policies can be set to. A comparison is fair only with each of them at its best, found on other seeds
 * than those that are scored; {@link #DEFAULT} is what their projects ship.
 *
 * @param cap requests in flight at one owned replica, as a multiple of its largest batch, from which it counts as full;
 *     when all are full the policy picks among all
 * @param hostedLast pools paid by the token get a request only when every owned replica that suits is full
 * @param prefixWeight of the cached prefix among {@link Policy#WEIGHTED_SCORES}; llm-d ships 3
 * @param queueWeight of the scraped queue there; llm-d ships 2
 * @param kvWeight of the scraped cache use there; llm-d ships 2
 * @param overlapWeight of prompt blocks in {@link Policy#OVERLAP_AND_LOAD}; Dynamo ships 1
 * @param ttftWeight of slack to the first token in {@link Policy#PREDICTED_LATENCY}, the rest is slack between tokens;
 *     llm-d ships 0.8
 * @param grid rows of {@link Policy#LENGTH_GRID} by ascending length; prompts longer than the last row, and all with an
 *     empty grid, may go to any pool
 */
public record Tuning(
        double cap,
        boolean hostedLast,
        double prefixWeight,
        double queueWeight,
        double kvWeight,
        double overlapWeight,
        double ttftWeight,
        List<Row> grid) {
    /** No cap, hosted pools like any other, the weights their projects ship. */
    public static final Tuning DEFAULT = new Tuning(Double.POSITIVE_INFINITY, false, 3, 2, 2, 1, 0.8, List.of());

    /** Prompts of up to that many tokens go to that pool. */
    public record Row(int promptTokens, String pool) {}

    public Tuning {
        grid = List.copyOf(grid);
    }

    public Tuning withCap(double multiple, boolean hostedIsLast) {
        return new Tuning(multiple, hostedIsLast, prefixWeight, queueWeight, kvWeight, overlapWeight, ttftWeight, grid);
    }

    public Tuning withScores(double prefix, double queue, double kv) {
        return new Tuning(cap, hostedLast, prefix, queue, kv, overlapWeight, ttftWeight, grid);
    }

    public Tuning withOverlap(double weight) {
        return new Tuning(cap, hostedLast, prefixWeight, queueWeight, kvWeight, weight, ttftWeight, grid);
    }

    public Tuning withTtftWeight(double weight) {
        return new Tuning(cap, hostedLast, prefixWeight, queueWeight, kvWeight, overlapWeight, weight, grid);
    }

    public Tuning withGrid(List<Row> rows) {
        return new Tuning(cap, hostedLast, prefixWeight, queueWeight, kvWeight, overlapWeight, ttftWeight, rows);
    }

    /** The pool of a prompt's row; empty when any will do. */
    String poolFor(int promptTokens) {
        for (Row row : grid) {
            if (promptTokens <= row.promptTokens()) {
                return row.pool();
            }
        }
        return "";
    }
}
