package io.polychip.fleet;

import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads {@code deals.yaml}: what can be had, at which price and on which contracts. Reports every mistake of a file at
 * once, each with file, line, value, what is allowed and what to try, offers that have ended and deals that contradict
 * themselves included. {@code deals.schema.json} beside this class describes the same file to editors.
 *
 * <p>Stateless between calls; safe for any thread.
 */
public final class DealsReader {
    private final Catalogue catalogue;
    private final Environment environment;

    public DealsReader(Catalogue catalogue, Map<String, String> environment) {
        this.catalogue = catalogue;
        this.environment = new Environment(environment);
    }

    /** @throws FleetException with all mistakes */
    public Deals read(Path file) {
        return read(file.toString(), FleetReader.text(file, "a file of offers and deals"));
    }

    /**
     * Reads a text.
     *
     * @param name shown in messages
     * @throws FleetException with all mistakes
     */
    public Deals read(String name, String yaml) {
        Problems problems = new Problems(name);
        Section root = new Yaml(problems, environment).root(yaml, DealKeys.FILE, "as-of and offers");
        Value day = root.required("as-of", "the day that offers are judged on, such as 2026-11-24");
        LocalDate asOf = day == null ? LocalDate.EPOCH : day.read("a day", Dates::first, LocalDate.EPOCH);
        Map<String, Deals.Scenario> scenarios = scenarios(root);
        List<DealReader.Read> deals = new ArrayList<>();
        Set<String> dealNames = dealNames(root);
        List<Supply> offers = new SupplyReader(catalogue, asOf, dealNames).read(root);
        Value list = root.get("deals");
        if (list != null) {
            Set<String> seen = new HashSet<>();
            for (Value item :
                    list.items("deals such as {name: ..., supplier: ..., offers: [...], minimum-take: ...}")) {
                DealReader.Read read = new DealReader(offers, scenarios, asOf).read(item);
                if (!read.deal().name().isEmpty() && !seen.add(read.deal().name())) {
                    read.section().wrong("a second deal is named " + read.deal().name() + "; expected each name once.");
                }
                deals.add(read);
            }
        }
        deals.forEach(deal -> new DealCheck(deal, offers).run());
        double rate = root.read("discount-rate", "a share a year", Units::share, 0.0);
        if (problems.none()) {
            return new Deals(
                    asOf,
                    rate,
                    scenarios,
                    offers,
                    deals.stream().map(DealReader.Read::deal).toList());
        }
        throw problems.exception();
    }

    private static Map<String, Deals.Scenario> scenarios(Section root) {
        Map<String, Deals.Scenario> scenarios = new LinkedHashMap<>();
        Section section = root.section("scenarios", DealKeys.SCENARIOS, "scenarios such as {ipo: {probability: 40 %}}");
        for (Map.Entry<String, Value> entry : section.values().entrySet()) {
            Section scenario = entry.getValue().section(DealKeys.SCENARIO, "probability");
            Value probability = scenario.required("probability", "how likely it is, 0 % to 100 %");
            scenarios.put(
                    entry.getKey(),
                    new Deals.Scenario(
                            entry.getKey(),
                            probability == null ? 0 : probability.read("a share", Units::share, 0.0),
                            scenario.flag("base", false)));
        }
        return scenarios;
    }

    /** Names of deals, read ahead for offers that belong to one; their mistakes are noted later. */
    private static Set<String> dealNames(Section root) {
        Set<String> names = new HashSet<>();
        Value deals = root.get("deals");
        if (deals != null && deals.isList()) {
            for (Value deal : deals.items("deals")) {
                deal.peek("name").ifPresent(names::add);
            }
        }
        return names;
    }
}
