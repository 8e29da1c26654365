package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class PlanningTablesTest {
    private static final Catalogue CATALOGUE = CatalogueReader.shipped();

    @Test
    void aGigawattIsDividedByAllInPower() {
        ChipPower h100 = Objects.requireNonNull(CATALOGUE.chipPowers().get("nvidia/h100-sxm"));

        assertThat(h100.chipsPerGigawatt()).isCloseTo(578_000, within(100.0));
        assertThat(h100.trainingWatts()).isEqualTo(890);
        assertThat(Objects.requireNonNull(CATALOGUE.chipPowers().get("aws/trainium2"))
                        .chipsPerGigawatt())
                .as("not published")
                .isZero();
        assertThat(Objects.requireNonNull(CATALOGUE.chipPowers().get("google/tpu-v7x"))
                        .chipsPerGigawatt())
                .as("1,085 W without the facility, 1,356.25 with it")
                .isCloseTo(737_327, within(1.0));
    }

    @Test
    void powersAndRatesAreOfKnownChipsAndModels() {
        assertThat(CATALOGUE.chips().keySet())
                .containsAll(CATALOGUE.chipPowers().keySet());
        assertThat(CATALOGUE.trainingRates()).hasSizeGreaterThan(250).allSatisfy(rate -> {
            assertThat(CATALOGUE.chips()).containsKey(rate.chip());
            assertThat(rate.shape().isEmpty() || CATALOGUE.models().containsKey(rate.shape()))
                    .as(rate.shape())
                    .isTrue();
            assertThat(rate.tokensPerSecondPerChip()).isPositive();
            assertThat(rate.source().date()).matches("[0-9]{4}(-[0-9]{2}){0,2}");
        });
    }

    @Test
    void amazonsDocumentIsNamedWithItsLicence() {
        assertThat(CATALOGUE.trainingRates())
                .filteredOn(rate -> rate.chip().startsWith("aws/"))
                .hasSize(2)
                .allSatisfy(rate -> assertThat(rate.source().origin()).contains("CC-BY-SA-4.0"));
    }

    @Test
    void everyPublicDealHasADateASourceAndAName() {
        assertThat(CATALOGUE.publicDeals()).hasSize(35);
        assertThat(CATALOGUE.publicDeals().stream().map(PublicDeal::id)).doesNotHaveDuplicates();
        assertThat(CATALOGUE.publicDeals()).allSatisfy(deal -> {
            assertThat(deal.structure()).isNotBlank();
            assertThat(deal.source().origin()).isNotBlank();
            assertThat(deal.when()).matches("2025.*|2026.*");
        });
    }

    @Test
    void regionsCarryWhatWasPublished() {
        assertThat(CATALOGUE.regions())
                .filteredOn(region -> region.region().equals("us-east-1"))
                .singleElement()
                .satisfies(region -> {
                    assertThat(region.pue()).isEqualTo(1.15);
                    assertThat(region.usdPerKwh()).isEqualTo(0.0892);
                });
    }
}
