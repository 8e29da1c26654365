package io.polychip.protocol;

/**
 * Bytes that are no JSON. Carries no stack: it is an expected answer of a parser that reads what strangers send.
 *
 * <p>Package-private on purpose: callers outside see a {@link ProtocolException} or a verdict instead.
 */
final class JsonFault extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int position;
    private final boolean truncated;

    /**
     * @param position offset of the offending byte in the text
     * @param truncated the text is valid as far as it goes and merely stops
     */
    JsonFault(String reason, int position, boolean truncated) {
        super(reason, null, false, false);
        this.position = position;
        this.truncated = truncated;
    }

    String reason() {
        return String.valueOf(getMessage());
    }

    int position() {
        return position;
    }

    boolean truncated() {
        return truncated;
    }
}
