package io.polychip.cli;

import io.polychip.fleet.Pool;
import io.polychip.fleet.Price;
import io.polychip.load.FleetCost;
import io.polychip.load.ReplayReport;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the demo shows: which chip carries what, how fast, at what cost, and who is lost. Not thread-safe. */
final class DemoScreen {
    private final DemoFleet demo;
    private final Map<String, Long> tokensBefore = new HashMap<>();
    private double secondsBefore;

    DemoScreen(DemoFleet demo) {
        this.demo = demo;
    }

    /** One row per pool; rates are since the call before. */
    String table(ReplayReport report, double seconds) {
        Table table = new Table(
                "pool",
                "chip",
                "vendor",
                "repl",
                "requests",
                "tokens/s",
                "TTFT p50",
                "p99",
                "ITL",
                "share",
                "$/M tokens",
                "health");
        Map<String, ReplayReport.Route> routes = report.routes();
        for (Pool pool : demo.fleet().pools()) {
            ReplayReport.Route route = routes.get(pool.name());
            boolean lost = demo.isLost(pool.vendor());
            table.row(
                    pool.name(),
                    pool.deployment().chip().name(),
                    pool.vendor(),
                    pool.hosted() != null
                            ? "api"
                            : String.valueOf(pool.replicas().size()),
                    route == null ? "0" : "%,d".formatted(route.requests()),
                    route == null ? "-" : "%,.0f".formatted(rate(pool.name(), route.completionTokens(), seconds)),
                    route == null ? "-" : "%.0f ms".formatted(route.ttftMillis(50)),
                    route == null ? "-" : "%.0f ms".formatted(route.ttftMillis(99)),
                    route == null ? "-" : "%.1f ms".formatted(route.itlMillis(50)),
                    route == null
                            ? "-"
                            : "%.1f %%"
                                    .formatted(
                                            100.0 * route.completionTokens() / Math.max(1, report.completionTokens())),
                    price(pool, route, seconds),
                    lost ? "LOST" : "up");
        }
        secondsBefore = seconds;
        return table.toString();
    }

    /** One line: is the promise kept, and what does a good token cost? */
    String summary(ReplayReport report, double seconds) {
        FleetCost cost = FleetCost.of(demo.fleet(), report.routes(), seconds);
        return "%,d requests, %,d failed, objective met by %.2f %%, $%.2f per million goodput tokens (idle rent included)%n"
                .formatted(
                        report.done(),
                        report.failed(),
                        report.attainment() * 100,
                        cost.usdPerMillionGood(report.goodTokens()));
    }

    private double rate(String pool, long tokens, double seconds) {
        Long before = tokensBefore.put(pool, tokens);
        double since = seconds - secondsBefore;
        return before == null || since <= 0 ? tokens / Math.max(seconds, 0.001) : (tokens - before) / since;
    }

    private static String price(Pool pool, ReplayReport.@Nullable Route route, double seconds) {
        return switch (pool.price()) {
            case Price.PerToken token ->
                "%.2f in, %.2f out".formatted(token.usdPerMillionInput(), token.usdPerMillionOutput());
            case Price.PerChipHour hourly -> {
                double usd = hourly.usd()
                        * pool.deployment().layout().chips()
                        * pool.replicas().size()
                        * seconds
                        / 3600;
                yield route == null || route.completionTokens() == 0
                        ? "idle"
                        : "%.2f".formatted(usd / route.completionTokens() * 1e6);
            }
        };
    }
}
