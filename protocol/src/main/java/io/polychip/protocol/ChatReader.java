package io.polychip.protocol;

import static io.polychip.protocol.OpenAiError.invalid;

import java.util.EnumSet;

/**
 * The pass behind {@link ChatScan}: top-level members here, what the model reads in {@link PromptReader}.
 *
 * <p>Two passes over the prompt in truth: the grammar first, then the hashes, because {@code tools} may follow
 * {@code messages} and comes before them in every chat template. The second finds its bytes in the cache.
 */
final class ChatReader {
    /** Members a gateway acts on; all others are skipped. */
    enum Field {
        MODEL,
        MESSAGES,
        PROMPT,
        INPUT,
        STREAM,
        STREAM_OPTIONS,
        SERVICE_TIER,
        MAX_TOKENS,
        MAX_COMPLETION_TOKENS,
        N,
        TEMPERATURE,
        TOP_P,
        TOOLS,
        FUNCTIONS,
        TOOL_CHOICE,
        RESPONSE_FORMAT,
        LOGPROBS,
        TOP_LOGPROBS,
        LOGIT_BIAS,
        FREQUENCY_PENALTY,
        PRESENCE_PENALTY,
        PARALLEL_TOOL_CALLS,
        STOP,
        SEED,
        REASONING_EFFORT,
        IGNORE_EOS,
        USER,
        PROMPT_CACHE_KEY,
        SAFETY_IDENTIFIER;

        final String wireName = Keys.wireName(this);
    }

    private enum OptionField {
        INCLUDE_USAGE
    }

    private enum FormatField {
        TYPE
    }

    private static final Keys<Field> FIELDS = new Keys<>(Field.values());
    private static final Keys<OptionField> OPTIONS = new Keys<>(OptionField.values());
    private static final Keys<FormatField> FORMAT = new Keys<>(FormatField.values());
    private static final long SEED = 0x706f6c7963686970L;

    private final byte[] data;
    private final int offset;
    private final int length;
    private final ChatScan scan;
    private final JsonCursor cursor = new JsonCursor();
    private final Values values;
    private final PromptReader prompts;
    private final EnumSet<Field> seen = EnumSet.noneOf(Field.class);
    private long cacheKey;
    private long person;
    private long toolHash;
    private int toolBytes;

    ChatReader(byte[] data, int offset, int length, Endpoint endpoint) {
        this.data = data;
        this.offset = offset;
        this.length = length;
        this.scan = new ChatScan(endpoint);
        cursor.over(data, offset, offset + length);
        this.values = new Values(cursor);
        this.prompts = new PromptReader(scan, cursor, values);
    }

    ChatScan read() {
        try {
            readObject();
        } catch (JsonFault fault) {
            throw new ProtocolException(notJson(fault));
        }
        checkComplete();
        finish();
        return scan;
    }

    private OpenAiError notJson(JsonFault fault) {
        String what = fault.truncated() && fault.position() >= length
                ? "The body stops half-way after %d bytes: %s. Maybe the request was cut or its Content-Length is too small."
                        .formatted(length, fault.reason())
                : "The body is not valid JSON at byte %d: %s. Maybe check quotes, commas and escapes there."
                        .formatted(fault.position(), fault.reason());
        return invalid(what, null, "invalid_json");
    }

    private void readObject() {
        if (cursor.atEnd()) {
            throw new ProtocolException(invalid(
                    "The body is empty; a JSON object with at least 'model' is expected.", null, "invalid_json"));
        }
        if (cursor.peek() != '{') {
            cursor.skip();
            throw new ProtocolException(
                    invalid("The body must be a JSON object such as {\"model\": ...}.", null, "invalid_type"));
        }
        cursor.enter((byte) '{');
        scan.members.open = cursor.at() - offset;
        for (boolean first = true; cursor.next(first, (byte) '}'); first = false) {
            int nameFrom = cursor.at() - offset;
            cursor.key();
            Field field = FIELDS.find(cursor);
            String name = field == null ? cursor.text() : field.wireName;
            if (scan.members.index(name) >= 0) {
                throw new ProtocolException(invalid(
                        "'%s' is given twice; which one is meant cannot be known. Maybe remove one.".formatted(name),
                        name,
                        "duplicate_parameter"));
            }
            cursor.peek();
            int valueFrom = cursor.at();
            if (field == null) {
                cursor.skip();
            } else {
                read(field, name);
            }
            scan.members.add(name, nameFrom, valueFrom - offset, cursor.at() - offset);
        }
        if (!cursor.atEnd()) {
            throw cursor.fault("more text behind the end of the object");
        }
    }

    private void read(Field field, String name) {
        int from = cursor.at();
        if (field == Field.MODEL) {
            scan.model = values.string(name);
        } else if (values.isNull()) {
            seen.remove(field);
            return;
        } else {
            readSet(field, name, from);
        }
        seen.add(field);
    }

