package io.polychip.fleet;

/**
 * The account at a provider that sells tokens.
 *
 * @param provider a name in {@link Catalogue#providers()}: base path, unsupported fields, extra usage fields
 * @param model the name the provider knows the model by
 * @param key bearer key, already resolved from the environment; never printed
 */
public record Hosted(String provider, String model, String key) {
    @Override
    public String toString() {
        return "Hosted[" + provider + ", " + model + "]";
    }
}
