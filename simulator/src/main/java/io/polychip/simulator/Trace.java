package io.polychip.simulator;

import io.polychip.fleet.RequestClass;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Requests in the order they arrived, read line by line so that memory does not grow with the trace.
 *
 * <p>Four forms, told apart by the first line: the Azure LLM inference trace of 2023
 * ({@code TIMESTAMP,ContextTokens,GeneratedTokens}), Mooncake's JSON lines ({@code timestamp} in milliseconds,
 * {@code input_length}, {@code output_length}, {@code hash_ids} of 512-token blocks), our gateway's own access log
 * ({@link GatewayLog}), and plain ({@code arrival_seconds,input_tokens,output_tokens}, after which may stand any of
 * {@code class}, {@code tenant}, {@code conversation}, {@code model}, {@code max_tokens}). The first arrival is time
 * zero. Lines come from the caller: nothing here opens a file.
 */
public final class Trace implements Iterator<Trace.Request> {
    /** Tokens per block id in Mooncake's traces. */
    public static final int BLOCK_TOKENS = 512;

    private static final String AZURE = "TIMESTAMP,ContextTokens,GeneratedTokens";
    /** Ends the times of the trace of 2024. */
    private static final String UTC = "+00:00";

    private static final String PLAIN = "arrival_seconds,input_tokens,output_tokens";
    private static final List<String> OPTIONAL = List.of("class", "tenant", "conversation", "model", "max_tokens");
    private static final String FORMS =
            "expected \"%s\" (Azure 2023), \"%s\" and maybe %s, or a JSON object (Mooncake, or a gateway's access log)"
                    .formatted(AZURE, PLAIN, String.join(",", OPTIONAL));
    static final long[] NO_BLOCKS = {};
    private static final int LENGTHS = 3;

    /** Engines count in picoseconds, which a {@code long} holds 106 days of. */
    private static final Duration LONGEST_RUN = Duration.ofDays(100);

    /** From the first line on; beyond, nanoseconds would overflow. */
    private static final Duration FARTHEST = Duration.ofDays(36_500);

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
    private List<String> columns = List.of();
    private final GatewayLog log;
    private final Mooncake mooncake;
    private @Nullable Request ahead;

    /**
     * One request.
     *
     * @param arrivalNanos since the trace's first one, after slicing and scaling
     * @param blocks ids of the prompt's successive blocks; the same id is the same content; empty when unknown
     * @param model the name it asked for; empty when unknown
     * @param tenant empty when unknown
     * @param maxTokens the client's own cap on the answer; 0: none known
     * @param conversation stable hash of who was talking about what; 0: unknown
     */
    @SuppressWarnings("ArrayRecordComponent") // read on the hot path, compared by nobody
    public record Request(
            long arrivalNanos,
            int inputTokens,
            int outputTokens,
            long[] blocks,
            String model,
            String tenant,
            RequestClass requestClass,
            int maxTokens,
            long conversation) {
        /** One of which only lengths are known. */
        public Request(long arrivalNanos, int inputTokens, int outputTokens, long[] blocks) {
            this(arrivalNanos, inputTokens, outputTokens, blocks, "", "", RequestClass.DEFAULT, 0, 0);
        }

        Request at(long nanos) {
            return new Request(
                    nanos, inputTokens, outputTokens, blocks, model, tenant, requestClass, maxTokens, conversation);
        }
    }

    private enum Form {
        AZURE,
        MOONCAKE,
        GATEWAY,
        PLAIN
    }

