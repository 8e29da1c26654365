package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.Objective;
import io.polychip.fleet.RequestClass;
import io.polychip.performance.Profile;
import io.polychip.performance.Profiles;
import io.polychip.routing.Mix;
import io.polychip.routing.Policy;
import io.polychip.simulator.Arrival;
import io.polychip.simulator.Scenario;
import io.polychip.simulator.Simulation;
import io.polychip.simulator.Traffic;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The closed form against one simulated replica that requests come to at random, straight to its engine. */
class ReplicaRateTest {
    private static final int REQUESTS = 4000;

    private static Fleet fleet(String chip, String precision, String objective) {
        return new FleetReader(CatalogueReader.shipped(), Map.of())
                .read("fleet.yaml", """
                    models:
                      - {name: chat, is: meta-llama/Llama-3.1-8B-Instruct}
                    pools:
                      - name: one
                        model: chat
                        chip: %s
                        precision: %s
                        price: {usd-per-chip-hour: 1}
                        replicas: [http://10.0.0.1:8000]
                    objectives:
                      default: {%s}
                    """.formatted(chip, precision, objective));
    }

    private static double attained(Fleet fleet, double perSecond, int input, int output) {
        int[] number = {0};
        double[] seconds = {0};
        Traffic traffic = () -> {
            if (number[0] == REQUESTS) {
                return null;
            }
            seconds[0] -= Math.log(1 - Mix.unit(Mix.scramble(number[0]++), 7)) / perSecond;
            return Arrival.of((long) (seconds[0] * 1e9), input, output);
        };
        Simulation simulation = new Simulation(Scenario.of(fleet).with(Policy.LEAST_REQUEST), traffic);
        while (simulation.run(Long.MAX_VALUE)) {
            // until all is done
        }
        return simulation.report().attainment();
    }

    @ParameterizedTest
    @CsvSource({
        "nvidia/h100-sxm, fp8, 1000, 200, SEQUENCES",
        "nvidia/h100-sxm, fp8, 4000, 100, ITL",
        "amd/mi300x, fp8, 2000, 10, ITL",
        "aws/trainium2, bf16, 1000, 200, SEQUENCES",
        "nvidia/l4, fp8, 1000, 200, ITL",
        "google/tpu-v6e, bf16, 1000, 200, CACHE"
    })
    void aReplicaKeepsTheObjectiveAtFourFifthsOfItAndBreaksItAtAThirdMore(
            String chip, String precision, int input, int output, ReplicaRate.Limit limit) {
        Fleet fleet = fleet(chip, precision, "ttft: 2 s + 100 ms/1k, itl: 100 ms, percentile: 99");
        Profile profile = Profiles.of(fleet.pools().getFirst(), fleet.catalogue());
        ReplicaRate rate = ReplicaRate.of(profile, fleet.objective(RequestClass.DEFAULT), input, output);
        assertThat(rate.limit()).isEqualTo(limit);
        assertThat(attained(fleet, 0.8 * rate.perSecond(), input, output)).isGreaterThanOrEqualTo(ReplicaRate.KEPT);
        assertThat(attained(fleet, 1.33 * rate.perSecond(), input, output)).isLessThan(ReplicaRate.KEPT);
    }

    @Test
    void whereALoneRequestMissesNothingIsServedAndTheBestTimeIsSaid() {
        Fleet fleet = fleet("nvidia/l4", "fp8", "ttft: 2 s, itl: 20 ms");
        Profile profile = Profiles.of(fleet.pools().getFirst(), fleet.catalogue());
        ReplicaRate rate = ReplicaRate.of(profile, fleet.objective(RequestClass.DEFAULT), 1000, 200);
        assertThat(rate.perSecond()).isZero();
        assertThat(rate.limit()).isEqualTo(ReplicaRate.Limit.ITL);
        assertThat(rate.itlNanos()).isGreaterThan(20e6);
    }

    @Test
    void aTighterObjectiveNeverAllowsMore() {
        Fleet fleet = fleet("nvidia/h100-sxm", "fp8", "ttft: 2 s");
        Profile profile = Profiles.of(fleet.pools().getFirst(), fleet.catalogue());
        double before = Double.POSITIVE_INFINITY;
        for (long millis : new long[] {200, 100, 60, 30, 15, 10}) {
            double rate = ReplicaRate.of(profile, new Objective(2_000_000_000L, 0, millis * 1_000_000, 99), 2000, 300)
                    .perSecond();
            assertThat(rate).isLessThanOrEqualTo(before);
            before = rate;
        }
    }
}
