package io.polychip.cli;

import io.polychip.planner.Frontier;
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

/** What independence costs: the frontier of cost against limits on shares and against what is survived. */
final class FrontierPages {
    static final String HOW = "Solved with this plan's head-room. Simulated in the busiest hour of the period with"
            + " most demand, as planned and with each vendor and each promised thing lost: \"met\" is of the class that"
            + " did worst, after a loss not promised to be survived it is only told. What hosted APIs take over after a"
            + " loss, within their quotas, costs nothing until then.";

    /** A cost range narrower than this is said as one figure. */
    private static final double NARROW = 0.005;

    private final Frontier frontier;
    private final double scale;
    private final boolean ofNow;

    /**
     * @param scale from the programme's dollars to those a month
     * @param ofNow these are dollars of now, deals included
     */
    FrontierPages(Frontier frontier, double scale, boolean ofNow) {
        this.frontier = frontier;
        this.scale = scale;
        this.ofNow = ofNow;
    }

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

    Grid grid() {
        List<List<String>> rows = new ArrayList<>();
        for (List<Frontier.Point> curve : curves()) {
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
                List.of(
                        "independence",
                        ofNow ? "$ of now a month, with deals" : "$ a month",
                        "more",
                        "simulated",
                        "met",
                        "met after the worst loss",
                        "tokens"),
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
                .min(Comparator.comparingDouble(FrontierPages::worst))
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
    private List<List<Frontier.Point>> curves() {
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

    List<String> sentences() {
        List<String> sentences = new ArrayList<>();
        for (List<Frontier.Point> curve : curves()) {
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

    List<Plot> plots(Palette palette) {
        List<Plot> plots = new ArrayList<>();
        for (List<Frontier.Point> curve : curves()) {
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

    Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("caps", points(frontier.caps()));
        json.put("losses", points(frontier.losses()));
        return json;
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
                    WhatIfPages.put(one, "usdPerMonth", point.usd() * scale);
                    WhatIfPages.put(one, "boundUsdPerMonth", point.boundUsd() * scale);
                    WhatIfPages.put(one, "more", point.more(loosest));
                    one.put("tokenShares", new TreeMap<>(point.tokenShares()));
                    if (!point.outcomes().isEmpty()) {
                        one.put("kept", point.kept());
                        one.put(
                                "runs",
                                point.outcomes().stream()
                                        .map(FrontierPages::run)
                                        .toList());
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
}
