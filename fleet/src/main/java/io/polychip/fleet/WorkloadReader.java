package io.polychip.fleet;

import static io.polychip.fleet.Keys.closed;

import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads a demand file: models, objectives, typical hours, traffic, training. Reports every mistake at once, with file
 * and line. {@code demand.schema.json} beside this class describes the same file to editors.
 *
 * <p>Stateless between calls; safe for any thread.
 */
public final class WorkloadReader {
    static final Keys FILE =
            closed("demand", "from", "models", "objectives", "hours", "traffic", "training", "independence", "energy");
    static final Keys HOURS = new Keys("hours", true, List.of());
    static final Keys RATES = new Keys("requests-per-second", true, List.of());
    static final Keys TRAFFIC =
            closed("traffic", "name", "model", "class", "input", "output", "requests-per-second", "growth");
    static final Keys LENGTHS = closed("lengths", "p50", "p90", "p95", "p99");
    static final Keys COUNT = closed("lengths", "up-to", "share");
    static final Keys ENERGY =
            closed("energy", "usd-per-tonne-co2", "tonnes-co2-per-year", "grams-co2-per-kwh", "regions");
    static final Keys REGIONS = new Keys("regions", true, List.of());
    static final Keys REGION = closed("region", "usd-per-kwh", "grams-co2-per-kwh", "megawatts");
    static final Keys INDEPENDENCE = closed("independence", "max-share", "min-share", "survive");

    private static final String GRAMS = "grams of CO2 a kWh";
    private static final double DAY = 24;
    private static final double MOST_PER_SECOND = 1e9;
    private static final String LENGTH_FORMS =
            "tokens such as 1000, {p50: 700, p99: 6000}, or [{up-to: 500, share: 60 %}, {up-to: 4000, share: 40 %}]";

    private final Catalogue catalogue;
    private final Environment environment;

    public WorkloadReader(Catalogue catalogue, Map<String, String> environment) {
        this.catalogue = catalogue;
        this.environment = new Environment(environment);
    }

    /** @throws FleetException with all mistakes */
    public Workload read(Path file) {
        return read(file.toString(), FleetReader.text(file, "a demand file"));
    }

    /** @param name shown in messages @throws FleetException with all mistakes */
    public Workload read(String name, String yaml) {
        Problems problems = new Problems(name);
        Section root = new Yaml(problems, environment).root(yaml, FILE, "from, models and traffic");
        Value from = root.required("from", "the first day of the plan, such as 2027-01");
        Value list = root.required("models", "a list of the models that clients ask for");
        Map<String, ServedModel> models = list == null ? Map.of() : new ModelReader(catalogue).read(list);
        List<Workload.Hour> hours = hours(root);
        Workload workload = new Workload(
                from == null ? LocalDate.EPOCH : from.read("a day", Dates::first, LocalDate.EPOCH),
                models,
                FleetReader.objectives(root.section("objectives", Keys.OBJECTIVES, "priority, default, flex or batch")),
                hours,
                traffic(root, models.keySet(), hours),
                new StudyReader(catalogue, Map.of()).trainings(root),
                independence(root),
                energy(root));
        if (problems.none()) {
            return workload;
        }
        throw problems.exception();
    }

    private static List<Workload.Hour> hours(Section root) {
        List<Workload.Hour> hours = new ArrayList<>();
        Section section = root.section("hours", HOURS, "typical hours and how many of a day are like each");
        section.values()
                .forEach((name, value) -> hours.add(new Workload.Hour(
                        name,
                        value.read("hours of a day", text -> Units.above(text, "hours of a day, such as 8"), 1.0))));
        double sum = hours.stream().mapToDouble(Workload.Hour::ofDay).sum();
        if (!hours.isEmpty() && Math.abs(sum - DAY) > 0.01) {
            section.wrong("hours: add up to " + Units.decimal(Math.rint(sum * 1000) / 1000) + "; expected 24, a day.");
        }
        return hours.isEmpty() ? List.of(new Workload.Hour("always", DAY)) : hours;
    }

