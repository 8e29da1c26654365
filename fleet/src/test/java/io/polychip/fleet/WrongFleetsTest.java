package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each file in {@code wrong} begins with the messages it must be refused with: {@code #! LINE: MESSAGE}. */
class WrongFleetsTest {
    private static final Map<String, String> ENVIRONMENT =
            Map.of("ACME_KEYS", "0123456789abcdef", "CIRCLE_A", "${CIRCLE_B}", "CIRCLE_B", "x${CIRCLE_A}");
    private static final String EXPECTED = "#! ";

    private final FleetReader reader = new FleetReader(CatalogueReader.shipped(), ENVIRONMENT);

    static List<Path> wrong() throws IOException, URISyntaxException {
        URL folder = Objects.requireNonNull(WrongFleetsTest.class.getResource("wrong"));
        try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void everyMistakeIsNamedWithItsLineAndARemedy(Path file) throws IOException {
        String text = Files.readString(file);
        List<String> expected = text.lines()
                .filter(line -> line.startsWith(EXPECTED))
                .map(line -> line.substring(EXPECTED.length()))
                .toList();

        FleetException thrown = catchThrowableOfType(FleetException.class, () -> reader.read("fleet.yaml", text));

        assertThat(thrown).as("%s was accepted", file.getFileName()).isNotNull();
        assertThat(thrown.problems().stream()
                        .map(problem -> problem.line() + ": " + problem.message())
                        .toList())
                .isEqualTo(expected);
        assertThat(thrown.problems())
                .allSatisfy(problem -> assertThat(problem.message()).endsWith("."));
    }

    @Test
    void aMessageBeginsWithFileAndLine() {
        FleetException thrown =
                catchThrowableOfType(FleetException.class, () -> reader.read("fleet.yaml", "models: []\npools: []\n"));

        assertThat(String.valueOf(thrown.getMessage()).lines())
                .allSatisfy(line -> assertThat(line).matches("fleet\\.yaml:[12]: .+"));
    }

    @Test
    void whatAVariableHoldsIsNeverShown() {
        FleetReader secretive = new FleetReader(CatalogueReader.shipped(), Map.of("ACME_KEY", "hunter2"));

        FleetException thrown = catchThrowableOfType(
                FleetException.class,
                () -> secretive.read("fleet.yaml", "keys: [{key: \"${ACME_KEY}\", tenant: acme}]\n"));

        assertThat(thrown.getMessage()).contains("${ACME_KEY}").doesNotContain("hunter2");
    }
}
