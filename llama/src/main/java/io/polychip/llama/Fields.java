package io.polychip.llama;

import io.polychip.protocol.OpenAiError;
import io.polychip.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The fields of a JSON object with their types and ranges checked; null is as good as absent. */
final class Fields {
    private final JsonNode object;
    private final String prefix;

    Fields(JsonNode object) {
        this(object, "");
    }

    private Fields(JsonNode object, String prefix) {
        this.object = object;
        this.prefix = prefix;
    }

    static ProtocolException invalid(String param, String message) {
        return new ProtocolException(OpenAiError.invalid(message, param, "invalid_value"));
    }

    static ProtocolException unsupported(String param, String what) {
        return new ProtocolException(OpenAiError.invalid(
                "%s is not supported by this engine. Maybe leave out %s.".formatted(what, param),
                param,
                "unsupported"));
    }

    /** The field, or null where it is absent. */
    @Nullable
    JsonNode get(String name) {
        JsonNode value = object.get(name);
        return value == null || value.isNull() ? null : value;
    }

    boolean has(String name) {
        return get(name) != null;
    }

    /** The object in a field; an empty one where it is absent. */
    Fields object(String name) {
        JsonNode value = get(name);
        if (value != null && !value.isObject()) {
            throw wrongType(name, value, "an object");
        }
        return new Fields(value == null ? JsonNodeFactory.instance.objectNode() : value, prefix + name + ".");
    }

    boolean flag(String name, boolean absent) {
        JsonNode value = get(name);
        if (value == null) {
            return absent;
        }
        if (!value.isBoolean()) {
            throw wrongType(name, value, "true or false");
        }
        return value.booleanValue();
    }

    int integer(String name, int absent, int least, int most) {
        return (int) integer(name, (long) absent, least, most);
    }

    long integer(String name, long absent, long least, long most) {
        JsonNode value = get(name);
        if (value == null) {
            return absent;
        }
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw wrongType(name, value, "an integer");
        }
        if (value.longValue() < least || value.longValue() > most) {
            throw outside(name, value, least, most);
        }
        return value.longValue();
    }

    float number(String name, float absent, float least, float most) {
        JsonNode value = get(name);
        if (value == null) {
            return absent;
        }
        if (!value.isNumber()) {
            throw wrongType(name, value, "a number");
        }
        if (!(value.doubleValue() >= least && value.doubleValue() <= most)) {
            throw outside(name, value, least, most);
        }
        return (float) value.doubleValue();
    }

    String text(String name) {
        JsonNode value = get(name);
        if (value == null) {
            throw new ProtocolException(OpenAiError.invalid(
                    "%s%s is missing; expected a string.".formatted(prefix, name),
                    prefix + name,
                    "missing_required_parameter"));
        }
        if (!value.isString()) {
            throw wrongType(name, value, "a string");
        }
        return value.stringValue();
    }

    /** A string or a list of them; empty where it is absent. */
    List<String> texts(String name) {
        JsonNode value = get(name);
        List<String> texts = new ArrayList<>();
        if (value != null && value.isString()) {
            texts.add(value.stringValue());
        } else if (value != null) {
            for (JsonNode element : array(name, value)) {
                if (!element.isString()) {
                    throw wrongType(name, element, "strings");
                }
                texts.add(element.stringValue());
            }
        }
        return texts;
    }

    JsonNode array(String name, JsonNode value) {
        if (!value.isArray()) {
            throw wrongType(name, value, "a list");
        }
        return value;
    }

    ProtocolException wrongType(String name, JsonNode value, String expected) {
        String shown = value.toString();
        return new ProtocolException(OpenAiError.invalid(
                "%s%s is %s; expected %s."
                        .formatted(
                                prefix, name, shown.length() > 60 ? shown.substring(0, 60) + "..." : shown, expected),
                prefix + name,
                "invalid_type"));
    }

    private ProtocolException outside(String name, JsonNode value, Number least, Number most) {
        return invalid(prefix + name, "%s%s is %s; allowed is %s to %s.".formatted(prefix, name, value, least, most));
    }
}
