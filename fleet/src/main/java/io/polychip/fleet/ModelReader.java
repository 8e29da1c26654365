package io.polychip.fleet;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the {@code models} of a fleet: names clients ask for, and the shapes behind them. */
final class ModelReader {
    private final Catalogue catalogue;

    ModelReader(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    Map<String, ServedModel> read(Value list) {
        Map<String, ServedModel> models = new LinkedHashMap<>();
        Map<String, Integer> lines = new LinkedHashMap<>();
        List<Value> items = list.items("models such as {name: llama-3.1-8b, is: meta-llama/Llama-3.1-8B-Instruct}");
        if (items.isEmpty() && list.isList()) {
            list.wrong("is an empty list; expected at least one model.");
        }
        for (Value item : items) {
            Section section = item.section(Keys.MODEL, "name and is");
            Value nameValue = section.required("name", "the name clients ask for");
            Model shape = shape(section);
            String name =
                    nameValue == null ? "" : nameValue.read("a name", text -> FleetReader.name(text, "a model"), "");
            if (nameValue == null || name.isEmpty()) {
                continue;
            }
            Integer first = lines.putIfAbsent(name, nameValue.line());
            if (first != null) {
                nameValue.wrong("is a model already, in line " + first + "; expected each name once.");
                continue;
            }
            models.put(name, new ServedModel(name, shape, continuation(section)));
        }
        return models;
    }

    private static ServedModel.Continuation continuation(Section section) {
        return section.read(
                "continuation",
                "text, tokens or off",
                text -> ServedModel.Continuation.valueOf(
                        Section.oneOf(text, "a way to continue", List.of("text", "tokens", "off"))
                                .toUpperCase(Locale.ROOT)),
                ServedModel.Continuation.OFF);
    }

    /** From the catalogue by {@code is}, or spelled out under {@code shape}; some placeholder where that fails. */
    private Model shape(Section section) {
        Value spelled = section.get("shape");
        Value is = section.get("is");
        if (spelled != null) {
            String id = is == null ? "" : is.read("a model's published name", text -> text, "");
            return spelled(id, spelled.section(Keys.SHAPE, "layers, heads and the like"));
        }
        if (is == null) {
            section.missing(
                    "is",
                    "expected a model of the catalogue such as meta-llama/Llama-3.1-8B-Instruct, "
                            + "or its shape spelled out under shape. Maybe see polychip catalog models.");
            return UNKNOWN;
        }
        return is.read("a model of the catalogue", this::known, UNKNOWN);
    }

    private Model known(String id) {
        Model model = catalogue.models().get(id);
        if (model == null) {
            Section.oneOf(id, "a model of the catalogue", catalogue.models().keySet());
            throw new Mistake("is not a model of the catalogue.");
        }
        return model;
    }

    private static Model spelled(String id, Section shape) {
        int layers = count(shape, "layers", 1, 1000, null);
        int heads = count(shape, "heads", 1, 1024, null);
        int hidden = count(shape, "hidden", 1, 1 << 20, null);
        int kvHeads = count(shape, "kv-heads", 1, 1024, heads);
        int headDim = count(shape, "head-dim", 1, 4096, Math.max(1, hidden / Math.max(1, heads)));
        long parameters = whole(shape, "parameters", null);
        int experts = count(shape, "experts", 1, 4096, 1);
        return new Model(
                id.isEmpty() ? "spelled out in line " + shape.line() : id,
                layers,
                layers,
                hidden,
                heads,
                kvHeads,
                headDim,
                count(shape, "feed-forward", 1, 1 << 22, 4 * hidden),
                experts,
                count(shape, "active-experts", 1, 4096, experts),
                parameters,
                whole(shape, "active-parameters", parameters),
                count(shape, "vocabulary", 1, 1 << 22, 128_256),
                whole(shape, "kv-values-per-token", 2L * layers * kvHeads * headDim),
                count(shape, "context", 1, 1 << 24, null),
                shape.read("published", "a precision", PoolReader::precision, Precision.BF16),
                new Source("fleet.yaml", "", Source.Confidence.MEDIUM));
    }

    private static int count(Section section, String key, int least, int most, @Nullable Integer fallback) {
        if (fallback == null) {
            Value value = section.required(key, "a whole number");
            return value == null ? 1 : value.read("a whole number", text -> Units.count(text, least, most), 1);
        }
        return section.read(key, "a whole number", text -> Units.count(text, least, most), fallback);
    }

    private static long whole(Section section, String key, @Nullable Long fallback) {
        if (fallback == null) {
            Value value = section.required(key, "a whole number");
            return value == null ? 1 : value.read("a whole number", text -> Units.whole(text, "a whole number"), 1L);
        }
        return section.read(key, "a whole number", text -> Units.whole(text, "a whole number"), fallback);
    }

    /** Stands in for a shape that could not be read, so that reading can go on; checks leave it alone. */
    static final Model UNKNOWN = new Model(
            "unknown",
            1,
            1,
            1,
            1,
            1,
            1,
            1,
            1,
            0,
            0,
            1,
            0,
            Integer.MAX_VALUE,
            new Source("none", "", Source.Confidence.ESTIMATED));
}
