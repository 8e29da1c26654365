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
