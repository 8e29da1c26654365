package io.polychip.fleet;

import java.util.List;
import java.util.Map;

/** What is publicly known of chips, models, offers, hosted providers and measured timings, each figure with source. */
public record Catalogue(
        Map<String, Chip> chips,
        Map<String, Model> models,
        List<Offer> offers,
        Map<String, Provider> providers,
        List<ProfileEntry> profiles,
        List<TokenPrice> tokenPrices,
        List<ColdStart> coldStarts) {
    public Catalogue {
        chips = Map.copyOf(chips);
        models = Map.copyOf(models);
        offers = List.copyOf(offers);
        providers = Map.copyOf(providers);
        profiles = List.copyOf(profiles);
        tokenPrices = List.copyOf(tokenPrices);
        coldStarts = List.copyOf(coldStarts);
    }

    /** Without token prices and cold starts. */
    public Catalogue(
            Map<String, Chip> chips,
            Map<String, Model> models,
            List<Offer> offers,
            Map<String, Provider> providers,
            List<ProfileEntry> profiles) {
        this(chips, models, offers, providers, profiles, List.of(), List.of());
    }
}
