package io.polychip.cli;

import io.polychip.fleet.Objective;
import io.polychip.routing.Roster;
import io.polychip.simulator.Histogram;
import io.polychip.simulator.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A simulation's report as CSV files, one kind of row each, with the variant in the first column. */
final class SimulateCsv {
    private final Path folder;

    private SimulateCsv(Path folder) {
        this.folder = folder;
    }

    static void write(SimulateResult result, Path folder) throws IOException {
        Files.createDirectories(folder);
        SimulateCsv csv = new SimulateCsv(folder);
        csv.file("figures.csv", figures(result));
        csv.file("classes.csv", classes(result));
        csv.file("pools.csv", pools(result));
        csv.file("pools-over-time.csv", overTime(result));
        csv.file("requests-over-time.csv", requestsOverTime(result));
        csv.file("refusals.csv", refusals(result));
        csv.file("losses.csv", losses(result));
    }

    private void file(String name, StringBuilder text) throws IOException {
        Files.writeString(folder.resolve(name), text);
    }

    private static StringBuilder figures(SimulateResult result) {
        StringBuilder text = new StringBuilder("variant,figure,value,p5,p95\n");
        for (Variant variant : result.variants()) {
            for (Figure figure : Figure.all(result.variants())) {
                double[] range = variant.range(figure.of());
                row(
                        text,
                        variant.name(),
                        figure.key(),
                        variant.value(figure.of()),
                        range.length == 0 ? "" : range[0],
                        range.length == 0 ? "" : range[1]);
            }
        }
        return text;
    }

    private static StringBuilder classes(SimulateResult result) {
        StringBuilder text =
                new StringBuilder("variant,class,promised_percent,attainment,arrived,completed,met,refused,"
                        + "failed,abandoned,prompt_tokens,output_tokens,good_tokens");
        for (String what : List.of("ttft", "itl", "e2e")) {
            text.append(",%s_mean_ms".formatted(what));
            for (double quantile : SimulateJson.QUANTILES) {
                text.append(",%s_%s_ms".formatted(what, SimulateJson.key(quantile)));
            }
        }
        text.append('\n');
        for (Variant variant : result.variants()) {
            for (Report.OfClass each : variant.report().classes()) {
                List<Object> cells = new ArrayList<>(List.of(
                        variant.name(),
                        Figure.name(each.requestClass()),
                        each.objective().equals(Objective.NONE)
                                ? ""
                                : each.objective().percentile(),
                        each.attainment(),
                        each.arrived(),
                        each.completed(),
                        each.met(),
                        each.refused(),
                        each.failed(),
                        each.abandoned(),
                        each.promptTokens(),
                        each.outputTokens(),
                        each.goodTokens()));
                for (Histogram nanos : List.of(each.ttftNanos(), each.itlNanos(), each.e2eNanos())) {
                    cells.add(Figure.meanMillis(nanos));
                    for (double quantile : SimulateJson.QUANTILES) {
                        cells.add(Figure.millis(nanos, quantile));
                    }
                }
                row(text, cells.toArray());
            }
        }
        return text;
    }

    private static StringBuilder refusals(SimulateResult result) {
        StringBuilder text = new StringBuilder("variant,reason,requests\n");
        for (Variant variant : result.variants()) {
            variant.report().refusals().forEach((reason, count) -> row(text, variant.name(), reason, count));
        }
        return text;
    }

    /** Requests by when they arrived. */
    private static StringBuilder requestsOverTime(SimulateResult result) {
        StringBuilder text =
                new StringBuilder("variant,from_seconds,arrived,completed,met,refused,failed,waiting_in_gateways\n");
        for (Variant variant : result.variants()) {
            Report report = variant.report();
            Report.Whole whole = report.whole();
            long width = Buckets.width(report, whole.arrived());
            Buckets waiting = Buckets.mean(report, whole.waiting().coarsened(width));
            List<Buckets> counts = Stream.of(
                            whole.arrived(), whole.completed(), whole.met(), whole.refused(), whole.failed())
                    .map(series -> new Buckets(
                            waiting.widthSeconds(), series.coarsened(width).values()))
                    .toList();
            for (int i = 0; i < Math.max(counts.getFirst().values().length, waiting.values().length); i++) {
                List<Object> cells = new ArrayList<>(List.of(variant.name(), i * waiting.widthSeconds()));
                for (Buckets each : counts) {
                    cells.add((long) each.at(i));
                }
                cells.add(waiting.at(i));
                row(text, cells.toArray());
            }
        }
        return text;
    }

