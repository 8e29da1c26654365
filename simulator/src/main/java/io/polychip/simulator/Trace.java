package io.polychip.simulator;

import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Requests in the order they arrived, read line by line so that memory does not grow with the trace.
 *
 * <p>Three forms, told apart by the first line: the Azure LLM inference trace of 2023
 * ({@code TIMESTAMP,ContextTokens,GeneratedTokens}), Mooncake's JSON lines ({@code timestamp} in milliseconds,
 * {@code input_length}, {@code output_length}, {@code hash_ids} of 512-token blocks), and plain
 * ({@code arrival_seconds,input_tokens,output_tokens}). The first arrival is time zero. Lines come from the caller:
 * nothing here opens a file.
 */
public final class Trace implements Iterator<Trace.Request> {
    /** Tokens per block id in Mooncake's traces. */
    public static final int BLOCK_TOKENS = 512;

    private static final String AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens";
    private static final String PLAIN = "arrival_seconds,input_tokens,output_tokens";
    private static final String FORMS =
            "expected \"%s\" (Azure 2023), \"%s\", or a JSON object (Mooncake)".formatted(AZURE, PLAIN);
    private static final long[] NO_BLOCKS = {};
    private static final JsonFactory JSON = new JsonFactory();

    private final String name;
    private final Iterator<String> lines;
    private final Form form;
    private double rate = 1;
    private long fromNanos;
    private long untilNanos = Long.MAX_VALUE;
    private int line;
    private @Nullable LocalDateTime azureStart;
    private long startNanos = -1;
    private long lastNanos;
    private @Nullable String firstJson;
    private @Nullable Request ahead;

    /**
     * One request.
     *
     * @param arrivalNanos since the trace's first one, after slicing and scaling
     * @param blocks ids of the prompt's successive blocks; the same id is the same content; empty when unknown
     */
    @SuppressWarnings("ArrayRecordComponent") // read on the hot path, compared by nobody
    public record Request(long arrivalNanos, int inputTokens, int outputTokens, long[] blocks) {}

    private enum Form {
        AZURE,
        MOONCAKE,
        PLAIN
    }

    private Trace(String name, Iterator<String> lines) {
        this.name = name;
        this.lines = lines;
        this.form = form();
    }

    /**
     * Begins to read.
     *
     * @param name shown in messages
     * @throws TraceException when the first line is of none of the forms; later lines throw from {@link #next}
     */
    public static Trace read(String name, Iterator<String> lines) {
        return new Trace(name, lines);
    }

    /** Only arrivals of that window of the trace, which begins at its {@code from}. */
    public Trace slice(Duration from, Duration length) {
        fromNanos = from.toNanos();
        untilNanos = fromNanos + length.toNanos();
        return this;
    }

    /** The same requests, {@code factor} times as often. */
    public Trace scaled(double factor) {
        if (!(factor > 0)) {
            throw new TraceException(
                    "A trace cannot be scaled by %s; allowed is more than 0. Maybe 0.5 for half the load."
                            .formatted(factor));
        }
        rate = factor;
        return this;
    }

    @Override
    public boolean hasNext() {
        while (ahead == null) {
            Request read = readLine();
            if (read == null || read.arrivalNanos >= untilNanos) {
                return false;
            }
            if (read.arrivalNanos >= fromNanos) {
                long arrival = (long) ((read.arrivalNanos - fromNanos) / rate);
                ahead = new Request(arrival, read.inputTokens, read.outputTokens, read.blocks);
            }
        }
        return true;
    }

    /** @throws TraceException naming file and line */
    @Override
    public Request next() {
        Request next = hasNext() ? ahead : null;
        if (next == null) {
            throw new NoSuchElementException("The trace " + name + " has no more requests.");
        }
        ahead = null;
        return next;
    }

    private Form form() {
        if (!lines.hasNext()) {
            throw problem("the file is empty; " + FORMS);
        }
        String first = lines.next().strip();
        line = 1;
        if (first.startsWith("\ufeff")) {
            first = first.substring(1);
        }
        if (first.startsWith("{")) {
            firstJson = first;
            return Form.MOONCAKE;
        }
        return switch (first) {
            case AZURE -> Form.AZURE;
            case PLAIN -> Form.PLAIN;
            default -> throw problem("\"%s\" is no known header; %s".formatted(shortened(first), FORMS));
        };
    }

