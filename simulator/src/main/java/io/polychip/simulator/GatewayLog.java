package io.polychip.simulator;

import io.polychip.fleet.RequestClass;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A gateway's access log as traffic: last Tuesday again. Of each line it takes {@code arrived}, {@code model},
 * {@code tenant}, {@code class}, {@code prompt_tokens} (else the gateway's own {@code prompt_estimate}),
 * {@code completion_tokens}, {@code max_tokens} and {@code conversation}.
 *
 * <p>Lines stand in the order in which requests ended; at most those of {@link #WINDOW} are kept to bring them into the
 * order of their arrival. How long the answer to a request would have been that was refused, failed or given up nobody
 * knows: it gets the mean of all answers completed before it, or its own cap where that is less. Lines of what never
 * became a call (a wrong key, malformed JSON) cost no chip anything and are left out.
 */
final class GatewayLog {
    /** No call of a gateway lasts longer, unless its operator says so. */
    private static final Duration WINDOW = Duration.ofMinutes(30);

    /** Of an answer before any was completed. */
    private static final int FIRST_GUESS_TOKENS = 250;

    /** Keeps times above zero for requests that arrived before the one that ended first. */
    private static final long BASE_NANOS = Duration.ofDays(1).toNanos();

    private static final String EXPECTED =
            "expected a line of the gateway's access log with arrived, model, class, prompt_tokens, completion_tokens";
    private static final JsonFactory JSON = new JsonFactory();
    private static final long[] NO_BLOCKS = {};

    private final Function<String, TraceException> problem;
    private final PriorityQueue<Waiting> waiting =
            new PriorityQueue<>(Comparator.comparingLong((Waiting each) -> each.request.arrivalNanos())
                    .thenComparingLong(Waiting::number));
    private @Nullable Instant start;
    private long newestNanos = Long.MIN_VALUE;
    private long added;
    private long completed;
    private long completedTokens;
    private boolean ended;

    /** @param problem makes the exception that names file and line */
    GatewayLog(Function<String, TraceException> problem) {
        this.problem = problem;
    }

    /** Whether the first line of a file is one of ours. */
    static boolean isOne(String line) {
        return line.contains("\"arrived\":\"") || (line.contains("\"ending\":\"") && line.contains("\"time\":\""));
    }

    /** Whether nothing that may follow can have arrived before what {@link #poll} would give. */
    boolean isReady() {
        Waiting first = waiting.peek();
        return ended || (first != null && first.request.arrivalNanos() + WINDOW.toNanos() <= newestNanos);
    }

    /** No more lines will come. */
    void end() {
        ended = true;
    }

    Trace.@Nullable Request poll() {
        Waiting first = waiting.poll();
        return first == null ? null : first.request;
    }

    void add(String text) {
        Line line = line(text);
        if (line.model.isEmpty() && line.arrived.isEmpty() && !line.ending.isEmpty()) {
            return;
        }
        Instant arrived = arrived(line.arrived);
        Instant first = start == null ? arrived : start;
        start = first;
        int prompt = line.promptTokens > 0 ? line.promptTokens : line.promptEstimate;
        if (prompt < 1) {
            throw problem.apply("prompt_tokens is %d; expected a whole number of at least 1".formatted(prompt));
        }
        long nanos = Trace.nanos(Duration.between(first, arrived), line.arrived, problem);
        newestNanos = Math.max(newestNanos, nanos + BASE_NANOS);
        Trace.Request request = new Trace.Request(
                nanos + BASE_NANOS,
                prompt,
                answer(line),
                NO_BLOCKS,
                line.model,
                line.tenant,
                requestClass(line.requestClass),
                line.maxTokens,
                Trace.hash(line.conversation));
        waiting.add(new Waiting(request, added++));
    }

    private int answer(Line line) {
        if (line.ending.equals("completed")) {
            if (line.completionTokens < 1) {
                throw problem.apply("completion_tokens is %d of a completed request; expected at least 1"
                        .formatted(line.completionTokens));
            }
            completed++;
            completedTokens += line.completionTokens;
            return line.completionTokens;
        }
        int mean = completed == 0 ? FIRST_GUESS_TOKENS : (int) Math.max(1, completedTokens / completed);
        int likely = Math.max(line.completionTokens, mean);
        return line.maxTokens > 0 ? Math.min(line.maxTokens, likely) : likely;
    }

    private Instant arrived(String text) {
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException wrong) {
            throw problem.apply("arrived is \"%s\"; expected a time as 2026-11-24T09:00:00.123Z. Maybe the log of an"
                            .formatted(Trace.shortened(text))
                    + " older gateway, which did not write it");
        }
    }

    private RequestClass requestClass(String text) {
        for (RequestClass each : RequestClass.values()) {
            if (text.equalsIgnoreCase(each.name())) {
                return each;
            }
        }
        throw problem.apply(
                "class is \"%s\"; expected priority, default, flex or batch".formatted(Trace.shortened(text)));
    }

    private Line line(String text) {
        Line line = new Line();
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw problem.apply("\"%s\" is no JSON object; %s".formatted(Trace.shortened(text), EXPECTED));
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "arrived" -> line.arrived = parser.getString();
                    case "model" -> line.model = parser.getString();
                    case "tenant" -> line.tenant = parser.getString();
                    case "class" -> line.requestClass = parser.getString();
                    case "ending" -> line.ending = parser.getString();
                    case "conversation" -> line.conversation = parser.getString();
                    case "prompt_tokens" -> line.promptTokens = parser.getIntValue();
                    case "prompt_estimate" -> line.promptEstimate = parser.getIntValue();
                    case "completion_tokens" -> line.completionTokens = parser.getIntValue();
                    case "max_tokens" -> line.maxTokens = parser.getIntValue();
                    default -> parser.skipChildren();
                }
            }
            if (parser.currentToken() != JsonToken.END_OBJECT) {
                throw problem.apply("the line ends inside its object; " + EXPECTED);
            }
            if (parser.nextToken() != null) {
                throw problem.apply("something follows the JSON object; expected one a line");
            }
        } catch (JacksonException wrong) {
            throw problem.apply("not readable as JSON: %s; %s".formatted(Mooncake.said(wrong), EXPECTED));
        }
        return line;
    }

    private record Waiting(Trace.Request request, long number) {}

    /** Fields of one line as they are read. */
    private static final class Line {
        private String arrived = "";
        private String model = "";
        private String tenant = "";
        private String requestClass = "";
        private String ending = "";
        private String conversation = "";
        private int promptTokens;
        private int promptEstimate;
        private int completionTokens;
        private int maxTokens;
    }
}
