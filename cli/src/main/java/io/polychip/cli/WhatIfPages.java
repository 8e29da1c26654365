package io.polychip.cli;

import io.polychip.planner.DealTurns;
import io.polychip.planner.Frontier;
import io.polychip.planner.Lot;
import io.polychip.planner.Promise;
import io.polychip.planner.Sensitivity;
import io.polychip.planner.Solution;
import io.polychip.planner.Trial;
import io.polychip.report.Axis;
import io.polychip.report.Grid;
import io.polychip.report.Numbers;
import io.polychip.report.Page;
import io.polychip.report.Palette;
import io.polychip.report.Plot;
import io.polychip.report.Scatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What independence costs and what would change the plan: as text, for machines, and on the plan's page. */
final class WhatIfPages {
    private static final String HOW = "Solved with this plan's head-room. Simulated in the busiest hour of the period"
        + " with most demand, as planned and with each vendor and each promised thing lost: \"met\" is of the class"
        + " that did worst, after a loss not promised to be survived it is only told. What hosted APIs take over after"
        + " a loss, within their quotas, costs nothing until then.";

    private static final String STOPPED =
            "Stopped before all was looked at that --frontier and --sensitivity ask for: what is not here is not"
                    + " known.";

    /** A cost range narrower than this is said as one figure. */
    private static final double NARROW = 0.005;

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

    private String perMonth() {
        return ofNow ? "$ of now a month, with deals" : "$ a month";
    }

