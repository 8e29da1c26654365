package io.polychip.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A plan held to what a gateway sees. */
final class ReplanOptions {
    @Option(
            names = "--replan",
            paramLabel = "URL|LOG",
            description = "Instead of planning: hold the plan of --against to what a gateway sees, by its address (two"
                    + " readings of /metrics) or its access log, and solve again for the present demand with what"
                    + " is bound kept. DEMAND and all other options as for the plan. Exit code 3: something is to"
                    + " be done.")
    @Nullable
    String source;

    @Option(names = "--against", paramLabel = "DIR", description = "The plan, as -o wrote it.")
    @Nullable
    Path against;

    @Option(
            names = "--hour",
            paramLabel = "NAME",
            description = "The typical hour the figures are of. Needed where the demand has several.")
    @Nullable
    String hour;

    @Option(
            names = "--window",
            defaultValue = "60s",
            converter = TimeSpan.Converter.class,
            paramLabel = "TIME",
            description = "Between two readings of a gateway. Default: ${DEFAULT-VALUE}.")
    TimeSpan window = new TimeSpan(60_000_000_000L);

    @Option(
            names = "--since",
            paramLabel = "FILE",
            description = "Where a gateway's last reading is kept: its figures are of the time since the last run, and"
                    + " nothing is waited for. Without the file, as on the first run, --window counts.")
    @Nullable
    Path since;

    @Option(
            names = "--tolerance",
            paramLabel = "PERCENT",
            description = "By which demand, or a vendor's share, may be off before it is said. Default:"
                    + " ${DEFAULT-VALUE}.")
    String tolerance = "20%";

    @Option(
            names = "--under",
            paramLabel = "PERCENT",
            description = "A commitment that does less than this of what the plan put on it is under-used. Default:"
                    + " ${DEFAULT-VALUE}.")
    String under = "70%";
}
