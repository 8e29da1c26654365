package io.polychip.validation;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.simulator.RecordedTraffic;
import io.polychip.simulator.Trace;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The contests of {@code validate-routing}: open traces over fleets of three and five vendors. */
public final class Contests {
    private static final long SPAN_NANOS = 300_000_000_000L;
    private static final double SPREAD = 0.4;

    private Contests() {}

    /**
     * All of them.
     *
     * @param data folder with {@code traces/azure-2023} and {@code traces/mooncake}
     * @throws ValidationException when a trace is missing
     */
    public static List<Contest> of(Path data, Catalogue catalogue) {
        RecordedTraffic azure = trace(data.resolve("traces/azure-2023/AzureLLMInferenceTrace_conv.csv"));
        RecordedTraffic mooncake = trace(data.resolve("traces/mooncake/conversation_trace.jsonl"));
        Fleet three = fleet("score-three-vendors.yaml", catalogue);
        Fleet five = fleet("score-five-vendors.yaml", catalogue);
        return List.of(
                new Contest(
                        "3 vendors, 70B, Azure conversation, profiles off by up to 40 %",
                        three, azure, 25, SPAN_NANOS, SPREAD, false, 1),
                new Contest(
                        "3 vendors, 70B, Azure conversation, every profile 40 % wrong",
                        three, azure, 25, SPAN_NANOS, SPREAD, true, 1),
                new Contest(
                        "5 vendors, 8B, Azure conversation, profiles off by up to 40 %, 4 gateways",
                        five, azure, 150, SPAN_NANOS, SPREAD, false, 4),
                new Contest(
                        "5 vendors, 8B, Mooncake conversation with prefixes, profiles off by up to 40 %",
                        five, mooncake, 12, SPAN_NANOS, SPREAD, false, 1));
    }

    private static RecordedTraffic trace(Path file) {
        if (!Files.exists(file)) {
            throw new ValidationException("%s is not there. Maybe name the folder above traces.".formatted(file));
        }
        try (Stream<String> lines = Files.lines(file)) {
            return RecordedTraffic.of(Trace.read(file.getFileName().toString(), lines.iterator()));
        } catch (IOException | UncheckedIOException unreadable) {
            throw new ValidationException(
                    "Cannot read %s: %s. Maybe another data folder.".formatted(file, unreadable.getMessage()));
        }
    }

    private static Fleet fleet(String resource, Catalogue catalogue) {
        try (InputStream in = Contests.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is not in the jar.");
            }
            String yaml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return new FleetReader(catalogue, Map.of()).read(resource, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
