package io.polychip.fleet;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code offers} of a file of deals and checks that each still stands. */
final class SupplyReader {
    private static final Price NONE = new Price.PerChipHour(0, false);
    private static final Supply.Term ON_DEMAND = new Supply.Term(Supply.Term.Kind.ON_DEMAND, 0);
    private static final List<String> TERMS = List.of("on-demand", "spot", "block");

    private final Catalogue catalogue;
    private final LocalDate asOf;
    private final Set<String> deals;

    SupplyReader(Catalogue catalogue, LocalDate asOf, Set<String> deals) {
        this.catalogue = catalogue;
        this.asOf = asOf;
        this.deals = deals;
    }

    List<Supply> read(Section root) {
        Value list =
                root.required("offers", "a list of offers such as {name: ..., chip: ..., provider: ..., price: ...}");
        List<Supply> offers = new ArrayList<>();
        if (list == null) {
            return offers;
        }
        List<Value> items = list.items("offers such as {name: ..., chip: ..., provider: ..., price: ...}");
        if (list.isList() && items.isEmpty()) {
            list.wrong("is empty; expected at least one offer.");
        }
        Set<String> names = new HashSet<>();
        for (Value item : items) {
            Section section = item.section(DealKeys.OFFER, "name, chip, provider and price");
            Supply offer = offer(section);
            if (!offer.name().isEmpty() && !names.add(offer.name())) {
                section.wrong("a second offer is named " + offer.name() + "; expected each name once.");
            }
            offers.add(offer);
        }
        return offers;
    }

    private Supply offer(Section section) {
        String chip = chip(section);
        Priced priced = priced(section, chip);
        Supply.Term term = section.read("term", "a term", SupplyReader::term, ON_DEMAND);
        boolean hosted = priced.price() instanceof Price.PerToken;
        Section chips = section.section("chips", DealKeys.CHIPS, "min, max or multiple");
        long multiple = chips.read("multiple", "chips", SupplyReader::chips, 1L);
        long least = chips.read("min", "chips", SupplyReader::chips, multiple);
        long most = chips.read("max", "chips", SupplyReader::chips, Supply.UNLIMITED);
        Value max = chips.get("max");
        if (max != null && most < Math.max(least, multiple)) {
            max.wrong("is less than the least that can be taken, " + Math.max(least, multiple)
                    + "; expected max to be min and multiple or more.");
        }
        Value spot = section.get("lost-per-day");
        if (spot != null && term.kind() != Supply.Term.Kind.SPOT) {
            spot.wrong("belongs to a spot offer, this one is not; expected term: spot, or no lost-per-day.");
        }
        return new Supply(
                name(section, "an offer"),
                chip,
                section.read("model", "a model", this::model, ""),
                text(section, "provider", "who sells it"),
                section.text("region", "a region", ""),
                term,
                priced.price(),
                priced.day(),
                available(section),
                section.read("lead-time", "days", Dates::days, 0),
                least,
                most,
                multiple,
                section.read("lost-per-day", "a share", Units::share, 0.0),
                section.read("prepaid", "a share", Units::share, 0.0),
                watts(section, chip),
                PoolReader.quota(section, hosted),
                PoolReader.labels(section),
                section.read("only-with", "a deal", this::deal, ""),
                section.text("source", "where the price comes from", ""));
    }

    static String name(Section section, String kind) {
        Value name = section.required("name", "a name to refer to it by");
        return name == null ? "" : name.read("a name", text -> FleetReader.name(text, kind), "");
    }

    static String text(Section section, String key, String expected) {
        Value value = section.required(key, expected);
        return value == null ? "" : value.text(expected, "");
    }

    private String chip(Section section) {
        Value chip = section.required("chip", "a chip of the catalogue such as nvidia/h100-sxm");
        return chip == null
                ? ""
                : chip.read(
                        "a chip",
                        text -> Section.oneOf(
                                text,
                                "a chip of the catalogue",
                                catalogue.chips().keySet()),
                        "");
    }

    private String model(String text) {
        return Section.oneOf(
                text, "a model of the catalogue", catalogue.models().keySet());
    }

    private String deal(String text) {
        return Section.oneOf(text, "a deal of this file", deals);
    }

    /** From the file, else from the catalogue. */
    private double watts(Section section, String chip) {
        ChipPower known = catalogue.chipPowers().get(chip);
        return section.read(
                "all-in-watts",
                "watts",
                text -> Units.above(text, "watts of one chip with host, network and facility, such as 1730"),
                known == null ? 0.0 : known.utilityWatts());
    }

    private static long chips(String text) {
        long chips = Units.whole(text, "a number of chips");
        if (chips == 0) {
            throw new Mistake("is zero; expected a number of chips.");
        }
        return chips;
    }

