package io.polychip.fleet;

/**
 * What a hosted provider asked for a model on a day. Providers retire models at short notice: a live look at the
 * provider's model list decides, not this.
 *
 * @param model the name the provider knows it by
 * @param shape a name in {@link Catalogue#models()}, empty when not in the catalogue
 * @param usdPerMillionCachedInput equals the input price where no discount is published
 * @param contextTokens 0 when not published
 * @param tokensPerSecond published speed of one answer, 0 when unknown
 */
public record TokenPrice(
        String provider,
        String model,
        String shape,
        double usdPerMillionInput,
        double usdPerMillionCachedInput,
        double usdPerMillionOutput,
        int contextTokens,
        double tokensPerSecond,
        Source source) {}
