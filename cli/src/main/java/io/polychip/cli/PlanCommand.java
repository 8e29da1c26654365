package io.polychip.cli;

import io.polychip.fleet.CatalogueReader;
import io.polychip.planner.Conflict;
import io.polychip.planner.PlanException;
import io.polychip.planner.Planner;
import io.polychip.planner.Search;
import io.polychip.planner.Solution;
import io.polychip.planner.Solver;
import io.polychip.planner.Stop;
import io.polychip.simulator.ScenarioException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code polychip plan}: which chips to have for a demand, on which terms, checked by simulation. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = {
            "Which chips to have, how many and on which terms, so that a demand is served within its objectives at the",
            "lowest cost, also when a vendor is lost. Every plan was simulated on its demand before it is printed.",
            "Exit code 1: no plan keeps all that was asked; what would have to give way is said. Exit code 3: --replan",
            "found something to be done."
        },
        footer = {
            "",
            "Examples:",
            "  polychip plan trace.csv --fleet fleet.yaml --lose vendor@80%%",
            "  polychip plan demand.yaml --deals offers.yaml --horizon 36mo -o plan/",
            "  polychip plan demand.yaml --deals offers.yaml --frontier --sensitivity --html plan.html",
            "  polychip plan demand.yaml --deals offers.yaml --replan http://127.0.0.1:8080 --against plan/ --hour day",
            "  polychip plan trace.csv --model meta-llama/Llama-3.1-8B-Instruct"
        })
final class PlanCommand implements Callable<Integer> {
    private static final double MOST_SECONDS = 1e6;

    /** Something is to be done where the plan and what a gateway saw part. */
    private static final int TO_BE_DONE = 3;

    @Mixin
    private PlanOptions options = new PlanOptions();

    @Mixin
    private WhatIfOptions whatIf = new WhatIfOptions();

    @Mixin
    private ReplanOptions replan = new ReplanOptions();

    @Option(names = "--solver", paramLabel = "NAME", description = "scip or ojalgo. Default: scip where it loads.")
    private @Nullable String solver;

    @Option(names = "--seconds", paramLabel = "N", description = "Most for one search. Default ${DEFAULT-VALUE}.")
    private double seconds = 60;

    @Option(
            names = "--gap",
            paramLabel = "SHARE",
            description = "How near to the best a search must come. Default ${DEFAULT-VALUE}.")
    private double gap = 0.005;

