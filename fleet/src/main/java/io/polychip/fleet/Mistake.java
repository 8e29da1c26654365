package io.polychip.fleet;

/** What is wrong with one value, what is allowed, what to try; caught where file and line are known. */
final class Mistake extends RuntimeException {
    private static final long serialVersionUID = 1;

    Mistake(String message) {
        super(message, null, false, false);
    }

    String message() {
        return String.valueOf(getMessage());
    }
}
