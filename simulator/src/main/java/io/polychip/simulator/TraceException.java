package io.polychip.simulator;

/** A trace that cannot be read, with file and line. */
public final class TraceException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TraceException(String message) {
        super(message);
    }
}
