package io.polychip.fleet;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads {@code independence} and checks that the pools can keep what it asks. */
final class IndependenceReader {
    private static final double ROUNDING = 1e-9;

    private final Catalogue catalogue;
    private final Collection<String> models;
    private final List<Pool> pools;

    IndependenceReader(Catalogue catalogue, Collection<String> models, List<Pool> pools) {
        this.catalogue = catalogue;
        this.models = models;
        this.pools = pools;
    }

    Independence read(Section root) {
        Value value = root.get("independence");
        if (value == null) {
            return Independence.NONE;
        }
        Section section = value.section(Keys.INDEPENDENCE, "max-share, min-share or survive");
        Map<String, Double> most = shares(section, "max-share");
        Map<String, Double> least = shares(section, "min-share");
        check(section, most, least);
        return new Independence(most, least, survive(section));
    }

    private Map<String, Double> shares(Section section, String key) {
        Map<String, Double> shares = new LinkedHashMap<>();
        Set<String> vendors = vendors();
        Section below = section.section(key, Keys.SHARES, "shares by vendor such as {nvidia: 60 %}");
        for (Map.Entry<String, Value> entry : below.values().entrySet()) {
            String vendor = entry.getKey();
            Value share = entry.getValue();
            if (!vendors.isEmpty() && !vendors.contains(vendor)) {
                boolean exists = catalogue.chips().values().stream()
                        .anyMatch(chip -> chip.vendor().equals(vendor));
                share.wrong(
                        exists
                                ? "is for a vendor none of whose chips is in a pool; expected one of "
                                        + Names.list(vendors) + "."
                                : "is for an unknown vendor; expected one of " + Names.list(vendors) + "."
                                        + Names.maybe(vendor, vendors));
                continue;
            }
            double read = share.read("a share", Units::share, -1.0);
            if (read >= 0) {
                shares.put(vendor, read);
            }
        }
        return shares;
    }

    private void check(Section section, Map<String, Double> most, Map<String, Double> least) {
        Value minShare = section.get("min-share");
        Value maxShare = section.get("max-share");
        double sum = least.values().stream().mapToDouble(Double::doubleValue).sum();
        if (minShare != null && sum > 1 + ROUNDING) {
            minShare.wrong("adds up to " + percent(sum) + "; expected at most 100 %.");
        }
        for (Map.Entry<String, Double> entry : least.entrySet()) {
            Double cap = most.get(entry.getKey());
            if (minShare != null && cap != null && cap < entry.getValue()) {
                minShare.wrong("asks at least " + percent(entry.getValue()) + " of " + entry.getKey()
                        + ", max-share allows " + percent(cap) + "; expected the least to be below the most.");
            }
        }
        Set<String> vendors = vendors();
        double reach = vendors.stream()
                .mapToDouble(vendor -> most.getOrDefault(vendor, 1.0))
                .sum();
        if (maxShare != null && !vendors.isEmpty() && reach < 1 - ROUNDING) {
            maxShare.wrong("lets all vendors together carry " + percent(reach)
                    + "; expected at least 100 %. Maybe a pool of another vendor.");
        }
    }

    private String survive(Section section) {
        Value value = section.get("survive");
        if (value == null) {
            return "";
        }
        return value.read(
                "any vendor, or any and a label",
                text -> {
                    Set<String> labels = new TreeSet<>(Set.of("vendor"));
                    pools.forEach(pool -> labels.addAll(pool.labels().keySet()));
                    if (!text.startsWith("any ")) {
                        throw new Mistake("does not say what may be lost; expected any and one of " + Names.list(labels)
                                + "." + (labels.contains(text) ? " Maybe any " + text + "." : ""));
                    }
                    String label = text.substring(4).strip();
                    if (!labels.contains(label)) {
                        throw new Mistake("names no label that a pool has; expected any and one of "
                                + Names.list(labels) + "." + Names.maybe(label, labels));
                    }
                    for (String model : models) {
                        loss(model, label);
                    }
                    return label;
                },
                "");
    }

    private void loss(String model, String label) {
        Set<String> values = pools.stream()
                .filter(pool -> pool.enabled() && pool.model().equals(model))
                .map(pool ->
                        label.equals("vendor") ? pool.vendor() : pool.labels().getOrDefault(label, ""))
                .collect(Collectors.toCollection(TreeSet::new));
        if (values.size() == 1) {
            String only = values.iterator().next();
            throw new Mistake("cannot hold: every pool of " + model + " has " + label + " "
                    + (only.isEmpty() ? "not set" : only) + "; expected pools of two or more. Maybe a pool elsewhere.");
        }
    }

    private Set<String> vendors() {
        return pools.stream().map(Pool::vendor).collect(Collectors.toCollection(TreeSet::new));
    }

    private static String percent(double share) {
        return Units.decimal(Math.round(share * 10_000) / 100.0) + " %";
    }
}
