package io.polychip.protocol;

import org.jspecify.annotations.Nullable;

/**
 * Reads one chunk of a stream or one whole answer; the two differ only in {@code delta} and {@code message}. Checks all
 * of its JSON on the way, which costs a fraction of a microsecond per chunk, so nothing is guessed from markers.
 */
final class ReplyReader {
    private enum Field {
        CHOICES,
        DATA,
        USAGE,
        X_GROQ,
        TIME_INFO,
        TIMINGS,
        METRICS,
        ERROR,
        OBJECT
    }

    private enum GroqField {
        USAGE,
        ERROR
    }

    private enum ChoiceField {
        INDEX,
        DELTA,
        MESSAGE,
        TEXT,
        FINISH_REASON
    }

    private enum DeltaField {
        CONTENT,
        REFUSAL,
        REASONING_CONTENT,
        REASONING,
        TOOL_CALLS,
        FUNCTION_CALL,
        AUDIO
    }

    private static final Keys<Field> FIELDS = new Keys<>(Field.values());
    private static final Keys<GroqField> GROQ = new Keys<>(GroqField.values());
    private static final Keys<ChoiceField> CHOICE = new Keys<>(ChoiceField.values());
    private static final Keys<DeltaField> DELTA = new Keys<>(DeltaField.values());

    private final JsonCursor cursor = new JsonCursor();
    private final UsageReader figures = new UsageReader();
    private long finished;
    private int results;
    private boolean visible;
    private boolean hidden;
    private boolean usage;
    private boolean flatError;
    private @Nullable OpenAiError error;

    /**
     * Reads one object.
     *
     * @throws JsonFault when it is none
     */
    void read(byte[] data, int from, int to) {
        results = 0;
        visible = false;
        hidden = false;
        usage = false;
        flatError = false;
        cursor.over(data, from, to);
        cursor.enter((byte) '{');
        for (boolean first = true; cursor.next(first, (byte) '}'); first = false) {
            cursor.key();
            switch (FIELDS.find(cursor)) {
                case CHOICES -> choices();
                case DATA -> data();
                case USAGE -> usage |= figures.read(cursor);
                case TIME_INFO, TIMINGS, METRICS -> figures.read(cursor);
                case X_GROQ -> groq();
                case ERROR -> errorObject();
                case OBJECT -> flatError = objectIsError();
                case null -> cursor.skip();
            }
        }
        if (!cursor.atEnd()) {
            throw cursor.fault("more text behind the end of the object");
        }
        if (flatError && error == null) { // vLLM before 0.10: the error object is the whole event
            cursor.over(data, from, to);
            error = ErrorReader.read(cursor);
        }
    }

    private boolean objectIsError() {
        if (cursor.peek() != '"') {
            cursor.skip();
            return false;
        }
        return cursor.string() == 5 && textIs("error");
    }

    private boolean textIs(String word) {
        return cursor.text().equals(word);
    }

    private void groq() {
        if (cursor.peek() != '{') {
            cursor.skip();
            return;
        }
        cursor.enter((byte) '{');
        for (boolean first = true; cursor.next(first, (byte) '}'); first = false) {
            cursor.key();
            switch (GROQ.find(cursor)) {
                case USAGE -> figures.read(cursor);
                case ERROR -> errorObject();
                case null -> cursor.skip();
            }
        }
    }

    private void errorObject() {
        byte start = cursor.peek();
        if (start == 'n' || start == 'f') {
            cursor.skip();
            return;
        }
        error = ErrorReader.read(cursor);
    }

    private void data() {
        if (cursor.peek() != '[') {
            cursor.skip();
            return;
        }
        cursor.enter((byte) '[');
        for (boolean first = true; cursor.next(first, (byte) ']'); first = false) {
            cursor.skip();
            results++;
        }
    }

    private void choices() {
        if (cursor.peek() != '[') {
            cursor.skip();
            return;
        }
        cursor.enter((byte) '[');
        for (boolean first = true; cursor.next(first, (byte) ']'); first = false) {
            choice();
            results++;
        }
    }

    private void choice() {
        int index = results;
        boolean finish = false;
        cursor.enter((byte) '{');
        for (boolean first = true; cursor.next(first, (byte) '}'); first = false) {
            cursor.key();
            switch (CHOICE.find(cursor)) {
                case INDEX -> index = index(index);
                case DELTA, MESSAGE -> delta();
                case TEXT -> visible |= filled();
                case FINISH_REASON -> finish = finishReason();
                case null -> cursor.skip();
            }
        }
        if (finish) {
            finished |= 1L << index;
        }
    }

    private int index(int otherwise) {
        byte digit = cursor.peek();
        if (digit < '0' || digit > '9') {
            cursor.skip();
            return otherwise;
        }
        cursor.number();
        int length = cursor.stringTo() - cursor.stringFrom();
        return length == 1 ? digit - '0' : length == 2 ? Integer.parseInt(cursor.text()) : otherwise;
    }

    /** An engine that gives up says so here: vLLM and SGLang with {@code abort}, OpenRouter with {@code error}. */
    private boolean finishReason() {
        if (cursor.peek() != '"') {
            cursor.skip();
            return false;
        }
        int length = cursor.string();
        if (length == 0) {
            return false;
        }
        if (length == 5 && (textIs("abort") || textIs("error"))) {
            error = new OpenAiError(
                    502,
                    "The engine gave the answer up (finish_reason %s).".formatted(cursor.text()),
                    OpenAiError.SERVER,
                    null,
                    "upstream_aborted");
            return false;
        }
        return true;
    }

    private void delta() {
        if (cursor.peek() != '{') {
            cursor.skip();
            return;
        }
        cursor.enter((byte) '{');
        for (boolean first = true; cursor.next(first, (byte) '}'); first = false) {
            cursor.key();
            switch (DELTA.find(cursor)) {
                case CONTENT, REFUSAL, TOOL_CALLS, FUNCTION_CALL, AUDIO -> visible |= filled();
                case REASONING_CONTENT, REASONING -> hidden |= filled();
                case null -> cursor.skip();
            }
        }
    }

    /** Skips a value. @return whether there is anything in it */
    private boolean filled() {
        return switch (cursor.peek()) {
            case '"' -> cursor.string() > 0;
            case '[', '{' -> {
                int from = cursor.at();
                cursor.skip();
                yield cursor.at() - from > 2;
            }
            default -> {
                cursor.skip();
                yield false;
            }
        };
    }

    /** The last object read has text, refusal or a piece of a tool call. */
    boolean visible() {
        return visible;
    }

    /** It has reasoning. */
    boolean hidden() {
        return hidden;
    }

    /** It has usage and no choices. */
    boolean usageOnly() {
        return usage && results == 0;
    }

    /** Choices, or rows of embeddings, in the last object read. */
    int results() {
        return results;
    }

    /** Choices finished so far, over all objects read. */
    int finished() {
        return Long.bitCount(finished);
    }

    TokenUsage usage() {
        return figures.usage();
    }

    /** Seen in any object so far. */
    @Nullable
    OpenAiError error() {
        return error;
    }
}