    private static Supply.Term term(String text) {
        return switch (text) {
            case "on-demand" -> ON_DEMAND;
            case "spot" -> new Supply.Term(Supply.Term.Kind.SPOT, 0);
            case "block" -> new Supply.Term(Supply.Term.Kind.BLOCK, 0);
            default -> {
                if (!Character.isDigit(text.charAt(0))) {
                    throw new Mistake(
                            "is not a term; expected on-demand, spot, block, or months of a commitment such as "
                                    + "36 mo." + Names.maybe(text, TERMS));
                }
                yield new Supply.Term(Supply.Term.Kind.COMMITTED, Dates.months(text));
            }
        };
    }

    private record Priced(Price price, LocalDate day) {}

    private Priced priced(Section offer, String chip) {
        Value value = offer.get("price");
        String expected = "{usd-per-chip-hour: ..., date: ...}, or prices for a million tokens and a date";
        if (value == null) {
            offer.missing("price", "expected " + expected + "." + maybe(chip));
            return new Priced(NONE, asOf);
        }
        if (value.isText()) {
            String plain = value.text("a price", "");
            value.wrong("has neither currency nor date; expected " + expected + ". Maybe {usd-per-chip-hour: "
                    + plain.replaceAll("[^0-9.]", "") + ", date: " + asOf + "}.");
            return new Priced(NONE, asOf);
        }
        Section price = value.section(DealKeys.PRICE, expected);
        Value date = price.required("date", "the day of the price, since prices change");
        LocalDate day = date == null ? asOf : date.read("a day", Dates::first, asOf);
        if (date != null && day.isAfter(asOf) && !asOf.equals(LocalDate.EPOCH)) {
            date.wrong("is after " + asOf + ", the day of this file; expected a price that is known. "
                    + "Maybe a later as-of.");
        }
        return new Priced(price.get("usd-per-chip-hour") == null ? perToken(price, chip) : perHour(price), day);
    }

    private static Price perHour(Section price) {
        for (String key : List.of("usd-per-million-input", "usd-per-million-output")) {
            Value token = price.get(key);
            if (token != null) {
                token.wrong("stands beside usd-per-chip-hour; expected a price by the hour or by the token, not both.");
            }
        }
        return new Price.PerChipHour(price.read("usd-per-chip-hour", "US dollars", Units::price, 0.0), false);
    }

    private Price perToken(Section price, String chip) {
        Value input = price.get("usd-per-million-input");
        Value output = price.get("usd-per-million-output");
        if (input == null && output == null) {
            price.missing("usd-per-chip-hour", "expected US dollars for one chip and hour." + maybe(chip));
            return NONE;
        }
        if (input == null) {
            price.missing("usd-per-million-input", "expected US dollars for a million prompt tokens.");
        }
        if (output == null) {
            price.missing("usd-per-million-output", "expected US dollars for a million answer tokens.");
        }
        double in = input == null ? 0 : input.read("US dollars", Units::price, 0.0);
        return new Price.PerToken(
                in,
                price.read("usd-per-million-cached-input", "US dollars", Units::price, in),
                output == null ? 0 : output.read("US dollars", Units::price, 0.0));
    }

    private Span available(Section section) {
        Value value = section.get("available");
        if (value == null) {
            return new Span(asOf, Span.OPEN);
        }
        Section span = value.section(DealKeys.SPAN, "from or until");
        Span available = span(span, "from", "until", asOf, Span.OPEN);
        Value until = span.get("until");
        if (until != null && available.until().isBefore(asOf)) {
            until.wrong("is before " + asOf + ", the day of this file: the offer has expired; "
                    + "expected one that still stands. Maybe ask for a new price.");
        }
        return available;
    }

    /** Two days of one section, the second not before the first. */
    static Span span(Section section, String from, String until, @Nullable LocalDate first, @Nullable LocalDate last) {
        Value begins = section.get(from);
        Value ends = section.get(until);
        if (begins == null && first == null) {
            section.required(from, "the first day, such as 2027-01");
        }
        if (ends == null && last == null) {
            section.required(until, "the last day, such as 2029-12");
        }
        LocalDate start = first == null ? LocalDate.EPOCH : first;
        LocalDate end = last == null ? Span.OPEN : last;
        Span span = new Span(
                begins == null ? start : begins.read("a day", Dates::first, start),
                ends == null ? end : ends.read("a day", Dates::last, end));
        if (begins != null && ends != null && span.until().isBefore(span.from())) {
            ends.wrong("is before " + from + " " + span.from() + "; expected a later day.");
        }
        return span;
    }

    /** The latest catalogue price of the chip that can be rented, if there is one. */
    private String maybe(String chip) {
        return catalogue.offers().stream()
                .filter(offer -> offer.chip().equals(chip) && !offer.term().startsWith("tco"))
                .max(Comparator.comparing(offer -> offer.source().date()))
                .map(offer -> " Maybe {usd-per-chip-hour: " + Units.decimal(offer.usdPerChipHour()) + ", date: "
                        + offer.source().date() + "} (" + offer.provider() + " " + offer.term() + ").")
                .orElse("");
    }
}
