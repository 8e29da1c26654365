package io.polychip.performance;

import java.util.Arrays;

/**
 * Step times of one replica, compiled to integer picoseconds so that a leap over many steps equals the sum of the
 * single ones exactly.
 *
 * <p>Form: {@code t = alpha(n) + beta*p + eta*p*(c + p/2) + delta*k}, at least {@code floor} when {@code p > 0}; once
 * per request {@code arrival}. {@code n}: decoding sequences, {@code p}: new prompt tokens, {@code c}: earlier ones
 * they attend to, {@code k}: cached tokens read by the decoding sequences. {@code alpha} is a table, so graph padding,
 * expert coverage and fixed compiled batches need no special case.
 *
 * <p>Range: a {@code long} of picoseconds ends after 106 days. {@link #decodePicos} and {@link #prefillPicos} throw
 * rather than wrap; {@link #stepPicos} is safe while {@code k} stays below {@link #MOST_TOKENS}, which the
 * constructor's bound on every coefficient guarantees. Immutable; safe for any thread.
 */
public final class StepTime {
    /** Tokens one step may carry or reach: more than any replica can hold. */
    public static final long MOST_TOKENS = 1L << 28;

    /** No coefficient may make {@link #MOST_TOKENS} of its kind take longer than a tenth of the range. */
    private static final long MOST_PER_TOKEN = Long.MAX_VALUE / 10 / MOST_TOKENS;

    /**
     * A prompt, which is computed and not only read, has at most 2^24 tokens: 55 ms each, a slow CPU's, are in range.
     */
    private static final long MOST_PER_NEW_TOKEN = Long.MAX_VALUE / 10 / (1L << 24);

    private static final long MOST_PER_STEP = Long.MAX_VALUE / 10;

    private final long[] alphaPicos;
    private final long tokenPicos;
    private final long pairPicos;
    private final long kvPicos;
    private final long arrivalPicos;
    private final long floorPicos;

    /** @param alphaPicos step time by number of decoding sequences, index 0 for none; its length bounds the batch */
    public StepTime(
            long[] alphaPicos, long tokenPicos, long pairPicos, long kvPicos, long arrivalPicos, long floorPicos) {
        this.alphaPicos = alphaPicos.clone();
        this.tokenPicos = within("tokenPicos", tokenPicos, MOST_PER_NEW_TOKEN);
        this.pairPicos = within("pairPicos", pairPicos, MOST_PER_TOKEN);
        this.kvPicos = within("kvPicos", kvPicos, MOST_PER_TOKEN);
        this.arrivalPicos = within("arrivalPicos", arrivalPicos, MOST_PER_STEP);
        this.floorPicos = within("floorPicos", floorPicos, MOST_PER_STEP);
        if (alphaPicos.length < 2) {
            throw new ProfileException(
                    "A step time needs a table from 0 to at least 1 decoding sequences, not %d entries."
                            .formatted(alphaPicos.length));
        }
        within("alphaPicos[0]", alphaPicos[0], MOST_PER_STEP);
        for (int n = 1; n < alphaPicos.length; n++) {
            within("alphaPicos[" + n + "]", alphaPicos[n], MOST_PER_STEP);
            if (alphaPicos[n] == 0) {
                throw new ProfileException(
                        "alphaPicos[%d] is 0: a decode step takes time. Maybe its unit was not picoseconds."
                                .formatted(n));
            }
        }
    }

    private static long within(String name, long picos, long most) {
        if (picos < 0 || picos > most) {
            throw new ProfileException("%s (%d) is outside 0 to %d picoseconds. Maybe its unit was not picoseconds."
                    .formatted(name, picos, most));
        }
        return picos;
    }

    /** Most sequences a step decodes. */
    public int maxBatch() {
        return alphaPicos.length - 1;
    }

    /** Step time of that many decoding sequences with nothing cached and no prompt. */
    public long alphaPicos(int decoding) {
        return alphaPicos[decoding];
    }

    public long tokenPicos() {
        return tokenPicos;
    }

    public long pairPicos() {
        return pairPicos;
    }

    public long kvPicos() {
        return kvPicos;
    }

    public long arrivalPicos() {
        return arrivalPicos;
    }

    public long floorPicos() {
        return floorPicos;
    }

    /** Cost of {@code tokens} new prompt tokens behind {@code cached} earlier ones, without the step's own share. */
    public long prefillPicos(long tokens, long cached) {
        return Math.addExact(
                Math.multiplyExact(tokenPicos, tokens), Math.multiplyExact(pairPicos, pairs(tokens, cached)));
    }

