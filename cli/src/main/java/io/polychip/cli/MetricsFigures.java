package io.polychip.cli;

import io.polychip.fleet.Objective;
import io.polychip.fleet.RequestClass;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A gateway's {@code /metrics}, read now and earlier, as figures. */
final class MetricsFigures {
    private MetricsFigures() {}

    /** A page and when it was read. */
    private record Reading(Instant at, String text) {
        private static final String HEAD = "# read at ";

        static @Nullable Reading kept(@Nullable Path file) throws IOException {
            if (file == null || !Files.exists(file)) {
                return null;
            }
            String text = Files.readString(file);
            int end = text.indexOf('\n');
            try {
                return new Reading(
                        Instant.parse(text.substring(HEAD.length(), end).strip()), text.substring(end + 1));
            } catch (DateTimeParseException | StringIndexOutOfBoundsException wrong) {
                throw new CommandException(
                        "--since %s: does not begin with \"%sTIME\"; expected what an earlier run kept there. Maybe another file, or remove it."
                                .formatted(file, HEAD));
            }
        }

        void keep(Path file) throws IOException {
            Files.writeString(file, HEAD + at + "\n" + text);
        }
    }

    /** @param since where the last reading is kept; null: two are taken now */
    static LiveFigures read(String url, TimeSpan window, @Nullable Path since, Map<RequestClass, Objective> objectives)
            throws IOException, InterruptedException {
        URI page = URI.create(url.matches("https?://[^/]+/?") ? url.replaceFirst("/$", "") + "/metrics" : url);
        try (HttpClient client = HttpClient.newHttpClient()) {
            Reading first = Reading.kept(since);
            if (first == null) {
                first = page(client, page);
                TimeUnit.NANOSECONDS.sleep(window.nanos());
            }
            Reading last = page(client, page);
            if (since != null) {
                last.keep(since);
            }
            double seconds = Duration.between(first.at(), last.at()).toNanos() / 1e9;
            if (!(seconds > 0)) {
                throw new CommandException("--replan %s: the earlier reading is of %s, which is not before now."
                        .formatted(page, first.at()));
            }
            return of(
                    page.toString(),
                    last.at().atZone(ZoneOffset.UTC).toLocalDate(),
                    seconds,
                    MetricsPage.of(last.text()).since(MetricsPage.of(first.text())),
                    objectives);
        }
    }

    private static Reading page(HttpClient client, URI page) throws InterruptedException {
        try {
            HttpResponse<String> answer = client.send(
                    HttpRequest.newBuilder(page).timeout(Duration.ofSeconds(10)).build(),
                    HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new CommandException(
                        "--replan %s answered %d. Maybe ask from the gateway's own machine, where its figures are open."
                                .formatted(page, answer.statusCode()));
            }
            return new Reading(Instant.now(), answer.body());
        } catch (IOException unreachable) {
            throw new CommandException("--replan %s does not answer: %s. Maybe nothing listens there."
                    .formatted(page, Reasons.of(unreachable)));
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
        if (grown.series().keySet().stream().noneMatch(series -> series.name().startsWith("polychip_"))) {
            throw new CommandException(
                    "--replan %s: tells nothing of a gateway of ours. Maybe another address.".formatted(from));
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
