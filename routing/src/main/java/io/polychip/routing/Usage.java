package io.polychip.routing;

/**
 * Tokens of one attempt.
 *
 * @param estimated true when upstream died before saying
 */
public record Usage(int promptTokens, int cachedTokens, int completionTokens, boolean estimated) {
    public static final Usage NOTHING = new Usage(0, 0, 0, true);
}
