package io.polychip.protocol;

import org.jspecify.annotations.Nullable;

/** Reads an error object, or a bare string in its place, as leniently as vendors write it. */
final class ErrorReader {
    private enum Field {
        MESSAGE,
        TYPE,
        PARAM,
        CODE
    }

    private static final Keys<Field> FIELDS = new Keys<>(Field.values());
    private static final int BAD_GATEWAY = 502;

    private ErrorReader() {}

    static OpenAiError read(JsonCursor cursor) {
        if (cursor.peek() != '{') {
            String message = scalar(cursor);
            return new OpenAiError(
                    BAD_GATEWAY, message == null ? "unexplained" : message, OpenAiError.SERVER, null, null);
        }
        String message = "unexplained";
        String type = OpenAiError.SERVER;
        String param = null;
        String code = null;
        cursor.enter((byte) '{');
        for (boolean first = true; cursor.next(first, (byte) '}'); first = false) {
            cursor.key();
            Field field = FIELDS.find(cursor);
            String value = scalar(cursor);
            if (field == null || value == null) {
                continue;
            }
            switch (field) {
                case MESSAGE -> message = value;
                case TYPE -> type = value;
                case PARAM -> param = value;
                case CODE -> code = value;
            }
        }
        return new OpenAiError(status(code), message, type, param, code);
    }

    /** vLLM puts the HTTP status it would have sent into {@code code}. */
    private static int status(@Nullable String code) {
        return code != null && code.matches("[45]\\d\\d") ? Integer.parseInt(code) : BAD_GATEWAY;
    }

    private static @Nullable String scalar(JsonCursor cursor) {
        byte start = cursor.peek();
        if (start == '"') {
            cursor.string();
            return cursor.text();
        }
        if (start == '-' || (start >= '0' && start <= '9')) {
            cursor.number();
            return cursor.text();
        }
        cursor.skip();
        return null;
    }
}
