package io.polychip.cli;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Hosted;
import io.polychip.fleet.Layout;
import io.polychip.fleet.Model;
import io.polychip.fleet.Objective;
import io.polychip.fleet.Pool;
import io.polychip.fleet.Price;
import io.polychip.fleet.ProfileEntry;
import io.polychip.fleet.Quota;
import io.polychip.fleet.RequestClass;
import io.polychip.fleet.ServedModel;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Writes a planned fleet as the file that {@code serve} and {@code simulate} read. Keys of APIs are never written. */
final class FleetYaml {
    private final StringBuilder text = new StringBuilder();

    private FleetYaml() {}

    /** @param head comment lines, without their signs */
    static String of(Fleet fleet, List<String> head) {
        FleetYaml yaml = new FleetYaml();
        head.forEach(line -> yaml.line("# " + line));
        yaml.line("models:");
        new TreeMap<>(fleet.models()).values().forEach(model -> yaml.model(model, fleet));
        yaml.line("pools:");
        fleet.pools().forEach(yaml::pool);
        yaml.objectives(fleet.objectives());
        yaml.independence(fleet);
        return yaml.text.toString();
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private void model(ServedModel served, Fleet fleet) {
        Model model = served.shape();
        boolean known = model.equals(fleet.catalogue().models().get(model.id()));
        line("  - name: " + quoted(served.name()));
        line("    " + (known ? "is: " + quoted(model.id()) : "shape: " + shape(model)));
        if (served.continuation() != ServedModel.Continuation.OFF) {
            line("    continuation: " + served.continuation().name().toLowerCase(Locale.ROOT));
        }
    }

    private static String shape(Model model) {
        return ("{layers: %d, hidden: %d, heads: %d, kv-heads: %d, head-dim: %d, feed-forward: %d, experts: %d,"
                        + " active-experts: %d, parameters: %d, active-parameters: %d, vocabulary: %d,"
                        + " kv-values-per-token: %d, context: %d, published: %s}")
                .formatted(
                        model.layers(),
                        model.hidden(),
                        model.heads(),
                        model.kvHeads(),
                        model.headDim(),
                        model.feedForward(),
                        model.experts(),
                        model.activeExperts(),
                        model.parameters(),
                        model.activeParameters(),
                        model.vocabulary(),
                        model.kvValuesPerToken(),
                        model.contextTokens(),
                        model.published().id());
    }

    private void pool(Pool pool) {
        Hosted hosted = pool.hosted();
        line("  - name: " + quoted(pool.name()));
        line("    model: " + quoted(pool.model()));
        line("    chip: " + pool.deployment().chip().id());
        if (hosted == null) {
            line("    precision: " + pool.deployment().precision().id());
            line("    engine: " + pool.deployment().engine());
            layout(pool.deployment().layout());
        } else {
            line("    hosted: {provider: %s, model: %s, key: \"${%s_API_KEY}\", url: \"%s\"}"
                    .formatted(
                            quoted(hosted.provider()),
                            quoted(hosted.model()),
                            hosted.provider().toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_"),
                            pool.replicas().getFirst()));
        }
        line("    price: " + price(pool.price()));
        quota(pool.quota());
        labels(pool.labels());
        if (pool.maxSequences() > 0) {
            line("    max-sequences: " + pool.maxSequences());
        }
        ProfileEntry profile = pool.profile();
        if (profile != null) {
            profile(profile);
        }
        if (hosted == null) {
            line("    replicas:");
            for (URI replica : pool.replicas()) {
                line("      - " + replica);
            }
        }
    }

    private void layout(Layout layout) {
        if (!layout.equals(Layout.SINGLE)) {
            line("    layout: {tensor: %d, pipeline: %d, data: %d}"
                    .formatted(layout.tensor(), layout.pipeline(), layout.data()));
        }
    }

    private static String price(Price price) {
        return switch (price) {
            case Price.PerChipHour hour ->
                "{usd-per-chip-hour: %s%s}".formatted(plain(hour.usd()), hour.committed() ? ", committed: true" : "");
            case Price.PerToken tokens ->
                "{usd-per-million-input: %s, usd-per-million-cached-input: %s, usd-per-million-output: %s}"
                        .formatted(
                                plain(tokens.usdPerMillionInput()),
                                plain(tokens.usdPerMillionCachedInput()),
                                plain(tokens.usdPerMillionOutput()));
        };
    }

    private void quota(Quota quota) {
        List<String> limits = new ArrayList<>();
        limit(limits, "requests-per-minute", quota.requestsPerMinute());
        limit(limits, "tokens-per-minute", quota.tokensPerMinute());
        limit(limits, "requests-per-day", quota.requestsPerDay());
        limit(limits, "tokens-per-day", quota.tokensPerDay());
        if (!limits.isEmpty()) {
            line("    quota: {" + String.join(", ", limits) + "}");
        }
    }

    private static void limit(List<String> limits, String key, long value) {
        if (value != Quota.NONE) {
            limits.add(key + ": " + value);
        }
    }

    private void labels(Map<String, String> labels) {
        List<String> pairs = new ArrayList<>();
        new TreeMap<>(labels).forEach((label, value) -> pairs.add(label + ": " + quoted(value)));
        if (!pairs.isEmpty()) {
            line("    labels: {" + String.join(", ", pairs) + "}");
        }
    }

    private void profile(ProfileEntry profile) {
        List<String> steps = new ArrayList<>();
        for (int i = 0; i < profile.batchSizes().size(); i++) {
            steps.add(profile.batchSizes().get(i) + ": "
                    + time(profile.stepPicos().get(i)));
        }
        line("    profile:");
        line("      step: {" + String.join(", ", steps) + "}");
        line("      prefill-per-token: " + time(profile.prefillTokenPicos()));
        line("      attention-per-pair: " + time(profile.pairPicos()));
        line("      cache-per-token: " + time(profile.kvTokenPicos()));
        line("      arrival: " + time(profile.arrivalPicos()));
        line("      floor: " + time(profile.floorPicos()));
        if (profile.stepTokens() > 0) {
            line("      step-tokens: " + profile.stepTokens());
        }
        if (profile.kvTokens() > 0) {
            line("      cache-tokens: " + profile.kvTokens());
        }
        line("      band: " + plain(profile.band() * 100) + " %");
        line("      source: " + quoted(profile.source().origin()));
    }

    private void objectives(Map<RequestClass, Objective> objectives) {
        if (objectives.isEmpty()) {
            return;
        }
        line("objectives:");
        new TreeMap<>(objectives).forEach((of, objective) -> {
            List<String> parts = new ArrayList<>();
            if (objective.ttftNanos() != Long.MAX_VALUE) {
                parts.add("ttft: " + nanos(objective.ttftNanos())
                        + (objective.ttftNanosPerKiloToken() == 0
                                ? ""
                                : " + " + nanos(objective.ttftNanosPerKiloToken()) + "/1k"));
            }
            if (objective.itlNanos() != Long.MAX_VALUE) {
                parts.add("itl: " + nanos(objective.itlNanos()));
            }
            parts.add("percentile: " + plain(objective.percentile()));
            line("  %s: {%s}".formatted(of.name().toLowerCase(Locale.ROOT), String.join(", ", parts)));
        });
    }

    /** What the wanted pools can keep; a cap on a vendor that none of them is of would be refused. */
    private void independence(Fleet fleet) {
        List<String> most = new ArrayList<>();
        List<String> least = new ArrayList<>();
        new TreeMap<>(fleet.independence().maxShare()).forEach((vendor, share) -> add(most, fleet, vendor, share));
        new TreeMap<>(fleet.independence().minShare()).forEach((vendor, share) -> add(least, fleet, vendor, share));
        if (most.isEmpty() && least.isEmpty()) {
            return;
        }
        line("independence:");
        if (!most.isEmpty()) {
            line("  max-share: {" + String.join(", ", most) + "}");
        }
        if (!least.isEmpty()) {
            line("  min-share: {" + String.join(", ", least) + "}");
        }
    }

    private static void add(List<String> shares, Fleet fleet, String vendor, double share) {
        if (fleet.pools().stream().anyMatch(pool -> pool.vendor().equals(vendor))) {
            shares.add("%s: %s %%".formatted(vendor, plain(share * 100)));
        }
    }

    private static String time(long picos) {
        return picos + " ps";
    }

    private static String nanos(long nanos) {
        return nanos % 1_000_000 == 0 ? nanos / 1_000_000 + " ms" : nanos + " ns";
    }

    private static String plain(double value) {
        return BigDecimal.valueOf(value)
                .setScale(9, RoundingMode.HALF_UP)
                .stripTrailingZeros()
                .toPlainString();
    }

    private static String quoted(String value) {
        return value.matches("[A-Za-z][A-Za-z0-9._/-]*") && !value.matches("(?i)true|false|yes|no|on|off|null")
                ? value
                : "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
