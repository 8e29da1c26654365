package io.polychip.fleet;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads the parts of a deal. What only several parts together can get wrong is {@link DealCheck}'s. */
final class ClauseReader {
    private static final Amount NOTHING = new Amount(Amount.Unit.USD, 0);

    private final List<Supply> offers;
    private final LocalDate asOf;

    ClauseReader(List<Supply> offers, LocalDate asOf) {
        this.offers = offers;
        this.asOf = asOf;
    }

    /** A part and where it stands. */
    record Read(DealPart part, Section section) {}

    /** @param key one of {@link DealReader#PARTS} */
    Read read(String key, Value value) {
        return switch (key) {
            case "minimum-take" -> minimumTake(value.section(DealKeys.MINIMUM_TAKE, "usd, chips or gw, and each"));
            case "capacity" -> capacity(value.section(DealKeys.CAPACITY, "tranches"));
            case "tiers" -> tiers(value.section(DealKeys.TIERS, "on and steps"));
            case "credit" -> credit(value.section(DealKeys.CREDIT, "usd and expires"));
            case "investment" -> investment(value.section(DealKeys.INVESTMENT, "usd, at and if"));
            case "warrants" -> warrants(value.section(DealKeys.WARRANTS, "shares, share-usd, steps and expires"));
            case "option" -> option(value.section(DealKeys.OPTION, "gw or chips, exercise-until, from and until"));
            case "loan" -> loan(value.section(DealKeys.LOAN, "usd, rate, from, until and to"));
            case "lease" -> lease(value.section(DealKeys.LEASE, "gw or chips, usd-per-year, from and until"));
            case "prepayment" -> prepayment(value.section(DealKeys.PREPAYMENT, "usd, at and discount"));
            case "exclusivity" -> exclusivity(value.section(DealKeys.EXCLUSIVITY, "traffic"));
            case "backstop" -> backstop(value.section(DealKeys.BACKSTOP, "usd-per-chip-hour"));
            case "generations" -> generations(value);
            default -> throw new IllegalArgumentException("No part of a deal is named " + key + ".");
        };
    }

    private Read minimumTake(Section section) {
        int each = each(section, "the time it is counted over: year, quarter, month or term");
        Amount amount = amount(section, true);
        return new Read(
                new DealPart.MinimumTake(
                        amount, each, span(section), section.read("paid", "a share", Units::share, 1.0)),
                section);
    }

    private Read capacity(Section section) {
        List<DealPart.Tranche> tranches = new ArrayList<>();
        Value list = section.required("tranches", "a list such as [{gw: 0.25, from: 2026-01}]");
        if (list != null) {
            for (Value item : list.items("tranches such as {gw: 0.25, from: 2026-01}")) {
                Section tranche = item.section(DealKeys.TRANCHE, "gw or chips, and from");
                tranches.add(new DealPart.Tranche(
                        amount(tranche, false), SupplyReader.span(tranche, "from", "until", null, Span.OPEN)));
            }
            if (list.isList() && tranches.isEmpty()) {
                list.wrong("is empty; expected at least one tranche.");
            }
        }
        return new Read(new DealPart.Capacity(tranches, section.flag("all", false)), section);
    }

    private static Read tiers(Section section) {
        Value on = section.required("on", "whole-volume or excess");
        boolean whole = on != null
                && on.read(
                        "whole-volume or excess",
                        text -> Section.oneOf(text, "a way to count a discount", List.of("whole-volume", "excess"))
                                .equals("whole-volume"),
                        false);
        List<DealPart.Step> steps = new ArrayList<>();
        Value list = section.required("steps", "a list such as [{above-usd: 1e9, discount: 10 %}]");
        if (list != null) {
            for (Value item : list.items("steps such as {above-usd: 1e9, discount: 10 %}")) {
                Section step = item.section(DealKeys.STEP, "above-usd and discount");
                Value above = step.required("above-usd", "the spend it begins at");
                Value discount = step.required("discount", "a share such as 10 %");
                DealPart.Step read = new DealPart.Step(
                        above == null ? 0 : above.read("US dollars", Units::usd, 0.0),
                        discount == null ? 0 : discount.read("a share", Units::share, 0.0));
                DealPart.Step before = steps.isEmpty() ? null : steps.getLast();
                if (before != null && above != null && read.fromUsd() <= before.fromUsd()) {
                    above.wrong("is not above the step before, " + Units.large(before.fromUsd())
                            + "; expected steps in rising order.");
                }
                if (before != null && discount != null && read.discount() <= before.discount()) {
                    discount.wrong("is no more than at the step before, " + percent(before.discount())
                            + "; expected discounts that rise with spend. Maybe remove this step.");
                }
                steps.add(read);
            }
            if (list.isList() && steps.isEmpty()) {
                list.wrong("is empty; expected at least one step.");
            }
        }
        int each = section.get("each") == null ? 0 : each(section, "year, quarter, month or term");
        return new Read(new DealPart.Tiers(whole, each, steps), section);
    }

