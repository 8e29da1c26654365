package io.polychip.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.protocol.Feature;
import io.polychip.routing.Needs;
import org.junit.jupiter.api.Test;

/** Two modules that do not know each other name the same bits; only here can they be compared. */
class FeatureBitsTest {
    @Test
    void whatTheWireFindsIsWhatRoutingTracks() {
        for (Feature feature : Feature.values()) {
            assertThat(feature.bit()).as(feature.field()).isEqualTo(Needs.bit(feature.field()));
        }
        assertThat(Feature.values()).hasSameSizeAs(Needs.FIELDS);
    }
}
