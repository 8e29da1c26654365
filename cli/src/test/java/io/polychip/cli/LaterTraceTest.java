package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Tag("slow")
final class LaterTraceTest {
    private static final DateTimeFormatter AZURE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS'0'", Locale.ROOT);
    private static final int HALF_SECONDS = 120;

    @TempDir
    private Path folder = Path.of("");

    private final StringWriter out = new StringWriter();

    /** @param later times as many requests in the second half */
    private int validate(int later) throws IOException {
        LocalDateTime begin = LocalDateTime.of(2023, 11, 16, 18, 0);
        StringBuilder trace = new StringBuilder("TIMESTAMP,ContextTokens,GeneratedTokens\n");
        int number = 0;
        for (double at = 0; at < 2 * HALF_SECONDS; at += at < HALF_SECONDS ? 0.5 : 0.5 / later) {
            trace.append("%s,%d,%d%n"
                    .formatted(
                            AZURE.format(begin.plusNanos((long) (at * 1e9))),
                            300 + number * 37 % 900,
                            50 + number % 100));
            number++;
        }
        Path traces = Files.createDirectories(folder.resolve("traces").resolve("azure-2023"));
        Files.writeString(traces.resolve("made.csv"), trace);
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        return line.execute("validate-plans", folder.toString());
    }

    @Test
    void aTraceThatGoesOnAsItBeganHoldsThePlanMadeOfIt() throws IOException {
        assertThat(validate(1)).as(out.toString()).isZero();
        assertThat(out.toString())
                .contains("Plans made on the first half of a trace, held to the second half")
                .containsPattern("(?m)^made\\.csv .* held\\s*$")
                .contains("kept: allowed are 5 % of cost and 0.5 points");
    }

    @Test
    void aPlanHeldToTenTimesTheTrafficFallsShort() throws IOException {
        assertThat(validate(10)).isEqualTo(1);
        assertThat(out.toString()).contains("NOT HELD", "FELL SHORT");
    }

    @Test
    void costMayBeOffEitherWayAndOnlyMissesCountAgainstIt() {
        assertThat(new LaterTrace("t", 100, 104, 0.997, 0.993).held()).isTrue();
        assertThat(new LaterTrace("t", 100, 94, 0.997, 1).held()).isFalse();
        assertThat(new LaterTrace("t", 100, 100, 0.999, 0.993).held()).isFalse();
        assertThat(new LaterTrace("t", 100, 104, 1, 1).offBy()).isCloseTo(0.04, within(1e-12));
    }
}
