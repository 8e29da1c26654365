package io.polychip.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Walks over one JSON text in a byte array and checks all of it: grammar (RFC 8259), UTF-8, depth. Binds nothing and
 * allocates nothing; the caller decides at each key whether to look or to skip.
 *
 * <p>Strings are what prompts are made of, so they are searched eight bytes at a time: one subtraction per kind of byte
 * that matters sets the high bit of the first such byte (a borrow can only spoil bytes behind it). Measured at 3 to 5
 * GB/s on prose; see {@code ScanBenchmark}. Linear in the text; not thread-safe, reusable.
 */
final class JsonCursor {
    /** Deeper nesting is refused; every engine's own parser gives up somewhere above. */
    static final int MAX_DEPTH = 128;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;
    private static final long SPACES = ' ' * ONES;
    private static final long QUOTES = '"' * ONES;
    private static final long BACKSLASHES = '\\' * ONES;

    private byte[] data = {};
    private int start;
    private int end;
    private int at;
    private int depth;
    private int stringFrom;
    private int stringTo;
    private boolean stringEscaped;

    /** Begins at {@code from}; positions in faults count from there. */
    JsonCursor over(byte[] text, int from, int to) {
        data = text;
        start = from;
        end = to;
        at = from;
        depth = 0;
        return this;
    }

    byte[] data() {
        return data;
    }

    int at() {
        return at;
    }

    /** Jumps to a value seen before. */
    void moveTo(int position) {
        at = position;
    }

