package io.polychip.emulator;

import io.polychip.protocol.ChatScan;
import io.polychip.protocol.Endpoint;
import io.polychip.protocol.OpenAiError;
import io.polychip.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads a request's body: checked by the same scan the gateway uses, then bound, since speed matters less here. */
final class OrderReader {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int TOKENS_PER_IMAGE = 256;
    private static final int TOKENS_PER_SMALL_IMAGE = 85;
    private static final long BYTES_PER_AUDIO_TOKEN = 1600;
    private static final int DEFAULT_DIMENSIONS = 64;
    private static final int MAX_DIMENSIONS = 4096;

    private OrderReader() {}

    /** @throws ProtocolException when an engine would answer 400 */
    static Order read(byte[] body, Endpoint endpoint) {
        ChatScan scan = ChatScan.of(body, endpoint);
        JsonNode root;
        try {
            root = JSON.readTree(body);
        } catch (JacksonException tooMuch) {
            throw new ProtocolException(
                    OpenAiError.invalid("Not readable: " + tooMuch.getOriginalMessage(), null, "invalid_json"));
        }
        List<List<String>> prompts = new ArrayList<>();
        int continued = 0;
        if (endpoint == Endpoint.CHAT) {
            List<String> texts = new ArrayList<>();
            for (JsonNode message : root.path("messages").values()) {
                texts.add(text(message));
            }
            if (scan.prompt().lastIsAssistant() && texts.size() > 1) {
                continued = EmulatedText.tokensIn(texts.removeLast());
            }
            prompts.add(texts);
        } else {
            inputs(root.path(endpoint == Endpoint.COMPLETIONS ? "prompt" : "input"), prompts);
        }
        return new Order(
                scan,
                prompts,
                mediaTokens(scan),
                continued,
                stops(root.path("stop")),
                logprobs(root, endpoint),
                tool(root),
                schema(root.path("response_format")),
                Math.clamp(root.path("dimensions").asInt(DEFAULT_DIMENSIONS), 1, MAX_DIMENSIONS),
                root.path("encoding_format").asString("float").equals("base64"));
    }

    private static String text(JsonNode message) {
        JsonNode content = message.path("content");
        StringBuilder text = new StringBuilder(content.isString() ? content.stringValue() : "");
        if (content.isArray()) {
            for (JsonNode part : content.values()) {
                text.append(
                        part.isString() ? part.stringValue() : part.path("text").asString(""));
            }
        }
        if (message.has("tool_calls")) {
            text.append(message.path("tool_calls"));
        }
        return text.toString();
    }

    private static void inputs(JsonNode input, List<List<String>> prompts) {
        if (input.isString()) {
            prompts.add(List.of(input.stringValue()));
        } else if (input.path(0).isNumber()) {
            prompts.add(List.of(input.toString()));
        } else {
            for (JsonNode each : input.values()) {
                prompts.add(List.of(each.isString() ? each.stringValue() : each.toString()));
            }
        }
    }

    private static int mediaTokens(ChatScan scan) {
        return scan.prompt().images() * TOKENS_PER_IMAGE
                + scan.prompt().smallImages() * TOKENS_PER_SMALL_IMAGE
                + (int) (scan.prompt().audioBytes() / BYTES_PER_AUDIO_TOKEN);
    }

    private static List<String> stops(JsonNode stop) {
        List<String> stops = new ArrayList<>();
        if (stop.isString()) {
            stops.add(stop.stringValue());
        }
        for (JsonNode each : stop.values()) {
            stops.add(each.asString());
        }
        stops.removeIf(String::isEmpty);
        return stops;
    }

    private static int logprobs(JsonNode root, Endpoint endpoint) {
        if (endpoint == Endpoint.CHAT) {
            return root.path("logprobs").asBoolean(false)
                    ? root.path("top_logprobs").asInt(0)
                    : -1;
        }
        return root.path("logprobs").asInt(-1);
    }

    /** A tool is called when tools are there and {@code tool_choice} is given and not {@code none}. */
    private static @Nullable JsonNode tool(JsonNode root) {
        JsonNode choice = root.path("tool_choice");
        JsonNode tools = root.path("tools");
        if (tools.isEmpty()
                || choice.isMissingNode()
                || choice.isNull()
                || choice.asString("").equals("none")) {
            return null;
        }
        String wanted = choice.path("function").path("name").asString("");
        for (JsonNode tool : tools.values()) {
            if (tool.path("function").path("name").asString("").equals(wanted)) {
                return tool.path("function");
            }
        }
        return tools.path(0).path("function");
    }

    private static @Nullable JsonNode schema(JsonNode format) {
        return switch (format.path("type").asString("")) {
            case "json_schema" -> format.path("json_schema").path("schema");
            case "json_object" -> JSON.readTree("{\"properties\":{\"answer\":{\"type\":\"string\",\"minLength\":24}}}");
            default -> null;
        };
    }
}
