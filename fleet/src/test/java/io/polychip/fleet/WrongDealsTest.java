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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each file in {@code wrong-deals} begins with the messages it must be refused with: {@code #! LINE: MESSAGE}. */
class WrongDealsTest {
    private static final String EXPECTED = "#! ";

    private final DealsReader reader = new DealsReader(CatalogueReader.shipped(), Map.of());

    static List<Path> wrong() throws IOException, URISyntaxException {
        URL folder = Objects.requireNonNull(WrongDealsTest.class.getResource("wrong-deals"));
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

        FleetException thrown = catchThrowableOfType(FleetException.class, () -> reader.read("deals.yaml", text));

        assertThat(thrown).as("%s was accepted", file.getFileName()).isNotNull();
        assertThat(thrown.problems().stream()
                        .map(problem -> problem.line() + ": " + problem.message())
                        .toList())
                .isEqualTo(expected);
        assertThat(thrown.problems())
                .allSatisfy(problem -> assertThat(problem.message()).endsWith("."));
    }
}
