package io.polychip.cli;

import io.polychip.routing.Roster;
import io.polychip.simulator.Histogram;
import io.polychip.simulator.Report;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** A simulation's report for machines. The same runs give the same bytes; what is unknown is null. */
final class SimulateJson {
    static final double[] QUANTILES = {0.5, 0.9, 0.95, 0.99, 0.999};

    private SimulateJson() {}

    static String of(SimulateResult result) {
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("title", result.title());
        page.put("conditions", result.conditions());
        page.put("requests", result.size().requests());
        page.put("seconds", result.size().spanNanos() / 1e9);
        List<Object> variants = new ArrayList<>();
        for (int i = 0; i < result.variants().size(); i++) {
            variants.add(variant(result, i));
        }
        page.put("variants", variants);
        page.put("verdict", result.verdict());
        page.put("notes", result.notes());
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(page) + "\n";
    }

    private static Map<String, Object> variant(SimulateResult result, int index) {
        Variant variant = result.variants().get(index);
        Report report = variant.report();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("name", variant.name());
        json.put("policy", variant.policy().name().toLowerCase(Locale.ROOT));
        Map<String, @Nullable Object> figures = new LinkedHashMap<>();
        for (Figure figure : Figure.all(result.variants())) {
            double[] range = variant.range(figure.of());
            Map<String, @Nullable Object> value = new LinkedHashMap<>();
            value.put("value", finite(variant.value(figure.of())));
            if (range.length > 0) {
                value.put("p5", finite(range[0]));
                value.put("p95", finite(range[1]));
            }
            figures.put(figure.key(), value);
        }
        json.put("figures", figures);
        json.put("classes", report.classes().stream().map(SimulateJson::ofClass).toList());
        List<Object> pools = new ArrayList<>();
        for (int i = 0; i < report.pools().size(); i++) {
            pools.add(pool(variant, i));
        }
        json.put("pools", pools);
        json.put("tokens_by_vendor", report.tokensByVendor());
        json.put("usd_by_vendor", report.usdByVendor());
        json.put("refusals", report.refusals());
        List<Object> losses = new ArrayList<>();
        List<LossStory> stories = result.stories(index);
        for (int i = 0; i < stories.size(); i++) {
            losses.add(loss(stories.get(i), report.outages().get(i)));
        }
        json.put("losses", losses);
        Map<String, Object> time = new LinkedHashMap<>();
        time.put(
                "arrived",
                series(
                        report.whole().arrived().widthNanos(),
                        report.whole().arrived().values()));
        time.put(
                "met",
                series(report.whole().met().widthNanos(), report.whole().met().values()));
        time.put(
                "refused",
                series(
                        report.whole().refused().widthNanos(),
                        report.whole().refused().values()));
        time.put(
                "failed",
                series(
                        report.whole().failed().widthNanos(),
                        report.whole().failed().values()));
        time.put(
                "waiting_in_gateways",
                series(
                        report.whole().waiting().widthNanos(),
                        report.mean(report.whole().waiting())));
        json.put("over_time", time);
        json.put("work", report.work());
        return json;
    }

    private static Map<String, Object> ofClass(Report.OfClass each) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("class", Figure.name(each.requestClass()));
        json.put("arrived", each.arrived());
        json.put("completed", each.completed());
        json.put("met", each.met());
        json.put("attainment", each.attainment());
        json.put("promised_percent", each.objective().percentile());
        json.put("refused", each.refused());
        json.put("failed", each.failed());
        json.put("abandoned", each.abandoned());
        json.put("prompt_tokens", each.promptTokens());
        json.put("output_tokens", each.outputTokens());
        json.put("good_tokens", each.goodTokens());
        json.put("ttft_ms", quantiles(each.ttftNanos()));
        json.put("itl_ms", quantiles(each.itlNanos()));
        json.put("e2e_ms", quantiles(each.e2eNanos()));
        return json;
    }

    private static Map<String, Object> pool(Variant variant, int index) {
        Report.OfPool pool = variant.report().pools().get(index);
        Roster.Target target = variant.roster().targets().get(index);
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("pool", pool.pool());
        json.put("vendor", pool.vendor());
        json.put("chip", target.pool().deployment().chip().id());
        json.put("replicas", pool.replicas());
        json.put("sent", pool.sent());
        json.put("completed", pool.completed());
        json.put("failed", pool.failed());
        json.put("cancelled", pool.cancelled());
        json.put("prompt_tokens", pool.promptTokens());
        json.put("cached_tokens", pool.cachedTokens());
        json.put("completion_tokens", pool.completionTokens());
        json.put("wasted_tokens", pool.wastedTokens());
        json.put("good_tokens", pool.goodTokens());
        json.put("usd", pool.usd());
        json.put("joules", pool.joules());
        json.put("preemptions", pool.preemptions());
        json.put("busy_share", pool.busyShare());
        json.put("evidence", Evidence.word(target.profile()));
        json.put("band", target.profile().band());
        json.put("source", target.profile().source().origin());
        json.put("running", series(pool.running().widthNanos(), variant.report().mean(pool.running())));
        json.put("queued", series(pool.queued().widthNanos(), variant.report().mean(pool.queued())));
        json.put("tokens", series(pool.tokens().widthNanos(), pool.tokens().values()));
        return json;
    }

    private static Map<String, @Nullable Object> loss(LossStory story, Report.OfOutage outage) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("lost", story.name());
        json.put("at_seconds", story.atSeconds());
        json.put("met_before", finite(story.before()));
        json.put("met_first_minute", finite(story.firstMinute()));
        json.put("met_ten_minutes", finite(story.after()));
        json.put("seconds_after", story.afterSeconds());
        json.put("arrived", story.arrived());
        json.put("refused", story.refused());
        json.put("failed", story.failed());
        json.put("broken", story.broken());
        json.put("retried", story.retried());
        json.put("recovered_seconds", story.recoveredSeconds() < 0 ? null : story.recoveredSeconds());
        Map<String, Object> time = new LinkedHashMap<>();
        time.put("from_seconds", story.atSeconds() - Report.OfOutage.BEFORE_NANOS / 1e9);
        time.put("bucket_seconds", Report.OfOutage.BUCKET_NANOS / 1e9);
        time.put("arrived", outage.arrived());
        time.put("met", outage.met());
        time.put("refused", outage.refused());
        time.put("failed", outage.failed());
        time.put("retried", outage.retried());
        json.put("over_time", time);
        return json;
    }

    private static Map<String, Object> series(long widthNanos, double[] values) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("bucket_seconds", widthNanos / 1e9);
        json.put("values", values);
        return json;
    }

    private static Map<String, @Nullable Object> quantiles(Histogram histogram) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("mean", finite(Figure.meanMillis(histogram)));
        for (double quantile : QUANTILES) {
            json.put(key(quantile), finite(Figure.millis(histogram, quantile)));
        }
        return json;
    }

    /** {@code p99}, {@code p99.9}. */
    static String key(double quantile) {
        return "p" + Objects.toString(quantile * 100).replace(".0", "");
    }

    private static @Nullable Object finite(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
