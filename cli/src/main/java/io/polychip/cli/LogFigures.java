package io.polychip.cli;

import io.polychip.fleet.Objective;
import io.polychip.fleet.RequestClass;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A gateway's access log as figures: every request held to its objective. Lines of other calls are passed over. */
final class LogFigures {
    /** What of the client's own making is no miss of ours. */
    private static final int TOO_MANY = 429;

    private final Map<RequestClass, Objective> objectives;
    private final Map<LiveFigures.Kind, Double> requests = new TreeMap<>();
    private final Map<String, LiveFigures.OfPool> tokens = new TreeMap<>();
    private final Map<RequestClass, long[]> met = new EnumMap<>(RequestClass.class);
    private @Nullable Instant first;
    private @Nullable Instant last;

    private LogFigures(Map<RequestClass, Objective> objectives) {
        this.objectives = objectives;
    }

    static LiveFigures of(Path log, Map<RequestClass, Objective> objectives) throws IOException {
        LogFigures figures = new LogFigures(objectives);
        try (BufferedReader reader = Files.newBufferedReader(log)) {
            int number = 0;
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                number++;
                try {
                    figures.add(JsonMapper.shared().readTree(line));
                } catch (JacksonException | DateTimeParseException | IllegalArgumentException wrong) {
                    throw new CommandException(
                            "--replan %s:%d: is no line of a gateway's access log. Maybe it is another file; the gateway writes it with serve --log FILE."
                                    .formatted(log, number));
                }
            }
        }
        return figures.figures(log);
    }

    private void add(JsonNode line) {
        String model = line.path("model").asString("");
        int status = line.path("status").asInt(0);
        if (model.isEmpty() || (status >= 400 && status < 500 && status != TOO_MANY)) {
            return;
        }
        Instant arrived = Instant.parse(line.path("arrived").asString());
        Instant ended = Instant.parse(line.path("time").asString());
        first = first == null || arrived.isBefore(first) ? arrived : first;
        last = last == null || ended.isAfter(last) ? ended : last;
        RequestClass requestClass =
                RequestClass.valueOf(line.path("class").asString("default").toUpperCase(Locale.ROOT));
        requests.merge(new LiveFigures.Kind(model, requestClass), 1.0, Double::sum);
        int prompt = line.path("prompt_tokens").asInt(0);
        String pool = line.path("pool").asString("");
        if (!pool.isEmpty()) {
            double all = prompt + line.path("completion_tokens").asDouble(0);
            tokens.merge(
                    pool,
                    new LiveFigures.OfPool(line.path("vendor").asString(""), all),
                    (one, other) ->
                            new LiveFigures.OfPool(one.vendor(), one.tokensPerSecond() + other.tokensPerSecond()));
        }
        String ending = line.path("ending").asString("");
        if (!ending.equals("cancelled")) {
            long[] count = met.computeIfAbsent(requestClass, _ -> new long[2]);
            count[0]++;
            count[1] += ending.equals("completed")
                            && held(
                                    line,
                                    requestClass,
                                    prompt - line.path("cached_tokens").asInt(0))
                    ? 1
                    : 0;
        }
    }

    private boolean held(JsonNode line, RequestClass requestClass, int uncached) {
        Objective objective = objectives.getOrDefault(requestClass, Objective.NONE);
        return line.path("ttft_ms").asDouble(0) * 1e6 <= objective.ttftNanos(Math.max(0, uncached))
                && line.path("itl_ms").asDouble(0) * 1e6 <= objective.itlNanos();
    }

    private LiveFigures figures(Path log) {
        Instant from = first;
        Instant until = last;
        double seconds = from == null || until == null
                ? 0
                : Duration.between(from, until).toNanos() / 1e9;
        if (from == null || !(seconds > 0)) {
            throw new CommandException("--replan %s: holds no time in which requests came.".formatted(log));
        }
        requests.replaceAll((kind, count) -> count / seconds);
        tokens.replaceAll((pool, of) -> new LiveFigures.OfPool(of.vendor(), of.tokensPerSecond() / seconds));
        Map<RequestClass, Double> attained = new EnumMap<>(RequestClass.class);
        met.forEach((requestClass, count) -> attained.put(requestClass, (double) count[1] / count[0]));
        return new LiveFigures(
                log.toString(), from.atZone(ZoneOffset.UTC).toLocalDate(), seconds, requests, tokens, attained, true);
    }
}
