package io.polychip.fleet;

/** Serving software of a deployment, written {@code vllm@0.15.1}. @param version empty when not given */
public record EngineRelease(String name, String version) {
    @Override
    public String toString() {
        return version.isEmpty() ? name : name + "@" + version;
    }
}
