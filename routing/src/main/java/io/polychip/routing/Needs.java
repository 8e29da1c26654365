package io.polychip.routing;

import io.polychip.fleet.Provider;
import java.util.List;

/** Features of a request that not every pool supports, as bits; each bit is a field of OpenAI's request. */
public final class Needs {
    /** Field names in the order of their bits, as providers' files name them. */
    public static final List<String> FIELDS = List.of(
            "tools",
            "response_format",
            "logprobs",
            "top_logprobs",
            "logit_bias",
            "n",
            "frequency_penalty",
            "presence_penalty",
            "parallel_tool_calls",
            "service_tier",
            "messages.name",
            "image",
            "audio",
            "embeddings",
            "completions",
            "stop",
            "seed",
            "reasoning_effort");

    private Needs() {}

    /** Bit of a field, 0 for one that routing does not track. */
    public static int bit(String field) {
        int index = FIELDS.indexOf(field);
        return index < 0 ? 0 : 1 << index;
    }

    /** What the provider refuses. */
    public static int unsupportedBy(Provider provider) {
        int bits = 0;
        for (String field : provider.unsupported()) {
            bits |= bit(field);
        }
        return bits;
    }
}
