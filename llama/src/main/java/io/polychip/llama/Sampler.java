package io.polychip.llama;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Draws the tokens of one answer. Pure: the same logits and seed give the same tokens, whatever else is in the batch.
 *
 * <p>Order as in llama.cpp: penalties and bias, top-k, top-p, min-p, temperature, draw. Greedy costs one pass over the
 * vocabulary; a draw costs one more and a sort of what passes top-k or min-p. Not for several threads.
 */
final class Sampler {
    private static final int REPEAT_WINDOW = 64;
    /** Up to here the first few are picked out in one pass; beyond, everything is sorted. */
    private static final int LARGEST_SELECTION = 256;

    private final Sampling sampling;
    private final SplittableRandom random;
    private final Map<Integer, Integer> generated = new HashMap<>();
    private final int[] recent = new int[REPEAT_WINDOW];
    private int seen;

    Sampler(Sampling sampling) {
        this.sampling = sampling;
        this.random = new SplittableRandom(sampling.seed());
    }

    /** Tells a token of the prompt, which only the repeat penalty looks at. */
    void prompted(int token) {
        recent[seen++ % REPEAT_WINDOW] = token;
    }

    /** Draws a token and remembers it. Changes the logits. */
    int next(float[] logits) {
        penalise(logits);
        int token = sampling.temperature() == 0 ? mostLikely(logits) : draw(logits);
        generated.merge(token, 1, Integer::sum);
        prompted(token);
        return token;
    }

    private void penalise(float[] logits) {
        if (sampling.repeatPenalty() != 1) {
            int[] distinct = Arrays.stream(recent, 0, Math.min(seen, REPEAT_WINDOW))
                    .distinct()
                    .toArray();
            for (int token : distinct) {
                float logit = logits[token];
                logits[token] = logit > 0 ? logit / sampling.repeatPenalty() : logit * sampling.repeatPenalty();
            }
        }
        if (sampling.frequencyPenalty() != 0 || sampling.presencePenalty() != 0) {
            generated.forEach((token, times) ->
                    logits[token] -= times * sampling.frequencyPenalty() + sampling.presencePenalty());
        }
        sampling.bias().forEach((token, bias) -> logits[token] += bias);
    }

    /** The lowest of equals, so that it is one on every machine. */
    static int mostLikely(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            if (logits[i] > logits[best]) {
                best = i;
            }
        }
        return best;
    }

    /** The {@code count} most likely tokens, best first. */
    static int[] mostLikely(float[] logits, int count) {
        return Arrays.stream(first(count, logits)).mapToInt(Sampler::token).toArray();
    }

    private int draw(float[] logits) {
        float highest = logits[mostLikely(logits)];
        double leastOdds = sampling.minP();
        long[] ranked = sampling.topK() > 0 ? first(sampling.topK(), logits) : likely(logits, highest, sampling.minP());
        double enough = sampling.topP() * (sampling.topK() > 0 ? odds(ranked, highest) : odds(logits, highest));
        double[] upTo = new double[ranked.length];
        int kept = 0;
        double sum = 0;
        double passed = 0;
        while (kept < ranked.length && (kept == 0 || passed < enough || sampling.topP() == 1)) {
            double odds = Math.exp(logit(ranked[kept]) - highest);
            if (odds < leastOdds) {
                break;
            }
            passed += odds;
            sum += Math.exp((logit(ranked[kept]) - highest) / sampling.temperature());
            upTo[kept++] = sum;
        }
        double drawn = random.nextDouble() * sum;
        int at = 0;
        while (at < kept - 1 && upTo[at] <= drawn) {
            at++;
        }
        return token(ranked[at]);
    }

    /** The {@code count} most likely tokens, in order. */
    private static long[] first(int count, float[] logits) {
        if (count > LARGEST_SELECTION) {
            long[] all = likely(logits, 0, 0);
            return Arrays.copyOf(all, Math.min(count, all.length));
        }
        long[] best = new long[count];
        int size = 0;
        for (int token = 0; token < logits.length; token++) {
            long candidate = packed(logits[token], token);
            if (size == count && candidate >= best[count - 1]) {
                continue;
            }
            int at = size < count ? size++ : count - 1;
            for (; at > 0 && best[at - 1] > candidate; at--) {
                best[at] = best[at - 1];
            }
            best[at] = candidate;
        }
        return Arrays.copyOf(best, size);
    }

    /** All tokens with at least {@code minP} of the most likely one's probability, in order. */
    private static long[] likely(float[] logits, float highest, float minP) {
        float least = minP == 0 ? Float.NEGATIVE_INFINITY : highest + (float) Math.log(minP);
        long[] passed = new long[logits.length];
        int count = 0;
        for (int token = 0; token < logits.length; token++) {
            if (logits[token] >= least) {
                passed[count++] = packed(logits[token], token);
            }
        }
        Arrays.sort(passed, 0, count);
        return Arrays.copyOf(passed, count);
    }

    private static double odds(long[] ranked, float highest) {
        double sum = 0;
        for (long candidate : ranked) {
            sum += Math.exp(logit(candidate) - highest);
        }
        return sum;
    }

    private static double odds(float[] logits, float highest) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - highest);
        }
        return sum;
    }

    /** Sorts ascending as: higher logit first, then lower token. */
    private static long packed(float logit, int token) {
        int bits = Float.floatToIntBits(logit);
        int ascending = bits ^ (bits >> 31 & Integer.MAX_VALUE); // order of floats as order of ints
        return (long) ~ascending << 32 | token;
    }

    private static float logit(long candidate) {
        int ascending = ~(int) (candidate >> 32);
        return Float.intBitsToFloat(ascending ^ (ascending >> 31 & Integer.MAX_VALUE));
    }

    private static int token(long candidate) {
        return (int) candidate;
    }
}