    private Read credit(Section section) {
        double usd = usd(section, "usd", "the credit in US dollars");
        Value expires = section.required("expires", "the last day it can be used");
        Span span = SupplyReader.span(section, "from", "expires", asOf, Span.OPEN);
        if (expires != null && span.until().isBefore(asOf)) {
            expires.wrong("is before " + asOf + ", the day of this file: the credit has expired; "
                    + "expected one that can still be used.");
        }
        return new Read(new DealPart.Credit(usd, span, section.read("of-bill", "a share", Units::share, 1.0)), section);
    }

    private Read investment(Section section) {
        double usd = usd(section, "usd", "what is paid into the buyer");
        LocalDate at = day(section, "at", "the day it is paid");
        Value value = section.get("if");
        Condition condition = value == null
                ? new Condition.None()
                : condition(value.section(DealKeys.CONDITION, "of, and share or gw or chips"), at);
        return new Read(new DealPart.Investment(usd, at, condition), section);
    }

    private Condition condition(Section section, LocalDate at) {
        Value of = section.required("of", "a vendor such as aws, or a chip such as aws/trainium2");
        String name = of == null ? "" : of.text("a vendor or chip", "");
        Value share = section.get("share");
        boolean volume = section.get("gw") != null || section.get("chips") != null;
        if (share != null && volume) {
            share.wrong("stands beside gw or chips; expected a share or a volume, not both.");
        }
        if (share == null && !volume) {
            section.missing("share", "expected a share such as 30 %, or gw or chips.");
        }
        if (volume) {
            Value from = section.get("from");
            if (from != null) {
                from.wrong("belongs to a share; a volume has a day it must be reached by. Maybe by.");
            }
            LocalDate by = section.read("by", "a day", Dates::last, at);
            Value late = section.get("by");
            if (late != null && YearMonth.from(by).isAfter(YearMonth.from(at))) {
                late.wrong("is after " + at + ", when the money is paid; expected a condition that is known by then. "
                        + "Maybe a later at.");
            }
            return new Condition.Volume(name, amount(section, false), by);
        }
        Value by = section.get("by");
        if (by != null) {
            by.wrong("belongs to a volume; a share holds from a day on. Maybe from.");
        }
        return new Condition.Share(
                name,
                section.read(
                        "measure",
                        "tokens, spend or chips",
                        text -> Condition.Measure.valueOf(
                                Section.oneOf(text, "a measure", List.of("tokens", "spend", "chips"))
                                        .toUpperCase(Locale.ROOT)),
                        Condition.Measure.TOKENS),
                share == null ? 0 : share.read("a share", Units::share, 0.0),
                section.read("from", "a day", Dates::first, at));
    }

    private static Read warrants(Section section) {
        List<DealPart.Vesting> steps = new ArrayList<>();
        Value list = section.required("steps", "a list such as [{gw: 1, vested: 17 %}]");
        if (list != null) {
            for (Value item : list.items("steps such as {gw: 1, vested: 17 %}")) {
                Section step = item.section(DealKeys.VESTING, "gw or chips, and vested");
                Value vested = step.required("vested", "the share of the warrants vested then");
                DealPart.Vesting read = new DealPart.Vesting(
                        amount(step, false), vested == null ? 0 : vested.read("a share", Units::share, 0.0));
                DealPart.Vesting before = steps.isEmpty() ? null : steps.getLast();
                if (before != null
                        && before.amount().unit() == read.amount().unit()
                        && read.amount().value() <= before.amount().value()) {
                    step.wrong("the step at " + read.amount() + " is not above the one before, " + before.amount()
                            + "; expected steps in rising order.");
                }
                if (before != null && vested != null && read.vested() <= before.vested()) {
                    vested.wrong("is no more than at the step before, " + percent(before.vested())
                            + "; expected the share vested so far. Maybe "
                            + percent(Math.min(1, before.vested() + read.vested())) + ".");
                }
                steps.add(read);
            }
            if (list.isList() && steps.isEmpty()) {
                list.wrong("is empty; expected at least one step.");
            }
        }
        Value expires = section.required("expires", "the last day they can be used");
        return new Read(
                new DealPart.Warrants(
                        usd(section, "shares", "how many shares"),
                        section.read("strike-usd", "US dollars", Units::usd, 0.0),
                        usd(section, "share-usd", "what a share is taken to be worth, a scenario"),
                        steps,
                        expires == null ? Span.OPEN : expires.read("a day", Dates::last, Span.OPEN)),
                section);
    }

    private Read option(Section section) {
        Amount amount = amount(section, false);
        Span exercise = SupplyReader.span(section, "exercise-from", "exercise-until", asOf, null);
        Span span = span(section);
        Value from = section.get("from");
        if (from != null && exercise.from().isAfter(span.until())) {
            from.wrong("begins a use that ends before the option can be called; expected a later until.");
        }
        return new Read(
                new DealPart.Option(amount, section.read("premium-usd", "US dollars", Units::usd, 0.0), exercise, span),
                section);
    }

