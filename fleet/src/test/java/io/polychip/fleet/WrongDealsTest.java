package io.polychip.fleet;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each file in {@code wrong-deals} says what it must be refused with. */
class WrongDealsTest {
    private final DealsReader reader = new DealsReader(CatalogueReader.shipped(), Map.of());

    static List<Path> wrong() throws IOException, URISyntaxException {
        return WrongFiles.in("wrong-deals");
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void everyMistakeIsNamedWithItsLineAndARemedy(Path file) throws IOException {
        WrongFiles.isRefusedAsItSays(file, text -> reader.read("deals.yaml", text));
    }
}
