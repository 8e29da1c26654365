package io.polychip.fleet;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads one deal: who with, about which offers, and its parts. */
final class DealReader {
    /** The keys that hold parts, in the order in which parts are listed. */
    static final List<String> PARTS =
            DealKeys.DEAL.names().subList(9, DealKeys.DEAL.names().size());

    private final List<Supply> offers;
    private final Map<String, Deals.Scenario> scenarios;
    private final LocalDate asOf;

    DealReader(List<Supply> offers, Map<String, Deals.Scenario> scenarios, LocalDate asOf) {
        this.offers = offers;
        this.scenarios = scenarios;
        this.asOf = asOf;
    }

    /**
     * A deal with where it stands, for checks that need more than one part.
     *
     * @param parts where each of its clauses stands, in their order
     */
    record Read(Deal deal, Section section, List<Section> parts) {}

    Read read(Value item) {
        Section section = item.section(DealKeys.DEAL, "name, supplier, offers and at least one part");
        List<Section> sections = new ArrayList<>();
        List<Deal.Clause> clauses = new ArrayList<>();
        ClauseReader reader = new ClauseReader(offers, asOf);
        for (String key : PARTS) {
            Value value = section.get(key);
            if (value == null) {
                continue;
            }
            // The generations of a deal are one list; of every other part there may be several.
            List<Value> parts = key.equals("generations") ? List.of(value) : value.oneOrMore();
            for (int i = 0; i < parts.size(); i++) {
                ClauseReader.Read part = reader.read(key, parts.get(i));
                String name = parts.size() == 1 ? key : key + "-" + (i + 1);
                String scenario = key.equals("generations") ? "" : scenario(part.section());
                clauses.add(new Deal.Clause(name, part.part(), scenario));
                sections.add(part.section());
            }
        }
        if (clauses.isEmpty() && !section.misspells(PARTS)) {
            section.wrong("the deal has no part; expected at least one of " + String.join(", ", PARTS) + ".");
        }
        Deal deal = new Deal(
                SupplyReader.name(section, "a deal"),
                SupplyReader.text(section, "supplier", "the vendor or provider on the other side"),
                offers(section),
                signBy(section),
                scenario(section),
                section.flag("taken", false),
                clauses,
                source(section));
        return new Read(deal, section, sections);
    }

    private LocalDate signBy(Section section) {
        Value value = section.get("sign-by");
        if (value == null) {
            return Span.OPEN;
        }
        LocalDate day = value.read("a day", Dates::last, Span.OPEN);
        if (day.isBefore(asOf) && !section.flag("taken", false)) {
            value.wrong(
                    "is before " + asOf + ", the day of this file: the deal has expired; expected one that can still "
                            + "be taken. Maybe taken: true, if it was signed.");
        }
        return day;
    }

    private Set<String> offers(Section section) {
        Value value = section.required("offers", "the names of the offers it speaks of");
        Set<String> named = new LinkedHashSet<>();
        if (value == null) {
            return named;
        }
        List<String> known = offers.stream().map(Supply::name).toList();
        for (Value item : value.items("names of offers of this file, such as [trn2]")) {
            String name = item.read("an offer", text -> Section.oneOf(text, "an offer of this file", known), "");
            if (!name.isEmpty()) {
                named.add(name);
            }
        }
        return named;
    }

    private String scenario(Section section) {
        return section.read(
                "scenario",
                "a scenario",
                text -> {
                    if (scenarios.isEmpty()) {
                        throw new Mistake("is not a scenario: this file has none; expected one under scenarios. Maybe "
                                + "scenarios: {" + text + ": {probability: 50 %}}.");
                    }
                    return Section.oneOf(text, "a scenario of this file", scenarios.keySet());
                },
                "");
    }

    static Source source(Section section) {
        return new Source(
                section.text("source", "where the terms come from", ""),
                section.text("date", "a day", ""),
                section.read(
                        "confidence",
                        "high, medium, low or estimated",
                        text -> Source.Confidence.valueOf(
                                Section.oneOf(text, "a confidence", List.of("high", "medium", "low", "estimated"))
                                        .toUpperCase(Locale.ROOT)),
                        Source.Confidence.MEDIUM));
    }
}
