package io.polychip.fleet;

import java.util.List;
import java.util.Map;

/**
 * What is publicly known of chips, models, offers, hosted providers, measured timings, power, training and deals, each
 * with source.
 */
public record Catalogue(
        Map<String, Chip> chips,
        Map<String, Model> models,
        List<Offer> offers,
        Map<String, Provider> providers,
        List<ProfileEntry> profiles,
        List<TokenPrice> tokenPrices,
        List<ColdStart> coldStarts,
        Map<String, ChipPower> chipPowers,
        List<RegionEnergy> regions,
        List<TrainingRate> trainingRates,
        List<PublicDeal> publicDeals) {
    public Catalogue {
        chips = Map.copyOf(chips);
        models = Map.copyOf(models);
        offers = List.copyOf(offers);
        providers = Map.copyOf(providers);
        profiles = List.copyOf(profiles);
        tokenPrices = List.copyOf(tokenPrices);
        coldStarts = List.copyOf(coldStarts);
        chipPowers = Map.copyOf(chipPowers);
        regions = List.copyOf(regions);
        trainingRates = List.copyOf(trainingRates);
        publicDeals = List.copyOf(publicDeals);
    }

    /** Only what serving needs. */
    public Catalogue(
            Map<String, Chip> chips,
            Map<String, Model> models,
            List<Offer> offers,
            Map<String, Provider> providers,
            List<ProfileEntry> profiles) {
        this(
                chips, models, offers, providers, profiles, List.of(), List.of(), Map.of(), List.of(), List.of(),
                List.of());
    }
}
