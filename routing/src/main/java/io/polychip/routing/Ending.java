package io.polychip.routing;

/** How a call ended; exactly one per call. */
public sealed interface Ending {
    record Completed(Usage usage) implements Ending {}

    /**
     * Never sent, or sent and never shown, and given up.
     *
     * @param status HTTP status for the client
     * @param code stable machine-readable reason, {@code no_capacity}
     * @param retryAfterNanos 0: none
     * @param retryable false: tell client libraries not to retry
     */
    record Refused(
            int status, String type, String code, String message, String param, long retryAfterNanos, boolean retryable)
            implements Ending {}

    /** @param shown text had reached the client: end with an error event */
    record Failed(Fault fault, boolean shown, Usage usage) implements Ending {}

    /** The client went away. */
    record Cancelled(Usage usage) implements Ending {}
}
