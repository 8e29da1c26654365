package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** A published schema as an editor uses it. */
final class YamlSchema {
    private static final YAMLMapper YAML = new YAMLMapper();

    private final JsonNode document;
    private final Schema schema;

    YamlSchema(String file) {
        document = JsonMapper.shared().readTree(resource(file));
        schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(document);
    }

    JsonNode at(String pointer) {
        return document.at(pointer);
    }

    Stream<String> texts(String pointer) {
        return at(pointer).valueStream().map(JsonNode::asString);
    }

    void hasExactly(String section, Keys keys) {
        assertThat(at(section + "/properties").propertyNames()).containsExactlyInAnyOrderElementsOf(keys.names());
    }

    /** What an editor would mark; empty where nothing is wrong. */
    List<String> problems(String yaml) {
        try {
            return schema.validate(YAML.readTree(yaml)).stream()
                    .map(Error::toString)
                    .toList();
        } catch (JacksonException notYaml) {
            return List.of(String.valueOf(notYaml.getMessage()));
        }
    }

    /** Names of those files that no editor would mark. */
    Set<String> accepted(List<Path> files) throws IOException {
        Set<String> accepted = new TreeSet<>();
        for (Path file : files) {
            if (problems(Files.readString(file)).isEmpty()) {
                accepted.add(file.getFileName().toString().replace(".yaml", ""));
            }
        }
        return accepted;
    }

    static String resource(String name) {
        try (InputStream in = YamlSchema.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
