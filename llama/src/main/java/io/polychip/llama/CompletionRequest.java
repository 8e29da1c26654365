package io.polychip.llama;

import java.util.List;

/**
 * A request of {@code /v1/chat/completions} or {@code /v1/completions}, read and checked.
 *
 * @param chat which of the two
 * @param prompts one for a chat; a legacy completion may have several
 * @param choices answers per prompt
 * @param sampling of the first answer; the others have the following seeds
 * @param mostTokens per answer; {@link Integer#MAX_VALUE} is up to the end of the context
 * @param topLogprobs alternatives per token; negative for no log-probabilities
 * @param usageInStream whether a stream ends with the usage
 */
record CompletionRequest(
        boolean chat,
        String model,
        List<Prompt> prompts,
        int choices,
        Sampling sampling,
        int mostTokens,
        List<String> stops,
        int topLogprobs,
        boolean ignoreEnd,
        boolean stream,
        boolean usageInStream) {

    CompletionRequest {
        prompts = List.copyOf(prompts);
        stops = List.copyOf(stops);
    }
}