    private Trace(String name, Iterator<String> lines) {
        this.name = name;
        this.lines = lines;
        this.log = new GatewayLog(this::problem);
        this.mooncake = new Mooncake(this::problem);
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
                ahead = read.at(sinceBeginning(read.arrivalNanos));
            }
        }
        return true;
    }

    private long sinceBeginning(long arrivalNanos) {
        double nanos = (arrivalNanos - fromNanos) / rate;
        if (nanos > LONGEST_RUN.toNanos()) {
            throw problem("arrives %.0f days after the beginning; expected at most %d. Maybe run a part of it"
                    .formatted(nanos / Duration.ofDays(1).toNanos(), LONGEST_RUN.toDays()));
        }
        return (long) nanos;
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
        line = 1;
        if (!lines.hasNext()) {
            throw problem("the file is empty; " + FORMS);
        }
        String first = lines.next().strip();
        if (first.startsWith("\ufeff")) {
            first = first.substring(1);
        }
        if (first.startsWith("{")) {
            firstJson = first;
            return GatewayLog.isOne(first) ? Form.GATEWAY : Form.MOONCAKE;
        }
        String header = first.replaceAll("\\s*,\\s*", ",");
        if (header.equals(AZURE)) {
            return Form.AZURE;
        }
        if (header.equals(PLAIN) || header.startsWith(PLAIN + ",")) {
            columns = columns(header);
            return Form.PLAIN;
        }
        throw problem("\"%s\" is no known header; %s".formatted(shortened(first), FORMS));
    }

    private List<String> columns(String header) {
        List<String> named = Arrays.asList(header.split(",", -1));
        for (int i = LENGTHS; i < named.size(); i++) {
            String column = named.get(i);
            if (!OPTIONAL.contains(column) || named.indexOf(column) != i) {
                throw problem("\"%s\" is no further column, or there twice; expected any of %s"
                        .formatted(column, String.join(", ", OPTIONAL)));
            }
        }
        return named;
    }

    private @Nullable Request readLine() {
        if (form == Form.GATEWAY) {
            return fromLog();
        }
        String text = nextLine();
        if (text == null) {
            return null;
        }
        return switch (form) {
            case AZURE, PLAIN -> csv(text.strip());
            case MOONCAKE, GATEWAY -> ordered(mooncake.request(text));
        };
    }

    private @Nullable String nextLine() {
        String text = firstJson;
        firstJson = null;
        while (text == null || text.isBlank()) {
            if (!lines.hasNext()) {
                return null;
            }
            text = lines.next();
            line++;
        }
        return text;
    }

    /** The log is in the order of endings; what arrived first comes out once nothing earlier can follow. */
    private @Nullable Request fromLog() {
        while (!log.isReady()) {
            String text = nextLine();
            if (text == null) {
                log.end();
                break;
            }
            log.add(text);
        }
        Request next = log.poll();
        return next == null ? null : ordered(next);
    }

    private Request csv(String text) {
        String[] fields = text.split(",", -1);
        int wanted = form == Form.AZURE ? LENGTHS : columns.size();
        if (fields.length != wanted) {
            throw problem("\"%s\" has %d fields; expected %d: %s"
                    .formatted(
                            shortened(text),
                            fields.length,
                            wanted,
                            form == Form.AZURE ? AZURE : String.join(",", columns)));
        }
        long nanos = form == Form.AZURE ? azureNanos(fields[0]) : secondsNanos(fields[0]);
        int input = whole("input tokens", fields[1]);
        int output = whole("output tokens", fields[2]);
        return ordered(
                wanted == LENGTHS
                        ? new Request(nanos, input, output, NO_BLOCKS)
                        : new Request(
                                nanos,
                                input,
                                output,
                                NO_BLOCKS,
                                cell("model", fields),
                                cell("tenant", fields),
                                requestClass(cell("class", fields)),
                                maxTokens(cell("max_tokens", fields)),
                                hash(cell("conversation", fields))));
    }

    private String cell(String column, String[] fields) {
        int index = columns.indexOf(column);
        return index < 0 ? "" : fields[index].strip();
    }

    private RequestClass requestClass(String text) {
        for (RequestClass each : RequestClass.values()) {
            if (text.equalsIgnoreCase(each.name())) {
                return each;
            }
        }
        if (text.isEmpty()) {
            return RequestClass.DEFAULT;
        }
        throw problem("\"%s\" is no class; expected priority, default, flex or batch".formatted(shortened(text)));
    }

    private int maxTokens(String text) {
        return text.isEmpty() ? 0 : whole("max_tokens", text);
    }

    /** FNV-1a: the same on any machine and in any version; never 0 for a text. */
    static long hash(String text) {
        long hash = text.isEmpty() ? 0 : 0xcbf29ce484222325L;
        for (int i = 0; i < text.length(); i++) {
            hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        }
        return hash == 0 && !text.isEmpty() ? 1 : hash;
    }

    private long azureNanos(String text) {
        LocalDateTime time;
        try {
            String local = text.strip().replace(' ', 'T');
            time = LocalDateTime.parse(local.endsWith(UTC) ? local.substring(0, local.length() - UTC.length()) : local);
        } catch (DateTimeParseException wrong) {
            throw problem("\"%s\" is no time; expected 2023-11-16 18:17:03.9799600".formatted(text));
        }
        LocalDateTime start = azureStart;
        if (start == null) {
            start = time;
            azureStart = start;
        }
        return nanos(Duration.between(start, time), text, this::problem);
    }

    /** @param text the time as it is written */
    static long nanos(Duration since, String text, Function<String, TraceException> problem) {
        if (since.abs().compareTo(FARTHEST) > 0) {
            throw problem.apply("\"%s\" is more than %d years from the first time"
                    .formatted(shortened(text), FARTHEST.toDays() / 365));
        }
        return since.toNanos();
    }

    private long secondsNanos(String text) {
        try {
            double seconds = Double.parseDouble(text.strip());
            if (seconds >= 0 && seconds < 9e9) {
                return Math.round(seconds * 1e9);
            }
        } catch (NumberFormatException ignored) {
            // told below, with the same words
        }
        throw problem("\"%s\" is no arrival time; expected seconds, 0 or more and below 9e9".formatted(text));
    }

    private int whole(String what, String text) {
        return whole(what, text, this::problem);
    }

    static int whole(String what, String text, Function<String, TraceException> problem) {
        try {
            int number = Integer.parseInt(text.strip());
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException ignored) {
            // told below, with the same words
        }
        throw problem.apply("%s is \"%s\"; expected a whole number of at least 1 and at most %d"
                .formatted(what, shortened(text), Integer.MAX_VALUE));
    }

    /** Counted from the first one, and never back. */
    private Request ordered(Request request) {
        if (startNanos < 0) {
            startNanos = request.arrivalNanos;
        }
        long arrival = request.arrivalNanos - startNanos;
        if (arrival < lastNanos) {
            throw problem("arrives %.6f s before %s; expected ascending times. Maybe sort the file."
                    .formatted(
                            (lastNanos - arrival) / 1e9,
                            form == Form.GATEWAY ? "one that ended half an hour earlier" : "the line above"));
        }
        lastNanos = arrival;
        return request.at(arrival);
    }

    private TraceException problem(String what) {
        return new TraceException("%s:%d: %s.".formatted(name, line, what.replaceAll("\\.$", "")));
    }

    static String shortened(String text) {
        return text.length() <= 60 ? text : text.substring(0, 57) + "...";
    }
}
