package io.polychip.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * How a chat request is worded: endpoints that speak OpenAI's wire differ in which fields they take.
 *
 * @param cap the field that limits the answer: {@code max_tokens}, or {@code max_completion_tokens} as OpenAI's newer
 *     models want
 * @param ignoreEos asks for exactly that length; vLLM, SGLang, llama.cpp and others know it, OpenAI does not
 * @param usage asks a stream for its token counts
 */
record ChatForm(String cap, boolean ignoreEos, boolean usage) {
    static final ChatForm EXACT = new ChatForm("max_tokens", true, true);
    static final ChatForm CAPPED = new ChatForm("max_tokens", false, true);
    static final ChatForm NEWER = new ChatForm("max_completion_tokens", false, true);
    static final ChatForm PLAIN = new ChatForm("max_tokens", false, false);

    static HttpHeaders headers(boolean stream, @Nullable String key) {
        HttpHeaders headers = new DefaultHttpHeaders()
                .set("content-type", "application/json")
                .set("accept", stream ? "text/event-stream" : "application/json");
        if (key != null) {
            headers.set("authorization", "Bearer " + key);
        }
        return headers;
    }

    /** @param prompt text that needs no escaping in JSON */
    ByteBuf body(
            ByteBufAllocator allocator,
            String model,
            boolean stream,
            @Nullable String serviceTier,
            int outputTokens,
            byte[] prompt) {
        StringBuilder head =
                new StringBuilder(160).append("{\"model\":\"").append(model).append('"');
        if (stream) {
            head.append(",\"stream\":true");
        }
        if (stream && usage) {
            head.append(",\"stream_options\":{\"include_usage\":true}");
        }
        head.append(",\"").append(cap).append("\":").append(outputTokens);
        if (ignoreEos) {
            head.append(",\"ignore_eos\":true");
        }
        if (serviceTier != null) {
            head.append(",\"service_tier\":\"").append(serviceTier).append('"');
        }
        head.append(",\"messages\":[{\"role\":\"user\",\"content\":\"");
        ByteBuf body = allocator.buffer(head.length() + prompt.length + 8);
        body.writeCharSequence(head, StandardCharsets.UTF_8);
        body.writeBytes(prompt);
        body.writeCharSequence("\"}]}", StandardCharsets.US_ASCII);
        return body;
    }
}
