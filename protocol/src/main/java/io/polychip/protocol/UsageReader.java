package io.polychip.protocol;

/** Collects usage and timings from the places where engines and providers put them. The last word counts. */
final class UsageReader {
    private enum Field {
        PROMPT_TOKENS,
        COMPLETION_TOKENS,
        PROMPT_TOKENS_DETAILS,
        COMPLETION_TOKENS_DETAILS,
        CACHED_TOKENS,
        PROMPT_CACHE_HIT_TOKENS,
        REASONING_TOKENS,
        QUEUE_TIME,
        PROMPT_TIME,
        COMPLETION_TIME,
        QUEUE_TIME_MS,
        PROMPT_MS,
        PREDICTED_MS
    }

    private static final Keys<Field> FIELDS = new Keys<>(Field.values());
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MILLI = 1e6;

    private int promptTokens;
    private int cachedTokens;
    private int completionTokens;
    private int reasoningTokens;
    private long queueNanos;
    private long prefillNanos;
    private long decodeNanos;

    /** Reads an object with figures, or anything else without complaint. @return whether it was an object */
    boolean read(JsonCursor cursor) {
        if (cursor.peek() != '{') {
            cursor.skip();
            return false;
        }
        cursor.enter((byte) '{');
        for (boolean first = true; cursor.next(first, (byte) '}'); first = false) {
            cursor.key();
            Field field = FIELDS.find(cursor);
            byte start = cursor.peek();
            if (start == '{' && (field == Field.PROMPT_TOKENS_DETAILS || field == Field.COMPLETION_TOKENS_DETAILS)) {
                read(cursor);
            } else if (field == null || start < '0' || start > '9') {
                cursor.skip();
            } else {
                cursor.number();
                set(field, Double.parseDouble(cursor.text()));
            }
        }
        return true;
    }

    private void set(Field field, double value) {
        switch (field) {
            case PROMPT_TOKENS -> promptTokens = (int) value;
            case COMPLETION_TOKENS -> completionTokens = (int) value;
            case CACHED_TOKENS, PROMPT_CACHE_HIT_TOKENS -> cachedTokens = (int) value;
            case REASONING_TOKENS -> reasoningTokens = (int) value;
            case QUEUE_TIME -> queueNanos = (long) (value * NANOS_PER_SECOND);
            case PROMPT_TIME -> prefillNanos = (long) (value * NANOS_PER_SECOND);
            case COMPLETION_TIME -> decodeNanos = (long) (value * NANOS_PER_SECOND);
            case QUEUE_TIME_MS -> queueNanos = (long) (value * NANOS_PER_MILLI);
            case PROMPT_MS -> prefillNanos = (long) (value * NANOS_PER_MILLI);
            case PREDICTED_MS -> decodeNanos = (long) (value * NANOS_PER_MILLI);
            case PROMPT_TOKENS_DETAILS, COMPLETION_TOKENS_DETAILS -> {} // objects, read above
        }
    }

    TokenUsage usage() {
        return new TokenUsage(
                promptTokens, cachedTokens, completionTokens, reasoningTokens, queueNanos, prefillNanos, decodeNanos);
    }
}
