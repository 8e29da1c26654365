package io.polychip.performance;

/**
 * What a step-time form predicts when a fixed number of equal requests is always under way, as rows of a linear system
 * in its coefficients.
 *
 * <p>Between two tokens of a request lies one decode step of all, and the prompts of the others, each once per answer:
 * {@code itl = alpha(N) + delta*N*(P + O/2) + (N-1)/O * (beta*P + eta*P*P/2)}. A first token waits for the arrival
 * overhead, on average half a step of the others, its own steps, and for those prompts that fall into the same time, of
 * which there are {@code (N-1) * ttft/(ttft + O*itl)} by Little's law; the measured times stand in for that share,
 * which keeps the rows linear. Assumes phases are spread: the first wave of a load that starts all at once should not
 * be in the means.
 */
final class ClosedLoad {
    static final int ARRIVAL = 0;
    static final int PROMPT_STEP = 1;
    static final int TOKEN = 2;
    static final int PAIR = 3;
    static final int KV = 4;
    static final int FIRST_ALPHA = 5;

    private final int[] knots;
    private final int stepTokens;

    /** @param knots batch sizes of the alpha table, ascending; between them it is linear, beyond it rises no more */
    ClosedLoad(int[] knots, int stepTokens) {
        this.knots = knots.clone();
        this.stepTokens = stepTokens;
    }

    int unknowns() {
        return FIRST_ALPHA + knots.length;
    }

    /** Adds {@code weight * alpha(batch)}: the first entry and what the table rises by from knot to knot. */
    void alpha(double[] row, int batch, double weight) {
        row[FIRST_ALPHA] += weight;
        for (int j = 1; j < knots.length; j++) {
            double share = (batch - knots[j - 1]) / (double) (knots[j] - knots[j - 1]);
            row[FIRST_ALPHA + j] += weight * Math.clamp(share, 0, 1);
        }
    }

    double[] itlRow(MeasuredPoint point) {
        double[] row = new double[unknowns()];
        decode(row, point, 1);
        prompts(row, point, (point.concurrency() - 1) / (double) point.outputTokens());
        return row;
    }

    /** @param floored the prompt is so short that a lone one takes a whole step of reading weights */
    double[] ttftRow(MeasuredPoint point, boolean floored) {
        double[] row = new double[unknowns()];
        int others = point.concurrency() - 1;
        double chunks = Math.ceilDiv(point.promptTokens(), stepTokens);
        row[ARRIVAL] = 1;
        if (others == 0 && floored) {
            row[FIRST_ALPHA] = chunks;
            return row;
        }
        if (others == 0) {
            row[PROMPT_STEP] = chunks;
        } else {
            decode(row, point, chunks + 0.5);
        }
        double cycle = point.ttftNanos() + (double) point.outputTokens() * point.itlNanos();
        prompts(row, point, 1 + others * Math.min(1, point.ttftNanos() / cycle));
        return row;
    }

    private void decode(double[] row, MeasuredPoint point, double weight) {
        int batch = point.concurrency();
        alpha(row, batch, weight);
        row[KV] += weight * batch * (point.promptTokens() + point.outputTokens() / 2.0);
    }

    private static void prompts(double[] row, MeasuredPoint point, double count) {
        double tokens = point.promptTokens();
        row[TOKEN] += count * tokens;
        row[PAIR] += count * tokens * tokens / 2;
    }
}
