package io.polychip.simulator;

import java.util.Arrays;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A line of Mooncake's traces: {@code timestamp} in milliseconds, {@code input_length}, {@code output_length},
 * {@code hash_ids}. Others are skipped.
 */
final class Mooncake {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final double MOST_MILLIS = 9e12;
    private static final String EXPECTED =
            "expected numbers timestamp, input_length, output_length and a list hash_ids";
    private static final JsonFactory JSON = new JsonFactory();

    private final Function<String, TraceException> problem;

    /** @param problem makes the exception that names file and line */
    Mooncake(Function<String, TraceException> problem) {
        this.problem = problem;
    }

    Trace.Request request(String text) {
        double millis = -1;
        String input = "";
        String output = "";
        long[] blocks = Trace.NO_BLOCKS;
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw problem.apply("\"%s\" is no JSON object; %s".formatted(Trace.shortened(text), EXPECTED));
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "timestamp" -> millis = parser.getDoubleValue();
                    case "input_length" -> input = parser.getString();
                    case "output_length" -> output = parser.getString();
                    case "hash_ids" -> blocks = blocks(parser);
                    default -> parser.skipChildren();
                }
            }
            if (parser.nextToken() != null) {
                throw problem.apply("something follows the JSON object; expected one a line");
            }
        } catch (JacksonException wrong) {
            throw problem.apply("not readable as JSON: %s; %s".formatted(said(wrong), EXPECTED));
        }
        if (!(millis >= 0 && millis <= MOST_MILLIS)) {
            throw problem.apply("timestamp is missing, negative or above %.0e; expected milliseconds, 0 or more"
                    .formatted(MOST_MILLIS));
        }
        long whole = (long) millis;
        return new Trace.Request(
                whole * NANOS_PER_MILLI + Math.round((millis - whole) * NANOS_PER_MILLI),
                Trace.whole("input_length", input, problem),
                Trace.whole("output_length", output, problem),
                blocks);
    }

    private long[] blocks(JsonParser parser) {
        if (!parser.isExpectedStartArrayToken()) {
            throw problem.apply("hash_ids is \"%s\"; expected a list of whole numbers"
                    .formatted(Trace.shortened(parser.getString())));
        }
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

    /** Why a line is no JSON, without where the parser believes it came from: we name file and line. */
    static String said(JacksonException wrong) {
        return String.valueOf(wrong.getOriginalMessage()).replaceFirst(" \\(start marker at .*\\)$", "");
    }
}