    /**
     * One step.
     *
     * @param prefillPicos sum of {@link #prefillPicos} over the prompts in the step, 0 for none
     */
    public long stepPicos(long prefillPicos, int decoding, long kvTokens) {
        long picos = alphaPicos[decoding] + prefillPicos + kvPicos * kvTokens;
        return prefillPicos > 0 ? Math.max(picos, floorPicos) : picos;
    }

    /**
     * {@code steps} decode-only steps of a constant batch; each adds {@code decoding} tokens to those in reach, hence
     * the triangular term. Equals the sum of the single steps exactly; throws {@link ArithmeticException} beyond 106
     * days.
     *
     * @param kvTokens tokens in reach at the first of them
     */
    public long decodePicos(int decoding, long kvTokens, long steps) {
        long first = alphaPicos[decoding] + kvPicos * kvTokens;
        long growth = kvPicos * decoding;
        long triangle = (steps & 1) == 0
                ? Math.multiplyExact(steps / 2, steps - 1)
                : Math.multiplyExact(steps, (steps - 1) / 2);
        return Math.addExact(Math.multiplyExact(steps, first), Math.multiplyExact(growth, triangle));
    }

    /**
     * How many decode-only steps of a constant batch end within {@code budgetPicos}, at most {@code limit}: the largest
     * {@code m} with {@code decodePicos(m) <= budgetPicos}. The root of the quadratic in floating point, then corrected
     * in integers: constant time.
     */
    public long decodeStepsWithin(int decoding, long kvTokens, long budgetPicos, long limit) {
        long first = alphaPicos[decoding] + kvPicos * kvTokens;
        if (budgetPicos < first || limit <= 0) {
            return 0;
        }
        double growth = (double) kvPicos * decoding;
        double linear = first - growth / 2;
        double guess = growth == 0
                ? budgetPicos / (double) first
                : 2.0 * budgetPicos / (linear + StrictMath.sqrt(linear * linear + 2 * growth * budgetPicos));
        long steps = Math.clamp((long) guess, 1, limit);
        while (steps > 1 && decodePicos(decoding, kvTokens, steps) > budgetPicos) {
            steps--;
        }
        while (steps < limit && decodePicos(decoding, kvTokens, steps + 1) <= budgetPicos) {
            steps++;
        }
        return steps;
    }

    /** The same chip slower or faster by one factor in everything: a hidden truth, drift or an injected fault. */
    public StepTime scaled(double factor) {
        return scaled(factor, factor, factor);
    }

    /** Steps, prompts and cache reads each by their own factor. Rounded to the nearest picosecond. */
    public StepTime scaled(double stepFactor, double prefillFactor, double kvFactor) {
        long[] alpha = new long[alphaPicos.length];
        Arrays.setAll(alpha, n -> scale(alphaPicos[n], stepFactor));
        return new StepTime(
                alpha,
                scale(tokenPicos, prefillFactor),
                scale(pairPicos, prefillFactor),
                scale(kvPicos, kvFactor),
                scale(arrivalPicos, stepFactor),
                scale(floorPicos, stepFactor));
    }

    /**
     * The same timing with a table that ends at {@code sequences}; longer than the present one, its last entry lasts.
     */
    public StepTime withMaxBatch(int sequences) {
        long[] alpha = Arrays.copyOf(alphaPicos, sequences + 1);
        for (int n = alphaPicos.length; n <= sequences; n++) {
            alpha[n] = alphaPicos[alphaPicos.length - 1];
        }
        return new StepTime(alpha, tokenPicos, pairPicos, kvPicos, arrivalPicos, floorPicos);
    }

    /** Steps that take as long as those of the next multiple of {@code bucket} sequences, or of the whole table. */
    public StepTime inBuckets(int bucket) {
        if (bucket <= 1) {
            return this;
        }
        long[] alpha = alphaPicos.clone();
        for (int n = 1; n < alpha.length; n++) {
            alpha[n] = alphaPicos[Math.min(Math.ceilDiv(n, bucket) * bucket, maxBatch())];
        }
        return new StepTime(alpha, tokenPicos, pairPicos, kvPicos, arrivalPicos, floorPicos);
    }

    private static long scale(long picos, double factor) {
        if (!(factor > 0) || factor > 1_000_000) {
            throw new ProfileException(
                    "A factor of %s cannot scale a step time; allowed is above 0 to 1,000,000.".formatted(factor));
        }
        return Math.round(picos * factor);
    }

    /** Pairs of (new token, token it attends to): {@code p*c + p*p/2}, rounded down. */
    static long pairs(long tokens, long cached) {
        return Math.addExact(Math.multiplyExact(tokens, cached), Math.multiplyExact(tokens, tokens) / 2);
    }
}
