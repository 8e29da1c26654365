package io.polychip.protocol;

import org.jspecify.annotations.Nullable;

/** Writes JSON where an answer is put together by hand. */
public final class JsonText {
    private JsonText() {}

    /** The value in quotes with everything escaped that must be, or {@code null}. */
    public static String quote(@Nullable String value) {
        if (value == null) {
            return "null";
        }
        StringBuilder out = new StringBuilder(value.length() + 2).append('"');
        escape(out, value);
        return out.append('"').toString();
    }

    /** Appends the inside of a JSON string. */
    public static void escape(StringBuilder out, CharSequence value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || (Character.isSurrogate(c) && !paired(value, i))) {
                        out.append("\\u").append("%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
    }

    /** A surrogate on its own has no UTF-8; written as an escape it stays what it was. */
    private static boolean paired(CharSequence value, int i) {
        return Character.isHighSurrogate(value.charAt(i))
                ? i + 1 < value.length() && Character.isLowSurrogate(value.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(value.charAt(i - 1));
    }
}
