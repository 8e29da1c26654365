package io.polychip.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TraceTest {
    private static final String AZURE = """
        TIMESTAMP,ContextTokens,GeneratedTokens
        2023-11-16 18:15:46.6805900,374,44
        2023-11-16 18:15:50.9951690,396,109
        2023-11-16 18:15:51.2225670,879,55\
        """;

    @Test
    void azuresTimesCountFromTheFirstArrival() {
        List<Trace.Request> requests = all(Trace.read("a.csv", AZURE.lines().iterator()));
        assertThat(requests)
                .extracting(Trace.Request::arrivalNanos)
                .containsExactly(0L, 4_314_579_000L, 4_541_977_000L);
        assertThat(requests.get(1).inputTokens()).isEqualTo(396);
        assertThat(requests.get(1).outputTokens()).isEqualTo(109);
    }

    @Test
    void mooncakesBlocksComeAlong() {
        String text = """
            {"timestamp": 1000, "input_length": 1025, "output_length": 500, "hash_ids": [0, 7, 8]}
            {"timestamp": 1500, "input_length": 5, "output_length": 1, "hash_ids": [0], "more": {"x": [1]}}\
            """;
        List<Trace.Request> requests = all(Trace.read("m.jsonl", text.lines().iterator()));
        assertThat(requests.get(0).blocks()).containsExactly(0, 7, 8);
        assertThat(requests.get(1).arrivalNanos()).isEqualTo(500_000_000L);
    }

    @Test
    void aSliceBeginsAtItsOwnZeroAndScalingBringsArrivalsCloser() {
        Trace trace = Trace.read("a.csv", AZURE.lines().iterator())
                .slice(Duration.ofSeconds(4), Duration.ofMillis(500))
                .scaled(2);
        assertThat(all(trace)).extracting(Trace.Request::arrivalNanos).containsExactly(157_289_500L);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        time,in,out                              | t:1: "time,in,out" is no known header
        arrival_seconds,input_tokens,output_tokens;1,2 | t:2: "1,2" has 2 fields; expected 3
        arrival_seconds,input_tokens,output_tokens;-1,2,3 | t:2: "-1" is no arrival time
        arrival_seconds,input_tokens,output_tokens;NaN,2,3 | t:2: "NaN" is no arrival time
        arrival_seconds,input_tokens,output_tokens;1,0,3 | t:2: input tokens is "0"; expected a whole number
        arrival_seconds,input_tokens,output_tokens;1,2,x | t:2: output tokens is "x"; expected a whole number
        arrival_seconds,input_tokens,output_tokens;2,2,2;1,2,2 | t:3: arrives 1.000000 s before the line above
        TIMESTAMP,ContextTokens,GeneratedTokens;yesterday,2,2 | t:2: "yesterday" is no time
        {"timestamp": 5, "input_length": 3}      | t:1: output_length is "0"; expected
        {"input_length": 3, "output_length": 3}  | t:1: timestamp is missing
        {"timestamp": "x"}                       | t:1: not readable as JSON
        """)
    void aMistakeNamesFileLineAndWhatWasExpected(String text, String message) {
        assertThatThrownBy(() -> all(Trace.read("t", List.of(text.split(";")).iterator())))
                .isInstanceOf(TraceException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void anEmptyFileIsToldApartFromOneWithoutRequests() {
        assertThatThrownBy(() -> Trace.read("t", List.<String>of().iterator()))
                .hasMessageContaining("the file is empty");
        assertThat(all(Trace.read("t", AZURE.lines().limit(1).iterator()))).isEmpty();
    }

    private static List<Trace.Request> all(Trace trace) {
        List<Trace.Request> requests = new ArrayList<>();
        trace.forEachRemaining(requests::add);
        return requests;
    }
}
