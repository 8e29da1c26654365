package io.polychip.cli;

import io.polychip.fleet.Objective;
import io.polychip.report.Axis;
import io.polychip.report.Bars;
import io.polychip.report.Grid;
import io.polychip.report.Numbers;
import io.polychip.report.Page;
import io.polychip.report.Palette;
import io.polychip.report.Plot;
import io.polychip.routing.Roster;
import io.polychip.simulator.Report;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A simulation's report as one HTML page. */
final class SimulatePage {
    private final SimulateResult result;
    private final Palette palette = new Palette();
    private final List<Variant> variants;

    private SimulatePage(SimulateResult result) {
        this.result = result;
        this.variants = result.variants();
    }

    static String html(SimulateResult result) {
        return new SimulatePage(result).page().html();
    }

    private Page page() {
        Page page = new Page(result.title(), result.verdict().isEmpty() ? lead() : result.verdict());
        page.text(result.conditions());
        page.tiles(tiles());
        for (int i = 0; i < variants.size(); i++) {
            for (LossStory story : result.stories(i)) {
                page.note((variants.size() > 1 ? variants.get(i).name() + ": " : "") + story.sentence());
            }
        }
        double thin = Evidence.thinShare(variants.getFirst());
        if (thin > 0) {
            page.note(
                    "Thin evidence: the timing of chips that carry %s of the tokens was never measured closely; see the end."
                            .formatted(Numbers.percent(Math.min(1, thin))));
        }
        page.section("Which chip carries what, at what cost");
        page.plots(shares(), cost());
        page.plots(missed(), latencyBars());
        page.table("All figures side by side", figures());
        for (int i = 0; i < variants.size(); i++) {
            ofVariant(page, i);
        }
        if (!result.notes().isEmpty()) {
            page.section("What this rests on");
            result.notes().forEach(page::text);
        }
        return page;
    }

    private void ofVariant(Page page, int index) {
        Variant variant = variants.get(index);
        Report report = variant.report();
        page.section(variants.size() == 1 ? "Over time" : variant.name());
        RunPlots plots = new RunPlots(palette, report, result.stories(index));
        page.plots(plots.tokens());
        page.plots(plots.outcomes(), plots.load());
        page.plots(plots.queue(), plots.firstToken());
        page.plots(plots.betweenTokens(), plots.wholeAnswer());
        for (int i = 0; i < report.outages().size(); i++) {
            page.plots(RunPlots.loss(
                    palette, result.losses().get(index).get(i), report.outages().get(i)));
        }
        page.table("Classes", SimulateText.classes(variant));
        page.table("Pools", pools(variant));
        if (!report.refusals().isEmpty()) {
            List<List<String>> rows = new ArrayList<>();
            report.refusals().forEach((why, count) -> rows.add(List.of(why, "%,d".formatted(count))));
            page.table("Refused", new Grid(List.of("because", "requests"), rows));
        }
    }

    private String lead() {
        Report report = variants.getFirst().report();
        return "%s of requests met their objective at %s per million good tokens."
                .formatted(Numbers.percent(report.attainment()), Numbers.usd(report.usdPerMillionGood()));
    }

    private List<Page.Tile> tiles() {
        Variant first = variants.getFirst();
        Report report = first.report();
        List<Page.Tile> tiles = new ArrayList<>();
        String of = variants.size() > 1 ? first.name() + ": " : "";
        tiles.add(new Page.Tile(
                of + "cost",
                Numbers.usd(report.usdPerMillionGood()),
                "per million good tokens; " + Numbers.usd(report.usd() / Figure.hours(report)) + " an hour",
                null));
        for (Report.OfClass each : report.classes()) {
            double promised = each.objective().percentile() / 100;
            boolean any = !each.objective().equals(Objective.NONE);
            tiles.add(new Page.Tile(
                    Figure.name(each.requestClass()) + ", met",
                    Numbers.percent(each.attainment()),
                    any
                            ? "of %,d; promised %s".formatted(each.arrived(), Numbers.percent(promised))
                            : "of %,d; nothing is promised".formatted(each.arrived()),
                    any ? (Boolean) (each.attainment() >= promised) : null));
        }
        tiles.add(new Page.Tile(
                "goodput", Numbers.rounded(Figure.goodput(report)), "tokens/s within the objective", null));
        tiles.add(new Page.Tile(
                "largest vendor",
                Numbers.percent(Figure.largestVendor(report)),
                "of the tokens: " + largest(report.tokensByVendor()),
                null));
        tiles.add(new Page.Tile(
                "energy", Numbers.plain(Math.rint(Figure.wattHours(report))), "Wh per million good tokens", null));
        return tiles;
    }

    private static String largest(Map<String, Long> tokens) {
        return tokens.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse("none");
    }

