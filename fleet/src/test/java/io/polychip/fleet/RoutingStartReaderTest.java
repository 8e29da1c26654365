package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RoutingStartReaderTest {
    private static final String FLEET = """
        models:
          - {name: small, is: meta-llama/Llama-3.1-8B-Instruct}
          - {name: large, is: meta-llama/Llama-3.3-70B-Instruct}
        pools:
          - {name: h100, model: small, chip: nvidia/h100-sxm, precision: fp8, engine: vllm@0.15.1,
             price: {usd-per-chip-hour: 2.95}, replicas: [http://10.0.0.1:8000]}
          - {name: mi300x, model: small, chip: amd/mi300x, precision: fp8, engine: vllm@0.15.1,
             price: {usd-per-chip-hour: 1.85}, replicas: [http://10.0.0.2:8000]}
          - {name: b200, model: large, chip: nvidia/b200, precision: fp8, engine: vllm@0.15.1,
             price: {usd-per-chip-hour: 4}, replicas: [http://10.0.0.3:8000]}
        """;
    private static final String ROUTING = """
        {
          "starts": [
            {"period": "2027-01", "hour": "day",
             "usdPerChipHour": {"h100": 2.5, "mi300x": 1.85},
             "kinds": [{"model": "small", "class": "priority", "promptTokens": 700.5, "outputTokens": 180,
               "requestsPerSecond": 12,
               "shares": {"h100": 0.25, "mi300x": 0.75}}]},
            {"period": "2027-01", "hour": "night", "kinds": []}
          ],
          "offers": []
        }
        """;

    private static Fleet fleet() {
        return new FleetReader(CatalogueReader.shipped(), Map.of()).read("fleet.yaml", FLEET);
    }

    private static Fleet begin(String json, String hour) {
        return RoutingStartReader.begin(fleet(), "routing.json", json, hour);
    }

    @Test
    void theFirstHourIsBegunFromUnlessAnotherIsNamed() {
        RoutingStart start = begin(ROUTING, "").start();
        assertThat(start.usdPerChipHour()).containsEntry("h100", 2.5);
        assertThat(start.kinds())
                .containsExactly(new RoutingStart.Kind(
                        "small", RequestClass.PRIORITY, 700.5, 180, 12, Map.of("h100", 0.25, "mi300x", 0.75)));
        assertThat(begin(ROUTING, "2027-01.night").start()).isEqualTo(RoutingStart.NONE);
        assertThat(begin(ROUTING, "2027-01.day").start()).isEqualTo(start);
    }

    @Test
    void whatIsLeftOfAFleetKeepsItsStart() {
        Fleet fleet = begin(ROUTING, "");
        assertThat(fleet.withPools(fleet.pools().subList(0, 1)).start()).isEqualTo(fleet.start());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        "h100": 0.25            | "h100": 1.25        | routing.json:7: h100: "1.25" is not a share; expected 0 to 1.
        "h100": 0.25            | "h100": 0.5         | routing.json:5: shares: add up to 1.25; expected 1.
        "h100": 0.25            | "h200": 0.25        | routing.json:7: h200: "0.25" is for a pool that the fleet does not have; expected one of b200, h100, mi300x. Maybe the fleet file of the same plan and period.
        "h100": 0.25            | "b200": 0.25        | routing.json:7: b200: "0.25" is for a pool that serves large; expected pools of small.
        "h100": 2.5             | "h100": -2.5        | routing.json:4: h100: "-2.5" is not dollars; expected 0 or more.
        "model": "small"        | "model": "smal"     | routing.json:5: model: "smal" is not a model of the fleet; expected one of large, small. Maybe small.
        "class": "priority"     | "class": "urgent"   | routing.json:5: class: "urgent" is not a request class; expected one of batch, default, flex, priority.
        "promptTokens": 700.5   | "promptTokens": 0   | routing.json:5: promptTokens: "0" is not above 0; expected tokens above 0.
        "starts"                | "begins"            | routing.json:2: "begins" is not a key of routing; expected starts, offers.
        """)
    void badValuesAreNamedWithTheirPlace(String right, String wrong, String message) {
        assertThatThrownBy(() -> begin(ROUTING.replace(right, wrong), ""))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining(message);
    }

    @Test
    void everyPoolOfASharesListThatIsNotThereIsNamed() {
        String other = ROUTING.replace("\"h100\": 0.25, \"mi300x\": 0.75", "\"h200\": 0.25, \"mi325x\": 0.75");
        assertThatThrownBy(() -> begin(other, ""))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("h200: \"0.25\" is for a pool that the fleet does not have")
                .hasMessageContaining("mi325x: \"0.75\" is for a pool that the fleet does not have")
                .hasMessageNotContaining("add up");
    }

    @Test
    void anHourThatIsNotThereIsAnsweredWithThoseThatAre() {
        assertThatThrownBy(() -> begin(ROUTING, "2027-01.nigt"))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("routing.json:2: starts: holds no hour 2027-01.nigt; expected one of"
                        + " 2027-01.day, 2027-01.night. Maybe 2027-01.night.");
    }
}
