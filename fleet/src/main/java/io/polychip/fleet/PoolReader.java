package io.polychip.fleet;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the {@code pools} of a fleet and checks that each can exist. */
final class PoolReader {
    /** Servers whose wire and metrics are known; {@code openai} stands for any other that speaks OpenAI's. */
    static final List<String> ENGINES = List.of(
            "vllm",
            "vllm-neuron",
            "vllm-tpu",
            "sglang",
            "sglang-jax",
            "tensorrt-llm",
            "tgi",
            "jetstream",
            "llama.cpp",
            "openai",
            "groq",
            "cerebras",
            "bedrock");

    private final Catalogue catalogue;
    private final Map<String, ServedModel> models;
    private final Path folder;
    private final Environment environment;

    PoolReader(Catalogue catalogue, Map<String, ServedModel> models, Path folder, Environment environment) {
        this.environment = environment;
        this.catalogue = catalogue;
        this.models = models;
        this.folder = folder;
    }

    List<Pool> read(Section root) {
        Value list = root.required("pools", "a list of pools: where models run");
        if (list == null) {
            return List.of();
        }
        List<Value> items = list.items("pools such as {name: h100, model: llama-3.1-8b, chip: nvidia/h100-sxm, ...}");
        if (items.isEmpty() && list.isList()) {
            list.wrong("is an empty list; expected at least one pool.");
        }
        List<Pool> pools = new ArrayList<>();
        Map<String, Integer> lines = new LinkedHashMap<>();
        Map<String, String> owners = new HashMap<>();
        for (Value item : items) {
            Section section = item.section(Keys.POOL, "name, model, chip and price");
            Pool pool = pool(section);
            Value name = section.get("name");
            Integer first = name == null ? null : lines.putIfAbsent(pool.name(), name.line());
            if (name != null && first != null && !pool.name().isEmpty()) {
                name.wrong("is a pool already, in line " + first + "; expected each name once. Maybe " + pool.name()
                        + "-2.");
            }
            shared(section, pool, owners);
            pools.add(pool);
        }
        unserved(root, pools);
        return pools;
    }

    /** Notes models without a pool, unless some pool's model was misspelt and noted already. */
    private void unserved(Section root, List<Pool> pools) {
        Value served = root.get("models");
        if (served == null
                || pools.isEmpty()
                || pools.stream().anyMatch(pool -> pool.model().isEmpty())) {
            return;
        }
        for (String model : models.keySet()) {
            if (pools.stream().noneMatch(pool -> pool.model().equals(model))) {
                served.wrong(model + " has no pool; expected at least one for each model. Maybe a pool with model: "
                        + model + ".");
            }
        }
    }

    /**
     * Notes a replica that an earlier pool of the same model has: its load would be counted twice.
     *
     * @param owners pool by model and replica
     */
    private static void shared(Section section, Pool pool, Map<String, String> owners) {
        Value replicas = section.get("replicas");
        for (URI url : pool.replicas()) {
            String owner = owners.putIfAbsent(pool.model() + " " + url, pool.name());
            if (replicas != null && owner != null) {
                replicas.wrong(url + " is a replica of pool " + owner
                        + " already; expected each replica in one pool of a model.");
            }
        }
    }

    private Pool pool(Section section) {
        Value nameValue = section.required("name", "a name of its own");
        String name = nameValue == null ? "" : nameValue.read("a name", text -> FleetReader.name(text, "a pool"), "");
        ServedModel model = model(section);
        Value hostedValue = section.get("hosted");
        Hosting hosting = hostedValue == null ? null : new HostedReader(catalogue, section, hostedValue).read();
        Deployment deployment = deployment(section, model, hosting);
        EndpointReader endpoints = new EndpointReader(folder);
        return new Pool(
                name,
                model == null ? "" : model.name(),
                deployment,
                new PriceReader(catalogue, deployment.chip().id()).read(section, hosting != null),
                hosting == null ? null : hosting.account(),
                quota(section, hosting != null),
                labels(section),
                hosting == null ? endpoints.replicas(section) : hosting.url(),
                hosting == null ? endpoints.discovery(section) : null,
                context(section, deployment, hosting != null),
                section.read("max-sequences", "a number", text -> Units.count(text, 1, 65_536), 0),
                section.flag("enabled", true),
                endpoints.access(section, hosting != null),
                new ProfileReader(deployment, folder, environment).read(section));
    }

