package io.polychip.cli;

import io.polychip.fleet.CatalogueReader;
import io.polychip.planner.Search;
import io.polychip.validation.PlanCase;
import io.polychip.validation.PlanFolder;
import io.polychip.validation.TrainingCheck;
import java.io.PrintWriter;
import java.nio.file.Files;
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

/**
 * {@code polychip validate-plans}: what the planner counts on, held to a folder of data. Exit code 1 where it falls
 * short.
 */
@Command(
        name = "validate-plans",
        mixinStandardHelpOptions = true,
        description = "Hold what the planner counts on to a folder of measured data; exit 1 where it falls short.")
final class ValidatePlansCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "DATA-FOLDER",
            description = "Folder that holds training/, JSON files of planning cases, or both.")
    private Path data = Path.of("");

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (spec == null) {
            throw new IllegalStateException("Not called by picocli.");
        }
        if (!Files.isDirectory(data)) {
            throw new CommandException(data + " is not a folder. Maybe the one that holds training and planner.");
        }
        TrainingCheck.Result result = Files.isDirectory(data.resolve("training"))
                ? new TrainingCheck(CatalogueReader.shipped()).run(data)
                : null;
        List<PlanCase> cases = cases();
        List<LaterTrace> later = later();
        if (result == null && cases.isEmpty() && later.isEmpty()) {
            throw new CommandException(data + " holds neither a folder training nor planning cases: no JSON file has"
                    + " gpu_info, variants or profiles. Maybe the folder above it.");
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>(result == null ? Map.of() : summary(result));
            all.put("cases", cases);
            all.put("laterTraces", later);
            out.println(JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(all));
        } else {
            if (result != null) {
                training(out, result);
            }
            PlanCaseTable.print(out, cases);
            later(out, later);
        }
        out.flush();
        boolean passed = (result == null || result.passed())
                && cases.stream().allMatch(PlanCase::meets)
                && later.stream().allMatch(LaterTrace::held);
        return passed ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private List<PlanCase> cases() {
        Terminal progress = Terminal.progress();
        int[] done = new int[1];
        List<PlanCase> cases = PlanFolder.solve(
                data, Search.best(), each -> progress.bar(0, "%d cases, last %s".formatted(++done[0], each.id())));
        progress.clear();
        return cases;
    }

    private List<LaterTrace> later() {
        Terminal progress = Terminal.progress();
        try {
            return LaterTrace.traces(data).stream()
                    .map(trace -> LaterTrace.of(trace, CatalogueReader.shipped(), progress))
                    .toList();
        } finally {
            progress.clear();
        }
    }

    private static void later(PrintWriter out, List<LaterTrace> later) {
        if (later.isEmpty()) {
            return;
        }
        out.printf("%nPlans made on the first half of a trace, held to the second half%n%n");
        Table table = new Table("trace", "promised, $/h", "later, $/h", "off by", "promised met", "later met", "");
        for (LaterTrace each : later) {
            table.row(
                    each.trace(),
                    "%.2f".formatted(each.promisedUsd()),
                    "%.2f".formatted(each.laterUsd()),
                    "%+.1f %%".formatted(each.offBy() * 100),
                    "%.2f %%".formatted(each.promisedMet() * 100),
                    "%.2f %%".formatted(each.laterMet() * 100),
                    each.held() ? "held" : "NOT HELD");
        }
        out.print(table);
        out.printf(
                "%s: allowed are %.0f %% of cost and %.1f points less that met the objective%n",
                later.stream().allMatch(LaterTrace::held) ? "kept" : "FELL SHORT",
                LaterTrace.COST * 100,
                LaterTrace.MET * 100);
    }

    private static Map<String, Object> summary(TrainingCheck.Result result) {
        Map<String, Object> training = new LinkedHashMap<>();
        training.put("runs", result.runs().size());
        training.put("medianError", result.median(_ -> true));
        training.put("medianErrorFromVendorsAlone", result.vendorMedian(_ -> true));
        training.put("allowed", TrainingCheck.ALLOWED);
        training.put("passed", result.passed());
        training.put("skipped", result.skipped());
        return Map.of("training", training);
    }

    private static void training(PrintWriter out, TrainingCheck.Result result) {
        out.printf("Training time against MLPerf Training, predicted from what was published before%n%n");
        Table table = new Table("benchmark", "runs", "median error", "from vendors alone");
        for (String benchmark : result.benchmarks()) {
            table.row(
                    benchmark,
                    result.runs().stream()
                            .filter(run -> run.benchmark().equals(benchmark))
                            .count(),
                    percent(result.median(run -> run.benchmark().equals(benchmark))),
                    percent(result.vendorMedian(run -> run.benchmark().equals(benchmark))));
        }
        table.row(
                "all",
                result.runs().size(),
                percent(result.median(_ -> true)),
                percent(result.vendorMedian(_ -> true)));
        out.print(table);
        result.skipped()
                .forEach((chip, runs) -> out.printf("%d runs on %s are left out: no such chip is known%n", runs, chip));
        TrainingCheck.Run worst = TrainingCheck.worst(result);
        if (worst != null) {
            out.printf(
                    "worst: %s %s on %d %s, %s%n",
                    worst.round(), worst.benchmark(), worst.chips(), worst.chip(), percent(worst.error()));
        }
        out.printf(
                "%n%s: median error %s, allowed %s%n",
                result.passed() ? "kept" : "FELL SHORT",
                percent(result.median(_ -> true)),
                percent(TrainingCheck.ALLOWED));
    }

    private static String percent(double share) {
        return "%.1f %%".formatted(share * 100);
    }
}
