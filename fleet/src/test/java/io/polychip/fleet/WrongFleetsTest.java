package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each file in {@code wrong} says what it must be refused with. */
class WrongFleetsTest {
    private static final Map<String, String> ENVIRONMENT =
            Map.of("ACME_KEYS", "0123456789abcdef", "CIRCLE_A", "${CIRCLE_B}", "CIRCLE_B", "x${CIRCLE_A}");
    private final FleetReader reader = new FleetReader(CatalogueReader.shipped(), ENVIRONMENT);

    static List<Path> wrong() throws IOException, URISyntaxException {
        return WrongFiles.in("wrong");
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void everyMistakeIsNamedWithItsLineAndARemedy(Path file) throws IOException {
        WrongFiles.isRefusedAsItSays(file, text -> reader.read("fleet.yaml", text));
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
