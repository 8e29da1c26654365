package io.polychip.load;

/** An endpoint cannot be measured; the message says why and what to try. */
public final class MeasureException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MeasureException(String message) {
        super(message);
    }
}
