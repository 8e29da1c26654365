package io.polychip.fleet;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The keys that one section of a file knows. @param open further keys are names the writer chooses */
record Keys(String section, boolean open, List<String> names) {
    static final Keys FLEET = closed(
            "fleet",
            "listen",
            "tls",
            "keys",
            "timeouts",
            "limits",
            "disclosure",
            "models",
            "pools",
            "objectives",
            "independence");
    static final Keys TLS = closed("tls", "certificate", "key");
    static final Keys KEY = closed("keys", "key", "tenant", "class", "weight");
    static final Keys TIMEOUTS = closed("timeouts", "connect", "first-token", "stall", "request");
    static final Keys LIMITS =
            closed("limits", "header-size", "body-size", "connections", "idle", "queue-length", "queue-time");
    static final Keys DISCLOSURE = closed("disclosure", "route-header", "decision-sample");
    static final Keys MODEL = closed("models", "name", "is", "shape", "continuation");
    static final Keys SHAPE = closed(
            "shape",
            "layers",
            "hidden",
            "heads",
            "kv-heads",
            "head-dim",
            "feed-forward",
            "experts",
            "active-experts",
            "parameters",
            "active-parameters",
            "vocabulary",
            "kv-values-per-token",
            "context",
            "published");
    static final Keys POOL = closed(
            "pools",
            "name",
            "model",
            "chip",
            "precision",
            "layout",
            "engine",
            "price",
            "hosted",
            "quota",
            "labels",
            "replicas",
            "context",
            "max-sequences",
            "enabled",
            "tls",
            "key",
            "profile");
    static final Keys LAYOUT = closed("layout", "tensor", "pipeline", "data");
    static final Keys PRICE = closed(
            "price",
            "usd-per-chip-hour",
            "committed",
            "usd-per-million-input",
            "usd-per-million-cached-input",
            "usd-per-million-output");
    static final Keys HOSTED = closed("hosted", "provider", "model", "key", "url", "region");
    static final Keys QUOTA =
            closed("quota", "requests-per-minute", "tokens-per-minute", "requests-per-day", "tokens-per-day");
    static final Keys UPSTREAM_TLS = closed("tls", "ca", "server-name");
    static final Keys PROFILE = closed(
            "profile",
            "step",
            "prefill-per-token",
            "attention-per-pair",
            "cache-per-token",
            "arrival",
            "floor",
            "max-sequences",
            "step-tokens",
            "cache-tokens",
            "band",
            "source");
    static final Keys OBJECTIVES = closed("objectives", "priority", "default", "flex", "batch");
    static final Keys OBJECTIVE = closed("objective", "ttft", "itl", "percentile");
    static final Keys INDEPENDENCE = closed("independence", "max-share", "min-share", "survive");
    static final Keys LABELS = new Keys("labels", true, List.of());
    static final Keys SHARES = new Keys("shares", true, List.of());
    static final Keys STEPS = new Keys("step", true, List.of());

    /** What people write who come from other tools. */
    private static final Map<String, String> SYNONYMS = Map.ofEntries(
            Map.entry("host", "listen"),
            Map.entry("port", "listen"),
            Map.entry("api-keys", "keys"),
            Map.entry("backend", "engine"),
            Map.entry("gpu", "chip"),
            Map.entry("accelerator", "chip"),
            Map.entry("dtype", "precision"),
            Map.entry("quantization", "precision"),
            Map.entry("url", "replicas"),
            Map.entry("urls", "replicas"),
            Map.entry("endpoints", "replicas"),
            Map.entry("tp", "tensor"),
            Map.entry("pp", "pipeline"),
            Map.entry("dp", "data"),
            Map.entry("tpot", "itl"),
            Map.entry("requests", "requests-per-minute"),
            Map.entry("tokens", "tokens-per-minute"),
            Map.entry("rpm", "requests-per-minute"),
            Map.entry("tpm", "tokens-per-minute"),
            Map.entry("rpd", "requests-per-day"),
            Map.entry("tpd", "tokens-per-day"),
            Map.entry("minimum-spend", "minimum-take"),
            Map.entry("commitment", "minimum-take"),
            Map.entry("take-or-pay", "minimum-take"),
            Map.entry("tranches", "capacity"),
            Map.entry("discount", "tiers"),
            Map.entry("credits", "credit"),
            Map.entry("equity", "investment"),
            Map.entry("eur-per-chip-hour", "usd-per-chip-hour"));

    boolean knows(String key) {
        return open || names.contains(key);
    }

    /** The key that an unknown one probably stands for. */
    Optional<String> meant(String key) {
        String synonym = SYNONYMS.get(key.toLowerCase(Locale.ROOT).replace('_', '-'));
        return synonym != null && names.contains(synonym) ? Optional.of(synonym) : Names.nearest(key, names);
    }

    static Keys closed(String section, String... names) {
        return new Keys(section, false, List.of(names));
    }
}