    private @Nullable ServedModel model(Section section) {
        Value value = section.required("model", "one of " + Names.list(models.keySet()));
        if (value == null || models.isEmpty()) {
            return null;
        }
        String name = value.read(
                "the name of a model", text -> Section.oneOf(text, "a model of this file", models.keySet()), "");
        return models.get(name);
    }

    private Deployment deployment(Section section, @Nullable ServedModel served, @Nullable Hosting hosting) {
        Model model = served == null ? ModelReader.UNKNOWN : served.shape();
        Chip chip = chip(section);
        Precision precision = precision(section, model, chip, hosting != null);
        EngineRelease engine = engine(section, chip, hosting);
        Layout layout = layout(section);
        Deployment deployment = new Deployment(model, precision, engine, chip, layout);
        boolean known = !model.equals(ModelReader.UNKNOWN) && !chip.equals(Chip.UNKNOWN);
        if (known && hosting == null) {
            Value spread = section.get("layout");
            String wrong = Feasibility.layout(deployment);
            if (wrong != null && spread != null) {
                spread.wrong(wrong);
            } else if (wrong == null) {
                String weights = Feasibility.weights(deployment);
                Value blamed = spread == null ? section.get("chip") : spread;
                if (weights != null && blamed != null) {
                    blamed.wrong(weights);
                }
            }
        }
        return deployment;
    }

    private Chip chip(Section section) {
        Value value = section.required("chip", "a chip of the catalogue such as nvidia/h100-sxm");
        if (value == null) {
            return Chip.UNKNOWN;
        }
        return value.read(
                "a chip of the catalogue",
                id -> {
                    Chip chip = catalogue.chips().get(id);
                    if (chip == null) {
                        Section.oneOf(
                                id, "a chip of the catalogue", catalogue.chips().keySet());
                        throw new Mistake("is not a chip of the catalogue.");
                    }
                    return chip;
                },
                Chip.UNKNOWN);
    }

    static Precision precision(String text) {
        List<String> known =
                Arrays.stream(Precision.values()).map(Precision::id).toList();
        return Precision.valueOf(Section.oneOf(text, "a precision", known).toUpperCase(Locale.ROOT));
    }

    private static Precision precision(Section section, Model model, Chip chip, boolean hosted) {
        return section.read(
                "precision",
                "a precision such as fp8",
                text -> {
                    Precision precision = precision(text);
                    boolean wide = precision.bytesPerParameter() >= 2;
                    boolean possible = hosted
                            || wide
                            || chip.equals(Chip.UNKNOWN)
                            || precision.weightsOnly()
                            || precision == model.published()
                            || chip.computesIn(precision);
                    if (!possible) {
                        List<String> formats = chip.denseTeraflops().keySet().stream()
                                .sorted(Comparator.naturalOrder())
                                .map(Precision::id)
                                .toList();
                        throw new Mistake("is not native to " + chip.id()
                                + (formats.isEmpty() ? "" : "; expected " + String.join(", ", formats))
                                + "; int8 and int4 do for weights alone. Maybe "
                                + (chip.computesIn(Precision.FP8)
                                        ? "fp8"
                                        : precision == Precision.FP8 ? "int8" : "int4")
                                + ".");
                    }
                    return precision;
                },
                model.published());
    }

    private static EngineRelease engine(Section section, Chip chip, @Nullable Hosting hosting) {
        String usual = hosting != null
                ? hosting.account().provider()
                : switch (chip.vendor()) {
                    case "aws" -> "vllm-neuron";
                    case "google" -> "vllm-tpu";
                    case "cpu" -> "llama.cpp";
                    default -> "vllm";
                };
        return section.read(
                "engine",
                "an engine such as vllm@0.15.1",
                text -> {
                    EngineRelease engine = EngineRelease.of(text);
                    Section.oneOf(engine.name(), "a known engine", ENGINES);
                    if (text.endsWith("@")) {
                        throw new Mistake(
                                "has no version after @; expected such as vllm@0.15.1. Maybe " + engine.name() + ".");
                    }
                    return engine;
                },
                new EngineRelease(usual, ""));
    }

