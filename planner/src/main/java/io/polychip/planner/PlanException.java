package io.polychip.planner;

/** A question the planner cannot take as asked. The message names the place, the value and what is allowed. */
public final class PlanException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public PlanException(String message) {
        super(message);
    }
}
