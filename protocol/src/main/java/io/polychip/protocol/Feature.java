package io.polychip.protocol;

/**
 * What a request asks for that not every chip or provider can do. Field names and their order are those routing uses; a
 * field set to what it is by default asks for nothing.
 */
public enum Feature {
    TOOLS(0, "tools"),
    RESPONSE_FORMAT(1, "response_format"),
    LOGPROBS(2, "logprobs"),
    TOP_LOGPROBS(3, "top_logprobs"),
    LOGIT_BIAS(4, "logit_bias"),
    CHOICES(5, "n"),
    FREQUENCY_PENALTY(6, "frequency_penalty"),
    PRESENCE_PENALTY(7, "presence_penalty"),
    PARALLEL_TOOL_CALLS(8, "parallel_tool_calls"),
    SERVICE_TIER(9, "service_tier"),
    NAMED_MESSAGES(10, "messages.name"),
    IMAGE(11, "image"),
    AUDIO(12, "audio"),
    EMBEDDINGS(13, "embeddings"),
    COMPLETIONS(14, "completions"),
    STOP(15, "stop"),
    SEED(16, "seed"),
    REASONING_EFFORT(17, "reasoning_effort");

    private final int bit;
    private final String field;

    Feature(int position, String field) {
        this.bit = 1 << position;
        this.field = field;
    }

    public String field() {
        return field;
    }

    public int bit() {
        return bit;
    }

    public boolean in(int bits) {
        return (bits & bit) != 0;
    }
}
