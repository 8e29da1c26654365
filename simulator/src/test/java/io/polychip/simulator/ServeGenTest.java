package io.polychip.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServeGenTest {
    private static final String RATES = """
        0,0,0,,0,0
        600,20,1.15,Gamma,0.75,99
        1200,5,3.9,Weibull,0.35,99
        1800,10,1,Gamma,1,99
        """;
    private static final String SIZES = """
        {
          "0": {"input_tokens": "{}", "output_tokens": "{}"},
          "600": {"input_tokens": "{100: 0.25, 300: 0.75}", "output_tokens": "{7: 1.0}"},
          "1800": {"input_tokens": "{900: 1.0}", "output_tokens": "{8: 0.5, 10: 0.5}"}
        }
        """;

    private static ServeGenClient client(String name) {
        return ServeGenClient.read(name, "r.csv", RATES.lines().iterator(), "s.json", SIZES);
    }

    private static List<Arrival> all(long seed, double scale, long fromSeconds, long seconds) {
        ServeGen traffic = new ServeGen(
                List.of(client("a"), client("b")),
                seed,
                scale,
                Duration.ofSeconds(fromSeconds),
                Duration.ofSeconds(seconds));
        List<Arrival> arrivals = new ArrayList<>();
        for (Arrival next = traffic.next(); next != null; next = traffic.next()) {
            arrivals.add(next);
        }
        return arrivals;
    }

    private static long between(List<Arrival> arrivals, double from, double to) {
        return arrivals.stream()
                .filter(each -> each.arrivalNanos() >= from * 1e9 && each.arrivalNanos() < to * 1e9)
                .count();
    }

    @Test
    void eachWindowHasItsRate() {
        List<Arrival> arrivals = all(1, 10, 0, 100_000);
        assertThat(between(arrivals, 0, 600)).isZero();
        assertThat(between(arrivals, 600, 1200)).isCloseTo(240_000, within(4_000L));
        assertThat(between(arrivals, 1200, 1800)).isCloseTo(60_000, within(3_000L));
        assertThat(between(arrivals, 1800, 2400)).isCloseTo(120_000, within(2_000L));
        assertThat(between(arrivals, 2400, 1e9)).isZero();
    }

    @Test
    void burstinessIsThatOfTheShape() {
        ServeGen traffic = new ServeGen(List.of(client("a")), 3, 50, Duration.ofMinutes(10), Duration.ofMinutes(10));
        List<Double> gaps = new ArrayList<>();
        long last = -1;
        for (Arrival next = traffic.next(); next != null; next = traffic.next()) {
            if (last >= 0) {
                gaps.add((next.arrivalNanos() - last) / 1e9);
            }
            last = next.arrivalNanos();
        }
        double mean = gaps.stream().mapToDouble(x -> x).average().orElseThrow();
        double variance = gaps.stream()
                .mapToDouble(x -> (x - mean) * (x - mean))
                .average()
                .orElseThrow();
        assertThat(mean).isCloseTo(1 / 1000.0, within(2e-5));
        assertThat(Math.sqrt(variance) / mean).isCloseTo(1 / Math.sqrt(0.75), within(0.02));
    }

    @Test
    void lengthsAreThoseOfTheWindowAndOfTheOneBeforeWhereItHasNone() {
        List<Arrival> arrivals = all(2, 1, 600, 1800);
        assertThat(arrivals)
                .filteredOn(each -> each.arrivalNanos() < 1200_000_000_000L)
                .allMatch(each -> each.promptTokens() == 100 || each.promptTokens() == 300)
                .allMatch(each -> each.outputTokens() == 7);
        assertThat(arrivals)
                .filteredOn(each -> each.arrivalNanos() > 1200_000_000_000L)
                .allMatch(each -> each.promptTokens() == 900);
        double long300 =
                arrivals.stream().filter(each -> each.promptTokens() == 300).count()
                        / (double) arrivals.stream()
                                .filter(each -> each.promptTokens() < 900)
                                .count();
        assertThat(long300).isCloseTo(0.75, within(0.02));
    }

    @Test
    void theSameSeedGivesTheSameRequestsInOrderAndAnotherSeedOthers() {
        List<Arrival> arrivals = all(7, 1, 900, 300);
        assertThat(arrivals).isSortedAccordingTo((a, b) -> Long.compare(a.arrivalNanos(), b.arrivalNanos()));
        assertThat(all(7, 1, 900, 300))
                .extracting(Arrival::toString)
                .isEqualTo(arrivals.stream().map(Arrival::toString).toList());
        assertThat(all(8, 1, 900, 300).getFirst().arrivalNanos())
                .isNotEqualTo(arrivals.getFirst().arrivalNanos());
        assertThat(arrivals).extracting(Arrival::tenant).contains("a", "b");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0,1,1,Gamma,1                  | r:1: "0,1,1,Gamma,1" has 5 fields; expected start in seconds
        0,1,1,Gamma,1,1;0,1,1,Gamma,1,1 | r:2: starts at 0, not after the line above
        0,-1,1,Gamma,1,1               | r:1: the rate is "-1"; expected a number, 0 or more
        0,1,1,Pareto,1,1               | r:1: "Pareto" is no distribution of intervals; expected Gamma or Weibull
        0,1,1,Gamma,0,1                | r:1: the shape is 0; expected at least 0.01
        0,1,1,Gamma,1,1                | r:1: 1 windows; expected start
        """)
    void wrongRatesNameFileLineAndWhatWasExpected(String rows, String message) {
        assertThatThrownBy(() ->
                        ServeGenClient.read("c", "r", List.of(rows.split(";")).iterator(), "s", SIZES))
                .isInstanceOf(TraceException.class)
                .hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
        []                                                            | s:1: no JSON object
        {"x": {}}                                                     | s:1: the start of a window is "x"
        {"0": {"input_tokens": "12"}}                                 | s:1: input_tokens is "12"; expected {tokens
        {"0": {"input_tokens": "{12}"}}                               | s:1: a share of input_tokens is ""
        {"0": {"input_tokens": "{12: 0}", "output_tokens": "{}"}}     | s:1: the shares of input_tokens add up to 0.0
        {"0": {"input_tokens": "{12: 1}"                              | s:1: not readable as JSON
        """)
    void wrongLengthsNameFileAndLine(String json, String message) {
        assertThatThrownBy(() -> ServeGenClient.read("c", "r", RATES.lines().iterator(), "s", json))
                .isInstanceOf(TraceException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void theGammaFunctionIsRight() {
        assertThat(Math.exp(Sampling.logGamma(5))).isCloseTo(24, within(1e-9));
        assertThat(Math.exp(Sampling.logGamma(1.5))).isCloseTo(Math.sqrt(Math.PI) / 2, within(1e-12));
    }
}
