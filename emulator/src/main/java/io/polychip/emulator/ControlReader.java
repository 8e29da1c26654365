package io.polychip.emulator;

import io.polychip.simulator.ScenarioException;
import io.polychip.simulator.Truth;
import io.polychip.simulator.Where;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Reads the JSON of {@link ControlApi} and of truth files. What it does not know is a mistake, not ignored. */
final class ControlReader {
    private static final Set<String> FAULT_FIELDS =
            Set.of("kind", "where", "after", "status", "retryAfterSeconds", "factor", "probability", "count");
    private static final Set<String> TRUTH_FIELDS =
            Set.of("where", "factor", "step", "prefill", "kv", "driftPerMinute", "batchBucket");
    private static final Set<String> WHERE_FIELDS = Set.of("pool", "replica", "vendor", "labels");

    private ControlReader() {}

    /** @param here what is meant when nothing is said */
    static Fault fault(JsonNode body, Where here) {
        known(body, FAULT_FIELDS);
        Fault.Kind kind = kind(body.path("kind").asString(""));
        Fault plain = Fault.of(kind, where(body.path("where"), here));
        return new Fault(
                plain.where(),
                kind,
                whole(body, "after", plain.after()),
                whole(body, "status", plain.status()),
                whole(body, "retryAfterSeconds", plain.retryAfterSeconds()),
                number(body, "factor", plain.factor()),
                number(body, "probability", plain.probability()),
                whole(body, "count", plain.count()));
    }

    private static Fault.Kind kind(String name) {
        List<String> names = new ArrayList<>();
        for (Fault.Kind kind : Fault.Kind.values()) {
            if (kind.wireName().equals(name.toLowerCase(Locale.ROOT))) {
                return kind;
            }
            names.add(kind.wireName());
        }
        throw new EmulatorException(
                "kind \"%s\" is unknown; allowed are %s.".formatted(name, String.join(", ", names)));
    }

    /** @param here what is meant when nothing is said */
    static Truth truth(JsonNode body, Where here) {
        known(body, TRUTH_FIELDS);
        double factor = number(body, "factor", 1);
        try {
            return new Truth(
                    where(body.path("where"), here),
                    number(body, "step", factor),
                    number(body, "prefill", factor),
                    number(body, "kv", factor),
                    number(body, "driftPerMinute", 0),
                    whole(body, "batchBucket", 1));
        } catch (ScenarioException wrong) {
            throw new EmulatorException(String.valueOf(wrong.getMessage()), wrong);
        }
    }

    private static Where where(JsonNode node, Where here) {
        if (node.isMissingNode() || node.isNull()) {
            return here;
        }
        known(node, WHERE_FIELDS);
        Map<String, String> labels = new HashMap<>();
        node.path("labels")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asString()));
        return new Where(
                node.path("pool").asString(""),
                whole(node, "replica", -1),
                node.path("vendor").asString(""),
                labels);
    }

    /** A word in a number's place is a mistake, not what is meant when nothing is said. */
    private static double number(JsonNode body, String field, double unsaid) {
        JsonNode value = body.path(field);
        if (!value.isMissingNode() && !value.isNumber()) {
            throw new EmulatorException("%s is %s; expected a number, such as 1.4.".formatted(field, value));
        }
        return value.asDouble(unsaid);
    }

    private static int whole(JsonNode body, String field, int unsaid) {
        JsonNode value = body.path(field);
        if (!value.isMissingNode() && !value.canConvertToInt()) {
            throw new EmulatorException("%s is %s; expected a whole number, such as 4.".formatted(field, value));
        }
        return value.asInt(unsaid);
    }

    private static void known(JsonNode node, Set<String> fields) {
        if (!node.isObject()) {
            throw new EmulatorException("%s is no JSON object with some of %s.".formatted(node, fields));
        }
        node.propertyNames().forEach(name -> {
            if (!fields.contains(name)) {
                throw new EmulatorException("%s is unknown; allowed are %s.".formatted(name, fields));
            }
        });
    }
}
