package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class MainTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void helpIsWrittenToStandardOutAndSucceeds() {
        assertThat(run("--help")).isEqualTo(0);
        assertThat(out.toString()).containsOnlyOnce("Usage: polychip");
        assertThat(err.toString()).isEmpty();
    }

    /** Picocli told standard error, 250 times, of a lone percent sign in the help of simulate. */
    @ParameterizedTest
    @MethodSource("commands")
    void theHelpOfEveryCommandIsAllThatIsPrinted(String command) {
        PrintStream before = System.err;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            assertThat(run(command, "--help")).isEqualTo(0);
        } finally {
            System.setErr(before);
        }
        assertThat(out.toString()).contains("Usage: polychip " + command);
        assertThat(err.toString() + bytes.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    static Set<String> commands() {
        return Main.commandLine().getSubcommands().keySet();
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
