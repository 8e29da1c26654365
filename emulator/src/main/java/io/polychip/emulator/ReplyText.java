package io.polychip.emulator;

import io.polychip.protocol.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** The JSON of an answer, in the words of the engine or provider. */
final class ReplyText {
    static final String BROKEN = "{\"id\":\"broken\",\"choices\":[{\"index\":0,\"delta\":{\"cont";
    static final String ERROR =
            "{\"error\":{\"message\":\"The engine core died (injected fault).\",\"type\":\"InternalServerError\","
                    + "\"param\":null,\"code\":500}}";
    static final String PAGE =
            "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n";

    private static final double PICOS_PER_SECOND = 1e12;

    private final String id;
    private final Order order;
    private final Dialect dialect;
    private final String head;
    private final String model;

    /** @param number of the request, makes its id */
    ReplyText(String number, long createdSeconds, String model, Order order, Dialect dialect) {
        this.id = (order.chat() ? "chatcmpl-" : "cmpl-") + number;
        this.order = order;
        this.dialect = dialect;
        this.model = JsonText.quote(model);
        this.head = ",\"created\":%d,\"model\":%s".formatted(createdSeconds, this.model);
    }

    /** First part of a chunk, up to a token's text. */
    byte[] tokenPrefix(Choice choice) {
        String inside = !order.chat()
                ? "\"text\":\""
                : choice.script.isTool()
                        ? "\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\""
                        : "\"delta\":{\"content\":\"";
        return ("data: " + chunkHead() + ",\"choices\":[{\"index\":%d,".formatted(choice.index) + inside)
                .getBytes(StandardCharsets.UTF_8);
    }

    /** Last part of a chunk, from behind a token's text. */
    String tokenSuffix(Choice choice, int token) {
        String closing = !order.chat() ? "\"" : choice.script.isTool() ? "\"}}]}" : "\"}";
        String logprobs = order.logprobs() ? logprobs(choice, token, token + 1) : "null";
        return closing + ",\"logprobs\":" + logprobs + ",\"finish_reason\":null}]}\n\n";
    }

    /** The chunk with the role, where the wire has one. */
    String role(Choice choice, boolean first) {
        if (!order.chat()) {
            return "";
        }
        String content = choice.script.isTool()
                ? "\"content\":null,\"tool_calls\":[%s]".formatted(toolCall(choice, "", true))
                : "\"content\":\"\"";
        String extra = first && dialect == Dialect.GROQ ? ",\"x_groq\":{\"id\":\"req_%s\"}".formatted(id) : "";
        return "data: %s,\"choices\":[{\"index\":%d,\"delta\":{\"role\":\"assistant\",%s},\"logprobs\":null,\"finish_reason\":null}]%s}\n\n"
                .formatted(chunkHead(), choice.index, content, extra);
    }

    /** The chunk with the finish reason; the very last one carries what providers add to it. */
    String finish(Choice choice, List<Choice> all, boolean last) {
        String empty = order.chat() ? "\"delta\":{}" : "\"text\":\"\"";
        String extra = "";
        if (last && dialect == Dialect.GROQ) {
            extra = ",\"x_groq\":{\"id\":\"req_%s\",\"usage\":%s}".formatted(id, usage(all));
        } else if (last && dialect == Dialect.CEREBRAS) {
            extra = ",\"usage\":%s,\"time_info\":%s".formatted(usage(all), timeInfo(all));
        }
        return "data: %s,\"choices\":[{\"index\":%d,%s,\"logprobs\":null,\"finish_reason\":\"%s\"}]%s}\n\n"
                .formatted(chunkHead(), choice.index, empty, choice.script.finishReason(), extra);
    }

    String usageChunk(List<Choice> all) {
        return "data: %s,\"choices\":[],\"usage\":%s}\n\n".formatted(chunkHead(), usage(all));
    }

    /** A whole answer. */
    String whole(List<Choice> all) {
        StringBuilder choices = new StringBuilder();
        for (Choice choice : all) {
            choices.append(choices.isEmpty() ? "" : ",").append(wholeChoice(choice));
        }
        String extra = switch (dialect) {
            case GROQ -> ",\"x_groq\":{\"id\":\"req_%s\"}".formatted(id);
            case CEREBRAS -> ",\"time_info\":" + timeInfo(all);
            case VLLM, SGLANG, TENSORRT, LLAMA_CPP, HOSTED -> "";
        };
        return "{\"id\":\"%s\",\"object\":\"%s\"%s,\"choices\":[%s],\"usage\":%s%s}"
                .formatted(id, order.chat() ? "chat.completion" : "text_completion", head, choices, usage(all), extra);
    }

    private String wholeChoice(Choice choice) {
        String text = choice.script.text(choice.produced);
        String logprobs = order.logprobs() ? logprobs(choice, 0, choice.produced) : "null";
        String content;
        if (!order.chat()) {
            content = "\"text\":" + JsonText.quote(text);
        } else if (choice.script.isTool()) {
            content = "\"message\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[%s]}"
                    .formatted(toolCall(choice, text, false));
        } else {
            content = "\"message\":{\"role\":\"assistant\",\"content\":%s}".formatted(JsonText.quote(text));
        }
        return "{\"index\":%d,%s,\"logprobs\":%s,\"finish_reason\":\"%s\"}"
                .formatted(choice.index, content, logprobs, choice.script.finishReason());
    }