    private static List<Workload.Traffic> traffic(Section root, Set<String> models, List<Workload.Hour> hours) {
        List<Workload.Traffic> traffic = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Value list = root.required("traffic", "a list such as [{name: chat, ...}]");
        for (Value item : list == null ? List.<Value>of() : list.items("traffic such as {name: chat, ...}")) {
            Section section = item.section(TRAFFIC, "name, input, output and requests-per-second");
            Workload.Traffic each = new Workload.Traffic(
                    SupplyReader.name(section, "traffic"),
                    model(section, models),
                    section.read(
                            "class",
                            "a request class",
                            text -> RequestClass.valueOf(Section.oneOf(text, "a request class", Keys.OBJECTIVES.names())
                                    .toUpperCase(Locale.ROOT)),
                            RequestClass.DEFAULT),
                    lengths(section, "input"),
                    lengths(section, "output"),
                    rates(section, hours),
                    section.read("growth", "a share a year", StudyReader::growth, 0.0),
                    section.line());
            if (!each.name().isEmpty() && !names.add(each.name())) {
                section.wrong("a second traffic is named " + each.name() + "; expected each name once.");
            }
            traffic.add(each);
        }
        if (list != null && list.isList() && traffic.isEmpty()) {
            list.wrong("is empty; expected at least one kind of traffic.");
        }
        return traffic;
    }

    /** May be left out where there is only one. */
    private static String model(Section section, Set<String> models) {
        Value model = section.get("model");
        if (model == null && models.size() == 1) {
            return models.iterator().next();
        }
        Value asked = section.required("model", "one of the models of this file");
        return asked == null
                ? ""
                : asked.read("a model", text -> Section.oneOf(text, "a model of this file", models), "");
    }

    private static Workload.Lengths lengths(Section traffic, String key) {
        Workload.Lengths none = new Workload.Lengths.Fixed(1);
        Value value = traffic.required(key, LENGTH_FORMS);
        if (value == null) {
            return none;
        }
        if (value.isText()) {
            return new Workload.Lengths.Fixed(value.read("tokens", text -> Units.above(text, LENGTH_FORMS), 1.0));
        }
        return value.isList() ? counted(value) : skewed(value.section(LENGTHS, LENGTH_FORMS));
    }

    private static Workload.Lengths skewed(Section section) {
        Value middle = section.required("p50", "the median in tokens");
        double median = middle == null ? 1 : middle.read("tokens", text -> Units.above(text, "tokens"), 1.0);
        for (String key : List.of("p99", "p95", "p90")) {
            Value upper = section.get(key);
            if (upper != null) {
                double high = upper.read("tokens", text -> Units.above(text, "tokens"), median);
                if (high < median) {
                    upper.wrong("is less than p50; expected at least " + Units.decimal(median) + ".");
                }
                double z = Workload.Lengths.normal(Double.parseDouble("0." + key.substring(1)));
                return new Workload.Lengths.Skewed(median, StrictMath.log(Math.max(1, high / median)) / z);
            }
        }
        section.missing("p99", "expected tokens that 99 of 100 do not exceed, or p95, or p90.");
        return new Workload.Lengths.Fixed(median);
    }

    private static Workload.Lengths counted(Value list) {
        List<Double> upTo = new ArrayList<>();
        List<Double> shares = new ArrayList<>();
        double sum = 0;
        for (Value item : list.items(LENGTH_FORMS)) {
            Section section = item.section(COUNT, "up-to and share");
            Value most = section.required("up-to", "tokens");
            Value share = section.required("share", "of the requests, such as 60 %");
            double tokens = most == null ? 1 : most.read("tokens", text -> Units.above(text, "tokens"), 1.0);
            if (most != null && !upTo.isEmpty() && tokens <= upTo.getLast()) {
                most.wrong("does not exceed the one before; expected ascending lengths.");
            }
            sum += share == null ? 0 : share.read("a share", Units::share, 0.0);
            upTo.add(tokens);
            shares.add(sum);
        }
        if (upTo.isEmpty() || Math.abs(sum - 1) > 0.005) {
            list.wrong(
                    "has shares that add up to " + Units.decimal(Math.rint(sum * 1000) / 10) + " %; expected 100 %.");
            return new Workload.Lengths.Fixed(1);
        }
        shares.replaceAll(share -> Math.min(1, share));
        shares.set(shares.size() - 1, 1.0);
        return new Workload.Lengths.Counted(upTo, shares);
    }

