package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.Pool;
import io.polychip.fleet.RequestClass;
import io.polychip.performance.Profiles;
import io.polychip.routing.Mix;
import io.polychip.simulator.Arrival;
import io.polychip.simulator.Report;
import io.polychip.simulator.Scenario;
import io.polychip.simulator.Simulation;
import io.polychip.simulator.Traffic;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Batch beside urgent requests, at the programme's limit. The programme adds loads: urgent requests on part of the
 * replicas leave batch three fifths of the rest. The router lets batch in while all that runs on a replica is within
 * three fifths of its places. These are not the same; here is by how much.
 */
@Tag("slow")
class BatchRoomTest {
    private static final double SECONDS = 300;
    private static final int INPUT = 500;
    private static final int OUTPUT = 150;

    private static Fleet fleet(String chip, int replicas) {
        List<String> urls = new ArrayList<>();
        for (int i = 0; i < replicas; i++) {
            urls.add("http://10.0.0.%d:8000".formatted(i + 1));
        }
        return new FleetReader(CatalogueReader.shipped(), Map.of())
                .read("fleet.yaml", """
                    models:
                      - {name: chat, is: meta-llama/Llama-3.1-8B-Instruct, continuation: text}
                    pools:
                      - name: pool
                        model: chat
                        chip: %s
                        precision: fp8
                        price: {usd-per-chip-hour: 1}
                        replicas: [%s]
                    objectives:
                      default: {ttft: 2 s, itl: 100 ms}
                      batch: {ttft: 60 s, itl: 400 ms}
                    """.formatted(chip, String.join(", ", urls)));
    }

    /** Requests a second at the programme's limit: urgent ones on that part of the load, batch on the rest. */
    private static double[] limit(Fleet fleet, double urgent) {
        Demand demand = new Demand(
                List.of(
                        new Bucket("urgent", "chat", RequestClass.DEFAULT, INPUT, OUTPUT),
                        new Bucket("batch", "chat", RequestClass.BATCH, INPUT, OUTPUT)),
                List.of(new Demand.Hour("all", 1, new double[] {1, 1})),
                Demand.ONE_HOUR,
                List.of());
        Pool pool = fleet.pools().getFirst();
        double[] perSecond = new Candidate(pool, Profiles.of(pool, fleet.catalogue()))
                .capacity(demand, fleet.objectives(), fleet.catalogue())
                .perSecond();
        int replicas = pool.replicas().size();
        return new double[] {perSecond[0] * replicas * urgent, perSecond[1] * replicas * (1 - urgent)};
    }

    private static Traffic traffic(double urgent, double batch) {
        double[] now = {0};
        long[] number = {0};
        return () -> {
            long draws = Mix.scramble(number[0]++);
            now[0] -= StrictMath.log(1 - Mix.unit(draws, 1)) / (urgent + batch);
            RequestClass of =
                    Mix.unit(draws, 2) * (urgent + batch) < urgent ? RequestClass.DEFAULT : RequestClass.BATCH;
            return now[0] >= SECONDS
                    ? null
                    : new Arrival((long) (now[0] * 1e9), "", "", of, INPUT, OUTPUT, 0, 0, new long[0]);
        };
    }

    /** Share of each class that met its objective, at the programme's limit. */
    private static Map<RequestClass, Double> attained(Fleet fleet, double urgent) {
        double[] limit = limit(fleet, urgent);
        Report report = Simulation.run(Scenario.of(fleet), traffic(limit[0], limit[1]));
        return report.classes().stream()
                .collect(Collectors.toMap(Report.OfClass::requestClass, Report.OfClass::attainment));
    }

    @ParameterizedTest
    @CsvSource({"amd/mi300x, 4, 0.1", "amd/mi300x, 4, 0.5", "amd/mi300x, 4, 0.9", "nvidia/l4, 8, 0.1"})
    void whatTheProgrammeCountsOnForBatchTheRouterGivesIt(String chip, int replicas, double urgent) {
        Map<RequestClass, Double> attained = attained(fleet(chip, replicas), urgent);
        assertThat(attained.get(RequestClass.BATCH)).isGreaterThan(ReplicaRate.KEPT);
        assertThat(attained.get(RequestClass.DEFAULT)).isGreaterThan(ReplicaRate.KEPT);
    }

    /** Then simulation shows it, and head-room is taken; urgent requests are hardly touched. */
    @ParameterizedTest
    @CsvSource({"nvidia/l4, 8, 0.5, 0.98", "nvidia/l4, 8, 0.7, 0.85"})
    void onChipsOfFewPlacesItCountsOnASeventhTooMuchAtMost(String chip, int replicas, double urgent, double least) {
        Map<RequestClass, Double> attained = attained(fleet(chip, replicas), urgent);
        assertThat(attained.get(RequestClass.BATCH)).isBetween(least, ReplicaRate.KEPT);
        assertThat(attained.get(RequestClass.DEFAULT)).isGreaterThan(0.99);
    }
}