    static String text(PlanBook book) {
        WhatIfPages pages = new WhatIfPages(book);
        StringBuilder text = new StringBuilder();
        if (book.whatIf().stopped()) {
            text.append('\n').append(STOPPED).append('\n');
        }
        Frontier frontier = book.whatIf().frontier();
        if (frontier != null) {
            text.append('\n').append(Table.of(pages.frontierGrid(frontier)));
            pages.independence(frontier)
                    .forEach(sentence -> text.append(sentence).append('\n'));
            text.append(HOW).append('\n');
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
        Frontier frontier = book.whatIf().frontier();
        if (frontier != null) {
            page.section("What independence costs");
            pages.independence(frontier).forEach(page::text);
            page.plots(pages.plots(frontier, palette).toArray(new Plot[0]));
            page.table("Every point", pages.frontierGrid(frontier));
            page.text(HOW);
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
        Frontier frontier = book.whatIf().frontier();
        if (frontier != null) {
            json.put("caps", pages.points(frontier.caps()));
            json.put("losses", pages.points(frontier.losses()));
            json = new LinkedHashMap<>(Map.of("frontier", json));
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

    // ---- what independence costs

    /** What it costs to lose any one vendor and still serve all. */
    static List<Page.Tile> tiles(PlanBook book) {
        Frontier frontier = book.whatIf().frontier();
        if (frontier == null) {
            return book.whatIf().stopped()
                    ? List.of()
                    : List.of(new Page.Tile("independence costs", "not asked", "maybe --frontier", null));
        }
        List<Frontier.Point> curve = frontier.losses().stream()
                .filter(point -> point.label().equals("vendor"))
                .toList();
        if (curve.isEmpty() || !curve.getFirst().possible()) {
            return List.of();
        }
        Frontier.Point last = curve.getLast();
        String more = more(last, curve.getFirst());
        int range = more.indexOf(" (");
        return List.of(new Page.Tile(
                "independence costs",
                range < 0 ? more : more.substring(0, range),
                "for %s, against surviving no loss%s"
                        .formatted(
                                name(last),
                                range < 0
                                        ? ""
                                        : "; proven is %s %%".formatted(more.substring(range + 2, more.length() - 1))),
                null));
    }

    static String name(Frontier.Point point) {
        String level = String.format(Locale.ROOT, "%.0f %%", point.level() * 100);
        return switch (point.way()) {
            case CAP -> point.level() == 1 ? "no limit on any vendor" : "no vendor above " + level;
            case SURVIVE ->
                point.level() == 0
                        ? "survives no loss of %s %s".formatted(article(point.label()), point.label())
                        : "any " + point.label() + " lost, " + level + " served";
        };
    }

    private static String article(String label) {
        return "aeiou".indexOf(label.charAt(0)) >= 0 ? "an" : "a";
    }

    private Grid frontierGrid(Frontier frontier) {
        List<List<String>> rows = new ArrayList<>();
        for (List<Frontier.Point> curve : curves(frontier)) {
            for (Frontier.Point point : curve) {
                rows.add(List.of(
                        name(point),
                        point.possible() ? String.format(Locale.ROOT, "%,.0f", point.usd() * scale) : "-",
                        more(point, curve.getFirst()),
                        checked(point),
                        point.outcomes().isEmpty() ? "-" : met(point, false),
                        point.outcomes().isEmpty() ? "-" : met(point, true),
                        shares(point)));
            }
        }
        return new Grid(
                List.of("independence", perMonth(), "more", "simulated", "met", "met after the worst loss", "tokens"),
                rows);
    }

    private static String checked(Frontier.Point point) {
        return !point.possible()
                ? "-"
                : point.outcomes().isEmpty() ? "not, for lack of time" : point.kept() ? "kept" : "NOT kept";
    }

    /** Of the class and run that did worst, among those without or with a loss. */
    private static String met(Frontier.Point point, boolean lost) {
        return point.outcomes().stream()
                .filter(outcome -> (outcome.trial().lost() != null) == lost)
                .min(Comparator.comparingDouble(WhatIfPages::worst))
                .map(outcome -> {
                    Trial.Loss loss = outcome.trial().lost();
                    return Numbers.percent(worst(outcome)) + (loss == null ? "" : " (" + loss.value() + ")");
                })
                .orElse("-");
    }

    private static double worst(Trial.Outcome outcome) {
        return outcome.attained().values().stream()
                .mapToDouble(each -> each)
                .min()
                .orElse(1);
    }

    /** The limits on shares, then each label's losses. */
    private static List<List<Frontier.Point>> curves(Frontier frontier) {
        List<List<Frontier.Point>> curves = new ArrayList<>();
        if (!frontier.caps().isEmpty()) {
            curves.add(frontier.caps());
        }
        Map<String, List<Frontier.Point>> byLabel = new TreeMap<>();
        frontier.losses()
                .forEach(point -> byLabel.computeIfAbsent(point.label(), _ -> new ArrayList<>())
                        .add(point));
        curves.addAll(byLabel.values());
        return curves;
    }

    private static String more(Frontier.Point point, Frontier.Point free) {
        if (!point.possible()) {
            return point.status() == Solution.Status.INFEASIBLE ? "impossible" : "none found in time";
        }
        if (!free.possible() || point.equals(free)) {
            return "-";
        }
        double least = point.leastMore(free);
        double most = point.mostMore(free);
        String range = Double.isFinite(most) && most - least > NARROW && most >= point.more(free)
                ? String.format(Locale.ROOT, " (%.1f to %.1f)", least * 100, most * 100)
                : "";
        return String.format(Locale.ROOT, "+%.1f %%%s", Math.max(0, point.more(free)) * 100, range);
    }

    private static String shares(Frontier.Point point) {
        return point.tokenShares().entrySet().stream()
                .filter(share -> share.getValue() > 5e-4)
                .sorted(Map.Entry.<String, Double>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .map(share -> share.getKey() + " " + Numbers.percent(share.getValue()))
                .collect(Collectors.joining(", "));
    }

    private List<String> independence(Frontier frontier) {
        List<String> sentences = new ArrayList<>();
        for (List<Frontier.Point> curve : curves(frontier)) {
            Frontier.Point free = curve.getFirst();
            for (Frontier.Point point : curve) {
                if (!point.equals(free) && free.possible()) {
                    sentences.add(sentence(point, free));
                }
            }
        }
        return sentences;
    }

    private static String sentence(Frontier.Point point, Frontier.Point free) {
        String what = switch (point.way()) {
            case CAP -> "Giving no vendor more than %.0f %% of the tokens".formatted(point.level() * 100);
            case SURVIVE ->
                point.level() == 1
                        ? "Independence from any single %s, all served without it,".formatted(point.label())
                        : "Serving %.0f %% after the loss of any single %s"
                                .formatted(point.level() * 100, point.label());
        };
        if (!point.possible()) {
            return point.status() == Solution.Status.INFEASIBLE
                    ? what + " is impossible with what is offered."
                    : what + ": no plan was found in the time given.";
        }
        String than = point.way() == Frontier.Way.CAP ? name(free) : "surviving no such loss";
        double most = point.mostMore(free);
        boolean nothing = point.more(free) < 5e-4;
        boolean known = most - point.leastMore(free) <= NARROW;
        String cost = nothing
                ? "%s costs nothing more than %s.".formatted(what, than)
                : "%s costs %.1f %% more than %s%s."
                        .formatted(
                                what,
                                point.more(free) * 100,
                                than,
                                known || most < 0
                                        ? ""
                                        : " (between %.1f and %.1f %%, by what the searches proved)"
                                                .formatted(point.leastMore(free) * 100, most * 100));
        return cost + simulated(point);
    }

    private static String simulated(Frontier.Point point) {
        return point.outcomes().isEmpty()
                ? " Not simulated, for lack of time."
                : point.kept()
                        ? ""
                        : " In simulation it did NOT hold: met by %s, after the worst loss by %s."
                                .formatted(met(point, false), met(point, true));
    }

    private List<Plot> plots(Frontier frontier, Palette palette) {
        List<Plot> plots = new ArrayList<>();
        for (List<Frontier.Point> curve : curves(frontier)) {
            Frontier.Point first = curve.getFirst();
            boolean caps = first.way() == Frontier.Way.CAP;
            List<Scatter.Dots> groups = new ArrayList<>();
            groups.add(new Scatter.Dots(
                    "best plan", palette.of("best plan"), dots(curve, first, Frontier.Point::possible), true));
            List<Scatter.Dot> missed = dots(
                    curve, null, point -> point.possible() && !point.outcomes().isEmpty() && !point.kept());
            if (!missed.isEmpty()) {
                groups.add(new Scatter.Dots("NOT kept in simulation", palette.of("missed"), missed, false));
            }
            List<Scatter.Dot> untried = dots(
                    curve, null, point -> point.possible() && point.outcomes().isEmpty());
            if (!untried.isEmpty()) {
                groups.add(new Scatter.Dots("not simulated", palette.of("not simulated"), untried, false));
            }
            plots.add(new Scatter(
                    caps ? "Cost against the largest vendor" : "Cost against what survives any " + first.label(),
                    caps
                            ? "To the left: no vendor carries more than that share of the tokens." + end(curve)
                            : "To the right: more is served after the loss.",
                    Axis.share(caps ? "most any vendor carries" : "served after the loss"),
                    Axis.fitted(ofNow ? "cost a month in dollars of now, with deals" : "cost a month", "$"),
                    groups));
        }
        return plots;
    }

    private List<Scatter.Dot> dots(
            List<Frontier.Point> curve, Frontier.@Nullable Point free, Predicate<Frontier.Point> which) {
        return curve.stream()
                .filter(which)
                .map(point -> new Scatter.Dot(free == null ? "" : dot(point, free), point.level(), point.usd() * scale))
                .toList();
    }

    /** Why the line ends before the tightest limit that was asked for. */
    private static String end(List<Frontier.Point> curve) {
        return curve.stream().allMatch(Frontier.Point::possible)
                ? ""
                : curve.stream()
                                .filter(point -> !point.possible())
                                .allMatch(point -> point.status() == Solution.Status.INFEASIBLE)
                        ? " Where the line ends, nothing that is offered allows less."
                        : " Where the line ends, no plan was found in the time given.";
    }

    /** Short, since points lie close. */
    private static String dot(Frontier.Point point, Frontier.Point free) {
        return point.equals(free) || !free.possible()
                ? ""
                : String.format(Locale.ROOT, "+%.0f %%", Math.max(0, point.more(free)) * 100);
    }

    private List<Map<String, Object>> points(List<Frontier.Point> points) {
        Map<String, Frontier.Point> free = new TreeMap<>();
        points.forEach(point -> free.putIfAbsent(point.label(), point));
        return points.stream()
                .map(point -> {
                    Frontier.Point loosest = free.getOrDefault(point.label(), point);
                    Map<String, Object> one = new LinkedHashMap<>();
                    one.put("label", point.label());
                    one.put("level", point.level());
                    one.put("status", point.status().name().toLowerCase(Locale.ROOT));
                    put(one, "usdPerMonth", point.usd() * scale);
                    put(one, "boundUsdPerMonth", point.boundUsd() * scale);
                    put(one, "more", point.more(loosest));
                    one.put("tokenShares", new TreeMap<>(point.tokenShares()));
                    if (!point.outcomes().isEmpty()) {
                        one.put("kept", point.kept());
                        one.put(
                                "runs",
                                point.outcomes().stream().map(WhatIfPages::run).toList());
                    }
                    return one;
                })
                .toList();
    }

    private static Map<String, Object> run(Trial.Outcome outcome) {
        Trial.Loss loss = outcome.trial().lost();
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("lost", loss == null ? "" : loss.label() + "=" + loss.value());
        one.put("promised", outcome.trial().promised());
        one.put("kept", outcome.kept());
        one.put("attained", worst(outcome));
        return one;
    }

    /** JSON knows no infinity: what is not known is left out. */
    private static void put(Map<String, Object> json, String name, double value) {
        if (Double.isFinite(value)) {
            json.put(name, value);
        }
    }

    // ---- what would change the plan

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
