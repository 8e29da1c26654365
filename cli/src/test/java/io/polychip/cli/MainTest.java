package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void helpIsWrittenToStandardOutAndSucceeds() {
        assertThat(run("--help")).isEqualTo(0);
        assertThat(out.toString()).containsOnlyOnce("Usage: polychip");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void anUnknownCommandIsAUsageErrorThatNamesIt() {
        assertThat(run("bake")).isEqualTo(2);
        assertThat(err.toString()).contains("bake");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void noCommandIsAUsageErrorThatShowsTheUsage() {
        assertThat(run()).isEqualTo(2);
        assertThat(err.toString()).contains("No command given.").contains("Usage: polychip");
    }

    private int run(String... arguments) {
        return Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