    private Plot shares() {
        Set<String> vendors = new LinkedHashSet<>();
        variants.forEach(variant -> variant.report().pools().forEach(pool -> vendors.add(pool.vendor())));
        List<String> rows = new ArrayList<>();
        for (Variant variant : variants) {
            String of = variants.size() > 1 ? ", " + variant.name() : "";
            rows.add("tokens" + of);
            rows.add("spend" + of);
        }
        List<Bars.Bar> bars = new ArrayList<>();
        for (String vendor : vendors) {
            double[] values = new double[rows.size()];
            for (int i = 0; i < variants.size(); i++) {
                Report report = variants.get(i).report();
                Map<String, Long> tokens = report.tokensByVendor();
                long all = tokens.values().stream().mapToLong(each -> each).sum();
                values[2 * i] = Figure.ratio(tokens.getOrDefault(vendor, 0L), all);
                values[2 * i + 1] =
                        report.usd() == 0 ? 0 : report.usdByVendor().getOrDefault(vendor, 0.0) / report.usd();
            }
            bars.add(new Bars.Bar(vendor, palette.of(vendor), values));
        }
        return new Bars(
                "Shares by vendor",
                "Tokens carried and money spent, idle rent included.",
                rows,
                Axis.share("share"),
                bars,
                true,
                Double.NaN);
    }

    private Plot cost() {
        List<Figure> figures = List.of(Figure.cost());
        return bars(
                "Cost of a million good tokens",
                ranged("Rent of idle chips, retries and failures included; only answers within the objective count."),
                Axis.of("cost", "$"),
                figures,
                Double.NaN);
    }

    private Plot missed() {
        List<Figure> figures = Figure.all(variants).stream()
                .filter(figure -> figure.key().startsWith("attainment"))
                .map(figure -> new Figure(
                        figure.key().equals("attainment") ? "all" : figure.name(),
                        figure.key(),
                        report -> 1 - figure.of().applyAsDouble(report),
                        figure.text()))
                .toList();
        double promised = variants.getFirst().report().classes().stream()
                .filter(each -> !each.objective().equals(Objective.NONE))
                .mapToDouble(each -> each.objective().percentile() / 100)
                .max()
                .orElse(Double.NaN);
        return bars(
                "How close to the objective",
                ranged("Share of requests that missed it, refused ones included; the line is what the strictest class"
                        + " allows."),
                Axis.share("missed"),
                figures,
                1 - promised);
    }

    private Plot latencyBars() {
        List<Figure> figures = Figure.all(variants).stream()
                .filter(figure -> figure.key().startsWith("ttft_"))
                .toList();
        return bars("Time to first token", ranged("All classes together."), Axis.of("TTFT", "ms"), figures, Double.NaN);
    }

    private String ranged(String caption) {
        return variants.getFirst().pairs().isEmpty() ? caption : caption + " Whiskers: nine of ten paired runs.";
    }

    /** Figures as categories, variants as colours; or, with one figure, variants as categories. */
    private Plot bars(String title, String caption, Axis axis, List<Figure> figures, double limit) {
        List<Bars.Bar> bars = new ArrayList<>();
        for (Variant variant : variants) {
            double[] values = new double[figures.size()];
            double[] low = new double[figures.size()];
            double[] high = new double[figures.size()];
            boolean ranges = !variant.pairs().isEmpty();
            for (int i = 0; i < values.length; i++) {
                values[i] = variant.value(figures.get(i).of());
                double[] range = variant.range(figures.get(i).of());
                low[i] = ranges ? range[0] : 0;
                high[i] = ranges ? range[1] : 0;
            }
            Bars.Bar bar = new Bars.Bar(variant.name(), palette.of(variant.name()), values);
            bars.add(ranges ? bar.ranged(low, high) : bar);
        }
        List<String> names =
                figures.stream().map(figure -> figure.name().strip()).toList();
        return new Bars(title, caption, names, axis, bars, false, limit);
    }

    private Grid figures() {
        List<String> head = new ArrayList<>();
        head.add("");
        variants.forEach(variant -> head.add(variant.name()));
        List<List<String>> rows = new ArrayList<>();
        for (Figure figure : Figure.all(variants)) {
            List<String> row = new ArrayList<>();
            row.add(figure.name().strip());
            variants.forEach(variant -> row.add(figure.shown(variant)));
            rows.add(row);
        }
        return new Grid(head, rows);
    }

    private static Grid pools(Variant variant) {
        Report report = variant.report();
        long all = report.pools().stream().mapToLong(Report.OfPool::allTokens).sum();
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < report.pools().size(); i++) {
            Report.OfPool pool = report.pools().get(i);
            Roster.Target target = variant.roster().targets().get(i);
            rows.add(List.of(
                    pool.pool(),
                    target.pool().deployment().chip().id(),
                    pool.hosted() ? "api" : String.valueOf(pool.replicas()),
                    "%,d".formatted(pool.sent()),
                    Numbers.percent(Figure.ratio(pool.allTokens(), all)),
                    Numbers.usd(pool.usd()),
                    pool.goodTokens() == 0 ? "-" : Numbers.usd(pool.usd() / pool.goodTokens() * 1e6),
                    pool.hosted() ? "-" : Numbers.percent(pool.busyShare()),
                    Numbers.percent(Figure.ratio(pool.cachedTokens(), pool.promptTokens())),
                    "%,d".formatted(pool.wastedTokens()),
                    Evidence.word(target.profile()),
                    "±" + Numbers.percent(target.profile().band()),
                    target.profile().source().origin() + ", "
                            + target.profile().source().date()));
        }
        return new Grid(
                List.of(
                        "pool",
                        "chip",
                        "replicas",
                        "requests",
                        "tokens",
                        "spent",
                        "$ per M good tokens",
                        "busy",
                        "prompt from cache",
                        "tokens for nothing",
                        "timing",
                        "band",
                        "source"),
                rows);
    }
}
