package io.polychip.cli;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.RoutingStartReader;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What {@code plan -o} leaves for the dispatcher to begin from; the same for {@code serve} and {@code simulate}. */
final class RoutingOptions {
    @Option(
            names = "--routing",
            paramLabel = "FILE",
            description = "Begin from a plan's shares and prices: routing.json, as plan -o writes it beside fleet.yaml."
                    + " The shares fade within five minutes; prices move with the load from the start.")
    @Nullable
    Path file;

    @Option(
            names = "--routing-hour",
            paramLabel = "PERIOD.HOUR",
            description = "The typical hour of it to begin from, such as 2027-01.evening. Default: the busiest of the"
                    + " first period.")
    private String hour = "";

    /** What it changes, for a report's head. */
    String words() {
        Path from = file;
        return from == null ? "" : ", begun from " + from.getFileName();
    }

    /** The fleet, begun from what was asked; the same where nothing was. */
    Fleet begin(Fleet fleet) {
        Path from = file;
        if (from == null && !hour.isEmpty()) {
            throw new CommandException(
                    "--routing-hour %s: says nothing without --routing. Maybe --routing routing.json.".formatted(hour));
        }
        return from == null ? fleet : RoutingStartReader.begin(fleet, from, hour);
    }
}
