package io.polychip.llama;

import java.util.Arrays;
import java.util.List;

/**
 * How likely the model thought a token of its answer, before any sampling rule.
 *
 * @param chosen the token itself
 * @param top the most likely tokens in its place, best first; as many as were asked for
 */
public record TokenLogprobs(Entry chosen, List<Entry> top) {
    /** One token. @param bytes its text, which need not be whole characters */
    @SuppressWarnings("ArrayRecordComponent")
    public record Entry(int token, byte[] bytes, double logprob) {}

    public TokenLogprobs {
        top = List.copyOf(top);
    }

    /** Turns a token into its bytes. */
    interface Pieces {
        byte[] of(int token);
    }

    /** Costs two passes over the vocabulary, and a third with {@code topCount} insertions where some are wanted. */
    static TokenLogprobs of(float[] logits, int chosen, int topCount, Pieces pieces) {
        double highest = logits[Sampler.mostLikely(logits)];
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - highest);
        }
        double logOfAll = highest + Math.log(sum);
        List<Entry> top = Arrays.stream(topCount == 0 ? new int[0] : Sampler.mostLikely(logits, topCount))
                .mapToObj(token -> new Entry(token, pieces.of(token), logits[token] - logOfAll))
                .toList();
        return new TokenLogprobs(new Entry(chosen, pieces.of(chosen), logits[chosen] - logOfAll), top);
    }
}
