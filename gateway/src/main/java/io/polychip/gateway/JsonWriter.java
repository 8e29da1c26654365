package io.polychip.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes one JSON object after another into a growing byte array, without garbage: for log lines, one per request.
 *
 * <p>Every member is written with a comma behind it; {@link #close} takes the last one back. Not thread-safe.
 */
final class JsonWriter {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    /** No value in a log line is longer; the rest of it is cut off. */
    private static final int MAX_TEXT = 300;

    private byte[] bytes;
    private int length;

    JsonWriter(int capacity) {
        this.bytes = new byte[capacity];
    }

    int length() {
        return length;
    }

    byte[] bytes() {
        return bytes;
    }

    void clear() {
        length = 0;
    }

    void open() {
        put('{');
    }

    /** Ends the object and the line. */
    void close() {
        if (length > 0 && bytes[length - 1] == ',') {
            length--;
        }
        put('}');
        put('\n');
    }

    void text(String name, String value) {
        name(name);
        put('"');
        int stop = Math.min(value.length(), MAX_TEXT);
        for (int i = 0; i < stop; i++) {
            character(value.charAt(i));
        }
        put('"');
        put(',');
    }

    void number(String name, long value) {
        name(name);
        digits(value);
        put(',');
    }

    /** A decimal fraction: {@code units / 10^decimals}. */
    void fraction(String name, long units, int decimals) {
        name(name);
        if (units < 0) {
            put('-');
        }
        long scale = 1;
        for (int i = 0; i < decimals; i++) {
            scale *= 10;
        }
        long magnitude = Math.abs(units);
        digits(magnitude / scale);
        put('.');
        long rest = magnitude % scale;
        for (long digit = scale / 10; digit > 0; digit /= 10) {
            put((char) ('0' + rest / digit % 10));
        }
        put(',');
    }

    private void name(String name) {
        put('"');
        ascii(name);
        put('"');
        put(':');
    }

    private void character(char c) {
        switch (c) {
            case '"', '\\' -> {
                put('\\');
                put(c);
            }
            default -> {
                if (c >= ' ' && c < 0x7f) {
                    put(c);
                } else {
                    put('\\');
                    put('u');
                    for (int shift = 12; shift >= 0; shift -= 4) {
                        put((char) HEX[c >> shift & 15]);
                    }
                }
            }
        }
    }

    private void digits(long value) {
        if (value < 0) {
            ascii(Long.toString(value));
            return;
        }
        int count = 1;
        for (long rest = value; rest >= 10; rest /= 10) {
            count++;
        }
        room(count);
        long rest = value;
        for (int i = length + count - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += count;
    }

    private void ascii(String text) {
        room(text.length());
        for (int i = 0; i < text.length(); i++) {
            bytes[length++] = (byte) text.charAt(i);
        }
    }

    private void put(char c) {
        room(1);
        bytes[length++] = (byte) c;
    }

    private void room(int more) {
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
        }
    }
}
