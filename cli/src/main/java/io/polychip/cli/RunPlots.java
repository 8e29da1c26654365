package io.polychip.cli;

import io.polychip.fleet.Objective;
import io.polychip.report.Axis;
import io.polychip.report.Colour;
import io.polychip.report.Lines;
import io.polychip.report.Palette;
import io.polychip.report.Plot;
import io.polychip.simulator.Histogram;
import io.polychip.simulator.Report;
import io.polychip.simulator.Series;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/** What one run looked like over time, and its latencies. */
final class RunPlots {
    private static final String MET = "met the objective";

    private static final double[] TICKS = {
        0.001, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85,
        0.9, 0.925, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.995, 0.999, 1
    };

    private final Palette palette;
    private final Report report;
    private final List<Lines.Mark> marks;

    RunPlots(Palette palette, Report report, List<LossStory> stories) {
        this.palette = palette;
        this.report = report;
        this.marks = stories.stream()
                .map(story -> new Lines.Mark(story.name() + " lost", story.atSeconds(), true))
                .toList();
    }

    Plot tokens() {
        double least = report.pools().stream()
                .mapToDouble(pool -> pool.tokens().widthNanos() / 1e9)
                .max()
                .orElse(1);
        List<Lines.Line> lines = new ArrayList<>();
        for (Report.OfPool pool : report.pools()) {
            Buckets buckets = Buckets.perSecond(pool.tokens(), least);
            int count = count(buckets);
            lines.add(new Lines.Line(
                    pool.pool(),
                    palette.of(pool.vendor(), pool.pool()),
                    buckets.seconds(count),
                    buckets.values(count)));
        }
        return new Lines(
                "Answer tokens by pool",
                "Which chip carries what, from minute to minute.",
                Axis.time(),
                Axis.of("answer tokens", "tokens/s"),
                lines,
                true,
                marks);
    }

    Plot outcomes() {
        Report.Whole whole = report.whole();
        double[] met = perSecond(whole.met());
        double[] late = perSecond(whole.completed());
        for (int i = 0; i < late.length; i++) {
            late[i] -= met[i];
        }
        Map<String, double[]> parts = new LinkedHashMap<>();
        parts.put(MET, met);
        parts.put("answered late", late);
        parts.put("refused", perSecond(whole.refused()));
        parts.put("failed", perSecond(whole.failed()));
        double[] seconds = Buckets.perSecond(whole.arrived(), 0).seconds(met.length);
        List<Lines.Line> lines = new ArrayList<>();
        parts.forEach((name, values) -> {
            Colour colour = palette.of(name);
            if (name.equals(MET) || Arrays.stream(values).anyMatch(each -> each > 0)) {
                lines.add(new Lines.Line(name, colour, seconds, values));
            }
        });
        return new Lines(
                "What came of requests",
                "By when they arrived.",
                Axis.time(),
                Axis.of("requests", "per second"),
                lines,
                true,
                marks);
    }

    Plot load() {
        List<Lines.Line> lines = new ArrayList<>();
        for (Report.OfPool pool : report.pools()) {
            Buckets buckets = Buckets.mean(report, pool.running());
            int count = count(buckets);
            double each = pool.hosted() ? 1 : Math.max(1, pool.replicas());
            lines.add(new Lines.Line(
                    pool.pool(),
                    palette.of(pool.vendor(), pool.pool()),
                    buckets.seconds(count),
                    SimulateText.scaled(buckets.values(count), 1 / each)));
        }
        return new Lines(
                "Load of a replica",
                "Requests in one replica of each pool, on average; of a hosted one, in all.",
                Axis.time(),
                Axis.of("requests", ""),
                lines,
                false,
                marks);
    }

    Plot queue() {
        List<Lines.Line> lines = new ArrayList<>();
        Buckets gateways = Buckets.mean(report, report.whole().waiting());
        int count = count(gateways);
        lines.add(
                new Lines.Line("in gateways", Colour.INK, gateways.seconds(count), gateways.values(count)).asDashed());
        for (Report.OfPool pool : report.pools()) {
            Buckets buckets = Buckets.mean(report, pool.queued());
            if (buckets.values().length > 0) {
                lines.add(new Lines.Line(
                        pool.pool(),
                        palette.of(pool.vendor(), pool.pool()),
                        buckets.seconds(buckets.values().length),
                        buckets.values()));
            }
        }
        return new Lines(
                "Waiting",
                "Requests that wait in gateways and in engines' own queues.",
                Axis.time(),
                Axis.of("requests", ""),
                lines,
                false,
                marks);
    }

