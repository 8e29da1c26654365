package io.polychip.planner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.RequestClass;
import io.polychip.fleet.Workload;
import io.polychip.fleet.WorkloadReader;
import io.polychip.simulator.Arrival;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TypicalTrafficTest {
    private static final Workload WORKLOAD =
            new WorkloadReader(CatalogueReader.shipped(), Map.of()).read("demand.yaml", """
                from: 2027-01
                models:
                  - {name: chat, is: meta-llama/Llama-3.1-8B-Instruct}
                objectives:
                  default: {ttft: 2 s, itl: 100 ms}
                hours: {day: 12, night: 12}
                traffic:
                  - {name: talk, input: 500, output: 100, requests-per-second: {day: 30, night: 20}}
                  - {name: jobs, class: batch, input: 500, output: 100, requests-per-second: {day: 20, night: 0}}
                """);

    /** Requests a second by class. @param batch of what comes in a mean hour, what this one serves */
    private static Map<RequestClass, Double> perSecond(double batch) {
        return perSecond(0, batch);
    }

    private static Map<RequestClass, Double> perSecond(int hour, double batch) {
        Map<RequestClass, Double> perSecond = new EnumMap<>(RequestClass.class);
        TypicalTraffic traffic = new TypicalTraffic(WORKLOAD, hour, 2, batch, 600_000_000_000L, 1);
        for (Arrival next = traffic.next(); next != null; next = traffic.next()) {
            perSecond.merge(next.requestClass(), 1 / 600.0, Double::sum);
        }
        return perSecond;
    }

    @Test
    void batchThatAPlanPutsElsewhereDoesNotCome() {
        assertThat(perSecond(0)).containsOnlyKeys(RequestClass.DEFAULT);
        assertThat(perSecond(0).get(RequestClass.DEFAULT)).isCloseTo(60, within(1.0));
    }

    @Test
    void batchThatAPlanPutsHereComesAndTakesNoOtherRequestsPlace() {
        assertThat(perSecond(3).get(RequestClass.DEFAULT)).isCloseTo(60, within(1.0));
        assertThat(perSecond(3).get(RequestClass.BATCH)).isCloseTo(60, within(1.0));
        assertThat(perSecond(1).get(RequestClass.BATCH)).isCloseTo(20, within(1.0));
    }

    @Test
    void batchOfTheDayThatAPlanPutsIntoTheNightComesThere() {
        assertThat(perSecond(1, 2).get(RequestClass.BATCH)).isCloseTo(40, within(1.0));
        assertThat(perSecond(1, 2).get(RequestClass.DEFAULT)).isCloseTo(40, within(1.0));
    }
}
