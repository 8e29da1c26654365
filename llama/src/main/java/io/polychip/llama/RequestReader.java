package io.polychip.llama;

import io.polychip.protocol.OpenAiError;
import io.polychip.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads OpenAI's requests (openai-openapi, 2026-08) with llama.cpp's additions {@code top_k}, {@code min_p},
 * {@code repeat_penalty} and {@code ignore_eos}. What cannot be done is refused by name; fields nobody knows are passed
 * over. For any thread.
 */
final class RequestReader {
    private static final int LEGACY_TOKENS = 16;
    private static final int MOST_CHOICES = 16;
    private static final int MOST_LEGACY_LOGPROBS = 5;
    private static final Set<String> ROLES = Set.of("system", "user", "assistant");

    private final JsonMapper json = JsonMapper.shared();
    private final String model;
    private final LongSupplier seeds;

    /** @param seeds for requests that name none */
    RequestReader(String model, LongSupplier seeds) {
        this.model = model;
        this.seeds = seeds;
    }

    /** @throws ProtocolException if it cannot be served as it stands */
    CompletionRequest read(byte[] body, boolean chat) {
        JsonNode root;
        try {
            root = json.readTree(body);
        } catch (JacksonException e) {
            throw new ProtocolException(OpenAiError.invalid(
                    "The body is not valid JSON: %s".formatted(e.getOriginalMessage()), null, "invalid_json"));
        }
        if (root == null || !root.isObject()) {
            throw new ProtocolException(OpenAiError.invalid("The body is not a JSON object.", null, "invalid_json"));
        }
        Fields fields = new Fields(root);
        requireModel(fields.text("model"));
        refuseUnsupported(fields);
        boolean stream = fields.flag("stream", false);
        int choices = fields.integer("n", 1, 1, MOST_CHOICES);
        List<Prompt> prompts = chat ? List.of(chat(fields)) : prompts(fields);
        if (prompts.size() * choices > MOST_CHOICES) {
            throw Fields.invalid(
                    "n",
                    "%d prompts times n %d are %d answers; at most %d."
                            .formatted(prompts.size(), choices, prompts.size() * choices, MOST_CHOICES));
        }
        return new CompletionRequest(
                chat,
                model,
                prompts,
                choices,
                sampling(fields),
                mostTokens(fields, chat),
                stops(fields),
                topLogprobs(fields, chat),
                fields.flag("ignore_eos", false),
                stream,
                stream && fields.object("stream_options").flag("include_usage", false));
    }

    private void requireModel(String asked) {
        if (!asked.equals(model)) {
            throw new ProtocolException(new OpenAiError(
                    404,
                    "The model \"%s\" is not served here; known is \"%s\".".formatted(asked, model),
                    OpenAiError.INVALID_REQUEST,
                    "model",
                    "model_not_found"));
        }
    }

    private static void refuseUnsupported(Fields fields) {
        for (String list : List.of("tools", "functions")) {
            JsonNode value = fields.get(list);
            if (value != null && !fields.array(list, value).isEmpty()) {
                throw Fields.unsupported(list, "Calling tools");
            }
        }
        if (fields.has("response_format")) {
            String type = fields.object("response_format").text("type");
            if (!type.equals("text")) {
                throw Fields.unsupported("response_format", "The response format \"%s\"".formatted(type));
            }
        }
        if (fields.texts("modalities").contains("audio") || fields.has("audio")) {
            throw Fields.unsupported("audio", "Audio");
        }
        if (fields.flag("echo", false)) {
            throw Fields.unsupported("echo", "Echoing the prompt");
        }
        if (fields.has("suffix")) {
            throw Fields.unsupported("suffix", "Filling in the middle");
        }
        if (fields.integer("best_of", 1, 0, MOST_CHOICES) > fields.integer("n", 1, 1, MOST_CHOICES)) {
            throw Fields.unsupported("best_of", "Choosing the best of several answers");
        }
    }

    private Sampling sampling(Fields fields) {
        Sampling standard =
                Sampling.standard(fields.integer("seed", seeds.getAsLong(), Long.MIN_VALUE, Long.MAX_VALUE));
        return new Sampling(
                fields.number("temperature", standard.temperature(), 0, 2),
                fields.integer("top_k", standard.topK(), 0, Integer.MAX_VALUE),
                fields.number("top_p", standard.topP(), 0, 1),
                fields.number("min_p", standard.minP(), 0, 1),
                fields.number("frequency_penalty", 0, -2, 2),
                fields.number("presence_penalty", 0, -2, 2),
                fields.number("repeat_penalty", 1, 0.01f, 100),
                bias(fields),
                standard.seed());
    }

    private static Map<Integer, Float> bias(Fields fields) {
        JsonNode biases = fields.get("logit_bias");
        if (biases == null) {
            return Map.of();
        }
        Fields byToken = fields.object("logit_bias");
        Map<Integer, Float> bias = new HashMap<>();
        for (String token : biases.propertyNames()) {
            try {
                bias.put(Integer.parseInt(token), byToken.number(token, 0, -100, 100));
            } catch (NumberFormatException e) {
                throw Fields.invalid("logit_bias", "logit_bias has the key \"%s\"; keys are tokens.".formatted(token));
            }
        }
        return bias;
    }

