package io.polychip.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.routing.Fault.Kind;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorAnswerTest {
    private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

    private static Duration retryAfter(String name, String value) {
        return Duration.ofNanos(ErrorAnswer.retryAfterNanos(Responses.empty().set(name, value), NOW));
    }

    @Test
    void aRetryAfterIsSecondsOrADateOrMilliseconds() {
        assertThat(retryAfter("retry-after", "7")).hasSeconds(7);
        assertThat(retryAfter("retry-after", "0.5")).hasMillis(500);
        assertThat(retryAfter("retry-after", "Mon, 23 Nov 2026 12:00:30 GMT")).hasSeconds(30);
        assertThat(retryAfter("retry-after-ms", "250")).hasMillis(250);
    }

    @Test
    void aRetryAfterThatMakesNoSenseIsNone() {
        assertThat(retryAfter("retry-after", "soon")).isZero();
        assertThat(retryAfter("retry-after", "-3")).isZero();
        assertThat(retryAfter("retry-after", "Mon, 23 Nov 2020 12:00:30 GMT")).isZero();
        assertThat(retryAfter("retry-after", "99999999999999999999")).isEqualTo(Duration.ofDays(1));
        assertThat(retryAfter("other", "3")).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "429, BUSY",
        "498, BUSY",
        "503, BUSY",
        "529, BUSY",
        "500, SERVER_ERROR",
        "502, SERVER_ERROR",
        "401, SERVER_ERROR",
        "404, SERVER_ERROR",
        "400, CLIENT_ERROR",
        "413, CLIENT_ERROR",
        "422, CLIENT_ERROR",
        "302, SERVER_ERROR",
        "204, SERVER_ERROR"
    })
    void aStatusTellsWhoseFaultItIs(int status, Kind kind) {
        assertThat(ErrorAnswer.kind(status)).isEqualTo(kind);
    }
}