    /** First byte of the next value or punctuation, not consumed. */
    byte peek() {
        byte[] bytes = data;
        int i = at;
        int stop = end;
        while (i < stop) {
            byte b = bytes[i];
            if (b > ' ') {
                at = i;
                return b;
            }
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                break;
            }
            i++;
        }
        at = i;
        if (i >= stop) {
            throw truncated("the text ends where a value or punctuation is due");
        }
        throw fault("unexpected byte 0x%02x".formatted(bytes[i] & 0xff));
    }

    /** True when only white space is left. */
    boolean atEnd() {
        while (at < end) {
            byte b = data[at];
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return false;
            }
            at++;
        }
        return true;
    }

    void enter(byte opening) {
        byte found = peek();
        if (found != opening) {
            throw fault("expected '%c' but found '%c'".formatted(opening, found));
        }
        if (++depth > MAX_DEPTH) {
            throw fault("nested deeper than %d levels".formatted(MAX_DEPTH));
        }
        at++;
    }

    /**
     * Moves to the next element of the array or object entered last, behind its comma.
     *
     * @return false when it closed instead; then the closing bracket is consumed
     */
    boolean next(boolean first, byte closing) {
        byte found = peek();
        if (found == closing) {
            at++;
            depth--;
            return false;
        }
        if (first) {
            return true;
        }
        if (found != ',') {
            throw fault("expected ',' or '%c'".formatted(closing));
        }
        at++;
        if (peek() == closing) {
            throw fault("a comma must not come before '%c'".formatted(closing));
        }
        return true;
    }

    /** Reads a key and its colon; its bytes are then {@link #stringFrom} to {@link #stringTo}. */
    void key() {
        if (peek() != '"') {
            throw fault("expected a key in double quotes");
        }
        string();
        if (peek() != ':') {
            throw fault("expected ':' behind a key");
        }
        at++;
    }

    int stringFrom() {
        return stringFrom;
    }

    int stringTo() {
        return stringTo;
    }

    boolean stringEscaped() {
        return stringEscaped;
    }

    /** The string read last, decoded. */
    String text() {
        String raw = new String(data, stringFrom, stringTo - stringFrom, StandardCharsets.UTF_8);
        return stringEscaped ? unescape(raw) : raw;
    }

    /**
     * Reads a string, cursor on its opening quote.
     *
     * @return its length in UTF-8 once escapes are decoded
     */
    int string() {
        int i = at + 1;
        int overhead = 0;
        boolean escaped = false;
        stringFrom = i;
        for (; ; ) {
            i = plainEnd(i);
            if (i >= end) {
                at = i;
                throw truncated("a string is not closed");
            }
            byte b = data[i];
            if (b == '"') {
                break;
            }
            if (b == '\\') {
                escaped = true;
                int length = escapeLength(i);
                overhead += length - decodedLength(i);
                i += length;
            } else if (b < 0) {
                i = sequenceEnd(i);
            } else {
                at = i;
                throw fault("control character 0x%02x inside a string".formatted(b));
            }
        }
        stringTo = i;
        stringEscaped = escaped;
        at = i + 1;
        return i - stringFrom - overhead;
    }

    /** First byte from {@code i} on that is no plain ASCII of a string, or {@link #end}. */
    private int plainEnd(int i) {
        byte[] bytes = data;
        int position = i;
        int last = end - Long.BYTES;
        while (position <= last) {
            long word = (long) LONGS.get(bytes, position);
            long stops = ((word - SPACES) | ((word ^ QUOTES) - ONES) | ((word ^ BACKSLASHES) - ONES) | word) & HIGHS;
            if (stops != 0) {
                return position + (Long.numberOfTrailingZeros(stops) >>> 3);
            }
            position += Long.BYTES;
        }
        while (position < end) {
            byte b = bytes[position];
            if (b < ' ' || b == '"' || b == '\\') {
                return position;
            }
            position++;
        }
        return end;
    }

    private int escapeLength(int i) {
        if (i + 1 >= end) {
            at = end;
            throw truncated("a string is not closed");
        }
        return switch (data[i + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> 2;
            case 'u' -> {
                for (int digit = i + 2; digit < i + 6; digit++) {
                    if (digit >= end) {
                        at = end;
                        throw truncated("a string is not closed");
                    }
                    if (Character.digit(data[digit], 16) < 0) {
                        at = digit;
                        throw fault("\\u needs four hexadecimal digits");
                    }
                }
                yield 6;
            }
            default -> {
                at = i;
                throw fault("\\%c is no escape of JSON".formatted(data[i + 1] & 0xff));
            }
        };
    }

    private int decodedLength(int i) {
        if (data[i + 1] != 'u') {
            return 1;
        }
        int unit = 0;
        for (int digit = i + 2; digit < i + 6; digit++) {
            unit = unit << 4 | Character.digit(data[digit], 16);
        }
        if (unit < 0x80) {
            return 1;
        }
        return unit < 0x800 || Character.isSurrogate((char) unit) ? 2 : 3; // a pair makes four bytes together
    }

    /** Skips well-formed multi-byte sequences (Unicode, table 3-7); text of other scripts is a long run of them. */
    private int sequenceEnd(int i) {
        byte[] bytes = data;
        int position = i;
        while (position < end && bytes[position] < 0) {
            int lead = bytes[position] & 0xff;
            int length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
            if (lead < 0xc2 || lead > 0xf4) {
                at = position;
                throw fault("byte 0x%02x is not UTF-8".formatted(lead));
            }
            if (position + length > end) {
                at = end;
                throw truncated("a string is not closed");
            }
            int second = bytes[position + 1] & 0xff;
            int lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
            int highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
            boolean bad = second < lowest || second > highest;
            for (int k = 2; k < length; k++) {
                bad |= (bytes[position + k] & 0xc0) != 0x80;
            }
            if (bad) {
                at = position;
                throw fault("byte 0x%02x begins no valid UTF-8 sequence".formatted(lead));
            }
            position += length;
        }
        return position;
    }

    /** Reads any value without looking at it. */
    void skip() {
        switch (peek()) {
            case '"' -> string();
            case '{' -> {
                enter((byte) '{');
                for (boolean first = true; next(first, (byte) '}'); first = false) {
                    key();
                    skip();
                }
            }
            case '[' -> {
                enter((byte) '[');
                for (boolean first = true; next(first, (byte) ']'); first = false) {
                    skip();
                }
            }
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number();
        }
    }

    void literal(String word) {
        for (int i = 0; i < word.length(); i++, at++) {
            if (at >= end) {
                throw truncated("the text ends inside '%s'".formatted(word));
            }
            if (data[at] != word.charAt(i)) {
                throw fault("expected '%s'".formatted(word));
            }
        }
    }

    /** Checks a number's form; its value is not computed, so no digit is ever lost. */
    void number() {
        int from = at;
        if (data[at] == '-') {
            at++;
        }
        int whole = digits();
        if (whole > 1 && data[at - whole] == '0') {
            at -= whole;
            throw fault("a number must not begin with 0");
        }
        if (at < end && data[at] == '.') {
            at++;
            digits();
        }
        if (at < end && (data[at] | 0x20) == 'e') {
            at++;
            if (at < end && (data[at] == '+' || data[at] == '-')) {
                at++;
            }
            digits();
        }
        stringFrom = from;
        stringTo = at;
        stringEscaped = false;
    }

    private int digits() {
        int from = at;
        while (at < end && data[at] >= '0' && data[at] <= '9') {
            at++;
        }
        if (at == from) {
            if (at >= end) {
                throw truncated("a number is not complete");
            }
            throw fault("unexpected '%c'".formatted(data[at] & 0xff));
        }
        return at - from;
    }

    JsonFault fault(String reason) {
        return new JsonFault(reason, at - start, false);
    }

    private JsonFault truncated(String reason) {
        return new JsonFault(reason, at - start, true);
    }

    private static String unescape(String raw) {
        StringBuilder plain = new StringBuilder(raw.length());
        for (int i = 0; i < raw.length(); i++) {
            char c = raw.charAt(i);
            if (c != '\\') {
                plain.append(c);
                continue;
            }
            char kind = raw.charAt(++i);
            switch (kind) {
                case 'b' -> plain.append('\b');
                case 'f' -> plain.append('\f');
                case 'n' -> plain.append('\n');
                case 'r' -> plain.append('\r');
                case 't' -> plain.append('\t');
                case 'u' -> {
                    plain.append((char) Integer.parseInt(raw, i + 1, i + 5, 16));
                    i += 4;
                }
                default -> plain.append(kind);
            }
        }
        return plain.toString();
    }
}
