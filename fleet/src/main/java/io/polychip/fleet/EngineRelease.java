package io.polychip.fleet;

/** Serving software of a deployment, written {@code vllm@0.15.1}. @param version empty when not given */
public record EngineRelease(String name, String version) {
    /** Reads {@code vllm@0.15.1} or {@code vllm}. */
    public static EngineRelease of(String text) {
        int at = text.indexOf('@');
        return at < 0 ? new EngineRelease(text, "") : new EngineRelease(text.substring(0, at), text.substring(at + 1));
    }

    @Override
    public String toString() {
        return version.isEmpty() ? name : name + "@" + version;
    }
}
