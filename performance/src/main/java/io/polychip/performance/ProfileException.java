package io.polychip.performance;

/** Figures that cannot describe a replica: what was wrong, what is allowed, what to try. */
public final class ProfileException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ProfileException(String message) {
        super(message);
    }
}
