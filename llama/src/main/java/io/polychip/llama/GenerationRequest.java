package io.polychip.llama;

import java.util.List;

/**
 * One answer to generate.
 *
 * @param prompt tokens, by {@link LlamaEngine#chatTokens} or {@link LlamaEngine#tokens}
 * @param mostTokens after which the answer ends, if the context does not end before
 * @param stops strings at which it ends, not shown themselves
 * @param topLogprobs how many alternatives to tell with each token; negative for no log-probabilities at all
 * @param ignoreEnd whether the model's own end of answer is forbidden, so that exactly {@code mostTokens} come
 */
@SuppressWarnings("ArrayRecordComponent")
public record GenerationRequest(
        int[] prompt, int mostTokens, Sampling sampling, List<String> stops, int topLogprobs, boolean ignoreEnd) {
    public static final int MOST_STOPS = 16;
    public static final int MOST_TOP_LOGPROBS = 20;

    public GenerationRequest {
        stops = List.copyOf(stops);
        if (prompt.length == 0) {
            throw new IllegalArgumentException("The prompt has no tokens; expected at least 1.");
        }
        if (mostTokens < 1) {
            throw new IllegalArgumentException("mostTokens (%d) must be at least 1.".formatted(mostTokens));
        }
        if (stops.size() > MOST_STOPS || stops.contains("")) {
            throw new IllegalArgumentException(
                    "There are %d stop strings; at most %d, none of them empty.".formatted(stops.size(), MOST_STOPS));
        }
        if (topLogprobs > MOST_TOP_LOGPROBS) {
            throw new IllegalArgumentException(
                    "topLogprobs (%d) must be at most %d.".formatted(topLogprobs, MOST_TOP_LOGPROBS));
        }
    }
}
