package io.polychip.fleet;

/** How urgent a request is: OpenAI's {@code service_tier}, plus {@code batch}. In order of urgency. */
public enum RequestClass {
    PRIORITY,
    DEFAULT,
    FLEX,
    BATCH
}
