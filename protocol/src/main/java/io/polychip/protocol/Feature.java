package io.polychip.protocol;

/**
 * What a request asks for that not every chip or provider can do. Field names and their order are those routing uses;
 * a field set to what it is by default asks for nothing.
 */
public enum Feature {
    TOOLS("tools"),
    RESPONSE_FORMAT("response_format"),
    LOGPROBS("logprobs"),
    TOP_LOGPROBS("top_logprobs"),
    LOGIT_BIAS("logit_bias"),
    CHOICES("n"),
    FREQUENCY_PENALTY("frequency_penalty"),
    PRESENCE_PENALTY("presence_penalty"),
    PARALLEL_TOOL_CALLS("parallel_tool_calls"),
    SERVICE_TIER("service_tier"),
    NAMED_MESSAGES("messages.name"),
    IMAGE("image"),
    AUDIO("audio"),
    EMBEDDINGS("embeddings"),
    COMPLETIONS("completions"),
    STOP("stop"),
    SEED("seed"),
    REASONING_EFFORT("reasoning_effort");

    private final String field;

    Feature(String field) {
        this.field = field;
    }

    public String field() {
        return field;
    }

    public int bit() {
        return 1 << ordinal();
    }

    public boolean in(int bits) {
        return (bits & bit()) != 0;
    }
}