    private static Read loan(Section section) {
        Value to = section.required("to", "supplier or buyer: who owes it");
        boolean lent = to == null
                || to.read(
                        "supplier or buyer",
                        text -> Section.oneOf(text, "a side", List.of("supplier", "buyer"))
                                .equals("supplier"),
                        true);
        Value rate = section.required("rate", "interest a year such as 6 %");
        return new Read(
                new DealPart.Loan(
                        usd(section, "usd", "the sum in US dollars"),
                        rate == null ? 0 : rate.read("a share", Units::share, 0.0),
                        span(section),
                        lent),
                section);
    }

    private static Read lease(Section section) {
        return new Read(
                new DealPart.Lease(
                        amount(section, false),
                        usd(section, "usd-per-year", "the payment a year"),
                        span(section),
                        section.read("purchase-usd", "US dollars", Units::usd, 0.0)),
                section);
    }

    private static Read prepayment(Section section) {
        Value discount = section.required("discount", "a share such as 10 %");
        return new Read(
                new DealPart.Prepayment(
                        usd(section, "usd", "what is paid ahead"),
                        day(section, "at", "the day it is paid"),
                        discount == null ? 0 : discount.read("a share", Units::share, 0.0)),
                section);
    }

    private Read exclusivity(Section section) {
        return new Read(
                new DealPart.Exclusivity(
                        SupplyReader.text(section, "traffic", "a request class or a served model"),
                        SupplyReader.span(section, "from", "until", asOf, Span.OPEN)),
                section);
    }

    private Read backstop(Section section) {
        return new Read(
                new DealPart.Backstop(
                        usd(section, "usd-per-chip-hour", "what the supplier pays for unused capacity"),
                        section.read("most-usd", "US dollars", Units::usd, Double.POSITIVE_INFINITY),
                        SupplyReader.span(section, "from", "until", asOf, Span.OPEN)),
                section);
    }

    private Read generations(Value value) {
        List<DealPart.Generation> generations = new ArrayList<>();
        List<String> known = offers.stream().map(Supply::name).toList();
        Section last = null;
        for (Value item : value.items("generations such as {from: 2027-06, offer: trn3}")) {
            Section section = item.section(DealKeys.GENERATION, "from and offer");
            LocalDate from = day(section, "from", "the day it replaces the one before");
            Value offer = section.required("offer", "an offer of this file");
            DealPart.Generation before = generations.isEmpty() ? null : generations.getLast();
            if (before != null && !from.isAfter(before.from()) && section.get("from") != null) {
                section.wrong("the generation of " + from + " is not after the one before, " + before.from()
                        + "; expected generations in the order of their days.");
            }
            generations.add(new DealPart.Generation(
                    from,
                    offer == null
                            ? ""
                            : offer.read("an offer", text -> Section.oneOf(text, "an offer of this file", known), "")));
            last = section;
        }
        if (last == null && value.isList()) {
            value.wrong("is empty; expected at least one generation.");
        }
        return new Read(new DealPart.Generations(generations), last == null ? value.broken(DealKeys.GENERATION) : last);
    }

    private static Span span(Section section) {
        return SupplyReader.span(section, "from", "until", null, null);
    }

    private static LocalDate day(Section section, String key, String expected) {
        Value value = section.required(key, expected);
        return value == null ? LocalDate.EPOCH : value.read("a day", Dates::first, LocalDate.EPOCH);
    }

    private static double usd(Section section, String key, String expected) {
        Value value = section.required(key, expected);
        return value == null ? 0 : value.read("a number", text -> Units.above(text, expected), 0.0);
    }

    /** Exactly one of usd, gw and chips. */
    private static Amount amount(Section section, boolean money) {
        Value usd = money ? section.get("usd") : null;
        Value gigawatts = section.get("gw");
        Value chips = section.get("chips");
        String expected = (money ? "one of usd, gw and chips" : "gw or chips") + ", above 0";
        @Nullable Value only = null;
        for (Value value : new @Nullable Value[] {usd, gigawatts, chips}) {
            if (value != null && only != null) {
                value.wrong("stands beside " + only.key() + "; expected " + expected + ".");
            } else if (value != null) {
                only = value;
            }
        }
        if (only == null) {
            section.missing(money ? "usd" : "gw", "expected " + expected + ".");
            return NOTHING;
        }
        Amount.Unit unit = only == usd ? Amount.Unit.USD : only == chips ? Amount.Unit.CHIPS : Amount.Unit.GIGAWATTS;
        return new Amount(unit, only.read("a number", text -> Units.above(text, expected), 0.0));
    }

    private static int each(Section section, String expected) {
        Value value = section.required("each", expected);
        return value == null
                ? 0
                : value.read(
                        expected,
                        text -> switch (Section.oneOf(text, "a time", List.of("year", "quarter", "month", "term"))) {
                            case "year" -> 12;
                            case "quarter" -> 3;
                            case "month" -> 1;
                            default -> 0;
                        },
                        0);
    }

    static String percent(double share) {
        return Units.decimal(Math.round(share * 10_000) / 100.0) + " %";
    }
}
