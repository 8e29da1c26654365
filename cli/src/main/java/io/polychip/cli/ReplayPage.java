package io.polychip.cli;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Objective;
import io.polychip.load.FleetCost;
import io.polychip.load.ReplayReport;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** A replay's report, for people and for machines. */
final class ReplayPage {
    private static final double[] PERCENTILES = {50, 90, 95, 99};

    private ReplayPage() {}

    static String text(ReplayReport report, @Nullable Fleet fleet, Objective objective) {
        StringBuilder text = new StringBuilder();
        String hungUp = report.hungUp() == 0 ? "" : ", %,d hung up".formatted(report.hungUp());
        text.append("%,d requests in %.1f s, %,d answered, %,d failed%s; %,.1f answer tokens/s%n"
                .formatted(
                        report.sent(),
                        report.seconds(),
                        report.done() - report.failed() - report.hungUp(),
                        report.failed(),
                        hungUp,
                        perSecond(report.completionTokens(), report)));
        Table latency = new Table("ms", "mean", "p50", "p90", "p95", "p99");
        latency.row(cells("TTFT", report.meanTtftMillis(), report::ttftMillis));
        latency.row(cells("ITL", report.meanItlMillis(), report::itlMillis));
        latency.row(cells("E2E", report.meanE2eMillis(), report::e2eMillis));
        text.append(latency);
        if (fleet != null) {
            text.append("objective %s: met by %.2f %% of all requests; goodput %,.1f tokens/s%n"
                    .formatted(words(objective), report.attainment() * 100, perSecond(report.goodTokens(), report)));
            FleetCost cost = FleetCost.of(fleet, report.routes(), report.seconds());
            text.append("cost $%.4f (owned $%.4f, hosted $%.4f): $%.3f per million goodput tokens%n"
                    .formatted(
                            cost.usd(),
                            cost.ownedUsd(),
                            cost.hostedUsd(),
                            cost.usdPerMillionGood(report.goodTokens())));
        }
        routes(text, report);
        if (report.failed() > 0) {
            Table outcomes = new Table("outcome", "requests");
            new TreeMap<>(report.outcomes()).forEach((name, count) -> outcomes.row(name, count));
            text.append(outcomes);
        }
        if (report.late() > 0) {
            text.append(
                    "The generator itself was more than 1 ms late for %,d requests (p99 %.1f ms): this machine is busy.%n"
                            .formatted(report.late(), report.lagMillis(99)));
        }
        return text.toString();
    }

    private static void routes(StringBuilder text, ReplayReport report) {
        Map<String, ReplayReport.Route> routes = report.routes();
        routes.remove("");
        if (routes.isEmpty()) {
            return;
        }
        Table table = new Table("pool", "requests", "tokens", "share", "ttft p50", "ttft p99", "itl p50");
        routes.forEach((pool, route) -> table.row(
                pool,
                route.requests(),
                route.completionTokens(),
                "%.1f %%".formatted(100.0 * route.completionTokens() / Math.max(1, report.completionTokens())),
                "%.0f ms".formatted(route.ttftMillis(50)),
                "%.0f ms".formatted(route.ttftMillis(99)),
                "%.1f ms".formatted(route.itlMillis(50))));
        text.append(table);
    }

    static String json(ReplayReport report, @Nullable Fleet fleet) {
        Map<String, Object> page = new LinkedHashMap<>();
        page.put("requests", report.sent());
        page.put("failed", report.failed());
        page.put("hung_up", report.hungUp());
        page.put("seconds", report.seconds());
        page.put("outcomes", new TreeMap<>(report.outcomes()));
        page.put("prompt_tokens", report.promptTokens());
        page.put("completion_tokens", report.completionTokens());
        page.put("ttft_ms", percentiles(report.meanTtftMillis(), report::ttftMillis));
        page.put("itl_ms", percentiles(report.meanItlMillis(), report::itlMillis));
        page.put("e2e_ms", percentiles(report.meanE2eMillis(), report::e2eMillis));
        page.put("generator_lag_p99_ms", report.lagMillis(99));
        page.put("generator_late_requests", report.late());
        if (fleet != null) {
            FleetCost cost = FleetCost.of(fleet, report.routes(), report.seconds());
            page.put("attainment", report.attainment());
            page.put("goodput_tokens", report.goodTokens());
            page.put("owned_usd", cost.ownedUsd());
            page.put("hosted_usd", cost.hostedUsd());
            page.put(
                    "usd_per_million_goodput_tokens",
                    report.goodTokens() == 0 ? null : cost.usdPerMillionGood(report.goodTokens()));
        }
        Map<String, Object> routes = new LinkedHashMap<>();
        report.routes().forEach((pool, route) -> {
            if (!pool.isEmpty()) {
                routes.put(
                        pool,
                        Map.of(
                                "requests",
                                route.requests(),
                                "completion_tokens",
                                route.completionTokens(),
                                "goodput_tokens",
                                route.goodTokens(),
                                "ttft_p99_ms",
                                route.ttftMillis(99)));
            }
        });
        page.put("pools", routes);
        return JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(page) + "\n";
    }

    private static double perSecond(long tokens, ReplayReport report) {
        return report.seconds() == 0 ? 0 : tokens / report.seconds();
    }

    private static Object[] cells(String name, double mean, Quantile quantile) {
        Object[] cells = new Object[PERCENTILES.length + 2];
        cells[0] = name;
        cells[1] = "%.1f".formatted(mean);
        for (int i = 0; i < PERCENTILES.length; i++) {
            cells[i + 2] = "%.1f".formatted(quantile.at(PERCENTILES[i]));
        }
        return cells;
    }

    private static Map<String, Double> percentiles(double mean, Quantile quantile) {
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("mean", mean);
        for (double percentile : PERCENTILES) {
            values.put("p%.0f".formatted(percentile), quantile.at(percentile));
        }
        return values;
    }

    private static String words(Objective objective) {
        String ttft = objective.ttftNanos() == Long.MAX_VALUE
                ? "any TTFT"
                : "TTFT %.0f ms + %.0f ms/1k"
                        .formatted(objective.ttftNanos() / 1e6, objective.ttftNanosPerKiloToken() / 1e6);
        String itl = objective.itlNanos() == Long.MAX_VALUE
                ? "any ITL"
                : "ITL %.0f ms".formatted(objective.itlNanos() / 1e6);
        return ttft + ", " + itl;
    }

    private interface Quantile {
        double at(double percentile);
    }
}
