package io.polychip.planner;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.ChipPower;
import io.polychip.fleet.Offer;
import io.polychip.fleet.Price;
import io.polychip.fleet.Quota;
import io.polychip.fleet.ServedModel;
import io.polychip.fleet.Span;
import io.polychip.fleet.Supply;
import io.polychip.fleet.TokenPrice;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The catalogue's public prices as offers: the cheapest of each chip, provider and term. Nothing is known of how many
 * there are. Costs of ownership and medians of many sellers are no offers and are left out.
 */
public final class PublicOffers {
    /** Share of spot chips lost in a day: an assumption, since no provider publishes it. */
    private static final double SPOT_LOST = 0.1;

    private static final Map<String, String> HOSTED_CHIPS = Map.of("groq", "groq/lpu", "cerebras", "cerebras/wse-3");

    private PublicOffers() {}

    public static List<Supply> of(Catalogue catalogue, Collection<ServedModel> models, LocalDate asOf) {
        Map<String, Supply> cheapest = new LinkedHashMap<>();
        for (Offer offer : catalogue.offers()) {
            Supply supply = supply(catalogue, offer, asOf);
            if (supply != null) {
                cheapest.merge(
                        supply.name(),
                        supply,
                        (one, other) -> other.usdPerChipHour() < one.usdPerChipHour() ? other : one);
            }
        }
        List<Supply> offers = new ArrayList<>(cheapest.values());
        for (TokenPrice price : catalogue.tokenPrices()) {
            String chip = HOSTED_CHIPS.get(price.provider());
            boolean asked = models.stream().anyMatch(model -> model.shape().id().equals(price.shape()));
            if (chip != null && asked && price.usdPerMillionOutput() > 0) {
                offers.add(hosted(price, chip, asOf));
            }
        }
        return offers;
    }

    private static @Nullable Supply supply(Catalogue catalogue, Offer offer, LocalDate asOf) {
        Supply.Term term = switch (offer.term()) {
            case "on-demand" -> new Supply.Term(Supply.Term.Kind.ON_DEMAND, 0);
            case "spot" -> new Supply.Term(Supply.Term.Kind.SPOT, 0);
            case "capacity-block" -> new Supply.Term(Supply.Term.Kind.BLOCK, 0);
            case "committed-1y" -> new Supply.Term(Supply.Term.Kind.COMMITTED, 12);
            case "committed-3y" -> new Supply.Term(Supply.Term.Kind.COMMITTED, 36);
            default -> null;
        };
        if (term == null || offer.provider().startsWith("median")) {
            return null;
        }
        ChipPower power = catalogue.chipPowers().get(offer.chip());
        String chip = offer.chip().substring(offer.chip().indexOf('/') + 1);
        boolean spot = term.kind() == Supply.Term.Kind.SPOT;
        return new Supply(
                "%s-%s-%s".formatted(chip, offer.provider(), offer.term()).replace(' ', '-'),
                offer.chip(),
                "",
                offer.provider(),
                offer.region().contains("/") ? "" : offer.region(),
                term,
                new Price.PerChipHour(offer.usdPerChipHour(), false),
                day(offer.source().date(), asOf),
                new Span(asOf, Span.OPEN),
                0,
                1,
                Supply.UNLIMITED,
                1,
                spot ? SPOT_LOST : 0,
                0,
                power == null ? 0 : power.utilityWatts(),
                Quota.UNLIMITED,
                Map.of(),
                "",
                offer.source().origin());
    }

    private static Supply hosted(TokenPrice price, String chip, LocalDate asOf) {
        return new Supply(
                "%s-%s"
                        .formatted(
                                price.provider(),
                                price.model().substring(price.model().indexOf('/') + 1)),
                chip,
                price.shape(),
                price.provider(),
                "",
                new Supply.Term(Supply.Term.Kind.ON_DEMAND, 0),
                new Price.PerToken(
                        price.usdPerMillionInput(), price.usdPerMillionCachedInput(), price.usdPerMillionOutput()),
                day(price.source().date(), asOf),
                new Span(asOf, Span.OPEN),
                0,
                1,
                Supply.UNLIMITED,
                1,
                0,
                0,
                0,
                Quota.UNLIMITED,
                Map.of(),
                "",
                price.source().origin());
    }

    /** The catalogue has days, months and years. */
    private static LocalDate day(String text, LocalDate otherwise) {
        if (text.matches("[0-9]{4}-[0-9]{2}-[0-9]{2}")) {
            return LocalDate.parse(text);
        }
        if (text.matches("[0-9]{4}-[0-9]{2}")) {
            return LocalDate.parse(text + "-01");
        }
        return text.matches("[0-9]{4}") ? LocalDate.parse(text + "-01-01") : otherwise;
    }
}
