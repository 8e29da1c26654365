package io.polychip.cli;

import io.polychip.fleet.CatalogueReader;
import io.polychip.validation.Figure;
import io.polychip.validation.Truth;
import io.polychip.validation.ValidationException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
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

/** {@code polychip validate}: the model held against what others measured; exit 1 when a figure falls short. */
@Command(
        name = "validate",
        mixinStandardHelpOptions = true,
        description = {
            "Simulate published measurements and compare, beside what other simulators predicted.",
            "Exit 1 when a figure falls short of its target."
        },
        footer = {"", "Examples:", "  polychip validate data", "  polychip validate data --json"})
final class ValidateCommand implements Callable<Integer> {
    @Parameters(
            index = "0",
            paramLabel = "DATA-FOLDER",
            description = "Folder with measured/vllm-0.15, measured/llmservingsim and chips.")
    private @Nullable Path data;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Override
    public Integer call() {
        if (spec == null || data == null) {
            throw new IllegalStateException("Not called by picocli.");
        }
        PrintWriter out = spec.commandLine().getOut();
        Truth truth = truth(data);
        if (json) {
            out.println(JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(truth));
        } else {
            print(truth, out);
        }
        out.flush();
        return truth.holds() ? CommandLine.ExitCode.OK : 1;
    }

    private static Truth truth(Path data) {
        try {
            return Truth.of(data, CatalogueReader.shipped());
        } catch (ValidationException e) {
            CommandException told = new CommandException(String.valueOf(e.getMessage()));
            told.initCause(e);
            throw told;
        }
    }

    private static void print(Truth truth, PrintWriter out) {
        truth.notes().forEach(out::println);
        Map<String, List<Figure>> checks = new LinkedHashMap<>();
        for (Figure figure : truth.figures()) {
            checks.merge(figure.check(), List.of(figure), (a, b) -> {
                List<Figure> both = new ArrayList<>(a);
                both.addAll(b);
                return both;
            });
        }
        checks.forEach((check, figures) -> {
            out.println();
            out.println(check + " (percent)");
            Table table = new Table("figure", "target", "ours", "verdict", "others");
            for (Figure figure : figures) {
                Double most = figure.most();
                StringBuilder others = new StringBuilder();
                figure.others().forEach((name, value) -> others.append("%s %.1f  ".formatted(name, value)));
                table.row(
                        figure.name(),
                        most == null ? "-" : "%.0f".formatted(most),
                        "%.1f".formatted(figure.ours()),
                        most == null ? "" : figure.fallsShort() ? "falls short" : "holds",
                        others.toString().strip());
            }
            out.print(table);
        });
    }
}
