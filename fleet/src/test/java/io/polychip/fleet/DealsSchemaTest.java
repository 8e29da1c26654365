package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Keeps the schema of offers and deals that editors use true to the reader. */
class DealsSchemaTest {
    /** Sections by where the schema describes them. */
    private static final Map<String, Keys> SECTIONS = Map.ofEntries(
            Map.entry("", DealKeys.FILE),
            Map.entry("/$defs/scenario", DealKeys.SCENARIO),
            Map.entry("/$defs/offer", DealKeys.OFFER),
            Map.entry("/$defs/price", DealKeys.PRICE),
            Map.entry("/$defs/chips", DealKeys.CHIPS),
            Map.entry("/$defs/available", DealKeys.SPAN),
            Map.entry("/$defs/quota", Keys.QUOTA),
            Map.entry("/$defs/deal", DealKeys.DEAL),
            Map.entry("/$defs/minimum-take", DealKeys.MINIMUM_TAKE),
            Map.entry("/$defs/capacity", DealKeys.CAPACITY),
            Map.entry("/$defs/tranche", DealKeys.TRANCHE),
            Map.entry("/$defs/tiers", DealKeys.TIERS),
            Map.entry("/$defs/step", DealKeys.STEP),
            Map.entry("/$defs/credit", DealKeys.CREDIT),
            Map.entry("/$defs/investment", DealKeys.INVESTMENT),
            Map.entry("/$defs/condition", DealKeys.CONDITION),
            Map.entry("/$defs/warrants", DealKeys.WARRANTS),
            Map.entry("/$defs/vesting", DealKeys.VESTING),
            Map.entry("/$defs/option", DealKeys.OPTION),
            Map.entry("/$defs/loan", DealKeys.LOAN),
            Map.entry("/$defs/lease", DealKeys.LEASE),
            Map.entry("/$defs/prepayment", DealKeys.PREPAYMENT),
            Map.entry("/$defs/exclusivity", DealKeys.EXCLUSIVITY),
            Map.entry("/$defs/backstop", DealKeys.BACKSTOP),
            Map.entry("/$defs/generation", DealKeys.GENERATION));

    /** Mistakes that only the reader can see: they need a date's meaning, the catalogue or another key. */
    private static final Set<String> BEYOND_A_SCHEMA = Set.of(
            "as-of-not-a-day",
            "available-backwards",
            "backstop-dearer-than-the-offer",
            "credit-expired",
            "credit-that-ends-before-it-begins",
            "deal-expired",
            "deal-of-an-unknown-offer",
            "deal-twice",
            "deal-with-the-wrong-supplier",
            "generation-of-another-deal",
            "generations-out-of-order",
            "gigawatts-of-a-chip-without-power",
            "investment-known-too-late",
            "investment-on-another-chip",
            "investment-on-more-than-is-sold",
            "max-chips-below-min",
            "minimum-spend-that-cannot-be-spent",
            "minimum-take-above-the-capacity",
            "offer-expired",
            "offer-twice",
            "only-with-an-unknown-deal",
            "option-after-its-use",
            "price-of-tomorrow",
            "scenario-unknown",
            "scenario-without-scenarios",
            "tiers-out-of-order",
            "tiers-that-fall",
            "warrants-beyond-the-capacity",
            "warrants-that-do-not-add-up",
            "warrants-worth-nothing");

    private static final YamlSchema SCHEMA = new YamlSchema("deals.schema.json");

    static List<Map.Entry<String, Keys>> sections() {
        return List.copyOf(SECTIONS.entrySet());
    }

    @ParameterizedTest
    @MethodSource("sections")
    void knowsExactlyTheReadersKeys(Map.Entry<String, Keys> section) {
        SCHEMA.hasExactly(section.getKey(), section.getValue());
    }

    @Test
    void offersTheCataloguesChips() {
        assertThat(SCHEMA.texts("/$defs/offer/properties/chip/anyOf/0/enum"))
                .containsExactlyInAnyOrderElementsOf(
                        CatalogueReader.shipped().chips().keySet());
    }

    @Test
    void acceptsWhatTheReaderAccepts() {
        assertThat(SCHEMA.problems(YamlSchema.resource("deals.yaml"))).isEmpty();
    }

    @Test
    void refusesWhatTheReaderRefusesAsFarAsASchemaCan() throws IOException, URISyntaxException {
        assertThat(SCHEMA.accepted(WrongFiles.in("wrong-deals"))).isEqualTo(new TreeSet<>(BEYOND_A_SCHEMA));
    }
}
