package io.polychip.validation;

/** Data that cannot be compared with: which file and line, what was expected, what to try. */
public final class ValidationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ValidationException(String message) {
        super(message);
    }
}