    private @Nullable Request readLine() {
        String text = firstJson;
        firstJson = null;
        while (text == null || text.isBlank()) {
            if (!lines.hasNext()) {
                return null;
            }
            text = lines.next();
            line++;
        }
        return switch (form) {
            case AZURE, PLAIN -> csv(text.strip());
            case MOONCAKE -> json(text);
        };
    }

    private Request csv(String text) {
        String[] fields = text.split(",", -1);
        if (fields.length != 3) {
            throw problem("\"%s\" has %d fields; expected 3: %s"
                    .formatted(shortened(text), fields.length, form == Form.AZURE ? AZURE : PLAIN));
        }
        long nanos = form == Form.AZURE ? azureNanos(fields[0]) : secondsNanos(fields[0]);
        return request(nanos, whole("input tokens", fields[1]), whole("output tokens", fields[2]), NO_BLOCKS);
    }

    private long azureNanos(String text) {
        LocalDateTime time;
        try {
            time = LocalDateTime.parse(text.strip().replace(' ', 'T'));
        } catch (DateTimeParseException wrong) {
            throw problem("\"%s\" is no time; expected 2023-11-16 18:17:03.9799600".formatted(text));
        }
        LocalDateTime start = azureStart;
        if (start == null) {
            start = time;
            azureStart = start;
        }
        return Duration.between(start, time).toNanos();
    }

    private long secondsNanos(String text) {
        try {
            double seconds = Double.parseDouble(text.strip());
            if (seconds >= 0 && seconds < 1e9) {
                return Math.round(seconds * 1e9);
            }
        } catch (NumberFormatException ignored) {
            // told below, with the same words
        }
        throw problem("\"%s\" is no arrival time; expected seconds, 0 or more".formatted(text));
    }

    private Request json(String text) {
        long millis = -1;
        long input = 0;
        long output = 0;
        long[] blocks = NO_BLOCKS;
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw problem("\"%s\" is no JSON object".formatted(shortened(text)));
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "timestamp" -> millis = parser.getLongValue();
                    case "input_length" -> input = parser.getLongValue();
                    case "output_length" -> output = parser.getLongValue();
                    case "hash_ids" -> blocks = blocks(parser);
                    default -> parser.skipChildren();
                }
            }
        } catch (JacksonException wrong) {
            throw problem("not readable as JSON: %s; expected whole numbers timestamp, input_length, output_length"
                    .formatted(wrong.getOriginalMessage()));
        }
        if (millis < 0) {
            throw problem("timestamp is missing or negative; expected milliseconds, 0 or more");
        }
        return request(
                millis * 1_000_000,
                whole("input_length", Long.toString(input)),
                whole("output_length", Long.toString(output)),
                blocks);
    }

    private static long[] blocks(JsonParser parser) {
        long[] ids = new long[16];
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (count == ids.length) {
                ids = Arrays.copyOf(ids, count * 2);
            }
            ids[count++] = parser.getLongValue();
        }
        return Arrays.copyOf(ids, count);
    }

    private int whole(String what, String text) {
        try {
            int number = Integer.parseInt(text.strip());
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException ignored) {
            // told below, with the same words
        }
        throw problem("%s is \"%s\"; expected a whole number of at least 1".formatted(what, text));
    }

    private Request request(long nanos, int input, int output, long[] blocks) {
        if (startNanos < 0) {
            startNanos = nanos;
        }
        long arrival = nanos - startNanos;
        if (arrival < lastNanos) {
            throw problem("arrives %.6f s before the line above; expected ascending times. Maybe sort the file."
                    .formatted((lastNanos - arrival) / 1e9));
        }
        lastNanos = arrival;
        return new Request(arrival, input, output, blocks);
    }

    private TraceException problem(String what) {
        return new TraceException("%s:%d: %s.".formatted(name, line, what.replaceAll("\\.$", "")));
    }

    private static String shortened(String text) {
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }
}
