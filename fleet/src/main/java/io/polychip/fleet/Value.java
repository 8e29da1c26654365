package io.polychip.fleet;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/** One value of a YAML file, its key and where it stands. Wrong use is noted as a mistake, never thrown. */
final class Value {
    private static final Pattern PASSWORD = Pattern.compile("//[^/@]*@");

    private final Yaml document;
    private final String key;
    private final Node node;

    Value(Yaml document, String key, Node node) {
        this.document = document;
        this.key = key;
        this.node = node;
    }

    String key() {
        return key;
    }

    int line() {
        return line(node);
    }

    static int line(Node node) {
        return node.getStartMark().map(Mark::getLine).orElse(-1) + 1;
    }

    /** The text, or {@code fallback} where there is none. */
    String text(String expected, String fallback) {
        return read(expected, Function.identity(), fallback);
    }

    /** Notes a mistake in this value: {@code key: "value" message}. */
    void wrong(String message) {
        document.problems().add(line(), key + ": " + shown() + message);
    }

    boolean isText() {
        return node instanceof ScalarNode scalar && !scalar.getTag().equals(Tag.NULL);
    }

    boolean isList() {
        return node instanceof SequenceNode;
    }

    /** The text with environment references filled in; null, and noted, where there is none. */
    @Nullable
    String text(String expected) {
        if (!(node instanceof ScalarNode scalar)) {
            document.problems().add(line(), key + ": has " + kind() + "; expected " + expected + ".");
            return null;
        }
        if (scalar.getTag().equals(Tag.NULL) || scalar.getValue().isBlank()) {
            document.problems().add(line(), key + ": is empty; expected " + expected + ".");
            return null;
        }
        try {
            return document.environment().expand(scalar.getValue().strip());
        } catch (Mistake mistake) {
            wrong(mistake.message());
            return null;
        }
    }

    /** What {@code reading} makes of the text; {@code fallback}, and the mistake noted, where it cannot. */
    <T> T read(String expected, Function<String, T> reading, T fallback) {
        String text = text(expected);
        if (text == null) {
            return fallback;
        }
        try {
            return reading.apply(text);
        } catch (Mistake mistake) {
            wrong(mistake.message());
            return fallback;
        }
    }

    /** As {@link #read}, for a text that was read before: its mistakes are noted already. */
    <T> @Nullable T quiet(Function<String, @Nullable T> reading) {
        if (!(node instanceof ScalarNode scalar)) {
            return null;
        }
        try {
            return reading.apply(document.environment().expand(scalar.getValue().strip()));
        } catch (Mistake noted) {
            return null;
        }
    }

    /** The plain text under a key below, if it is there; nothing is noted. */
    Optional<String> peek(String below) {
        return node instanceof MappingNode mapping
                ? mapping.getValue().stream()
                        .filter(entry -> entry.getKeyNode() instanceof ScalarNode name
                                && name.getValue().equals(below)
                                && entry.getValueNode() instanceof ScalarNode)
                        .map(entry ->
                                ((ScalarNode) entry.getValueNode()).getValue().strip())
                        .findFirst()
                : Optional.empty();
    }

    /** The items of a list; what is no list is the only item. */
    List<Value> oneOrMore() {
        return isList() ? items("a list") : List.of(this);
    }

    /** The items of a list; none, and noted, where it is not one. */
    List<Value> items(String expected) {
        if (node instanceof SequenceNode sequence) {
            return sequence.getValue().stream()
                    .map(item -> new Value(document, key, item))
                    .toList();
        }
        document.problems().add(line(), key + ": " + shown() + "is not a list; expected " + expected + ".");
        return List.of();
    }

    /** The keys below; a broken section, and noted, where there are none. */
    Section section(Keys keys, String expected) {
        if (node instanceof MappingNode mapping) {
            return Section.of(document, mapping, keys);
        }
        document.problems().add(line(), key + ": " + shown() + "has no keys of its own; expected " + expected + ".");
        return Section.broken(document, line(), keys);
    }

    /** A section in this place of which nothing more is noted. */
    Section broken(Keys keys) {
        return Section.broken(document, line(), keys);
    }

    /**
     * As the file has it, so that what an environment variable holds stays unsaid; a key written out, or a password in
     * a URL, is not shown at all.
     */
    private String shown() {
        if (!(node instanceof ScalarNode scalar) || scalar.getTag().equals(Tag.NULL)) {
            return "";
        }
        String text = scalar.getValue();
        if (key.equals("key") && (!text.startsWith("${") || text.contains(":-"))) {
            return "";
        }
        return "\"" + shorten(PASSWORD.matcher(text).replaceAll("//...@")) + "\" ";
    }

    private static String shorten(String text) {
        String line = text.replace('\n', ' ').strip();
        return line.length() > 80 ? line.substring(0, 77) + "..." : line;
    }

    private String kind() {
        return node instanceof SequenceNode ? "a list" : "keys of its own";
    }
}
