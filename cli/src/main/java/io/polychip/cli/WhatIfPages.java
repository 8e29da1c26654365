package io.polychip.cli;

import io.polychip.planner.DealTurns;
import io.polychip.planner.Frontier;
import io.polychip.planner.Lot;
import io.polychip.planner.Promise;
import io.polychip.planner.Sensitivity;
import io.polychip.report.Grid;
import io.polychip.report.Numbers;
import io.polychip.report.Page;
import io.polychip.report.Palette;
import io.polychip.report.Plot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What independence costs and what would change the plan: as text, for machines, and on the plan's page. */
final class WhatIfPages {
    private static final String STOPPED =
            "Stopped before all was looked at that --frontier and --sensitivity ask for: what is not here is not"
                    + " known.";

    /** Offers said in a sentence each, those nearest to entering. */
    private static final int NEAREST = 8;

    private final double scale;
    private final boolean stopped;

    /**
     * Beside deals, what one plan pays at once and another month by month has no cost a month but in dollars of now.
     */
    private final boolean ofNow;

    private WhatIfPages(PlanBook book) {
        this.stopped = book.whatIf().stopped();
        this.ofNow = !book.problem().deals().deals().isEmpty();
        this.scale = ofNow
                ? 1 / book.months()
                : book.plan().usd() == 0 ? 1 : book.usdPerMonth() / book.plan().usd();
    }

    private static @Nullable FrontierPages frontier(PlanBook book, WhatIfPages pages) {
        Frontier frontier = book.whatIf().frontier();
        return frontier == null ? null : new FrontierPages(frontier, pages.scale, pages.ofNow);
    }

    static String text(PlanBook book) {
        WhatIfPages pages = new WhatIfPages(book);
        StringBuilder text = new StringBuilder();
        if (book.whatIf().stopped()) {
            text.append('\n').append(STOPPED).append('\n');
        }
        FrontierPages frontier = frontier(book, pages);
        if (frontier != null) {
            text.append('\n').append(Table.of(frontier.grid()));
            frontier.sentences().forEach(sentence -> text.append(sentence).append('\n'));
            text.append(FrontierPages.HOW).append('\n');
        }
        Sensitivity sensitivity = book.whatIf().sensitivity();
        if (sensitivity != null) {
            text.append('\n');
            pages.prices(sensitivity).forEach(sentence -> text.append(sentence).append('\n'));
            pages.scarce(sensitivity).forEach(sentence -> text.append(sentence).append('\n'));
            text.append(pages.doubt(sensitivity)).append('\n');
        }
        for (DealTurns turns : book.whatIf().deals()) {
            text.append('\n');
            PlanDeals.turning(turns).forEach(sentence -> text.append(sentence).append('\n'));
            text.append(Table.of(DealPages.turns(turns.turns())));
        }
        return text.toString();
    }

    static void page(PlanBook book, Palette palette, Page page) {
        WhatIfPages pages = new WhatIfPages(book);
        if (book.whatIf().stopped()) {
            page.section("What was not looked at");
            page.text(STOPPED);
        }
        FrontierPages frontier = frontier(book, pages);
        if (frontier != null) {
            page.section("What independence costs");
            frontier.sentences().forEach(page::text);
            page.plots(frontier.plots(palette).toArray(new Plot[0]));
            page.table("Every point", frontier.grid());
            page.text(FrontierPages.HOW);
        }
        Sensitivity sensitivity = book.whatIf().sensitivity();
        if (sensitivity != null) {
            page.section("What would change it");
            pages.prices(sensitivity).forEach(page::text);
            pages.scarce(sensitivity).forEach(page::text);
            page.text(pages.doubt(sensitivity));
            if (!sensitivity.entries().isEmpty()) {
                page.table("Every offer the plan leaves", entries(sensitivity));
            }
        }
        for (DealTurns turns : book.whatIf().deals()) {
            page.section("Where the deal %s turns".formatted(turns.deal()));
            PlanDeals.turning(turns).forEach(page::text);
            page.table("Each of its terms, prices, demand and speed", DealPages.turns(turns.turns()));
        }
    }

    static Map<String, Object> json(PlanBook book) {
        WhatIfPages pages = new WhatIfPages(book);
        Map<String, Object> json = new LinkedHashMap<>();
        FrontierPages frontier = frontier(book, pages);
        if (frontier != null) {
            json.put("frontier", frontier.json());
        }
        Sensitivity sensitivity = book.whatIf().sensitivity();
        if (sensitivity != null) {
            json.put("sensitivity", pages.sensitivity(sensitivity));
            json.put(
                    "dealTurns",
                    book.whatIf().deals().stream().map(PlanDeals::json).toList());
        }
        return json;
    }

    /** JSON knows no infinity: what is not known is left out. */
    static void put(Map<String, Object> json, String name, double value) {
        if (Double.isFinite(value)) {
            json.put(name, value);
        }
    }

    private List<String> prices(Sensitivity sensitivity) {
        List<String> sentences = new ArrayList<>();
        List<Sensitivity.Entry> entries = sensitivity.entries();
        for (Sensitivity.Entry entry : entries.subList(0, Math.min(NEAREST, entries.size()))) {
            String unit = entry.lot() instanceof Lot.Hosted ? "per million answer tokens" : "a chip and hour";
            String offer = "%s (%s, now %s %s)"
                    .formatted(entry.lot().name(), entry.lot().chip(), Numbers.usd(entry.askedUsd()), unit);
            sentences.add(offer + " " + enters(entry));
        }
        if (entries.size() > NEAREST) {
            sentences.add("%d more offers enter further below their prices, or not at all."
                    .formatted(entries.size() - NEAREST));
        }
        if (sentences.isEmpty() && !stopped) {
            sentences.add("Every offer that could serve this is in the plan, or comes with a deal only.");
        }
        return sentences;
    }

