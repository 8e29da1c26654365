package io.polychip.cli;

import io.polychip.fleet.CatalogueReader;
import io.polychip.validation.Contest;
import io.polychip.validation.Contests;
import io.polychip.validation.RoutingScore;
import io.polychip.validation.Standing;
import io.polychip.validation.ValidationException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code polychip validate-routing}: our router beside every rival at its best. */
@Command(
        name = "validate-routing",
        mixinStandardHelpOptions = true,
        description = {
            "Compare Polychip's routing with every rival's over open traces, with chips that differ from their"
                    + " profiles.",
            "Rivals are tuned on some seeds; all are scored, paired, on others. Exit 1 when ours does not win by its"
                    + " target."
        },
        footer = {"", "Examples:", "  polychip validate-routing data --seeds 8 --tuning-seeds 2"})
final class ValidateRoutingCommand implements Callable<Integer> {
    /** Our cost to that of the cheapest rival that keeps as many objectives. */
    private static final double WANTED_RATIO = 0.85;

    @Parameters(index = "0", paramLabel = "DATA-FOLDER", description = "Folder with traces/azure-2023 and mooncake.")
    private @Nullable Path data;

    @Option(names = "--seeds", defaultValue = "30", description = "Seeds to score on. Default: 30.")
    private int seeds = 30;

    @Option(names = "--tuning-seeds", defaultValue = "3", description = "Other seeds to tune rivals on. Default: 3.")
    private int tuningSeeds = 3;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (spec == null || data == null) {
            throw new IllegalStateException("Not called by picocli.");
        }
        if (seeds < 2 || tuningSeeds < 1) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "%d seeds and %d tuning seeds; at least 2 and 1 are needed for an interval."
                            .formatted(seeds, tuningSeeds));
        }
        PrintWriter out = spec.commandLine().getOut();
        Terminal terminal = Terminal.progress();
        RoutingScore score = new RoutingScore(
                tuningSeeds,
                seeds,
                (contest, policy, done, all) -> terminal.bar(done / (double) all, "%s: %s".formatted(contest, policy)));
        Map<String, RoutingScore.Scored> all = new LinkedHashMap<>();
        boolean wins = true;
        for (Contest contest : contests(data)) {
            RoutingScore.Scored scored = score.score(contest);
            terminal.clear();
            all.put(contest.name(), scored);
            double ratio = RoutingScore.ratioToBestRival(scored.standings(), contest.promisedShare());
            wins &= ratio <= WANTED_RATIO;
            if (!json) {
                print(contest.name(), scored, ratio, out);
            }
        }
        if (json) {
            out.println(JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(all));
        }
        out.flush();
        return wins ? CommandLine.ExitCode.OK : 1;
    }

    private static List<Contest> contests(Path data) {
        try {
            return Contests.of(data, CatalogueReader.shipped());
        } catch (ValidationException e) {
            CommandException told = new CommandException(String.valueOf(e.getMessage()));
            told.initCause(e);
            throw told;
        }
    }

    private static void print(String contest, RoutingScore.Scored scored, double ratio, PrintWriter out) {
        out.println();
        out.println(contest);
        Table table =
                new Table("policy", "tuned to", "objective met", "$/M good tokens", "ours to it", "95 % interval");
        scored.standings().forEach(standing -> row(table, standing, "%.2f %%".formatted(standing.attainment() * 100)));
        row(table, scored.bound(), "");
        out.print(table);
        out.println(
                ratio == 0
                        ? "No rival keeps the promised share of objectives."
                        : "Against the cheapest rival that keeps the promise: %.3f (wanted: at most %.2f)."
                                .formatted(ratio, WANTED_RATIO));
    }

    private static void row(Table table, Standing standing, String met) {
        table.row(
                standing.policy(),
                standing.setting(),
                met,
                "%.4f".formatted(standing.usdPerMillionGood()),
                "%.3f".formatted(standing.ratio()),
                "%.3f to %.3f".formatted(standing.low(), standing.high()));
    }
}
