package io.polychip.fleet;

import static io.polychip.fleet.Keys.closed;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code routing.json}, which a plan leaves beside the fleet it wants: shares and prices for each typical hour.
 * Reports every mistake at once, with file and line. Stateless between calls; safe for any thread.
 */
public final class RoutingStartReader {
    static final Keys FILE = closed("routing", "starts", "offers");
    static final Keys START = closed("starts", "period", "hour", "usdPerChipHour", "kinds");
    static final Keys KIND =
            closed("kinds", "model", "class", "promptTokens", "outputTokens", "requestsPerSecond", "shares");
    static final Keys POOLS = new Keys("usdPerChipHour", true, List.of());
    static final Keys SHARES = new Keys("shares", true, List.of());

    private static final String SAME_PLAN = " Maybe the fleet file of the same plan and period.";
    private static final double ROUNDING = 0.001;

    private RoutingStartReader() {}

    /**
     * The fleet, to be begun from one of the file's typical hours.
     *
     * @param hour its period and hour, such as {@code 2027-01.evening}; empty: the one the file begins with
     * @throws FleetException with all mistakes
     */
    public static Fleet begin(Fleet fleet, Path file, String hour) {
        return begin(fleet, file.toString(), FleetReader.text(file, "a file such as plan -o writes"), hour);
    }

    /** @param name shown in messages @throws FleetException with all mistakes */
    static Fleet begin(Fleet fleet, String name, String json, String hour) {
        Problems problems = new Problems(name);
        Section root = new Yaml(problems, new Environment(Map.of())).root(json, FILE, "starts");
        Value list = root.required("starts", "a list such as [{\"period\": \"2027-01\", \"hour\": \"evening\", ...}]");
        Section begun = list == null ? null : chosen(list, hour);
        RoutingStart start = begun == null ? RoutingStart.NONE : start(begun, fleet);
        if (problems.none()) {
            return fleet.withStart(start);
        }
        throw problems.exception();
    }

    private static @Nullable Section chosen(Value list, String hour) {
        Map<String, Section> byName = new LinkedHashMap<>();
        for (Value item : list.items("typical hours")) {
            Section section = item.section(START, "period, hour and kinds");
            byName.putIfAbsent(
                    section.text("period", "a name", "") + "." + section.text("hour", "a name", ""), section);
        }
        if (byName.isEmpty()) {
            list.wrong("holds no hour to begin from; expected at least one.");
            return null;
        }
        Section chosen = hour.isEmpty() ? byName.values().iterator().next() : byName.get(hour);
        if (chosen == null) {
            list.wrong("holds no hour " + hour + "; expected one of " + Names.list(byName.keySet()) + "."
                    + Names.maybe(hour, byName.keySet()));
        }
        return chosen;
    }

    private static RoutingStart start(Section section, Fleet fleet) {
        Map<String, Pool> pools = new LinkedHashMap<>();
        fleet.pools().forEach(pool -> pools.put(pool.name(), pool));
        Map<String, Double> prices = new HashMap<>();
        section.section("usdPerChipHour", POOLS, "US dollars by pool").values().forEach((pool, value) -> {
            if (known(value, pools.keySet())) {
                prices.put(pool, value.read("US dollars", text -> number(text, Double.MAX_VALUE, "dollars"), 0.0));
            }
        });
        List<RoutingStart.Kind> kinds = new ArrayList<>();
        Value list = section.required("kinds", "a list of kinds of requests");
        for (Value item : list == null ? List.<Value>of() : list.items("kinds of requests")) {
            kinds.add(kind(item.section(KIND, "model, class, promptTokens, outputTokens and shares"), fleet, pools));
        }
        return new RoutingStart(prices, kinds);
    }

    private static RoutingStart.Kind kind(Section section, Fleet fleet, Map<String, Pool> pools) {
        Value asked = section.required("model", "a model of the fleet");
        String model = asked == null
                ? ""
                : asked.read(
                        "a model",
                        text -> Section.oneOf(
                                text,
                                "a model of the fleet",
                                new TreeSet<>(fleet.models().keySet())),
                        "");
        Set<String> classes = Set.copyOf(Keys.OBJECTIVES.names());
        return new RoutingStart.Kind(
                model,
                section.read(
                        "class",
                        "a request class",
                        text -> RequestClass.valueOf(
                                Section.oneOf(text, "a request class", classes).toUpperCase(Locale.ROOT)),
                        RequestClass.DEFAULT),
                tokens(section, "promptTokens"),
                tokens(section, "outputTokens"),
                section.read(
                        "requestsPerSecond",
                        "requests a second",
                        text -> number(text, Double.MAX_VALUE, "requests a second"),
                        0.0),
                shares(section, model, pools));
    }

    private static double tokens(Section section, String key) {
        String expected = "tokens above 0";
        Value value = section.required(key, expected);
        return value == null ? 1 : value.read(expected, text -> Units.above(text, expected), 1.0);
    }

    private static Map<String, Double> shares(Section kind, String model, Map<String, Pool> pools) {
        Map<String, Double> shares = new LinkedHashMap<>();
        Value value = kind.required("shares", "shares by pool, together 1");
        if (value == null) {
            return shares;
        }
        double sum = 0;
        boolean all = true;
        for (Value each :
                value.section(SHARES, "shares by pool, together 1").values().values()) {
            Pool pool = pools.get(each.key());
            if (pool == null) {
                all = known(each, pools.keySet());
                continue;
            }
            String served = pool.model();
            if (!served.equals(model) && !model.isEmpty()) {
                each.wrong("is for a pool that serves " + served + "; expected pools of " + model + "." + SAME_PLAN);
            }
            double share = each.read("a share", text -> number(text, 1, "a share"), 0.0);
            sum += share;
            shares.put(each.key(), share);
        }
        if (all && Math.abs(sum - 1) > ROUNDING) {
            kind.wrong("shares: add up to " + Units.decimal(Math.rint(sum * 1000) / 1000) + "; expected 1.");
        }
        return shares;
    }

    private static boolean known(Value value, Set<String> pools) {
        if (pools.contains(value.key())) {
            return true;
        }
        value.wrong(
                "is for a pool that the fleet does not have; expected one of " + Names.list(pools) + "." + SAME_PLAN);
        return false;
    }

    private static double number(String text, double most, String what) {
        String range = most == Double.MAX_VALUE ? "0 or more" : "0 to " + Units.decimal(most);
        try {
            double value = Double.parseDouble(text);
            if (value >= 0 && value <= most) {
                return value;
            }
        } catch (NumberFormatException ignored) {
            // told below, with the same words
        }
        throw new Mistake("is not " + what + "; expected " + range + ".");
    }
}
