package io.polychip.llama;

import io.polychip.llama.GenerationListener.Finish;
import io.polychip.llama.GenerationListener.TokenUsage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes OpenAI's answers, whole and in chunks, for one request. For one thread. */
final class ReplyJson {
    private final JsonMapper json = JsonMapper.shared();
    private final CompletionRequest request;
    private final String id;
    private final long createdSeconds;
    private final int[] textOffsets;

    ReplyJson(CompletionRequest request, String id, long createdSeconds) {
        this.request = request;
        this.id = (request.chat() ? "chatcmpl-" : "cmpl-") + id;
        this.createdSeconds = createdSeconds;
        this.textOffsets = new int[request.prompts().size() * request.choices()];
    }

    /** The first chunk of a chat's answer, which only tells the role. */
    byte[] role(int index) {
        ObjectNode chunk = chunk();
        ObjectNode choice = chunkChoice(chunk, index);
        choice.putObject("delta").put("role", "assistant").put("content", "");
        choice.putNull("logprobs").putNull("finish_reason");
        return bytes(chunk);
    }

    byte[] text(int index, String text, List<TokenLogprobs> logprobs) {
        ObjectNode chunk = chunk();
        ObjectNode choice = chunkChoice(chunk, index);
        if (request.chat()) {
            choice.putObject("delta").put("content", text);
        } else {
            choice.put("text", text);
        }
        putLogprobs(choice, index, logprobs);
        choice.putNull("finish_reason");
        return bytes(chunk);
    }

    byte[] finish(int index, Finish finish) {
        ObjectNode chunk = chunk();
        ObjectNode choice = chunkChoice(chunk, index);
        if (request.chat()) {
            choice.putObject("delta");
        } else {
            choice.put("text", "");
        }
        choice.putNull("logprobs").put("finish_reason", name(finish));
        return bytes(chunk);
    }

    byte[] usage(TokenUsage usage) {
        ObjectNode chunk = head(request.chat() ? "chat.completion.chunk" : "text_completion");
        chunk.putArray("choices");
        putUsage(chunk, usage);
        return bytes(chunk);
    }

    byte[] whole(List<Choice> choices, TokenUsage usage) {
        ObjectNode answer = head(request.chat() ? "chat.completion" : "text_completion");
        ArrayNode list = answer.putArray("choices");
        for (int index = 0; index < choices.size(); index++) {
            Choice choice = choices.get(index);
            ObjectNode node = list.addObject().put("index", index);
            if (request.chat()) {
                node.putObject("message")
                        .put("role", "assistant")
                        .put("content", choice.text().toString())
                        .putNull("refusal");
            } else {
                node.put("text", choice.text().toString());
            }
            putLogprobs(node, index, choice.logprobs());
            node.put("finish_reason", name(choice.finish()));
        }
        putUsage(answer, usage);
        return bytes(answer);
    }

    private ObjectNode head(String object) {
        return json.createObjectNode()
                .put("id", id)
                .put("object", object)
                .put("created", createdSeconds)
                .put("model", request.model())
                .put("system_fingerprint", "llama.cpp-" + LlamaLibrary.RELEASE);
    }

    private ObjectNode chunk() {
        ObjectNode chunk = head(request.chat() ? "chat.completion.chunk" : "text_completion");
        if (request.usageInStream()) {
            chunk.putNull("usage");
        }
        return chunk;
    }

    private static ObjectNode chunkChoice(ObjectNode chunk, int index) {
        return chunk.putArray("choices").addObject().put("index", index);
    }

    private static String name(@Nullable Finish finish) {
        return finish == null ? "length" : finish.name().toLowerCase(Locale.ROOT);
    }

    private static void putUsage(ObjectNode answer, TokenUsage usage) {
        ObjectNode node = answer.putObject("usage")
                .put("prompt_tokens", usage.promptTokens())
                .put("completion_tokens", usage.answerTokens())
                .put("total_tokens", usage.promptTokens() + usage.answerTokens());
        node.putObject("prompt_tokens_details").put("cached_tokens", usage.cachedTokens());
    }

    private void putLogprobs(ObjectNode choice, int index, List<TokenLogprobs> logprobs) {
        if (request.topLogprobs() < 0) {
            choice.putNull("logprobs");
        } else if (request.chat()) {
            ArrayNode content = choice.putObject("logprobs").putArray("content");
            for (TokenLogprobs token : logprobs) {
                ObjectNode node = content.addObject();
                putEntry(node, token.chosen());
                ArrayNode top = node.putArray("top_logprobs");
                token.top().forEach(other -> putEntry(top.addObject(), other));
            }
        } else {
            putLegacyLogprobs(choice.putObject("logprobs"), index, logprobs);
        }
    }

    private static void putEntry(ObjectNode node, TokenLogprobs.Entry entry) {
        node.put("token", text(entry)).put("logprob", entry.logprob());
        ArrayNode bytes = node.putArray("bytes");
        for (byte b : entry.bytes()) {
            bytes.add(b & 0xff);
        }
    }

    private void putLegacyLogprobs(ObjectNode node, int index, List<TokenLogprobs> logprobs) {
        ArrayNode tokens = node.putArray("tokens");
        ArrayNode chosen = node.putArray("token_logprobs");
        ArrayNode tops = node.putArray("top_logprobs");
        ArrayNode offsets = node.putArray("text_offset");
        for (TokenLogprobs token : logprobs) {
            String text = text(token.chosen());
            tokens.add(text);
            chosen.add(token.chosen().logprob());
            ObjectNode top = tops.addObject();
            token.top().forEach(other -> top.put(text(other), other.logprob()));
            offsets.add(textOffsets[index]);
            textOffsets[index] += text.length();
        }
    }

    private static String text(TokenLogprobs.Entry entry) {
        return new String(entry.bytes(), StandardCharsets.UTF_8);
    }

    private byte[] bytes(ObjectNode node) {
        return json.writeValueAsBytes(node);
    }
}
