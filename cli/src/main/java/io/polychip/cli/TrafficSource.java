package io.polychip.cli;

import io.polychip.fleet.RequestClass;
import io.polychip.routing.Mix;
import io.polychip.simulator.Arrival;
import io.polychip.simulator.Histogram;
import io.polychip.simulator.ServeGen;
import io.polychip.simulator.ServeGenClient;
import io.polychip.simulator.Traffic;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Traffic as often as it is wanted: a file read anew each time, or ServeGen's client models from a folder.
 *
 * <p>More load is more clients over the same hours: copies of the trace laid upon each other, each up to two minutes
 * later than the first and with conversations and contents of its own; what is pushed over the end comes at the
 * beginning. Less load leaves out conversations, or requests where none are known.
 *
 * @param path a trace, or a folder of {@code chunk-N-trace.csv} and {@code chunk-N-dataset.json}
 * @param scale times as many requests a second
 * @param classes share of requests (whole conversations, where known) that become each class; empty: as the trace says
 */
record TrafficSource(
        Path path, double scale, Duration from, Duration length, long seed, Map<RequestClass, Double> classes) {
    private static final String RATES = "-trace.csv";
    private static final String LENGTHS = "-dataset.json";
    private static final int CLASS_DRAW = 77;

    /**
     * What a source holds, known after it was read once.
     *
     * @param largestPrompt tokens
     */
    record Size(long requests, long spanNanos, Histogram promptTokens, Histogram outputTokens, long largestPrompt) {
        double perSecond() {
            return spanNanos == 0 ? 0 : requests / (spanNanos / 1e9);
        }
    }

    /** Reads everything once: a mistake in line 19,000 should not cost a run. */
    Size measure() {
        return use(traffic -> {
            Histogram prompt = new Histogram();
            Histogram output = new Histogram();
            long last = 0;
            for (Arrival next = traffic.next(); next != null; next = traffic.next()) {
                prompt.add(next.promptTokens());
                output.add(next.outputTokens());
                last = next.arrivalNanos();
            }
            return new Size(prompt.count(), last, prompt, output, prompt.max());
        });
    }

    /** Opens it, hands it over and closes it. @throws CommandException where it cannot be read */
    <T> T use(Function<Traffic, T> reader) {
        if (Files.isDirectory(path)) {
            return reader.apply(classed(new ServeGen(clients(), seed, scale, from, length)));
        }
        long span = scale == 1 ? 0 : span();
        try (Copies copies = new Copies(path, from, length, span, scale, seed)) {
            return reader.apply(classed(copies));
        } catch (IOException | UncheckedIOException unreadable) {
            throw new CommandException("Cannot read the traffic %s: %s.".formatted(path, Reasons.of(unreadable)));
        }
    }

    /** From the first arrival in the window to the last. */
    private long span() {
        try (Copies once = new Copies(path, from, length, 0, 1, seed)) {
            long last = 0;
            for (Arrival next = once.next(); next != null; next = once.next()) {
                last = next.arrivalNanos();
            }
            return last;
        } catch (IOException | UncheckedIOException unreadable) {
            throw new CommandException("Cannot read the traffic %s: %s.".formatted(path, Reasons.of(unreadable)));
        }
    }

    private Traffic classed(Traffic traffic) {
        if (classes.isEmpty()) {
            return traffic;
        }
        long[] number = {0};
        return traffic.changed(arrival -> {
            long key = arrival.conversation() != 0 ? arrival.conversation() : ~number[0];
            number[0]++;
            double draw = Mix.unit(Mix.scramble(key ^ seed), CLASS_DRAW);
            for (Map.Entry<RequestClass, Double> each : classes.entrySet()) {
                draw -= each.getValue();
                if (draw < 0) {
                    return arrival.from(arrival.tenant(), each.getKey());
                }
            }
            return arrival.from(arrival.tenant(), RequestClass.DEFAULT);
        });
    }

    private List<ServeGenClient> clients() {
        List<ServeGenClient> clients = new ArrayList<>();
        for (Path rates : rateFiles()) {
            String file = rates.getFileName().toString();
            String name = file.substring(0, file.length() - RATES.length());
            Path lengths = rates.resolveSibling(name + LENGTHS);
            if (Files.exists(lengths)) {
                try (Stream<String> rows = Files.lines(rates)) {
                    ServeGenClient client =
                            ServeGenClient.read(name, file, rows.iterator(), name + LENGTHS, Files.readString(lengths));
                    if (client.hasLengths()) {
                        clients.add(client);
                    }
                } catch (IOException | UncheckedIOException unreadable) {
                    throw new CommandException(
                            "Cannot read the client model %s: %s.".formatted(rates, Reasons.of(unreadable)));
                }
            }
        }
        if (clients.isEmpty()) {
            throw new CommandException("The folder %s holds no client model; expected pairs of chunk-N%s and chunk-N%s."
                    .formatted(path, RATES, LENGTHS));
        }
        return clients;
    }

    /** Client models that cannot be used, because nothing says how long their requests are. */
    long clientsWithoutLengths() {
        if (!Files.isDirectory(path)) {
            return 0;
        }
        return rateFiles().size() - (long) clients().size();
    }

    private List<Path> rateFiles() {
        try (Stream<Path> files = Files.list(path)) {
            return files.filter(file -> file.getFileName().toString().endsWith(RATES))
                    .sorted(Comparator.comparing(file -> file.getFileName().toString()))
                    .toList();
        } catch (IOException unreadable) {
            throw new CommandException("Cannot read the folder %s: %s.".formatted(path, Reasons.of(unreadable)));
        }
    }
}