    private static String enters(Sensitivity.Entry entry) {
        if (entry.fractions() == 0) {
            return "would not be taken even for nothing.";
        }
        String withFractions = Numbers.usd(entry.askedUsd() * entry.fractions());
        if (entry.whole() == 0) {
            String least = Numbers.usd(entry.askedUsd() * entry.fractions() * Sensitivity.LEAST);
            return entry.proven()
                    ? "is in no plan of whole replicas down to %s; with fractions it enters at %s."
                            .formatted(least, withFractions)
                    : "was in no plan found down to %s, which proves nothing; with fractions it enters at %s. Maybe more --seconds."
                            .formatted(least, withFractions);
        }
        String found = Numbers.usd(entry.entersUsd());
        return entry.proven()
                ? "enters at %s, %.0f %% below its price.".formatted(found, (1 - entry.whole()) * 100)
                : "enters somewhere from %s, where a plan was found, to %s, above which none is cheaper; with fractions at %s. Maybe more --seconds."
                        .formatted(found, Numbers.usd(entry.mayEnterUsd()), withFractions);
    }

    private static Grid entries(Sensitivity sensitivity) {
        List<List<String>> rows = new ArrayList<>();
        for (Sensitivity.Entry entry : sensitivity.entries()) {
            rows.add(List.of(
                    entry.lot().name(),
                    entry.lot().chip(),
                    entry.lot() instanceof Lot.Hosted ? "million answer tokens" : "chip and hour",
                    Numbers.usd(entry.askedUsd()),
                    entry.whole() == 0 ? "-" : Numbers.usd(entry.entersUsd()),
                    Numbers.usd(entry.mayEnterUsd()),
                    entry.fractions() == 0 ? "-" : Numbers.usd(entry.askedUsd() * entry.fractions())));
        }
        return new Grid(List.of("offer", "chip", "for a", "price now", "found at", "at most", "with fractions"), rows);
    }

    private List<String> scarce(Sensitivity sensitivity) {
        List<String> sentences = new ArrayList<>();
        for (Sensitivity.More more : sensitivity.scarce()) {
            String what = amount(more);
            String fractions = Numbers.usd(more.fractionsUsd() * scale);
            boolean nothing = more.savesUsd() <= Math.max(1e-6, sensitivity.usd() * 1e-6);
            sentences.add(
                    nothing
                            ? "%s would save nothing in whole replicas (%s a month with fractions)."
                                    .formatted(what, fractions)
                            : "%s would save %s a month (%s with fractions)."
                                    .formatted(what, Numbers.usd(more.savesUsd() * scale), fractions));
        }
        if (sentences.isEmpty() && !stopped) {
            sentences.add("Nothing is scarce: more of no offer, quota or budget would make it cheaper.");
        }
        return sentences;
    }

    private static String amount(Sensitivity.More more) {
        return more.kind() == Promise.Kind.SHARE_CAP
                ? "A percentage point more for %s".formatted(more.subject())
                : more.kind() == Promise.Kind.BUDGET
                        ? "A budget 1 % larger"
                        : more.kind() == Promise.Kind.CARBON
                                ? "A cap of one more tonne of CO2 a year"
                                : "%s more %s of %s".formatted(Numbers.plain(more.step()), more.unit(), more.subject());
    }

    private String doubt(Sensitivity sensitivity) {
        return "Costs are known to within %s a month%s; a smaller saving may be the search's own."
                .formatted(
                        Numbers.usd(sensitivity.doubtUsd() * scale),
                        ofNow ? ", as are savings in dollars of now, with what deals pay" : "");
    }

    private Map<String, Object> sensitivity(Sensitivity sensitivity) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("usdPerMonth", sensitivity.usd() * scale);
        json.put("doubtUsdPerMonth", sensitivity.doubtUsd() * scale);
        json.put(
                "entries",
                sensitivity.entries().stream()
                        .map(entry -> {
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put("offer", entry.lot().name());
                            one.put("chip", entry.lot().chip());
                            one.put("askedUsd", entry.askedUsd());
                            one.put("entersUsd", entry.entersUsd());
                            one.put("mayEnterUsd", entry.mayEnterUsd());
                            one.put("entersWithFractionsUsd", entry.askedUsd() * entry.fractions());
                            one.put("savesUsdPerMonth", entry.savesUsd() * scale);
                            return one;
                        })
                        .toList());
        json.put(
                "scarce",
                sensitivity.scarce().stream()
                        .map(more -> {
                            Map<String, Object> one = new LinkedHashMap<>();
                            one.put("kind", more.kind().name().toLowerCase(Locale.ROOT));
                            one.put("of", more.subject());
                            one.put("unit", more.unit());
                            one.put("step", more.step());
                            one.put("savesUsdPerMonth", more.savesUsd() * scale);
                            one.put("savesWithFractionsUsdPerMonth", more.fractionsUsd() * scale);
                            put(one, "mostUsdPerMonth", more.mostUsd() * scale);
                            return one;
                        })
                        .toList());
        return json;
    }
}
