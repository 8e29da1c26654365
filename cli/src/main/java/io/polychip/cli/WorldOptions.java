package io.polychip.cli;

import io.polychip.emulator.EmulatorException;
import io.polychip.emulator.TruthFile;
import io.polychip.fleet.Fleet;
import io.polychip.report.Numbers;
import io.polychip.routing.Policy;
import io.polychip.simulator.Clients;
import io.polychip.simulator.Observation;
import io.polychip.simulator.Outage;
import io.polychip.simulator.Scenario;
import io.polychip.simulator.Truth;
import io.polychip.simulator.Where;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * What a simulated world is like beyond fleet and traffic: gateways and what they see, chips, what comes back, clients.
 */
final class WorldOptions {
    @Option(
            names = "--gateways",
            defaultValue = "1",
            paramLabel = "N",
            description = "Gateways that share nothing but scrapes.")
    int gateways = 1;

    @Option(
            names = "--scrape",
            defaultValue = "1s",
            converter = TimeSpan.Converter.class,
            paramLabel = "TIME",
            description = "How often gateways read each replica; 0s: never. Default: 1s.")
    private TimeSpan scrape = new TimeSpan(Observation.USUAL.intervalNanos());

    @Option(
            names = "--scrape-delay",
            converter = TimeSpan.Converter.class,
            paramLabel = "TIME",
            description = "How old a reading is when a gateway has it, up to 8 ms more at random. Default: 2ms.")
    private TimeSpan scrapeDelay = new TimeSpan(Observation.USUAL.delayNanos());

    @Option(
            names = "--scrape-loss",
            converter = ShareConverter.class,
            paramLabel = "SHARE",
            description = "Share of readings that never come. Default: 0.1%%.")
    private double scrapeLoss = Observation.USUAL.loss();

    @Option(
            names = "--restart",
            converter = RestartConverter.class,
            paramLabel = "TIME[+WARM]",
            description =
                    "How what was lost for a time comes back: so long until its replicas take requests, then so long"
                            + " at half speed. Hosted pools are there at once. Default: 2m+1m.")
    private Outage.Restart restart = Outage.Restart.USUAL;

    @Option(
            names = "--truth",
            paramLabel = "FILE",
            description =
                    "How the chips really are, hidden from the router: a YAML list of where, factor, step, prefill,"
                            + " kv, driftPerMinute, batchBucket.")
    private @Nullable Path truth;

    @Option(names = "--retrying", description = "Clients ask again after a refusal, as OpenAI's libraries do.")
    private boolean retrying;

    /** The same for every fleet and policy. @param truths of {@link #truths}, read once */
    Scenario scenario(Fleet fleet, Policy policy, List<Outage> outages, List<Truth> truths) {
        return Scenario.of(fleet)
                .with(policy)
                .withGateways(gateways, 1)
                .with(new Observation(scrape.nanos(), scrapeDelay.nanos(), Observation.USUAL.jitterNanos(), scrapeLoss))
                .with(retrying ? Clients.LIBRARY : Clients.PATIENT)
                .withTruths(truths)
                .withOutages(
                        outages.stream().map(outage -> outage.with(restart)).toList());
    }

    /** What of it is not as usual, for a report's head. */
    String words() {
        StringBuilder words = new StringBuilder();
        words.append(gateways == 1 ? "" : ", %d gateways".formatted(gateways));
        if (scrape.nanos() == 0) {
            words.append(", replicas never read");
        } else {
            words.append(
                    scrape.nanos() == Observation.USUAL.intervalNanos()
                            ? ""
                            : ", replicas read every " + millis(scrape.nanos()));
            words.append(
                    scrapeDelay.nanos() == Observation.USUAL.delayNanos()
                            ? ""
                            : ", %s late".formatted(millis(scrapeDelay.nanos())));
            words.append(
                    scrapeLoss == Observation.USUAL.loss()
                            ? ""
                            : ", %s of readings lost".formatted(Numbers.percent(scrapeLoss)));
        }
        if (!restart.equals(Outage.Restart.USUAL)) {
            words.append(", restarts of %s and %s of warming up"
                    .formatted(millis(restart.startNanos()), millis(restart.warmNanos())));
        }
        Path chips = truth;
        words.append(chips == null ? "" : ", chips as in " + chips.getFileName());
        words.append(retrying ? ", clients ask again" : "");
        return words.toString();
    }

    private static String millis(long nanos) {
        return SimulateText.millis(nanos);
    }

    /** @throws CommandException where one is about nothing that any of these fleets has */
    List<Truth> truths(List<Fleet> fleets) {
        Path file = truth;
        if (file == null) {
            return List.of();
        }
        List<Truth> truths = new ArrayList<>();
        int entry = 0;
        try {
            JsonNode list = YAMLMapper.builder().build().readTree(Files.readString(file));
            if (!list.isArray()) {
                throw new CommandException(
                        "%s: expected a list of truths, such as - {where: {pool: h100}, factor: 1.2}.".formatted(file));
            }
            for (JsonNode each : list.values()) {
                entry++;
                List<Truth> read = TruthFile.read("[" + each + "]");
                if (read.stream().noneMatch(one -> isOfAny(fleets, one.where()))) {
                    throw new CommandException(
                            "%s: entry %d: where: %s is nothing of the fleet. Maybe another pool, vendor or label."
                                    .formatted(file, entry, each.path("where")));
                }
                truths.addAll(read);
            }
            return truths;
        } catch (EmulatorException wrong) {
            throw new CommandException("%s: entry %d: %s".formatted(file, entry, wrong.getMessage()));
        } catch (JacksonException noYaml) {
            throw new CommandException("%s:%d: not YAML: %s"
                    .formatted(
                            file,
                            noYaml.getLocation() == null
                                    ? 1
                                    : noYaml.getLocation().getLineNr(),
                            noYaml.getOriginalMessage()));
        } catch (IOException unreadable) {
            throw new CommandException("Cannot read %s: %s.".formatted(file, Reasons.of(unreadable)));
        }
    }

    private static boolean isOfAny(List<Fleet> fleets, Where where) {
        return fleets.stream().flatMap(fleet -> fleet.pools().stream()).anyMatch(pool -> LoseOption.isOf(pool, where));
    }

    /** {@code 5%} or {@code 0.05}. */
    static final class ShareConverter implements ITypeConverter<Double> {
        @Override
        public Double convert(String text) {
            String number = text.strip();
            boolean percent = number.endsWith("%");
            try {
                double share = Double.parseDouble(percent ? number.substring(0, number.length() - 1) : number)
                        / (percent ? 100 : 1);
                if (share >= 0 && share <= 1) {
                    return share;
                }
            } catch (NumberFormatException ignored) {
                // told below, with the same words
            }
            throw new TypeConversionException("\"%s\" is no share; expected 0%% to 100%%, or 0 to 1.".formatted(text));
        }
    }

    /** {@code 2m+1m}: until the first request, then at half speed. */
    static final class RestartConverter implements ITypeConverter<Outage.Restart> {
        @Override
        public Outage.Restart convert(String text) {
            String[] times = text.split("\\+", -1);
            if (times.length > 2) {
                throw new TypeConversionException(
                        "\"%s\" is no restart; expected TIME or TIME+WARM, such as 2m+1m.".formatted(text));
            }
            return new Outage.Restart(
                    TimeSpan.of(times[0]).nanos(),
                    times.length == 1 ? 0 : TimeSpan.of(times[1]).nanos(),
                    Outage.Restart.USUAL.warmFactor());
        }
    }
}