    private void readSet(Field field, String name, int from) {
        switch (field) {
            case MESSAGES -> prompts.messages(name);
            case PROMPT, INPUT -> prompts.inputs(name);
            case STREAM -> scan.stream = values.bool(name);
            case STREAM_OPTIONS -> streamOptions(name);
            case SERVICE_TIER -> {
                scan.serviceTier = values.string(name);
                need(Feature.SERVICE_TIER, true);
            }
            case MAX_TOKENS, MAX_COMPLETION_TOKENS -> {
                int least = scan.endpoint == Endpoint.CHAT ? 1 : 0;
                int cap = values.integer(name, least);
                scan.maxTokens = scan.maxTokens == 0 ? cap : Math.min(scan.maxTokens, cap);
            }
            case N -> {
                scan.choices = values.integer(name, 1);
                need(Feature.CHOICES, scan.choices > 1);
            }
            case TOOLS, FUNCTIONS -> {
                boolean any = values.anyInArray(name);
                need(Feature.TOOLS, any);
                if (any) {
                    toolBytes += cursor.at() - from;
                    toolHash = Hash64.of(toolHash, data, from, cursor.at());
                }
            }
            case RESPONSE_FORMAT -> responseFormat(name);
            case LOGPROBS ->
                need(
                        Feature.LOGPROBS,
                        scan.endpoint == Endpoint.CHAT ? values.bool(name) : values.integer(name, 0) >= 0);
            case TOP_LOGPROBS -> need(Feature.TOP_LOGPROBS, values.integer(name, 0) > 0);
            case LOGIT_BIAS -> need(Feature.LOGIT_BIAS, values.anyInObject(name));
            case FREQUENCY_PENALTY -> need(Feature.FREQUENCY_PENALTY, values.number(name) != 0);
            case PRESENCE_PENALTY -> need(Feature.PRESENCE_PENALTY, values.number(name) != 0);
            case TEMPERATURE, TOP_P -> values.number(name);
            case TOOL_CHOICE -> values.stringOrObject(name);
            case PARALLEL_TOOL_CALLS -> {
                values.bool(name);
                need(Feature.PARALLEL_TOOL_CALLS, true);
            }
            case STOP -> need(Feature.STOP, values.stringOrStrings(name));
            case SEED -> {
                values.number(name);
                need(Feature.SEED, true);
            }
            case REASONING_EFFORT -> {
                values.string(name);
                need(Feature.REASONING_EFFORT, true);
            }
            case IGNORE_EOS -> scan.ignoreEos = values.bool(name);
            case USER, SAFETY_IDENTIFIER -> {
                values.skipString(name);
                person = Hash64.of(person, data, from, cursor.at());
            }
            case PROMPT_CACHE_KEY -> {
                values.skipString(name);
                cacheKey = Hash64.of(SEED, data, from, cursor.at());
            }
            case MODEL -> throw new IllegalStateException("read before");
        }
    }

    private void need(Feature feature, boolean asked) {
        if (asked) {
            scan.features |= feature.bit();
        }
    }

    private void streamOptions(String name) {
        values.expect((byte) '{', name, "an object");
        cursor.enter((byte) '{');
        int inside = cursor.at() - offset;
        boolean any = false;
        for (boolean first = true; cursor.next(first, (byte) '}'); first = false) {
            any = true;
            cursor.key();
            boolean usage = OPTIONS.find(cursor) != null;
            cursor.peek();
            int from = cursor.at();
            if (!usage) {
                cursor.skip();
            } else if (!values.isNull()) {
                scan.includeUsage = values.bool("stream_options.include_usage");
            }
            if (usage) {
                scan.includeUsageFrom = from - offset;
                scan.includeUsageTo = cursor.at() - offset;
            }
        }
        scan.optionsFrom = any ? inside : 0; // an empty object is simply replaced
    }

    private void responseFormat(String name) {
        values.expect((byte) '{', name, "an object");
        cursor.enter((byte) '{');
        boolean plain = false;
        for (boolean first = true; cursor.next(first, (byte) '}'); first = false) {
            cursor.key();
            boolean type = FORMAT.find(cursor) != null;
            if (type) {
                plain = values.string("response_format.type").equals("text");
            } else {
                cursor.skip();
            }
        }
        need(Feature.RESPONSE_FORMAT, !plain);
    }

    private void checkComplete() {
        if (scan.model.isEmpty()) {
            throw new ProtocolException(
                    invalid("You must provide a model parameter. Maybe see /v1/models.", "model", "missing_model"));
        }
        Field needed = switch (scan.endpoint) {
            case CHAT -> Field.MESSAGES;
            case COMPLETIONS -> Field.PROMPT;
            case EMBEDDINGS -> Field.INPUT;
        };
        if (!seen.contains(needed)) {
            throw new ProtocolException(invalid(
                    "Missing required parameter: '%s'.".formatted(needed.wireName),
                    needed.wireName,
                    "missing_required_parameter"));
        }
        need(Feature.COMPLETIONS, scan.endpoint == Endpoint.COMPLETIONS);
        need(Feature.EMBEDDINGS, scan.endpoint == Endpoint.EMBEDDINGS);
    }

    private void finish() {
        scan.prompt.textBytes += toolBytes;
        long seed = Hash64.join(Hash64.of(SEED, data, from("model"), to("model")), toolHash);
        long last = prompts.hash(data, seed, toolBytes);
        if (cacheKey != 0) {
            scan.prompt.conversation = cacheKey;
        } else if (person != 0) {
            scan.prompt.conversation = Hash64.join(scan.prompt.conversation, person);
        }
        scan.prompt.seal();
        scan.fingerprint = fingerprint(last);
    }

    /** All bytes outside the prompt behind the hash of those inside it. */
    private long fingerprint(long promptHash) {
        String prompt = scan.endpoint == Endpoint.CHAT
                ? Field.MESSAGES.wireName
                : scan.endpoint == Endpoint.COMPLETIONS ? Field.PROMPT.wireName : Field.INPUT.wireName;
        return Hash64.of(Hash64.of(promptHash, data, offset, from(prompt)), data, to(prompt), offset + length);
    }

    private int from(String name) {
        return offset + scan.members.valueFrom(scan.members.index(name));
    }

    private int to(String name) {
        return offset + scan.members.valueTo(scan.members.index(name));
    }
}