    Plot firstToken() {
        return percentiles(
                "First token",
                "Share of requests within that time, by class; a line is what is promised, for a prompt without"
                        + " tokens.",
                Report.OfClass::ttftNanos,
                objective -> objective.ttftNanos());
    }

    Plot betweenTokens() {
        return percentiles(
                "Time between tokens",
                "Share of requests within that time, by class; a line is what is promised.",
                Report.OfClass::itlNanos,
                objective -> objective.itlNanos());
    }

    Plot wholeAnswer() {
        return percentiles(
                "Whole answer",
                "Share of requests within that time, by class.",
                Report.OfClass::e2eNanos,
                objective -> Long.MAX_VALUE);
    }

    private Plot percentiles(
            String title, String caption, Function<Report.OfClass, Histogram> which, ToLongFunction<Objective> limit) {
        List<Lines.Line> lines = new ArrayList<>();
        List<Lines.Mark> limits = new ArrayList<>();
        for (Report.OfClass each : report.classes()) {
            Histogram histogram = which.apply(each);
            double[] millis = new double[TICKS.length];
            for (int i = 0; i < TICKS.length; i++) {
                millis[i] = Math.max(0.001, histogram.quantile(TICKS[i]) / 1e6);
            }
            String name = Figure.name(each.requestClass());
            if (histogram.count() > 0) {
                lines.add(new Lines.Line(name, palette.of(name), millis, TICKS));
            }
            long promised = limit.applyAsLong(each.objective());
            if (promised != Long.MAX_VALUE) {
                limits.add(new Lines.Mark(name, promised / 1e6, true));
            }
        }
        return new Lines(title, caption, Axis.log("time", "ms"), Axis.share("requests"), lines, false, limits);
    }

    /** In the parts of time in which arrivals are counted. */
    private double[] perSecond(Series counted) {
        Buckets buckets = Buckets.perSecond(counted, report.whole().arrived().widthNanos() / 1e9);
        return buckets.values(count(buckets));
    }

    /** Also those of chips that were lost end with the run. */
    private int count(Buckets buckets) {
        return Math.max(buckets.values().length, (int) Math.ceil(report.spanNanos() / 1e9 / buckets.widthSeconds()));
    }

    /** What an outage did, from a minute before it on. */
    static Plot loss(Palette palette, String name, Report.OfOutage outage) {
        double width = Report.OfOutage.BUCKET_NANOS / 1e9;
        double start = outage.outage().atNanos() / 1e9 - Report.OfOutage.BEFORE_NANOS / 1e9;
        int first = (int) Math.ceil(Math.max(0, -start) / width); // nothing is before the run
        int count = LossStory.end(outage) - first;
        double[] seconds = new double[count];
        double[] met = new double[count];
        double[] lost = new double[count];
        for (int i = 0; i < count; i++) {
            int bucket = first + i;
            seconds[i] = start + bucket * width;
            long arrived = outage.arrived().get(bucket);
            met[i] = arrived == 0 ? Double.NaN : outage.met().get(bucket) / (double) arrived;
            lost[i] = arrived == 0
                    ? Double.NaN
                    : (outage.refused().get(bucket) + outage.failed().get(bucket)) / (double) arrived;
        }
        return new Lines(
                "What the loss of " + name + " did",
                "From a minute before to ten minutes after, or to the last request, by when it arrived.",
                Axis.time(),
                Axis.share("requests"),
                List.of(
                        new Lines.Line("met the objective", palette.of("met the objective"), seconds, met),
                        new Lines.Line("refused or failed", palette.of("refused"), seconds, lost).asDashed()),
                false,
                List.of(new Lines.Mark(name + " lost", outage.outage().atNanos() / 1e9, true)));
    }
}