    private static int mostTokens(Fields fields, boolean chat) {
        int absent = chat ? Integer.MAX_VALUE : LEGACY_TOKENS;
        int older = fields.integer("max_tokens", absent, 1, Integer.MAX_VALUE);
        return fields.integer("max_completion_tokens", older, 1, Integer.MAX_VALUE);
    }

    private static List<String> stops(Fields fields) {
        List<String> stops = fields.texts("stop");
        if (stops.size() > GenerationRequest.MOST_STOPS || stops.contains("")) {
            throw Fields.invalid(
                    "stop",
                    "stop has %d strings; allowed are %d, none of them empty."
                            .formatted(stops.size(), GenerationRequest.MOST_STOPS));
        }
        return stops;
    }

    private static int topLogprobs(Fields fields, boolean chat) {
        if (!chat) {
            return fields.integer("logprobs", -1, 0, MOST_LEGACY_LOGPROBS);
        }
        int top = fields.integer("top_logprobs", 0, 0, GenerationRequest.MOST_TOP_LOGPROBS);
        if (fields.flag("logprobs", false)) {
            return top;
        }
        if (top > 0) {
            throw Fields.invalid("top_logprobs", "top_logprobs is %d without logprobs: true.".formatted(top));
        }
        return -1;
    }

    private static Prompt chat(Fields fields) {
        JsonNode list = fields.get("messages");
        if (list == null || !list.isArray() || list.isEmpty()) {
            throw Fields.invalid("messages", "messages is missing or empty; expected at least one message.");
        }
        List<ChatMessage> messages = new ArrayList<>();
        for (JsonNode message : list) {
            messages.add(message(message, "messages[%d]".formatted(messages.size())));
        }
        // vLLM asks for the continuation by two flags, llama.cpp continues unasked; nobody sends a final answer
        // otherwise.
        boolean continues = messages.getLast().role().equals("assistant")
                && fields.flag("continue_final_message", true)
                && !fields.flag("add_generation_prompt", false);
        return continues
                ? new Prompt.Chat(
                        messages.subList(0, messages.size() - 1),
                        messages.getLast().content())
                : new Prompt.Chat(messages, "");
    }

    private static ChatMessage message(JsonNode node, String where) {
        if (!node.isObject()) {
            throw Fields.invalid(where, "%s is %s; expected an object.".formatted(where, node.getNodeType()));
        }
        Fields message = new Fields(node);
        String role = message.text("role");
        if (role.equals("developer")) {
            role = "system"; // OpenAI's newer name for the same
        }
        if (!ROLES.contains(role)) {
            throw Fields.invalid(
                    where + ".role", "%s.role is \"%s\"; allowed are system, user, assistant.".formatted(where, role));
        }
        JsonNode calls = message.get("tool_calls");
        if (calls != null && !calls.isEmpty()) {
            throw Fields.unsupported(where + ".tool_calls", "Calling tools");
        }
        return new ChatMessage(role, content(message.get("content"), where + ".content"));
    }

    private static String content(@Nullable JsonNode content, String where) {
        if (content == null) {
            throw Fields.invalid(where, "%s is missing; expected a string or a list of text parts.".formatted(where));
        }
        if (content.isString()) {
            return content.stringValue();
        }
        if (!content.isArray()) {
            throw Fields.invalid(
                    where,
                    "%s is %s; expected a string or a list of text parts."
                            .formatted(where, content.getNodeType().name().toLowerCase(Locale.ROOT)));
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode node : content) {
            Fields part = new Fields(node);
            String type = part.text("type");
            if (!type.equals("text")) {
                throw Fields.unsupported(where, "A part of the type \"%s\"".formatted(type));
            }
            text.append(part.text("text"));
        }
        return text.toString();
    }

    /** A text, tokens, or a list of either. */
    private static List<Prompt> prompts(Fields fields) {
        JsonNode prompt = fields.get("prompt");
        if (prompt == null) {
            throw Fields.invalid("prompt", "prompt is missing; expected a string, tokens, or a list of either.");
        }
        if (prompt.isString()) {
            return List.of(new Prompt.Text(prompt.stringValue()));
        }
        if (fields.array("prompt", prompt).isEmpty()) {
            throw Fields.invalid("prompt", "prompt is an empty list; expected at least one string or token.");
        }
        if (prompt.get(0).isNumber()) {
            return List.of(tokens(fields, prompt));
        }
        List<Prompt> prompts = new ArrayList<>();
        for (JsonNode element : prompt) {
            prompts.add(element.isString() ? new Prompt.Text(element.stringValue()) : tokens(fields, element));
        }
        return prompts;
    }

    private static Prompt tokens(Fields fields, JsonNode list) {
        int[] tokens = new int[fields.array("prompt", list).size()];
        for (int i = 0; i < tokens.length; i++) {
            JsonNode token = list.get(i);
            if (!token.isIntegralNumber() || !token.canConvertToInt()) {
                throw fields.wrongType("prompt", token, "tokens");
            }
            tokens[i] = token.intValue();
        }
        return new Prompt.Tokens(tokens);
    }
}
