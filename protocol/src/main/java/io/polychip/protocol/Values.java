package io.polychip.protocol;

import static io.polychip.protocol.OpenAiError.invalid;

/** Reads values of a required type and says in OpenAI's words what came instead. */
final class Values {
    private final JsonCursor cursor;

    Values(JsonCursor cursor) {
        this.cursor = cursor;
    }

    boolean isNull() {
        if (cursor.peek() != 'n') {
            return false;
        }
        cursor.literal("null");
        return true;
    }

    boolean bool(String param) {
        byte found = cursor.peek();
        if (found == 't') {
            cursor.literal("true");
            return true;
        }
        expect((byte) 'f', param, "a boolean");
        cursor.literal("false");
        return false;
    }

    String string(String param) {
        skipString(param);
        return cursor.text();
    }

    /** @return decoded length in bytes */
    int skipString(String param) {
        expect((byte) '"', param, "a string");
        return cursor.string();
    }

    double number(String param) {
        byte found = cursor.peek();
        if (found != '-' && (found < '0' || found > '9')) {
            throw wrongType(param, "a number");
        }
        cursor.number();
        return Double.parseDouble(cursor.text());
    }

    /** A whole number of at least {@code least} that fits an int. */
    int integer(String param, int least) {
        byte found = cursor.peek();
        if (found != '-' && (found < '0' || found > '9')) {
            throw wrongType(param, "an integer");
        }
        cursor.number();
        int from = cursor.stringFrom();
        int to = cursor.stringTo();
        byte[] data = cursor.data();
        long value = 0;
        boolean plain = to - from <= 9;
        for (int i = from; plain && i < to; i++) {
            plain = data[i] >= '0' && data[i] <= '9';
            value = value * 10 + data[i] - '0';
        }
        if (!plain) {
            double exact = Double.parseDouble(cursor.text());
            if (exact != Math.rint(exact)) {
                throw new ProtocolException(invalid(
                        "Invalid type for '%s': expected an integer, but got a decimal number instead."
                                .formatted(param),
                        param,
                        "invalid_type"));
            }
            if (exact > Integer.MAX_VALUE) {
                throw new ProtocolException(invalid(
                        "Invalid '%s': %s is too large; at most %d is allowed."
                                .formatted(param, cursor.text(), Integer.MAX_VALUE),
                        param,
                        "integer_above_max_value"));
            }
            value = (long) exact;
        }
        if (value < least) {
            throw new ProtocolException(invalid(
                    "Invalid '%s': %s is below the minimum of %d.".formatted(param, cursor.text(), least),
                    param,
                    "integer_below_min_value"));
        }
        return (int) value;
    }

    /** Skips an array. @return whether it has elements */
    boolean anyInArray(String param) {
        expect((byte) '[', param, "an array");
        return any();
    }

    /** Skips an object. @return whether it has members */
    boolean anyInObject(String param) {
        expect((byte) '{', param, "an object");
        return any();
    }

    private boolean any() {
        int from = cursor.at();
        cursor.skip();
        for (int i = from + 1; i < cursor.at() - 1; i++) {
            if (cursor.data()[i] > ' ') {
                return true;
            }
        }
        return false;
    }

    /** @return whether there is at least one string */
    boolean stringOrStrings(String param) {
        if (cursor.peek() == '"') {
            cursor.string();
            return true;
        }
        expect((byte) '[', param, "a string or an array of strings");
        cursor.enter((byte) '[');
        boolean any = false;
        for (boolean first = true; cursor.next(first, (byte) ']'); first = false) {
            skipString(param);
            any = true;
        }
        return any;
    }

    void stringOrObject(String param) {
        byte found = cursor.peek();
        if (found != '"' && found != '{') {
            throw wrongType(param, "a string or an object");
        }
        cursor.skip();
    }

    void expect(byte opening, String param, String wanted) {
        if (cursor.peek() != opening) {
            throw wrongType(param, wanted);
        }
    }

    /** Reads the offending value first, so that broken JSON is reported as such. */
    ProtocolException wrongType(String param, String wanted) {
        String got = kind(cursor.peek());
        cursor.skip();
        return new ProtocolException(invalid(
                "Invalid type for '%s': expected %s, but got %s instead.".formatted(param, wanted, got),
                param,
                "invalid_type"));
    }

    private static String kind(byte first) {
        return switch (first) {
            case '"' -> "a string";
            case '{' -> "an object";
            case '[' -> "an array";
            case 't', 'f' -> "a boolean";
            case 'n' -> "null";
            default -> "a number";
        };
    }
}
