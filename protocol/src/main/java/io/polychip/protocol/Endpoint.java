package io.polychip.protocol;

import java.util.Optional;

/** The calls that run a model. */
public enum Endpoint {
    CHAT("/v1/chat/completions"),
    COMPLETIONS("/v1/completions"),
    EMBEDDINGS("/v1/embeddings");

    private final String path;

    Endpoint(String path) {
        this.path = path;
    }

    public String path() {
        return path;
    }

    /** The path behind the version segment, as a provider's base URL wants it: {@code /chat/completions}. */
    public String suffix() {
        return path.substring("/v1".length());
    }

    public static Optional<Endpoint> of(String path) {
        for (Endpoint endpoint : values()) {
            if (endpoint.path.equals(path)) {
                return Optional.of(endpoint);
            }
        }
        return Optional.empty();
    }
}
