package io.polychip.cli;

import io.polychip.routing.Roster;
import io.polychip.simulator.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

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
                new StringBuilder("variant,class,arrived,completed,met,refused,failed,abandoned,good_tokens,"
                        + "ttft_p50_ms,ttft_p99_ms,itl_p50_ms,itl_p99_ms,e2e_p50_ms,e2e_p99_ms\n");
        for (Variant variant : result.variants()) {
            for (Report.OfClass each : variant.report().classes()) {
                row(
                        text,
                        variant.name(),
                        Figure.name(each.requestClass()),
                        each.arrived(),
                        each.completed(),
                        each.met(),
                        each.refused(),
                        each.failed(),
                        each.abandoned(),
                        each.goodTokens(),
                        each.ttftNanos().quantile(0.5) / 1e6,
                        each.ttftNanos().quantile(0.99) / 1e6,
                        each.itlNanos().quantile(0.5) / 1e6,
                        each.itlNanos().quantile(0.99) / 1e6,
                        each.e2eNanos().quantile(0.5) / 1e6,
                        each.e2eNanos().quantile(0.99) / 1e6);
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
                Buckets running = Buckets.mean(report, pool.running());
                Buckets queued = Buckets.mean(report, pool.queued());
                Buckets tokens = Buckets.perSecond(pool.tokens(), running.widthSeconds());
                for (int i = 0; i < running.values().length; i++) {
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
                + "arrived,refused,failed,broken,retried,recovered_seconds\n");
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
