package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Files that each begin with the messages they must be refused with: {@code #! LINE: MESSAGE}. */
final class WrongFiles {
    private static final String EXPECTED = "#! ";

    private WrongFiles() {}

    static List<Path> in(String folder) throws IOException, URISyntaxException {
        URL resources = Objects.requireNonNull(WrongFiles.class.getResource(folder));
        try (Stream<Path> files = Files.list(Path.of(resources.toURI()))) {
            return files.sorted().toList();
        }
    }

    static void isRefusedAsItSays(Path file, Consumer<String> read) throws IOException {
        String text = Files.readString(file);
        List<String> expected = text.lines()
                .filter(line -> line.startsWith(EXPECTED))
                .map(line -> line.substring(EXPECTED.length()))
                .toList();

        FleetException thrown = catchThrowableOfType(FleetException.class, () -> read.accept(text));

        assertThat(thrown).as("%s was accepted", file.getFileName()).isNotNull();
        assertThat(thrown.problems().stream()
                        .map(problem -> problem.line() + ": " + problem.message())
                        .toList())
                .isEqualTo(expected);
        assertThat(thrown.problems())
                .allSatisfy(problem -> assertThat(problem.message()).endsWith("."));
    }
}
