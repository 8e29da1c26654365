package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkloadReaderTest {
    private static final String GOOD = """
        from: 2027-01
        models:
          - {name: chat, is: meta-llama/Llama-3.1-8B-Instruct}
        objectives:
          default: {ttft: 2 s, itl: 100 ms}
        hours: {night: 8, day: 16}
        traffic:
          - name: talk
            input: {p50: 800, p99: 6000}
            output: [{up-to: 100, share: 25 %}, {up-to: 500, share: 75 %}]
            requests-per-second: {night: 2, day: 8.5}
            growth: 50 %
        independence:
          max-share: {nvidia: 60 %}
          survive: any vendor
        """;

    private static Workload read(String yaml) {
        return new WorkloadReader(CatalogueReader.shipped(), Map.of()).read("demand.yaml", yaml);
    }

    @Test
    void ratesAreByTypicalHourAndLengthsByQuantile() {
        Workload workload = read(GOOD);
        Workload.Traffic talk = workload.traffic().getFirst();
        assertThat(talk.perSecond()).containsExactly(2.0, 8.5);
        assertThat(talk.model()).isEqualTo("chat");
        assertThat(talk.yearlyGrowth()).isEqualTo(0.5);
        assertThat(talk.input().quantile(0.5)).isCloseTo(800, within(4.0));
        assertThat(talk.input().quantile(0.99)).isCloseTo(6000, within(60.0));
        assertThat(talk.output().quantile(0.25)).isCloseTo(100, within(1e-9));
        assertThat(talk.output().quantile(0.625)).isCloseTo(300, within(1e-9));
        assertThat(workload.hours()).extracting(Workload.Hour::ofDay).containsExactly(8.0, 16.0);
        assertThat(workload.independence().survive()).isEqualTo("vendor");
    }

    @Test
    void anHourThatIsNotThereIsNamedWithItsLine() {
        assertThatThrownBy(() -> read(GOOD.replace("{night: 2, day: 8.5}", "{nigth: 2, day: 8.5}")))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("demand.yaml:11")
                .hasMessageContaining("expected one of day, night")
                .hasMessageContaining("night: is missing");
    }

    @Test
    void whatIsBelowNothingIsNotToldToBeAboveIt() {
        assertThatThrownBy(() -> read(GOOD + "energy: {regions: {us-east: {usd-per-kwh: -1}}}\n"))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("usd-per-kwh: \"-1\" is below 0; expected US dollars a kWh, 0 or more.");
        assertThatThrownBy(() -> read(GOOD + "energy: {tonnes-co2-per-year: -5}\n"))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining(
                        "tonnes-co2-per-year: \"-5\" is below 0; expected tonnes of CO2 a year, 0 or more.");
        assertThatThrownBy(() -> read(GOOD.replace("night: 2,", "night: -2,")))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("\"-2\" is below 0; expected requests a second, 0 or more.");
    }

    @Test
    void aCapOnCarbonInAnotherUnitIsNotTaken() {
        assertThatThrownBy(() -> read(GOOD + "energy: {tonnes-co2-per-month: 10}\n"))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("tonnes-co2-per-month")
                .hasMessageContaining("Maybe tonnes-co2-per-year");
        assertThat(read(GOOD + "energy: {tonnes-co2-per-year: 120}\n").energy().tonnesCo2PerYear())
                .isEqualTo(120);
        assertThat(read(GOOD).energy().tonnesCo2PerYear()).isInfinite();
    }

    @Test
    void sharesOfLengthsThatDoNotAddUpAreRefused() {
        assertThatThrownBy(() -> read(GOOD.replace("share: 75 %", "share: 70 %")))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("demand.yaml:10")
                .hasMessageContaining("add up to 95 %");
    }

    @Test
    void aDayOfTwentyFiveHoursIsRefused() {
        assertThatThrownBy(() -> read(GOOD.replace("{night: 8, day: 16}", "{night: 8, day: 17}")))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("hours: add up to 25; expected 24, a day.");
    }

    @Test
    void aRateThatNoSolverCanCountIsRefused() {
        assertThatThrownBy(() -> read(GOOD.replace("night: 2,", "night: 1e300,")))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("expected at most 1000000000 requests a second.");
    }

    @Test
    void everyMistakeIsToldAtOnce() {
        String wrong = GOOD.replace("from: 2027-01\n", "")
                .replace("p50: 800", "p50: 8000")
                .replace("growth: 50 %", "growth: 0.5")
                .replace("survive: any vendor", "survive: nvidia");
        assertThatThrownBy(() -> read(wrong))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("from: is missing")
                .hasMessageContaining("is less than p50")
                .hasMessageContaining("has no unit; expected growth a year such as 50 %")
                .hasMessageContaining("Maybe any vendor");
    }

    @Test
    void theQuantilesOfTheNormalDistributionAreThoseOfTables() {
        List<double[]> known =
                List.of(new double[] {0.5, 0}, new double[] {0.9, 1.28155}, new double[] {0.99, 2.32635}, new double[] {
                    0.025, -1.95996
                });
        for (double[] each : known) {
            assertThat(Workload.Lengths.normal(each[0])).isCloseTo(each[1], within(5e-3));
        }
    }
}
