package io.polychip.protocol;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * An error as OpenAI's clients expect it: all four keys are always written (openai-openapi {@code Error}).
 *
 * @param status HTTP status it travels with
 * @param type family of the error, {@code invalid_request_error}
 * @param param the request's field it is about, {@code messages[0].content}
 * @param code stable name for programs, {@code model_not_found}
 */
public record OpenAiError(
        int status,
        String message,
        String type,
        @Nullable String param,
        @Nullable String code) {
    public static final String INVALID_REQUEST = "invalid_request_error";
    public static final String RATE_LIMIT = "rate_limit_error";
    public static final String SERVER = "server_error";

    /** A request that is wrong in itself. */
    public static OpenAiError invalid(String message, @Nullable String param, @Nullable String code) {
        return new OpenAiError(400, message, INVALID_REQUEST, param, code);
    }

    /** Body of an answer. */
    public byte[] body() {
        return json().getBytes(StandardCharsets.UTF_8);
    }

    /** The same inside a stream: what follows it is nothing, above all no {@code [DONE]}. */
    public byte[] event() {
        return ("data: " + json() + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    private String json() {
        return "{\"error\":{\"message\":%s,\"type\":%s,\"param\":%s,\"code\":%s}}"
                .formatted(JsonText.quote(message), JsonText.quote(type), JsonText.quote(param), JsonText.quote(code));
    }
}
