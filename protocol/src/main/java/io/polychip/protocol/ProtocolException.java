package io.polychip.protocol;

/** A request that cannot be served as it stands; says it in OpenAI's terms. Carries no stack: strangers cause it. */
public final class ProtocolException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final transient OpenAiError error;

    public ProtocolException(OpenAiError error) {
        super(error.message(), null, false, false);
        this.error = error;
    }

    public OpenAiError error() {
        return error;
    }
}
