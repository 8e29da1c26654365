package io.polychip.performance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Chip;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class SitePowerTest {
    private static final Catalogue CATALOGUE = CatalogueReader.shipped();

    private static SitePower of(String chip) {
        return SitePower.of(Objects.requireNonNull(CATALOGUE.chips().get(chip)), CATALOGUE);
    }

    @Test
    void hostAndFacilityAreInIt() {
        SitePower h100 = of("nvidia/h100-sxm");
        assertThat(h100.fullWatts()).as("700 W of board").isCloseTo(700 * 1.25 * 1.25, within(0.1));
        assertThat(h100.providedWatts()).isEqualTo(1730);
        assertThat(of("nvidia/h200-sxm").fullWatts())
                .as("a node measured at 777 W a chip")
                .isCloseTo(777 * 1.25, within(0.1));
    }

    @Test
    void powerPublishedWithoutTheFacilityGetsIt() {
        SitePower ironwood = of("google/tpu-v7x");
        assertThat(ironwood.fullWatts())
                .as("1,085 W of 10 MW / 9,216, and a quarter")
                .isCloseTo(1356.25, within(0.01));
        assertThat(ironwood.providedWatts()).isCloseTo(1356.25, within(0.01));
        assertThat(ironwood.idleWatts()).isCloseTo(528.94, within(0.01));
        SitePower wafer = of("cerebras/wse-3");
        assertThat(wafer.fullWatts()).as("23 kW of a rack, and a quarter").isCloseTo(28_750, within(0.01));
        assertThat(wafer.providedWatts()).isCloseTo(28_750, within(0.01));
        assertThat(ironwood.estimated() && wafer.estimated()).isTrue();
    }

    @Test
    void noChipDrawsMoreThanIsProvidedForIt() {
        for (Chip chip : CATALOGUE.chips().values()) {
            SitePower power = SitePower.of(chip, CATALOGUE);
            assertThat(power.fullWatts()).as(chip.id()).isBetween(power.idleWatts(), power.providedWatts());
        }
    }

    @Test
    void chipsWhoseMakerPublishesNoPowerAreEstimatedByABoundOrNotAtAll() {
        assertThat(of("aws/trainium2").estimated()).isTrue();
        assertThat(of("aws/trainium2").providedWatts()).isCloseTo(2000, within(1e-9));
        assertThat(of("aws/trainium3").estimated()).isTrue();
        assertThat(of("nvidia/h100-sxm").estimated()).isFalse();
        assertThat(of("aws/trainium1").fullWatts()).isZero();
    }
}