    private static List<Double> rates(Section traffic, List<Workload.Hour> hours) {
        String expected = "requests a second, one number or one for each hour";
        Value value = traffic.required("requests-per-second", expected);
        if (value == null) {
            return hours.stream().map(hour -> 0.0).toList();
        }
        if (value.isText()) {
            double rate = value.read(expected, text -> most(Units.above(text, expected)), 1.0);
            return hours.stream().map(hour -> rate).toList();
        }
        Section section = value.section(RATES, expected);
        for (Map.Entry<String, Value> each : section.values().entrySet()) {
            if (hours.stream().noneMatch(hour -> hour.name().equals(each.getKey()))) {
                each.getValue()
                        .wrong("is for an hour that is not there; expected one of "
                                + Names.list(
                                        hours.stream().map(Workload.Hour::name).toList()) + ".");
            }
        }
        List<Double> rates = new ArrayList<>();
        for (Workload.Hour hour : hours) {
            Value rate = section.values().get(hour.name());
            if (rate == null) {
                section.missing(hour.name(), "expected requests a second in that hour; 0 for none.");
            }
            rates.add(rate == null ? 0.0 : rate.read(expected, WorkloadReader::atLeastZero, 0.0));
        }
        return rates;
    }

    private static double atLeastZero(String text) {
        return most(Units.atLeastZero(text, "requests a second"));
    }

    private static double most(double perSecond) {
        if (perSecond > MOST_PER_SECOND) {
            throw new Mistake("is more than anybody serves; expected at most " + Units.decimal(MOST_PER_SECOND)
                    + " requests a second.");
        }
        return perSecond;
    }

    /** Whose loss is survived; caps and floors by vendor. What the offers can keep of it is not known here. */
    private static Independence independence(Section root) {
        Section section = root.section("independence", INDEPENDENCE, "max-share, min-share or survive");
        return new Independence(
                shares(section, "max-share"),
                shares(section, "min-share"),
                section.read(
                        "survive",
                        "any and a label",
                        text -> {
                            if (!text.matches("any [a-z][a-z0-9-]*")) {
                                throw new Mistake("does not say what may be lost; expected any and a label. "
                                        + "Maybe any vendor.");
                            }
                            return text.substring(4);
                        },
                        ""));
    }

    private static Workload.Energy energy(Section root) {
        Section section =
                root.section("energy", ENERGY, "usd-per-tonne-co2, tonnes-co2-per-year, grams-co2-per-kwh or regions");
        Map<String, Workload.Energy.Region> regions = new LinkedHashMap<>();
        section.section("regions", REGIONS, "regions of the offers, each with what power is like there")
                .values()
                .forEach((name, value) -> {
                    Section region = value.section(REGION, "usd-per-kwh, grams-co2-per-kwh or megawatts");
                    regions.put(
                            name,
                            new Workload.Energy.Region(
                                    amount(region, "usd-per-kwh", "US dollars a kWh", 0),
                                    amount(region, "grams-co2-per-kwh", GRAMS, -1),
                                    amount(region, "megawatts", "megawatts", Double.POSITIVE_INFINITY) * 1e6));
                });
        return new Workload.Energy(
                amount(section, "usd-per-tonne-co2", "US dollars a tonne", 0),
                amount(section, "tonnes-co2-per-year", "tonnes of CO2 a year", Double.POSITIVE_INFINITY),
                amount(section, "grams-co2-per-kwh", GRAMS, -1),
                regions);
    }

    private static double amount(Section section, String key, String unit, double fallback) {
        return section.read(key, unit + ", 0 or more", text -> Units.atLeastZero(text, unit), fallback);
    }

    private static Map<String, Double> shares(Section section, String key) {
        Map<String, Double> shares = new LinkedHashMap<>();
        section.section(key, Keys.SHARES, "shares by vendor such as {nvidia: 60 %}")
                .values()
                .forEach((vendor, value) -> shares.put(vendor, value.read("a share", Units::share, 1.0)));
        return shares;
    }
}
