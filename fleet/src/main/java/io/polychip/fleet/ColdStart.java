package io.polychip.fleet;

/**
 * How long a replica takes from start to its first answer.
 *
 * @param coldSeconds with nothing compiled or cached
 * @param warmSeconds with compiled artefacts at hand; equals {@code coldSeconds} when not reported
 */
public record ColdStart(
        String vendor, EngineRelease engine, String what, double coldSeconds, double warmSeconds, Source source) {}
