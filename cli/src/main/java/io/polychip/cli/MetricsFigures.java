package io.polychip.cli;

import io.polychip.fleet.Objective;
import io.polychip.fleet.RequestClass;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A gateway's {@code /metrics}, read twice, as figures. */
final class MetricsFigures {
    private MetricsFigures() {}

    static LiveFigures read(String url, TimeSpan window, Map<RequestClass, Objective> objectives)
            throws InterruptedException {
        URI page = URI.create(url.matches("https?://[^/]+/?") ? url.replaceFirst("/$", "") + "/metrics" : url);
        try (HttpClient client = HttpClient.newHttpClient()) {
            long began = System.nanoTime();
            MetricsPage first = page(client, page);
            TimeUnit.NANOSECONDS.sleep(window.nanos());
            MetricsPage grown = page(client, page).since(first);
            double seconds = (System.nanoTime() - began) / 1e9;
            return of(page.toString(), LocalDate.now(ZoneOffset.UTC), seconds, grown, objectives);
        }
    }

    private static MetricsPage page(HttpClient client, URI page) throws InterruptedException {
        try {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(page).timeout(Duration.ofSeconds(10)).build(),
                    HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new CommandException(
                        "--replan %s answered %d. Maybe ask from the gateway's own machine, where its figures are open."
                                .formatted(page, answer.statusCode()));
            }
            return MetricsPage.of(answer.body());
        } catch (IOException unreachable) {
            throw new CommandException("--replan %s does not answer: %s. Maybe nothing listens there."
                    .formatted(page, String.valueOf(unreachable.getMessage())));
        }
    }

    /** @param grown what counters grew by over that time */
    static LiveFigures of(
            String from, LocalDate day, double seconds, MetricsPage grown, Map<RequestClass, Objective> objectives) {
        Map<LiveFigures.Kind, Double> requests = new TreeMap<>();
        Map<String, LiveFigures.OfPool> pools = new TreeMap<>();
        grown.series().forEach((series, count) -> {
            if (series.name().equals("polychip_requests_total") && count > 0) {
                requests.merge(
                        new LiveFigures.Kind(series.label("model"), requestClass(series)),
                        count / seconds,
                        Double::sum);
            }
            boolean counted = series.label("kind").equals("prompt")
                    || series.label("kind").equals("completion"); // what came from a cache is part of the prompt
            if (series.name().equals("polychip_tokens_total") && counted) {
                pools.merge(
                        series.label("pool"),
                        new LiveFigures.OfPool(series.label("vendor"), count / seconds),
                        (one, other) ->
                                new LiveFigures.OfPool(one.vendor(), one.tokensPerSecond() + other.tokensPerSecond()));
            }
        });
        if (requests.isEmpty()) {
            throw new CommandException(
                    "--replan %s: no request came in %.0f s. Maybe a longer --window, or it is no gateway of ours."
                            .formatted(from, seconds));
        }
        return new LiveFigures(from, day, seconds, requests, pools, attained(grown, objectives), false);
    }

    private static RequestClass requestClass(MetricsPage.Series series) {
        return RequestClass.valueOf(series.label("class").toUpperCase(Locale.ROOT));
    }

    /**
     * The lesser of first tokens and times between tokens in time, of those that were answered, over all that ended.
     */
    private static Map<RequestClass, Double> attained(MetricsPage grown, Map<RequestClass, Objective> objectives) {
        double completed = grown.sum(
                "polychip_endings_total", series -> series.label("ending").equals("completed"));
        double prompts = grown.sum(
                "polychip_tokens_total", series -> series.label("kind").equals("prompt"));
        int prompt = completed == 0 ? 0 : (int) (prompts / completed);
        Map<RequestClass, Double> attained = new EnumMap<>(RequestClass.class);
        for (RequestClass each : RequestClass.values()) {
            String name = each.name().toLowerCase(Locale.ROOT);
            double all = grown.sum(
                    "polychip_endings_total",
                    series -> series.label("class").equals(name)
                            && !series.label("ending").equals("cancelled"));
            double good = grown.sum(
                    "polychip_endings_total",
                    series -> series.label("class").equals(name)
                            && series.label("ending").equals("completed"));
            if (all > 0) {
                Objective objective = objectives.getOrDefault(each, Objective.NONE);
                double first = inTime(grown, "polychip_ttft_seconds", name, objective.ttftNanos(prompt));
                double next = inTime(grown, "polychip_itl_seconds", name, objective.itlNanos());
                attained.put(each, good / all * Math.min(first, next));
            }
        }
        return attained;
    }

    private static double inTime(MetricsPage grown, String histogram, String requestClass, long nanos) {
        if (nanos == Long.MAX_VALUE) {
            return 1;
        }
        double share =
                grown.shareUpTo(histogram, series -> series.label("class").equals(requestClass), nanos / 1e9);
        return Double.isNaN(share) ? 1 : share;
    }
}
