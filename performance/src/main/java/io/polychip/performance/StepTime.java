package io.polychip.performance;

/**
 * Step times of one replica, compiled to integer picoseconds so that a leap over many steps equals the sum of the
 * single ones exactly.
 *
 * <p>Form: {@code t = alpha(n) + beta*p + eta*p*(c + p/2) + delta*k}, at least {@code floor} when {@code p > 0}; once
 * per request {@code arrival}. {@code n}: decoding sequences, {@code p}: new prompt tokens, {@code c}: earlier ones
 * they attend to, {@code k}: cached tokens read by the decoding sequences. Immutable; safe for any thread.
 */
public final class StepTime {
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
        this.tokenPicos = tokenPicos;
        this.pairPicos = pairPicos;
        this.kvPicos = kvPicos;
        this.arrivalPicos = arrivalPicos;
        this.floorPicos = floorPicos;
    }

    /** Most sequences a step decodes. */
    public int maxBatch() {
        return alphaPicos.length - 1;
    }

    public long arrivalPicos() {
        return arrivalPicos;
    }

    /** Cost of {@code tokens} new prompt tokens behind {@code cached} earlier ones, without the step's own share. */
    public long prefillPicos(long tokens, long cached) {
        return tokenPicos * tokens + pairPicos * pairs(tokens, cached);
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
     * the triangular term. Overflows beyond 106 days.
     *
     * @param kvTokens tokens in reach at the first of them
     */
    public long decodePicos(int decoding, long kvTokens, long steps) {
        return steps * (alphaPicos[decoding] + kvPicos * kvTokens) + kvPicos * decoding * (steps * (steps - 1) / 2);
    }

    /** Pairs of (new token, token it attends to): {@code p*c + p*p/2}, rounded down. */
    static long pairs(long tokens, long cached) {
        return tokens * cached + tokens * tokens / 2;
    }
}
