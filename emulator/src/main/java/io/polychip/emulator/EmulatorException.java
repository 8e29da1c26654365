package io.polychip.emulator;

/** The emulator cannot do what it was told. */
public final class EmulatorException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public EmulatorException(String message) {
        super(message);
    }

    public EmulatorException(String message, Throwable cause) {
        super(message, cause);
    }
}
