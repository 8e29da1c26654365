package io.polychip.simulator;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * One client of {@link ServeGen}: rate and burstiness from {@code chunk-N-trace.csv} (start of a window in seconds,
 * requests a second, coefficient of variation, {@code Gamma} or {@code Weibull}, its shape, its scale), lengths from
 * {@code chunk-N-dataset.json} (by start of a window in seconds, {@code input_tokens} and {@code output_tokens}, each a
 * text of token counts and their shares). Immutable.
 */
public final class ServeGenClient {
    private static final String ROW = "expected start in seconds, requests/s, CV, Gamma or Weibull, shape, scale";
    private static final String LENGTHS =
            "expected {\"0\": {\"input_tokens\": \"{12: 0.5, 90: 0.5}\", \"output_tokens\": \"{...}\"}, ...}";
    private static final JsonFactory JSON = new JsonFactory();
    private static final double LEAST_SHAPE = 0.01;

    private final String name;
    private final List<Window> windows;
    private final List<Lengths> lengths;

    /** @param shape of the distribution of intervals, 1: Poisson arrivals */
    record Window(double endSeconds, double perSecond, boolean weibull, double shape) {}

    private record Lengths(double fromSeconds, Distribution prompt, Distribution output) {}

    private ServeGenClient(String name, List<Window> windows, List<Lengths> lengths) {
        this.name = name;
        this.windows = List.copyOf(windows);
        this.lengths = List.copyOf(lengths);
    }

    /**
     * Reads one client.
     *
     * @param ratesFile shown in messages, as is {@code lengthsFile}
     * @throws TraceException naming file and line
     */
    public static ServeGenClient read(
            String name, String ratesFile, Iterator<String> rates, String lengthsFile, String lengthsJson) {
        return new ServeGenClient(name, windows(ratesFile, rates), lengths(lengthsFile, lengthsJson));
    }

    public String name() {
        return name;
    }

    /** Mean requests a second over all its windows; 0: it never asks. */
    public double perSecond() {
        double sum = 0;
        double from = 0;
        for (Window window : windows) {
            sum += window.perSecond * (window.endSeconds - from);
            from = window.endSeconds;
        }
        return from == 0 ? 0 : sum / from;
    }

    /** Whether the length of any of its requests is known. */
    public boolean hasLengths() {
        return !lengths.isEmpty();
    }

    int windows() {
        return windows.size();
    }

    Window window(int index) {
        return windows.get(index);
    }

    int windowAt(double seconds) {
        int index = 0;
        while (index < windows.size() && windows.get(index).endSeconds <= seconds) {
            index++;
        }
        return index;
    }

    int promptTokens(double seconds, double share) {
        return at(seconds).prompt.at(share);
    }

    int outputTokens(double seconds, double share) {
        return at(seconds).output.at(share);
    }

    /** Those of the window, else of the last one before it that has any, else of the first. */
    private Lengths at(double seconds) {
        Lengths found = lengths.getFirst();
        for (Lengths each : lengths) {
            if (each.fromSeconds > seconds) {
                break;
            }
            found = each;
        }
        return found;
    }

    private static List<Window> windows(String file, Iterator<String> rows) {
        List<Window> windows = new ArrayList<>();
        List<Double> starts = new ArrayList<>();
        for (int line = 1; rows.hasNext(); line++) {
            String row = rows.next().strip();
            if (row.isEmpty()) {
                continue;
            }
            String[] fields = row.split(",", -1);
            if (fields.length != 6) {
                throw problem(file, line, "\"%s\" has %d fields; %s".formatted(row, fields.length, ROW));
            }
            double start = number(file, line, "the start", fields[0]);
            double rate = number(file, line, "the rate", fields[1]);
            if (!starts.isEmpty() && start <= starts.getLast()) {
                throw problem(
                        file,
                        line,
                        "starts at %s, not after the line above; expected ascending times".formatted(fields[0]));
            }
            starts.add(start);
            windows.add(rate == 0 ? new Window(0, 0, false, 1) : window(file, line, rate, fields));
        }
        if (windows.size() < 2) {
            throw problem(file, 1, "%d windows; %s in at least 2 lines".formatted(windows.size(), ROW));
        }
        List<Window> ended = new ArrayList<>();
        double width = starts.get(1) - starts.get(0);
        for (int i = 0; i < windows.size(); i++) {
            Window each = windows.get(i);
            double end = i + 1 < windows.size() ? starts.get(i + 1) : starts.get(i) + width;
            ended.add(new Window(end, each.perSecond, each.weibull, each.shape));
        }
        return ended;
    }

