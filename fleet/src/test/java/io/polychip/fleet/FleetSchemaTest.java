package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keeps the schema that editors use true to the reader. */
class FleetSchemaTest {
    /** Sections by where the schema describes them. */
    private static final Map<String, Keys> SECTIONS = Map.ofEntries(
            Map.entry("", Keys.FLEET),
            Map.entry("/$defs/tls", Keys.TLS),
            Map.entry("/$defs/key", Keys.KEY),
            Map.entry("/$defs/timeouts", Keys.TIMEOUTS),
            Map.entry("/$defs/limits", Keys.LIMITS),
            Map.entry("/$defs/disclosure", Keys.DISCLOSURE),
            Map.entry("/$defs/model", Keys.MODEL),
            Map.entry("/$defs/shape", Keys.SHAPE),
            Map.entry("/$defs/pool", Keys.POOL),
            Map.entry("/$defs/pool/properties/layout", Keys.LAYOUT),
            Map.entry("/$defs/pool/properties/tls", Keys.UPSTREAM_TLS),
            Map.entry("/$defs/price", Keys.PRICE),
            Map.entry("/$defs/hosted", Keys.HOSTED),
            Map.entry("/$defs/quota", Keys.QUOTA),
            Map.entry("/$defs/profile", Keys.PROFILE),
            Map.entry("/$defs/objectives", Keys.OBJECTIVES),
            Map.entry("/$defs/objective", Keys.OBJECTIVE),
            Map.entry("/$defs/independence", Keys.INDEPENDENCE));

    /** Mistakes that only the reader can see: they need the catalogue, the environment, a file or another key. */
    private static final Set<String> BEYOND_A_SCHEMA = Set.of(
            "context-longer-than-the-models",
            "context-without-room",
            "duration-zero",
            "first-token-longer-than-request",
            "key-from-an-unset-variable",
            "key-given-twice",
            "key-twice",
            "layout-that-does-not-divide-the-heads",
            "layout-with-too-many-stages",
            "listen-port-too-large",
            "max-share-of-an-absent-vendor",
            "max-share-of-an-unknown-vendor",
            "max-share-that-nobody-can-fill",
            "profile-file-absent",
            "min-share-above-max-share",
            "min-shares-above-all",
            "model-twice",
            "model-without-a-pool",
            "open-on-a-public-address",
            "pool-of-an-unknown-model",
            "pool-twice",
            "precision-of-a-chip-that-tells-none",
            "precision-the-chip-lacks",
            "precision-the-chip-lacks-fp4",
            "replica-in-two-pools",
            "replicas-in-a-missing-file",
            "size-out-of-range",
            "survive-an-unknown-label",
            "survive-one-vendor-of-one",
            "tls-file-missing",
            "unknown-model",
            "upstream-ca-missing",
            "variables-in-a-circle",
            "weights-that-do-not-fit",
            "weights-that-do-not-fit-one-chip",
            "weights-that-fit-only-narrower");

    private static final YamlSchema SCHEMA = new YamlSchema("fleet.schema.json");

    static List<Map.Entry<String, Keys>> sections() {
        return List.copyOf(SECTIONS.entrySet());
    }

    @ParameterizedTest
    @MethodSource("sections")
    void knowsExactlyTheReadersKeys(Map.Entry<String, Keys> section) {
        SCHEMA.hasExactly(section.getKey(), section.getValue());
    }

    @Test
    void namesTheReadersEnginesAndTheCataloguesProviders() {
        assertThat(alternatives("/$defs/pool/properties/engine/pattern"))
                .containsExactlyInAnyOrderElementsOf(PoolReader.ENGINES);
        assertThat(alternatives("/$defs/hosted/properties/provider/pattern"))
                .containsExactlyInAnyOrderElementsOf(
                        CatalogueReader.shipped().providers().keySet());
    }

    @Test
    void offersTheCataloguesChipsAndModels() {
        assertThat(SCHEMA.texts("/$defs/pool/properties/chip/anyOf/0/enum"))
                .containsExactlyInAnyOrderElementsOf(
                        CatalogueReader.shipped().chips().keySet());
        assertThat(SCHEMA.texts("/$defs/model/properties/is/examples"))
                .containsExactlyInAnyOrderElementsOf(
                        CatalogueReader.shipped().models().keySet());
    }

    @ParameterizedTest
    @ValueSource(strings = {"mixed.yaml", "emulated.yaml", "everything.yaml"})
    void acceptsWhatTheReaderAccepts(String file) throws IOException {
        assertThat(SCHEMA.problems(YamlSchema.resource(file))).isEmpty();
    }

    @Test
    void refusesWhatTheReaderRefusesAsFarAsASchemaCan() throws IOException, URISyntaxException {
        assertThat(SCHEMA.accepted(WrongFiles.in("wrong"))).isEqualTo(new TreeSet<>(BEYOND_A_SCHEMA));
    }

    /** The plain words of a pattern such as {@code ^((a|b)...}. */
    private static List<String> alternatives(String pointer) {
        String pattern = SCHEMA.at(pointer).asString();
        String words = pattern.substring(pattern.indexOf("((") + 2, pattern.indexOf(')'));
        return Stream.of(words.split(Pattern.quote("|"), -1))
                .map(word -> word.replace("\\", ""))
                .collect(Collectors.toList());
    }
}
