package io.polychip.cli;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Deals;
import io.polychip.fleet.DealsReader;
import io.polychip.fleet.Study;
import io.polychip.fleet.StudyReader;
import io.polychip.planner.DealStudy;
import io.polychip.planner.DealValue;
import io.polychip.planner.PlanException;
import io.polychip.planner.Problem;
import io.polychip.planner.Rules;
import io.polychip.planner.Search;
import io.polychip.planner.Solver;
import io.polychip.planner.StudyProblem;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** {@code polychip deals}: what contracts are worth, where that turns, and what they do to independence. */
@Command(
        name = "deals",
        mixinStandardHelpOptions = true,
        description = {
            "Weigh contracts: the best plan with a deal against the best without, where each of its terms breaks even,",
            "at which demand, price or speed it turns, and what it does to independence."
        },
        footer = {
            "",
            "Examples:",
            "  polychip deals examples/trainium/deals.yaml --study examples/trainium/study.yaml",
            "  polychip deals deals.yaml --study study.yaml --in milestone --max-share nvidia=80"
        })
final class DealsCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "DEALS", description = "File of offers and deals.")
    private Path deals = Path.of("");

    @Option(names = "--study", required = true, paramLabel = "FILE", description = "Traffic, speeds and training.")
    private Path study = Path.of("");

    @Option(
            names = "--in",
            paramLabel = "SCENARIO",
            split = ",",
            description = "Scenarios that come, besides those of the base case.")
    private List<String> scenarios = new ArrayList<>();

    @Option(
            names = "--max-share",
            paramLabel = "VENDOR=PERCENT",
            split = ",",
            description = "Most of the tokens that a vendor may carry.")
    private Map<String, Double> caps = Map.of();

    @Option(names = "--solver", paramLabel = "NAME", description = "scip or ojalgo. Default: scip where it loads.")
    private @Nullable String solver;

    @Option(names = "--seconds", paramLabel = "N", description = "Most for one search. Default ${DEFAULT-VALUE}.")
    private double seconds = 20;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("Not called by picocli.");
        }
        PrintWriter out = spec.commandLine().getOut();
        try {
            Catalogue catalogue = CatalogueReader.shipped();
            Deals read = new DealsReader(catalogue, System.getenv()).read(deals);
            Study weighed = new StudyReader(catalogue, System.getenv()).read(study);
            Problem problem = StudyProblem.of(weighed, read.in(known(read)), rules(), catalogue);
            Search search = solver == null ? Search.best() : Search.named(solver);
            DealValue value = new DealValue(search, new Solver.Effort(seconds, 1e-4));
            List<DealStudy.Verdict> verdicts = new DealStudy(value, weighed, problem, catalogue).run();
            if (json) {
                out.println(JsonMapper.shared()
                        .writerWithDefaultPrettyPrinter()
                        .writeValueAsString(
                                verdicts.stream().map(DealPages::json).toList()));
            } else {
                DealPages.print(out, problem, verdicts, value.pairs(problem));
            }
            out.flush();
            return CommandLine.ExitCode.OK;
        } catch (PlanException e) {
            throw new CommandException(String.valueOf(e.getMessage()));
        }
    }

    private Set<String> known(Deals read) {
        for (String scenario : scenarios) {
            if (!read.scenarios().containsKey(scenario)) {
                throw new CommandException("No scenario is named \"%s\"; the file has %s."
                        .formatted(scenario, String.join(", ", read.scenarios().keySet())));
            }
        }
        return new LinkedHashSet<>(scenarios);
    }

    private Rules rules() {
        List<Rules.Share> shares = new ArrayList<>();
        caps.forEach((vendor, percent) ->
                shares.add(new Rules.Share("vendor", vendor, Rules.Basis.TOKENS, 0, percent / 100, false)));
        return Rules.NONE.with(shares, List.of());
    }
}