    private static StringBuilder pools(SimulateResult result) {
        StringBuilder text = new StringBuilder(
                "variant,pool,vendor,chip,replicas,sent,completed,failed,cancelled,prompt_tokens,cached_tokens,completion_tokens,wasted_tokens,good_tokens,usd,joules,busy_share,evidence,band\n");
        for (Variant variant : result.variants()) {
            for (int i = 0; i < variant.report().pools().size(); i++) {
                Report.OfPool pool = variant.report().pools().get(i);
                Roster.Target target = variant.roster().targets().get(i);
                row(
                        text,
                        variant.name(),
                        pool.pool(),
                        pool.vendor(),
                        target.pool().deployment().chip().id(),
                        pool.replicas(),
                        pool.sent(),
                        pool.completed(),
                        pool.failed(),
                        pool.cancelled(),
                        pool.promptTokens(),
                        pool.cachedTokens(),
                        pool.completionTokens(),
                        pool.wastedTokens(),
                        pool.goodTokens(),
                        pool.usd(),
                        pool.joules(),
                        pool.busyShare(),
                        Evidence.word(target.profile()),
                        target.profile().band());
            }
        }
        return text;
    }

    private static StringBuilder overTime(SimulateResult result) {
        StringBuilder text = new StringBuilder("variant,pool,from_seconds,running,queued,answer_tokens_per_s\n");
        for (Variant variant : result.variants()) {
            Report report = variant.report();
            for (Report.OfPool pool : report.pools()) {
                long width = Buckets.width(report, pool.tokens());
                Buckets running = Buckets.mean(report, pool.running().coarsened(width));
                Buckets queued = Buckets.mean(report, pool.queued().coarsened(width));
                Buckets tokens = Buckets.perSecond(pool.tokens(), running.widthSeconds());
                for (int i = 0; i < Math.max(running.values().length, tokens.values().length); i++) {
                    row(
                            text,
                            variant.name(),
                            pool.pool(),
                            i * running.widthSeconds(),
                            running.at(i),
                            queued.at(i),
                            tokens.at(i));
                }
            }
        }
        return text;
    }

    private static StringBuilder losses(SimulateResult result) {
        StringBuilder text = new StringBuilder("variant,lost,at_seconds,met_before,met_first_minute,met_ten_minutes,"
                + "seconds_after,arrived,refused,failed,broken,retried,recovered_seconds\n");
        for (int i = 0; i < result.variants().size(); i++) {
            for (LossStory story : result.stories(i)) {
                row(
                        text,
                        result.variants().get(i).name(),
                        story.name(),
                        story.atSeconds(),
                        story.before(),
                        story.firstMinute(),
                        story.after(),
                        story.afterSeconds(),
                        story.arrived(),
                        story.refused(),
                        story.failed(),
                        story.broken(),
                        story.retried(),
                        story.recoveredSeconds() < 0 ? "" : story.recoveredSeconds());
            }
        }
        return text;
    }

    private static void row(StringBuilder text, Object... cells) {
        for (int i = 0; i < cells.length; i++) {
            text.append(i == 0 ? "" : ",").append(cell(cells[i]));
        }
        text.append('\n');
    }

    private static String cell(Object value) {
        if (value instanceof Double number) {
            return Double.isFinite(number) ? String.format(Locale.ROOT, "%.6g", number) : "";
        }
        String text = String.valueOf(value);
        return text.contains(",") || text.contains("\"") ? '"' + text.replace("\"", "\"\"") + '"' : text;
    }
}
