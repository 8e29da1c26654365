package io.polychip.cli;

import io.polychip.fleet.Objective;
import io.polychip.fleet.Pool;
import io.polychip.performance.Profile;
import io.polychip.report.Grid;
import io.polychip.report.Numbers;
import io.polychip.report.Sparkline;
import io.polychip.routing.Roster;
import io.polychip.simulator.Report;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** A simulation's report for a terminal. */
final class SimulateText {
    private static final int SPARK_CELLS = 40;
    private static final double NANOS_PER_MILLI = 1e6;

    private SimulateText() {}

    static String of(SimulateResult result) {
        StringBuilder text = new StringBuilder();
        text.append(result.title()).append('\n').append(result.conditions()).append("\n\n");
        text.append(comparison(result));
        if (!result.verdict().isEmpty()) {
            text.append('\n').append(result.verdict()).append('\n');
        }
        for (int i = 0; i < result.variants().size(); i++) {
            Variant variant = result.variants().get(i);
            text.append('\n').append(bold(variant.name())).append('\n');
            text.append(pools(variant)).append('\n');
            text.append(sparks(variant)).append('\n');
            text.append(Table.of(classes(variant)));
            if (!variant.report().refusals().isEmpty()) {
                Table refusals = new Table("refused because", "requests");
                variant.report().refusals().forEach((why, count) -> refusals.row(why, "%,d".formatted(count)));
                text.append('\n').append(refusals);
            }
            for (LossStory story : result.stories(i)) {
                text.append('\n').append(story.sentence()).append('\n');
                text.append(
                        loss(variant.report().outages().get(result.stories(i).indexOf(story))));
            }
        }
        for (String note : result.notes()) {
            text.append('\n').append(note).append('\n');
        }
        return text.toString();
    }

    private static String bold(String text) {
        return "── " + text + " " + "─".repeat(Math.max(3, 76 - text.length()));
    }

    private static Table comparison(SimulateResult result) {
        List<Variant> variants = result.variants();
        Table table = new Table(Stream.concat(Stream.of(""), variants.stream().map(Variant::name))
                .toArray(String[]::new));
        for (Figure figure : Figure.all(variants)) {
            Object[] cells = new Object[variants.size() + 1];
            cells[0] = figure.name();
            for (int i = 0; i < variants.size(); i++) {
                cells[i + 1] = figure.shown(variants.get(i));
            }
            table.row(cells);
        }
        return table;
    }

    private static Table pools(Variant variant) {
        Report report = variant.report();
        long allTokens =
                report.pools().stream().mapToLong(Report.OfPool::allTokens).sum();
        Table table = new Table(
                "pool",
                "chip",
                "repl",
                "requests",
                "tokens",
                "spend",
                "$/M good",
                "busy",
                "running",
                "Wh/M tok",
                "timing",
                "band");
        for (int i = 0; i < report.pools().size(); i++) {
            Report.OfPool pool = report.pools().get(i);
            Roster.Target target = variant.roster().targets().get(i);
            Pool described = target.pool();
            Profile profile = target.profile();
            table.row(
                    pool.pool(),
                    described.deployment().chip().id(),
                    pool.hosted() ? "api" : String.valueOf(pool.replicas()),
                    "%,d".formatted(pool.sent()),
                    Numbers.percent(Figure.ratio(pool.allTokens(), allTokens)),
                    Numbers.percent(report.usd() == 0 ? 0 : pool.usd() / report.usd()),
                    pool.goodTokens() == 0 ? "-" : Numbers.usd(pool.usd() / pool.goodTokens() * 1e6),
                    pool.hosted() ? "-" : Numbers.percent(pool.busyShare()),
                    "%.1f"
                            .formatted(pool.runningByReplica().stream()
                                    .mapToDouble(each -> each)
                                    .average()
                                    .orElse(0)),
                    pool.completionTokens() == 0 || pool.joules() == 0
                            ? "-"
                            : "%.0f".formatted(pool.joules() / 3600 / (pool.completionTokens() / 1e6)),
                    Evidence.word(profile),
                    "±%.0f %%".formatted(profile.band() * 100));
        }
        return table;
    }

