package io.polychip.fleet;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * The keys of one mapping in a YAML file. Keys that it does not know, or has twice, are noted when it is made. One
 * mistake is said once: of a section that could not be read, and of a key that was misspelt, nothing more is noted.
 */
final class Section {
    private final Yaml document;
    private final int line;
    private final Keys keys;
    private final Map<String, Value> values;
    private final Set<String> misspelt = new HashSet<>();
    private final boolean broken;

    private Section(Yaml document, int line, Keys keys, Map<String, Value> values, boolean broken) {
        this.document = document;
        this.line = line;
        this.keys = keys;
        this.values = values;
        this.broken = broken;
    }

    static Section empty(Yaml document, int line, Keys keys) {
        return new Section(document, line, keys, Map.of(), false);
    }

    /** Stands for what should have been a mapping and was noted as a mistake. */
    static Section broken(Yaml document, int line, Keys keys) {
        return new Section(document, line, keys, Map.of(), true);
    }

    static Section of(Yaml document, MappingNode mapping, Keys keys) {
        Section section = new Section(document, Value.line(mapping), keys, new LinkedHashMap<>(), false);
        for (NodeTuple entry : mapping.getValue()) {
            section.add(entry);
        }
        return section;
    }

    private void add(NodeTuple entry) {
        int at = Value.line(entry.getKeyNode());
        if (!(entry.getKeyNode() instanceof ScalarNode scalar)) {
            document.problems().add(at, "a key of " + keys.section() + " is not text; expected a plain name.");
            return;
        }
        String key = scalar.getValue();
        Value before = values.get(key);
        if (!keys.knows(key)) {
            Optional<String> meant = keys.meant(key);
            meant.ifPresent(misspelt::add);
            document.problems()
                    .add(
                            at,
                            "\"" + key + "\" is not a key of " + keys.section() + "; expected "
                                    + String.join(", ", keys.names()) + "."
                                    + meant.map(name -> " Maybe " + name + ".").orElse(""));
        } else if (before != null) {
            document.problems().add(at, key + ": stands twice, first in line " + before.line() + "; expected it once.");
        } else {
            values.put(key, new Value(document, key, entry.getValueNode()));
        }
    }

    int line() {
        return line;
    }

    /** Notes a mistake of the section as a whole. */
    void wrong(String message) {
        if (!broken) {
            document.problems().add(line, message);
        }
    }

    /** Notes that a key is missing, unless it stands there misspelt. */
    void missing(String key, String message) {
        if (!misspelt.contains(key)) {
            wrong(key + ": is missing; " + message);
        }
    }

    /** Whether one of these keys stands there misspelt, which was noted. */
    boolean misspells(Collection<String> wanted) {
        return wanted.stream().anyMatch(misspelt::contains);
    }

    Map<String, Value> values() {
        return values;
    }

    @Nullable
    Value get(String key) {
        if (!keys.knows(key)) {
            throw new IllegalArgumentException("Section " + keys.section() + " has no key " + key + ".");
        }
        return values.get(key);
    }

    /** Null, and noted, where the key is missing. */
    @Nullable
    Value required(String key, String expected) {
        Value value = get(key);
        if (value == null) {
            missing(key, "expected " + expected + ".");
        }
        return value;
    }

    /** What {@code reading} makes of the key's text; {@code fallback} where the key is missing or wrong. */
    <T> T read(String key, String expected, Function<String, T> reading, T fallback) {
        Value value = get(key);
        return value == null ? fallback : value.read(expected, reading, fallback);
    }

    String text(String key, String expected, String fallback) {
        return read(key, expected, Function.identity(), fallback);
    }

    boolean flag(String key, boolean fallback) {
        return read(
                key,
                "true or false",
                text -> switch (text) {
                    case "true" -> true;
                    case "false" -> false;
                    case "yes", "on", "True", "TRUE" ->
                        throw new Mistake("is not true or false; expected true or false. Maybe true.");
                    case "no", "off", "False", "FALSE" ->
                        throw new Mistake("is not true or false; expected true or false. Maybe false.");
                    default -> throw new Mistake("is not true or false; expected true or false.");
                },
                fallback);
    }

    /** The keys below {@code key}; an empty section where it is missing. */
    Section section(String key, Keys below, String expected) {
        Value value = get(key);
        return value == null ? empty(document, line, below) : value.section(below, expected);
    }

    /** One of {@code known}; {@code fallback}, and the nearest named, where it is none of them. */
    static String oneOf(String text, String kind, Collection<String> known) {
        if (known.contains(text)) {
            return text;
        }
        throw new Mistake("is not " + kind + "; expected one of " + Names.list(known) + "." + Names.maybe(text, known));
    }
}
