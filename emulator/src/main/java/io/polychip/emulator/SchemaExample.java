package io.polychip.emulator;

import io.polychip.protocol.JsonText;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * An instance of a simple JSON Schema: objects with all their properties, arrays of their least length, enums,
 * constants, the scalar types with their bounds, {@code anyOf} and local {@code $ref}. Strings are words of the answer.
 */
final class SchemaExample {
    private static final int MAX_DEPTH = 12;

    private final JsonNode root;
    private final EmulatedText words;
    private final StringBuilder out = new StringBuilder();
    private int used;

    private SchemaExample(JsonNode root, EmulatedText words) {
        this.root = root;
        this.words = words;
    }

    static String of(JsonNode schema, EmulatedText words) {
        SchemaExample example = new SchemaExample(schema, words);
        example.write(schema, 0);
        return example.out.toString();
    }

    private void write(JsonNode schema, int depth) {
        JsonNode node = resolve(schema);
        if (depth > MAX_DEPTH) {
            out.append("null");
        } else if (node.has("const")) {
            out.append(node.path("const"));
        } else if (node.path("enum").size() > 0) {
            out.append(node.path("enum").get(0));
        } else {
            switch (type(node)) {
                case "object" -> object(node, depth);
                case "array" -> array(node, depth);
                case "integer", "number" -> out.append(number(node));
                case "boolean" -> out.append("true");
                case "null" -> out.append("null");
                default -> string(node);
            }
        }
    }

    private JsonNode resolve(JsonNode schema) {
        JsonNode node = schema;
        for (int hops = 0; hops < MAX_DEPTH; hops++) {
            String reference = node.path("$ref").asString("");
            if (reference.startsWith("#/")) {
                node = root.at(reference.substring(1));
            } else if (node.path("anyOf").size() > 0) {
                node = node.path("anyOf").get(0);
            } else {
                return node;
            }
        }
        return node;
    }

    private static String type(JsonNode node) {
        JsonNode type = node.path("type");
        if (type.isArray() && type.size() > 0) {
            return type.get(0).asString();
        }
        return type.asString(node.has("properties") ? "object" : "string");
    }

    private void object(JsonNode node, int depth) {
        out.append('{');
        boolean first = true;
        for (Map.Entry<String, JsonNode> property : node.path("properties").properties()) {
            out.append(first ? "" : ",")
                    .append(JsonText.quote(property.getKey()))
                    .append(':');
            write(property.getValue(), depth + 1);
            first = false;
        }
        out.append('}');
    }

    private void array(JsonNode node, int depth) {
        int length = Math.clamp(node.path("minItems").asInt(1), 1, 16);
        out.append('[');
        for (int i = 0; i < length; i++) {
            out.append(i == 0 ? "" : ",");
            write(node.path("items"), depth + 1);
        }
        out.append(']');
    }

    private static long number(JsonNode node) {
        @Nullable JsonNode least = node.get("minimum");
        @Nullable JsonNode most = node.get("maximum");
        if (least != null) {
            return (long) Math.ceil(least.asDouble());
        }
        return most == null ? 7 : Math.min(7, (long) Math.floor(most.asDouble()));
    }

    private void string(JsonNode node) {
        StringBuilder text = new StringBuilder(words.token(used++).strip());
        while (text.length() < node.path("minLength").asInt(0)) {
            text.append(words.token(used++));
        }
        int most = node.path("maxLength").asInt(Integer.MAX_VALUE);
        out.append(JsonText.quote(text.length() > most ? text.substring(0, most) : text.toString()));
    }
}
