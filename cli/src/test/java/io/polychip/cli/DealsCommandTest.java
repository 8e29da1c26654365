package io.polychip.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Tag("slow")
class DealsCommandTest {
    private static final Path EXAMPLES = Path.of("..", "examples");
    private static final String STUDY =
            EXAMPLES.resolve("trainium").resolve("study.yaml").toString();

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void theTrainiumDealIsWeighedEndToEnd() {
        assertThat(run("deals", example("trainium/deals.yaml"), "--study", STUDY))
                .as(err.toString())
                .isZero();

        assertThat(out.toString())
                .contains("amazon-trainium: costs")
                .contains("aws 0 % -> ")
                .contains("speed of aws/trainium3")
                .contains("inside its band: measure before signing")
                .contains("ask for a measured rate");
    }

    @Test
    void aMilestonePaysWhereItIsMet() {
        double base = worth();
        double milestone = worth("--in", "milestone");

        assertThat(milestone - base)
                .as("35 billion of June 2028, at 10 % a year")
                .isBetween(25e9, 35e9);
    }

    @ParameterizedTest
    @ValueSource(strings = {"amd-warrants", "oracle-take-or-pay", "cerebras-tranches"})
    void theOtherExamplesAreWeighedToo(String name) {
        assertThat(run("deals", example("deals/" + name + ".yaml"), "--study", STUDY, "--json"))
                .as(err.toString())
                .isZero();

        JsonNode verdict = JsonMapper.shared().readTree(out.toString()).get(0);
        assertThat(verdict.get("withoutUsd").asDouble()).isPositive();
        assertThat(verdict.get("turns").size()).isPositive();
    }

    @Test
    void anUnknownScenarioIsNamed() {
        assertThat(run("deals", example("trainium/deals.yaml"), "--study", STUDY, "--in", "ipo"))
                .isEqualTo(1);
        assertThat(err.toString()).contains("No scenario is named \"ipo\"; the file has milestone.");
    }

    private double worth(String... more) {
        out.getBuffer().setLength(0);
        String[] arguments = new String[more.length + 5];
        arguments[0] = "deals";
        arguments[1] = example("trainium/deals.yaml");
        arguments[2] = "--study";
        arguments[3] = STUDY;
        arguments[4] = "--json";
        System.arraycopy(more, 0, arguments, 5, more.length);
        assertThat(run(arguments)).as(err.toString()).isZero();
        return JsonMapper.shared()
                .readTree(out.toString())
                .get(0)
                .get("worthUsd")
                .asDouble();
    }

    private static String example(String path) {
        return EXAMPLES.resolve(path).toString();
    }

    private int run(String... arguments) {
        CommandLine line = Main.commandLine();
        line.setOut(new PrintWriter(out, true));
        line.setErr(new PrintWriter(err, true));
        return line.execute(arguments);
    }
}
