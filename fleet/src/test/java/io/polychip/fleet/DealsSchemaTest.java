package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

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

    private static final JsonNode DOCUMENT = JsonMapper.shared().readTree(resource("deals.schema.json"));
    private static final Schema SCHEMA = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
            .getSchema(DOCUMENT);
    private static final YAMLMapper YAML = new YAMLMapper();

    static List<Map.Entry<String, Keys>> sections() {
        return List.copyOf(SECTIONS.entrySet());
    }

    @ParameterizedTest
    @MethodSource("sections")
    void knowsExactlyTheReadersKeys(Map.Entry<String, Keys> section) {
        assertThat(DOCUMENT.at(section.getKey() + "/properties").propertyNames())
                .containsExactlyInAnyOrderElementsOf(section.getValue().names());
    }

    @Test
    void offersTheCataloguesChips() {
        assertThat(DOCUMENT.at("/$defs/offer/properties/chip/anyOf/0/enum")
                        .valueStream()
                        .map(JsonNode::asString))
                .containsExactlyInAnyOrderElementsOf(
                        CatalogueReader.shipped().chips().keySet());
    }

    @Test
    void acceptsWhatTheReaderAccepts() {
        assertThat(validate(resource("deals.yaml"))).isEmpty();
    }

    @Test
    void refusesWhatTheReaderRefusesAsFarAsASchemaCan() throws IOException, URISyntaxException {
        Set<String> accepted = new TreeSet<>();
        for (Path file : WrongDealsTest.wrong()) {
            if (validate(Files.readString(file)).isEmpty()) {
                accepted.add(file.getFileName().toString().replace(".yaml", ""));
            }
        }

        assertThat(accepted).isEqualTo(new TreeSet<>(BEYOND_A_SCHEMA));
    }

    private static List<String> validate(String yaml) {
        try {
            return SCHEMA.validate(YAML.readTree(yaml)).stream()
                    .map(Error::toString)
                    .toList();
        } catch (JacksonException notYaml) {
            return List.of(String.valueOf(notYaml.getMessage()));
        }
    }

    private static String resource(String name) {
        try (InputStream in = DealsSchemaTest.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