    private static Window window(String file, int line, double rate, String[] fields) {
        String kind = fields[3].strip();
        if (!kind.equals("Gamma") && !kind.equals("Weibull")) {
            throw problem(
                    file, line, "\"%s\" is no distribution of intervals; expected Gamma or Weibull".formatted(kind));
        }
        double shape = number(file, line, "the shape", fields[4]);
        if (shape < LEAST_SHAPE) {
            throw problem(file, line, "the shape is %s; expected at least %s".formatted(fields[4], LEAST_SHAPE));
        }
        return new Window(0, rate, kind.equals("Weibull"), shape);
    }

    private static double number(String file, int line, String what, String text) {
        try {
            double value = Double.parseDouble(text.strip());
            if (value >= 0 && value < 1e12) {
                return value;
            }
        } catch (NumberFormatException ignored) {
            // told below, with the same words
        }
        throw problem(file, line, "%s is \"%s\"; expected a number, 0 or more".formatted(what, text));
    }

    private static List<Lengths> lengths(String file, String json) {
        List<Lengths> lengths = new ArrayList<>();
        int line = 1;
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw problem(file, line, "no JSON object; " + LENGTHS);
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                line = parser.currentLocation().getLineNr();
                double from = number(file, line, "the start of a window", parser.currentName());
                if (parser.nextToken() != JsonToken.START_OBJECT) {
                    throw problem(file, line, "a window holds no object; " + LENGTHS);
                }
                Distribution prompt = null;
                Distribution output = null;
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    String field = parser.currentName();
                    parser.nextToken();
                    line = parser.currentLocation().getLineNr();
                    switch (field) {
                        case "input_tokens" -> prompt = distribution(file, line, field, parser.getString());
                        case "output_tokens" -> output = distribution(file, line, field, parser.getString());
                        default -> parser.skipChildren();
                    }
                }
                if (prompt != null && output != null) {
                    lengths.add(new Lengths(from, prompt, output));
                }
            }
        } catch (JacksonException wrong) {
            throw problem(file, line, "not readable as JSON: %s; %s".formatted(wrong.getOriginalMessage(), LENGTHS));
        }
        return lengths;
    }

    private static @Nullable Distribution distribution(String file, int line, String field, String text) {
        String inside = text.strip();
        if (!inside.startsWith("{") || !inside.endsWith("}")) {
            throw problem(
                    file, line, "%s is \"%s\"; expected {tokens: share, ...}".formatted(field, Trace.shortened(text)));
        }
        inside = inside.substring(1, inside.length() - 1).strip();
        if (inside.isEmpty()) {
            return null;
        }
        String[] pairs = inside.split(",", -1);
        int[] tokens = new int[pairs.length];
        double[] upTo = new double[pairs.length];
        double sum = 0;
        for (int i = 0; i < pairs.length; i++) {
            int colon = pairs[i].indexOf(':');
            double count = number(file, line, field, colon < 0 ? pairs[i] : pairs[i].substring(0, colon));
            sum += number(file, line, "a share of " + field, colon < 0 ? "" : pairs[i].substring(colon + 1));
            tokens[i] = (int) Math.max(1, count);
            upTo[i] = sum;
        }
        if (!(sum > 0)) {
            throw problem(file, line, "the shares of %s add up to %s; expected about 1".formatted(field, sum));
        }
        return new Distribution(tokens, upTo);
    }

    private static TraceException problem(String file, int line, String what) {
        return new TraceException("%s:%d: %s.".formatted(file, line, what.replaceAll("\\.$", "")));
    }

    /** Token counts with the sum of the shares up to each. */
    private static final class Distribution {
        private final int[] tokens;
        private final double[] upTo;

        Distribution(int[] tokens, double[] upTo) {
            this.tokens = tokens;
            this.upTo = upTo;
        }

        int at(double share) {
            int found = Arrays.binarySearch(upTo, share * upTo[upTo.length - 1]);
            return tokens[Math.min(tokens.length - 1, found < 0 ? -found - 1 : found + 1)];
        }
    }
}
