package io.polychip.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.polychip.fleet.RequestClass;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
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

    @Test
    void aPlainTraceMayNameClassTenantConversationModelAndCap() {
        String text = """
            arrival_seconds,input_tokens,output_tokens,tenant,class,conversation,max_tokens,model
            0.5,10,20,acme,flex,c1,64,llama
            0.5,10,20,,,,,
            0.75,10,20,acme,PRIORITY,c1,64,llama\
            """;
        List<Trace.Request> requests = all(Trace.read("p.csv", text.lines().iterator()));
        assertThat(requests.get(0).requestClass()).isEqualTo(RequestClass.FLEX);
        assertThat(requests.get(0).tenant()).isEqualTo("acme");
        assertThat(requests.get(0).model()).isEqualTo("llama");
        assertThat(requests.get(0).maxTokens()).isEqualTo(64);
        assertThat(requests.get(0).conversation())
                .isNotZero()
                .isEqualTo(requests.get(2).conversation());
        assertThat(requests.get(1).conversation()).isZero();
        assertThat(requests.get(1).requestClass()).isEqualTo(RequestClass.DEFAULT);
        assertThat(requests.get(2).arrivalNanos()).isEqualTo(250_000_000L);
    }

    @Test
    void secondsOfTheClockCountFromTheFirstArrivalToo() {
        String text = "arrival_seconds, input_tokens, output_tokens\n1732000000, 10, 20\n1732000001.5, 10, 20";
        assertThat(all(Trace.read("p.csv", text.lines().iterator())))
                .extracting(Trace.Request::arrivalNanos)
                .containsExactly(0L, 1_500_000_000L);
    }

    @Test
    void azuresTimesMayNameTheirZone() {
        String text = AZURE.replaceAll("(:\\d\\d\\.\\d+),", "$1+00:00,");
        assertThat(all(Trace.read("a.csv", text.lines().iterator())))
                .extracting(Trace.Request::arrivalNanos)
                .containsExactly(0L, 4_314_579_000L, 4_541_977_000L);
    }

    @Test
    void partsOfAMillisecondAreNotCutOffMooncakesTimes() {
        String line = "{\"timestamp\": %s, \"input_length\": 5, \"output_length\": 5}";
        List<String> lines = List.of(line.formatted("1700000000000"), line.formatted("1700000000000.75"));
        assertThat(all(Trace.read("m.jsonl", lines.iterator())))
                .extracting(Trace.Request::arrivalNanos)
                .containsExactly(0L, 750_000L);
    }

    @Test
    void aSliceOfAYearMayBeRunThoughTheYearMayNot() {
        String text = "arrival_seconds,input_tokens,output_tokens\n0,1,1\n30000000,1,1\n30000060,1,1";
        Trace trace =
                Trace.read("p.csv", text.lines().iterator()).slice(Duration.ofSeconds(29_999_970), Duration.ofHours(1));
        assertThat(all(trace))
                .extracting(Trace.Request::arrivalNanos)
                .containsExactly(30_000_000_000L, 90_000_000_000L);
    }

    @Test
    void aGatewaysLogComesBackInTheOrderOfArrivals() {
        String text = """
            {"time":"2026-11-24T09:00:05Z","id":"b","arrived":"2026-11-24T09:00:04Z","tenant":"t","class":"default","model":"m","ending":"completed","prompt_tokens":11,"completion_tokens":5,"max_tokens":0}
            {"time":"2026-11-24T09:00:06Z","id":"x","path":"/v1/chat/completions","status":401,"ending":"refused","reason":"invalid_api_key"}
            {"time":"2026-11-24T09:00:07Z","id":"a","arrived":"2026-11-24T09:00:01.5Z","tenant":"t","class":"priority","model":"m","ending":"completed","prompt_tokens":12,"completion_tokens":9,"max_tokens":64,"conversation":"00000000000000ff"}
            {"time":"2026-11-24T09:00:08Z","id":"c","arrived":"2026-11-24T09:00:07Z","tenant":"t","class":"flex","model":"m","ending":"refused","prompt_tokens":0,"completion_tokens":0,"prompt_estimate":40,"max_tokens":6}\
            """;
        List<Trace.Request> requests = all(Trace.read("access.log", text.lines().iterator()));
        assertThat(requests)
                .extracting(Trace.Request::arrivalNanos)
                .containsExactly(0L, 2_500_000_000L, 5_500_000_000L);
        assertThat(requests).extracting(Trace.Request::inputTokens).containsExactly(12, 11, 40);
        assertThat(requests).extracting(Trace.Request::outputTokens).containsExactly(9, 5, 6);
        assertThat(requests.get(0).conversation()).isNotZero();
        assertThat(requests.get(0).requestClass()).isEqualTo(RequestClass.PRIORITY);
    }

    @Test
    void aGatewaysLogIsNotKeptLongerThanACallCanLast() {
        Iterator<String> lines =
                Stream.iterate(0, i -> i + 1).map(i -> logLine(i * 60L)).iterator();
        Trace trace = Trace.read("access.log", lines);
        assertThat(trace.next().arrivalNanos()).isZero();
        assertThat(trace.next().arrivalNanos()).isEqualTo(60_000_000_000L);
    }

    @Test
    void aLineOfALogThatIsHoursTooLateIsAMistake() {
        List<String> lines = List.of(logLine(0), logLine(4000), logLine(8000), logLine(100));
        assertThatThrownBy(() -> all(Trace.read("access.log", lines.iterator())))
                .hasMessageStartingWith("access.log:4: arrives 3900.000000 s before");
    }

    private static String logLine(long seconds) {
        return "{\"time\":\"%1$s\",\"arrived\":\"%1$s\",\"class\":\"default\",\"model\":\"m\","
                        .formatted(Instant.parse("2026-11-24T09:00:00Z").plusSeconds(seconds))
                + "\"ending\":\"completed\",\"prompt_tokens\":5,\"completion_tokens\":5}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        arrival_seconds,input_tokens,output_tokens,colour | t:1: "colour" is no further column, or there twice; expected
        arrival_seconds,input_tokens,output_tokens,class;1,2,3,urgent | t:2: "urgent" is no class; expected priority
        {"arrived":"yesterday","model":"m"}      | t:1: arrived is "yesterday"; expected a time
        {"arrived":"2026-11-24T09:00:00Z","model":"m","prompt_tokens":0} | t:1: prompt_tokens is 0; expected
        {"arrived":"2026-11-24T09:00:00Z","model":"m | t:1: not readable as JSON
        time,in,out                              | t:1: "time,in,out" is no known header
        arrival_seconds,input_tokens,output_tokens;1,2 | t:2: "1,2" has 2 fields; expected 3
        arrival_seconds,input_tokens,output_tokens;-1,2,3 | t:2: "-1" is no arrival time
        arrival_seconds,input_tokens,output_tokens;NaN,2,3 | t:2: "NaN" is no arrival time
        arrival_seconds,input_tokens,output_tokens;1,0,3 | t:2: input tokens is "0"; expected a whole number
        arrival_seconds,input_tokens,output_tokens;1,2,x | t:2: output tokens is "x"; expected a whole number
        arrival_seconds,input_tokens,output_tokens;2,2,2;1,2,2 | t:3: arrives 1.000000 s before the line above
        TIMESTAMP,ContextTokens,GeneratedTokens;yesterday,2,2 | t:2: "yesterday" is no time
        {"timestamp": 5, "input_length": 3}      | t:1: output_length is ""; expected
        {"timestamp": 5, "input_length": 3, "output_length": 3, "hash_ids": 5} | t:1: hash_ids is "5"; expected a list
        {"timestamp": 5, "input_length": 3, "output_length": 3} {} | t:1: something follows the JSON object
        {"timestamp": 9000000000000000000, "input_length": 3, "output_length": 3} | t:1: timestamp is missing, negative or
        {"timestamp": 5, "input_length": 3       | t:1: not readable as JSON: Unexpected end-of-input: expected close marker for Object; expected numbers
        {"arrived":"2026-11-24T09:00:00Z","model":"m","class":"flex","prompt_tokens":5}5 | t:1: something follows the JSON
        {"arrived":"2026-11-24T09:00:00Z","class":"flex","prompt_tokens":5};{"arrived":"+900000-11-24T09:00:00Z","class":"flex","prompt_tokens":5} | t:2: "+900000-11-24T09:00:00Z" is more than 100 years from
        arrival_seconds,input_tokens,output_tokens;0,1,1;90000000,1,1 | t:3: arrives 1042 days after the beginning; expected at most 100
        arrival_seconds,input_tokens,output_tokens;0,1e30,1 | t:2: input tokens is "1e30"; expected a whole number of at least 1 and at most 2147483647
        TIMESTAMP,ContextTokens,GeneratedTokens;0001-01-01 00:00:00,2,2;9999-01-01 00:00:00,2,2 | t:3: "9999-01-01 00:00:00" is more than 100 years from
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
                .hasMessageStartingWith("t:1: the file is empty");
        assertThat(all(Trace.read("t", AZURE.lines().limit(1).iterator()))).isEmpty();
    }

    private static List<Trace.Request> all(Trace trace) {
        List<Trace.Request> requests = new ArrayList<>();
        trace.forEachRemaining(requests::add);
        return requests;
    }
}