    private static Layout layout(Section section) {
        Section layout = section.section("layout", Keys.LAYOUT, "tensor, pipeline or data such as {tensor: 2}");
        return new Layout(degree(layout, "tensor"), degree(layout, "pipeline"), degree(layout, "data"));
    }

    private static int degree(Section layout, String key) {
        return layout.read(key, "a number of chips", text -> Units.count(text, 1, 10_000), 1);
    }

    private static int context(Section section, Deployment deployment, boolean hosted) {
        int models = deployment.model().contextTokens();
        boolean known = !deployment.model().equals(ModelReader.UNKNOWN)
                && !deployment.chip().equals(Chip.UNKNOWN)
                && !hosted
                && Feasibility.weights(deployment) == null;
        int longest = known ? Feasibility.longestContext(deployment) : models;
        return section.read(
                "context",
                "a number of tokens",
                text -> {
                    int context = text.endsWith("k")
                            ? 1024 * Units.count(text.substring(0, text.length() - 1), 1, 1 << 20)
                            : Units.count(text, 1, 1 << 30);
                    if (context > models) {
                        throw new Mistake("is longer than %s takes; expected at most %d. Maybe %d."
                                .formatted(deployment.model().id(), models, models));
                    }
                    if (context > longest) {
                        throw new Mistake(("leaves no room for one conversation beside the weights; expected at most "
                                        + "%d. Maybe %d, or a wider layout.")
                                .formatted(longest, Integer.highestOneBit(longest)));
                    }
                    return context;
                },
                longest);
    }

    static Quota quota(Section section, boolean hosted) {
        Value value = section.get("quota");
        if (value == null) {
            return Quota.UNLIMITED;
        }
        if (!hosted) {
            value.wrong("belongs to a hosted pool, this one is owned; expected no quota. Maybe max-sequences.");
            return Quota.UNLIMITED;
        }
        if (value.isText()) {
            value.wrong("has no unit; expected requests-per-minute, tokens-per-minute, requests-per-day or "
                    + "tokens-per-day. Maybe {requests-per-minute: " + value.read("a number", text -> text, "1000")
                    + "}.");
            return Quota.UNLIMITED;
        }
        Section quota = value.section(Keys.QUOTA, "limits such as {requests-per-minute: 1000}");
        return new Quota(
                limit(quota, "requests-per-minute"),
                limit(quota, "tokens-per-minute"),
                limit(quota, "requests-per-day"),
                limit(quota, "tokens-per-day"));
    }

    private static long limit(Section quota, String key) {
        return quota.read(
                key,
                "a number",
                text -> {
                    long limit = Units.whole(text, "a whole number of 1 or more");
                    if (limit == 0) {
                        throw new Mistake("lets nothing through; expected 1 or more. Maybe enabled: false.");
                    }
                    return limit;
                },
                Quota.NONE);
    }

    static Map<String, String> labels(Section section) {
        Map<String, String> labels = new LinkedHashMap<>();
        Section below = section.section("labels", Keys.LABELS, "labels such as {region: us-east}");
        for (Map.Entry<String, Value> entry : below.values().entrySet()) {
            String label = entry.getKey();
            if (label.equals("vendor")) {
                entry.getValue()
                        .wrong("is set, but the vendor comes from the chip; expected other labels. Maybe provider.");
            } else if (!label.matches("[a-z][a-z0-9-]{0,49}")) {
                entry.getValue().wrong("has the label \"" + label + "\"; expected lower-case letters, digits and -.");
            } else {
                labels.put(label, entry.getValue().text("a text", ""));
            }
        }
        return labels;
    }

    /** A hosted pool's account and its one base URL. */
    record Hosting(Hosted account, List<URI> url) {}
}
