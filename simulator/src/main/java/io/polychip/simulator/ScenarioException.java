package io.polychip.simulator;

/** What was to be simulated cannot be; the message says what is allowed. */
public final class ScenarioException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ScenarioException(String message) {
        super(message);
    }
}