    private String toolCall(Choice choice, String arguments, boolean indexed) {
        return "{%s\"id\":\"call_%s_%d\",\"type\":\"function\",\"function\":{\"name\":%s,\"arguments\":%s}}"
                .formatted(
                        indexed ? "\"index\":0," : "",
                        id,
                        choice.index,
                        JsonText.quote(choice.script.toolName()),
                        JsonText.quote(arguments));
    }

    /** Plausible, not computed: likelier tokens where the text is shorter. */
    private String logprobs(Choice choice, int from, int to) {
        StringBuilder out = new StringBuilder();
        if (!order.chat()) {
            StringBuilder tokens = new StringBuilder();
            for (int i = from; i < to; i++) {
                String comma = i == from ? "" : ",";
                tokens.append(comma)
                        .append(JsonText.quote(choice.script.pieces().at(i)));
                out.append(comma).append(decimals(logprob(choice.script.pieces().at(i))));
            }
            return "{\"tokens\":[%s],\"token_logprobs\":[%s],\"top_logprobs\":null,\"text_offset\":[]}"
                    .formatted(tokens, out);
        }
        for (int i = from; i < to; i++) {
            String piece = choice.script.pieces().at(i);
            double likely = logprob(piece);
            StringBuilder others = new StringBuilder();
            for (int k = 0; k < order.topLogprobs(); k++) {
                String other = k == 0 ? piece : piece + (char) ('a' + k);
                others.append(k == 0 ? "{" : ",{")
                        .append(tokenLogprob(other, likely - k))
                        .append('}');
            }
            out.append(i == from ? "{" : ",{")
                    .append(tokenLogprob(piece, likely))
                    .append(",\"top_logprobs\":[")
                    .append(others)
                    .append("]}");
        }
        return "{\"content\":[" + out + "],\"refusal\":null}";
    }

    private static String tokenLogprob(String token, double logprob) {
        StringBuilder bytes = new StringBuilder();
        for (byte b : token.getBytes(StandardCharsets.UTF_8)) {
            bytes.append(bytes.isEmpty() ? "" : ",").append(b & 0xff);
        }
        return "\"token\":%s,\"logprob\":%s,\"bytes\":[%s]".formatted(JsonText.quote(token), decimals(logprob), bytes);
    }

    private static double logprob(String piece) {
        return -0.01 * (1 + Math.floorMod(piece.hashCode(), 100));
    }

    private String usage(List<Choice> all) {
        int completion = 0;
        int cached = 0;
        for (Choice choice : all) {
            completion += choice.produced;
            cached += choice.index % order.scan().choices() == 0 ? choice.cachedTokens : 0;
        }
        int prompt = promptTokens();
        String times = dialect == Dialect.GROQ ? "," + times(all) : "";
        return "{\"prompt_tokens\":%d,\"total_tokens\":%d,\"completion_tokens\":%d,\"prompt_tokens_details\":{\"cached_tokens\":%d}%s}"
                .formatted(prompt, prompt + completion, completion, cached, times);
    }

    private int promptTokens() {
        int prompt = 0;
        for (int i = 0; i < order.prompts().size(); i++) {
            prompt += order.promptTokens(i * order.scan().choices());
        }
        return prompt;
    }

    private static String timeInfo(List<Choice> all) {
        return "{" + times(all) + "}";
    }

    private static String times(List<Choice> all) {
        Choice choice = all.getFirst();
        double prompt = (choice.firstPicos - choice.submittedPicos) / PICOS_PER_SECOND;
        double completion = (choice.lastPicos - choice.firstPicos) / PICOS_PER_SECOND;
        return "\"queue_time\":0.000000,\"prompt_time\":%s,\"completion_time\":%s,\"total_time\":%s"
                .formatted(decimals(prompt), decimals(completion), decimals(prompt + completion));
    }

    private static String decimals(double value) {
        return String.format(Locale.ROOT, "%.6f", value);
    }

    private String chunkHead() {
        return "{\"id\":\"%s\",\"object\":\"%s\"%s"
                .formatted(id, order.chat() ? "chat.completion.chunk" : "text_completion", head);
    }

    /** Answer of the embeddings endpoint. */
    String embeddings() {
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < order.choices(); i++) {
            rows.append(i == 0 ? "" : ",")
                    .append("{\"object\":\"embedding\",\"index\":%d,\"embedding\":%s}"
                            .formatted(i, Embedding.of(order.promptOf(i), order.dimensions(), order.base64())));
        }
        int prompt = 0;
        for (int i = 0; i < order.choices(); i++) {
            prompt += order.promptTokens(i);
        }
        return "{\"object\":\"list\",\"data\":[%s],\"model\":%s,\"usage\":{\"prompt_tokens\":%d,\"total_tokens\":%d}}"
                .formatted(rows, model, prompt, prompt);
    }
}