    @Option(names = "--seed", description = "Of every draw in simulation. Default: ${DEFAULT-VALUE}.")
    private long seed = 1;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @Option(names = "--html", paramLabel = "FILE", description = "Write the report as one HTML page with plots.")
    private @Nullable Path html;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "Write everything: report.txt, plan.json, report.html, the wanted fleet as fleet.yaml,"
                    + " kubernetes.yaml (and one of each for every later period), routing.json.")
    private @Nullable Path output;

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    private final Consumer<Runnable> interrupts;

    PlanCommand() {
        this(handler -> Signals.on("INT", handler));
    }

    /** @param interrupts is given what to do when the user interrupts */
    PlanCommand(Consumer<Runnable> interrupts) {
        this.interrupts = interrupts;
    }

    @Override
    public Integer call() throws IOException {
        try {
            return plan();
        } catch (TypeConversionException wrong) {
            throw new CommandLine.ParameterException(command(), String.valueOf(wrong.getMessage()), wrong);
        } catch (PlanException | ScenarioException wrong) {
            throw new CommandException(String.valueOf(wrong.getMessage()));
        }
    }

    private int plan() throws IOException {
        checked();
        PlanInputs inputs = options.read(CatalogueReader.shipped());
        Planner.Question question = inputs.question();
        if (replan.source != null) {
            return replanned(inputs, question);
        }
        Stop stop = new Stop();
        Stop abandon = new Stop();
        interrupts.accept(() -> {
            (stop.stopped() ? abandon : stop).stop();
            command().getErr().println("Stopping with the best so far. Once more to skip its simulation.");
        });
        Terminal terminal = Terminal.progress();
        PlanTrials trials = new PlanTrials(inputs.demand(), question.problem().demand(), seed, abandon, terminal);
        Search search = solver == null ? Search.best() : Search.named(solver);
        Progress progress = new Progress(command().getErr());
        Solver.Effort effort = new Solver.Effort(seconds, gap);
        Planner planner = new Planner(search, effort, trials, progress, stop);
        PrintWriter out = command().getOut();
        switch (planner.plan(question)) {
            case Planner.Answer.Found(Planner.Verified best, List<Conflict.Way> wanting) -> {
                wanting.forEach(way -> inputs.notes().add("For the head-room it takes: " + way.words()));
                PlanBook book = PlanBook.of(inputs, question, best, search, effort, stop)
                        .with(WhatIf.of(whatIf, question, best, trials, search, effort, stop, terminal));
                out.print(json ? PlanJson.of(book) : PlanText.of(book));
                out.flush();
                write(book);
                return best.kept() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
            }
            case Planner.Answer.Infeasible(List<Conflict.Way> ways, List<Conflict.Way> others) ->
                throw new CommandException(infeasible(ways, others));
            case Planner.Answer.Nothing() ->
                throw new CommandException(
                        "No plan was found in the time given. Maybe --seconds %.0f.".formatted(seconds * 5));
        }
    }

    /** What would only fail after minutes of search. */
    private void checked() throws IOException {
        if (!(seconds > 0 && seconds <= MOST_SECONDS)) {
            throw new TypeConversionException(
                    "--seconds %s: expected seconds above 0, up to %,.0f.".formatted(seconds, MOST_SECONDS));
        }
        if (!(gap >= 0 && gap < 1)) {
            throw new TypeConversionException("--gap %s: expected a share from 0 to 1, such as 0.005.".formatted(gap));
        }
        whatIf.checked();
        Path folder = output;
        if (folder != null) {
            try {
                Files.createDirectories(folder);
            } catch (FileSystemException no) {
                throw new TypeConversionException(
                        "--output %s: no folder can be there (%s); expected a folder, which is made where there is none."
                                .formatted(folder, no.getClass().getSimpleName()));
            }
        }
        Path page = html;
        Path parent = page == null ? null : page.toAbsolutePath().getParent();
        if (page != null && (Files.isDirectory(page) || parent == null || !Files.isDirectory(parent))) {
            throw new TypeConversionException("--html %s: %s; expected a file in a folder that is there."
                    .formatted(page, Files.isDirectory(page) ? "is a folder" : "lies in no folder"));
        }
    }

    private int replanned(PlanInputs inputs, Planner.Question question) throws IOException {
        Search search = solver == null ? Search.best() : Search.named(solver);
        ReplanBook book = ReplanBook.of(replan, inputs, question, search, new Solver.Effort(seconds, gap));
        PrintWriter out = command().getOut();
        out.print(json ? ReplanPages.json(book) : ReplanPages.text(book));
        out.flush();
        return book.alerts().isEmpty() ? CommandLine.ExitCode.OK : TO_BE_DONE;
    }

    private static String infeasible(List<Conflict.Way> ways, List<Conflict.Way> others) {
        if (ways.isEmpty()) {
            return "No plan satisfies all that is asked, and no set of constraints to relax was found in time.";
        }
        boolean least = ways.stream().allMatch(Conflict.Way::least);
        StringBuilder text = new StringBuilder("No plan satisfies all that is asked. "
                + (least
                        ? "The least that has to give way:"
                        : "What would have to give way, as far as was searched (less may do; maybe more --seconds):"));
        ways.forEach(way -> text.append(System.lineSeparator()).append("  ").append(way.words()));
        if (!others.isEmpty()) {
            text.append(System.lineSeparator()).append("Or instead:");
            others.forEach(
                    way -> text.append(System.lineSeparator()).append("  ").append(way.words()));
        }
        return text.toString();
    }

    private void write(PlanBook book) throws IOException {
        Path folder = output;
        if (folder != null) {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("report.txt"), PlanText.of(book));
            Files.writeString(folder.resolve("plan.json"), PlanJson.of(book));
            Files.writeString(folder.resolve("report.html"), PlanPage.html(book));
            PlanFiles.write(book, folder);
        }
        if (html != null) {
            Files.writeString(html, PlanPage.html(book));
        }
    }

    private CommandLine command() {
        if (spec == null) {
            throw new IllegalStateException("Not called by picocli.");
        }
        return spec.commandLine();
    }

    /** Says how a search goes, one line for each step, on the error stream. */
    private record Progress(PrintWriter err) implements Planner.Watch {
        @Override
        public void update(double seconds, String step, double incumbent, double bound) {
            err.printf(
                    Locale.ROOT,
                    "%5.1f s  %-9s  best %s, at least %s%s%n",
                    seconds,
                    step,
                    DealPages.usd(incumbent),
                    DealPages.usd(bound),
                    Double.isFinite(incumbent)
                            ? String.format(Locale.ROOT, ", gap %.2f %%", Solution.gap(incumbent, bound) * 100)
                            : "");
            err.flush();
        }

        @Override
        public void round(Planner.Verified round) {
            err.printf(
                    Locale.ROOT,
                    "round %d: %s, %d runs simulated, %s%n",
                    round.rounds(),
                    DealPages.usd(round.plan().usd()),
                    round.outcomes().size(),
                    round.kept() ? "all kept" : PlanText.worst(round));
            err.flush();
        }
    }
}