    private static Table sparks(Variant variant) {
        Report report = variant.report();
        Table table = new Table("over " + Numbers.clock(report.spanNanos() / 1e9), "", "peak");
        double seconds = report.whole().arrived().widthNanos() / 1e9;
        spark(table, "requests/s", scaled(report.whole().arrived().values(), 1 / seconds));
        spark(table, "waiting in gateways", report.mean(report.whole().waiting()));
        for (Report.OfPool pool : report.pools()) {
            spark(table, pool.pool() + " running", report.mean(pool.running()));
            double[] queued = report.mean(pool.queued());
            if (Arrays.stream(queued).anyMatch(each -> each >= 1)) {
                spark(table, pool.pool() + " queued", queued);
            }
        }
        return table;
    }

    private static void spark(Table table, String name, double[] values) {
        double peak = Arrays.stream(values).max().orElse(0);
        table.row(name, Sparkline.of(values, peak, SPARK_CELLS), Numbers.plain(Math.rint(peak * 10) / 10));
    }

    static double[] scaled(double[] values, double factor) {
        return Arrays.stream(values).map(each -> each * factor).toArray();
    }

    static Grid classes(Variant variant) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = List.of(
                "class",
                "requests",
                "met",
                "promised",
                "TTFT p50",
                "p99",
                "objective",
                "ITL p50",
                "p99",
                "objective",
                "E2E p50",
                "p99",
                "refused",
                "failed");
        for (Report.OfClass each : variant.report().classes()) {
            Objective objective = each.objective();
            rows.add(List.of(
                    Figure.name(each.requestClass()),
                    "%,d".formatted(each.arrived()),
                    Numbers.percent(each.attainment()),
                    objective.equals(Objective.NONE) ? "-" : "%s %%".formatted(Numbers.plain(objective.percentile())),
                    Numbers.millis(Figure.millis(each.ttftNanos(), 0.5)),
                    Numbers.millis(Figure.millis(each.ttftNanos(), 0.99)),
                    limit(objective.ttftNanos()),
                    Numbers.millis(Figure.millis(each.itlNanos(), 0.5)),
                    Numbers.millis(Figure.millis(each.itlNanos(), 0.99)),
                    limit(objective.itlNanos()),
                    Numbers.millis(Figure.millis(each.e2eNanos(), 0.5)),
                    Numbers.millis(Figure.millis(each.e2eNanos(), 0.99)),
                    "%,d".formatted(each.refused()),
                    "%,d".formatted(each.failed())));
        }
        return new Grid(head, rows);
    }

    private static String loss(Report.OfOutage outage) {
        double[] met = new double[Report.OfOutage.BUCKETS];
        for (int i = 0; i < met.length; i++) {
            long arrived = outage.arrived().get(i);
            met[i] = arrived == 0 ? Double.NaN : outage.met().get(i) / (double) arrived;
        }
        return "met, from a minute before to ten after  %s%n".formatted(Sparkline.of(lows(met, 44), 1, 44));
    }

    /** The least value of each part: after a loss the worst moment is what matters. */
    private static double[] lows(double[] values, int parts) {
        double[] lows = new double[parts];
        for (int part = 0; part < parts; part++) {
            double low = Double.NaN;
            for (int i = part * values.length / parts; i < (part + 1) * values.length / parts; i++) {
                low = Double.isNaN(low) ? values[i] : Math.min(low, Double.isNaN(values[i]) ? low : values[i]);
            }
            lows[part] = low;
        }
        return lows;
    }

    static String millis(long nanos) {
        return Numbers.millis(nanos / NANOS_PER_MILLI);
    }

    private static String limit(long nanos) {
        return nanos == Long.MAX_VALUE ? "-" : millis(nanos);
    }
}
