package io.polychip.cli;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.RequestClass;
import io.polychip.report.Numbers;
import io.polychip.routing.Policy;
import io.polychip.simulator.Outage;
import io.polychip.simulator.ScenarioException;
import io.polychip.simulator.TraceException;
import io.polychip.simulator.Truth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** {@code polychip simulate}: what a fleet's day would have looked like. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description = {
            "Run a fleet over traffic in virtual time, with the very dispatcher that serves.",
            "Traffic is an Azure 2023 CSV, Mooncake's JSON lines, a gateway's own access log, a plain CSV"
                + " (arrival_seconds,input_tokens,output_tokens[,class][,tenant][,conversation][,model][,max_tokens]),"
                + " or a folder of ServeGen's client models."
        })
final class SimulateCommand implements Callable<Integer> {
    private static final long FOREVER_DAYS = 36_500;

    @Parameters(paramLabel = "FLEET", description = "Fleet file.")
    private Path fleetFile = Path.of("");

    @Option(
            names = "--traffic",
            required = true,
            paramLabel = "TRACE",
            description = "File or folder of requests. Those that name no model ask for the fleet's first.")
    private Path traffic = Path.of("");

    @Option(names = "--compare", paramLabel = "FLEET2", description = "Another fleet beside it. May be repeated.")
    private List<Path> others = new ArrayList<>();

    @Option(
            names = "--policy",
            split = ",",
            paramLabel = "POLICY",
            converter = PolicyNames.class,
            completionCandidates = PolicyNames.class,
            description = "Routing policies beside each other: ${COMPLETION-CANDIDATES}. Default: polychip.")
    private List<Policy> policies = new ArrayList<>();

    @Option(
            names = "--lose",
            paramLabel = "WHAT@TIME[+FOR]",
            description = "A vendor, pool, POOL/NUMBER or LABEL=VALUE that is lost then, for good or for so long (and"
                    + " --restart): nvidia@10m, provider=aws@1h+20m. May be repeated.")
    private List<String> lose = new ArrayList<>();

    @Option(
            names = "--scale",
            defaultValue = "1",
            description = "Times as many clients in the same time: 2x, 0.5. Default: 1.")
    private String scale = "1";

    @Option(
            names = "--from",
            defaultValue = "0s",
            converter = TimeSpan.Converter.class,
            description = "Where in the traffic to begin: 90s, 1h30m.")
    private TimeSpan from = new TimeSpan(0);

    @Option(
            names = "--for",
            converter = TimeSpan.Converter.class,
            paramLabel = "TIME",
            description = "How much of it to run. Default: all of a trace, an hour of client models.")
    private @Nullable TimeSpan length;

    @Option(
            names = "--classes",
            split = ",",
            paramLabel = "CLASS=SHARE",
            description = "Deal classes out to requests: priority=10%%,flex=20%%; the others are default.")
    private List<String> classes = new ArrayList<>();

    @Option(names = "--seed", defaultValue = "1", description = "Of every draw. Default: 1.")
    private long seed = 1;

    @Option(
            names = "--pairs",
            defaultValue = "0",
            paramLabel = "N",
            description = "N more runs of each variant, paired: other seeds, and chips that differ from their profiles"
                    + " as far as these are uncertain (or as --truth says). Gives ranges. Default: none.")
    private int pairs;

    @Option(
            names = "--cells",
            defaultValue = "1",
            paramLabel = "N",
            description = "Cut replicas and conversations into N cells.")
    private int cells = 1;

    @Mixin
    private WorldOptions world = new WorldOptions();

    @Mixin
    private RoutingOptions routing = new RoutingOptions();

    @Option(names = "--json", description = "Print the report as JSON.")
    private boolean json;

    @Option(names = "--csv", paramLabel = "DIR", description = "Write the report as CSV files.")
    private @Nullable Path csv;

    @Option(names = "--html", paramLabel = "FILE", description = "Write the report as one HTML page with plots.")
    private @Nullable Path html;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "Write everything: report.txt, report.json, report.html and the CSV files.")
    private @Nullable Path output;

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        try {
            SimulateResult result = simulate();
            command().getOut().print(json ? SimulateJson.of(result) : SimulateText.of(result));
            command().getOut().flush();
            write(result);
            return 0;
        } catch (TypeConversionException wrong) {
            throw new CommandLine.ParameterException(command(), String.valueOf(wrong.getMessage()), wrong);
        } catch (ScenarioException wrong) {
            throw new CommandException(String.valueOf(wrong.getMessage()));
        } catch (IOException unwritten) {
            throw new CommandException("Cannot write the report: %s.".formatted(Reasons.of(unwritten)));
        } catch (ExecutionException failed) {
            throw told(failed.getCause() == null ? failed : failed.getCause());
        }
    }

    private static RuntimeException told(Throwable cause) {
        return switch (cause) {
            case ScenarioException wrong -> new CommandException(String.valueOf(wrong.getMessage()));
            case TraceException wrong -> wrong;
            case CommandException wrong -> wrong;
            default -> new IllegalStateException("The simulation broke off: " + cause.getMessage(), cause);
        };
    }

    private SimulateResult simulate() throws InterruptedException, ExecutionException {
        checkCounts();
        List<Path> files = new ArrayList<>();
        files.add(fleetFile);
        files.addAll(others);
        List<Fleet> fleets =
                new ArrayList<>(files.stream().map(SimulateCommand::read).toList());
        fleets.set(0, routing.begin(fleets.getFirst())); // the plan is of this one
        List<LoseOption> losses =
                lose.stream().map(text -> LoseOption.of(text, fleets)).toList();
        List<Truth> truths = world.truths(fleets);
        checkOutputs();
        TrafficSource source = source();
        Terminal terminal = Terminal.progress();
        terminal.bar(0, "reading " + traffic);
        TrafficSource.Size size = source.measure();
        terminal.clear();
        checkWindow(size, losses);
        List<SimulationRuns.Plan> plans = new ArrayList<>();
        List<List<String>> lost = new ArrayList<>();
        List<Policy> tried = policies.isEmpty()
                ? List.of(Policy.POLYCHIP)
                : policies.stream().distinct().toList();
        for (int i = 0; i < fleets.size(); i++) {
            Fleet fleet = fleets.get(i);
            checkCells(files.get(i), fleet);
            List<LoseOption> mine =
                    losses.stream().filter(loss -> loss.in(fleet) != null).toList();
            List<Outage> outages = mine.stream()
                    .map(loss -> loss.in(fleet))
                    .filter(Objects::nonNull)
                    .toList();
            for (Policy policy : tried) {
                plans.add(new SimulationRuns.Plan(
                        name(files, i, policy, tried), fleet, policy, world.scenario(fleet, policy, outages, truths)));
                lost.add(mine.stream().map(LoseOption::name).toList());
            }
        }
        SimulationRuns runs = new SimulationRuns(source, size, cells, pairs, seed);
        List<Variant> variants = runs.run(plans, terminal);
        return new SimulateResult(
                "%s on %s".formatted(names(files), traffic.getFileName()),
                conditions(size),
                size,
                variants,
                lost,
                notes(source, size, variants));
    }

    private TrafficSource source() {
        if (!Files.exists(traffic)) {
            throw new TypeConversionException("--traffic %s: there is no such file or folder.".formatted(traffic));
        }
        if (!Files.isDirectory(traffic) && !Files.isRegularFile(traffic)) {
            throw new TypeConversionException(
                    "--traffic %s: is read several times, which a pipe cannot be;".formatted(traffic)
                            + " expected a file or a folder. Maybe save it first.");
        }
        Duration whole = Files.isDirectory(traffic) ? Duration.ofHours(1) : Duration.ofDays(FOREVER_DAYS);
        return new TrafficSource(
                traffic,
                factor(),
                Duration.ofNanos(from.nanos()),
                length == null ? whole : Duration.ofNanos(length.nanos()),
                seed,
                shares());
    }

    private double factor() {
        try {
            double factor = Double.parseDouble(scale.endsWith("x") ? scale.substring(0, scale.length() - 1) : scale);
            if (factor > 0 && (factor <= Copies.MOST || (factor < 1e9 && Files.isDirectory(traffic)))) {
                return factor;
            }
        } catch (NumberFormatException ignored) {
            // told below, with the same words
        }
        throw new TypeConversionException(
                "--scale %s: expected a number above 0, up to %d for a trace, such as 2x or 0.5."
                        .formatted(scale, Copies.MOST));
    }

    private Map<RequestClass, Double> shares() {
        Map<RequestClass, Double> shares = new EnumMap<>(RequestClass.class);
        double sum = 0;
        for (String text : classes) {
            int equals = text.indexOf('=');
            String number = text.substring(equals + 1).strip();
            boolean percent = number.endsWith("%");
            try {
                RequestClass which = RequestClass.valueOf(
                        text.substring(0, Math.max(0, equals)).strip().toUpperCase(Locale.ROOT));
                double share = Double.parseDouble(percent ? number.substring(0, number.length() - 1) : number)
                        / (percent ? 100 : 1);
                sum += share;
                shares.put(which, share);
                if (share >= 0 && sum <= 1 + 1e-9) {
                    continue;
                }
            } catch (IllegalArgumentException ignored) {
                // told below, with the same words
            }
            throw new TypeConversionException(
                    "--classes %s: expected CLASS=SHARE of priority, default, flex or batch, together at most 100 %%, such as priority=10%%."
                            .formatted(text));
        }
        return shares;
    }

    private void checkCounts() {
        if (pairs < 0 || cells < 1 || world.gateways < 1) {
            throw new TypeConversionException("--pairs %d --cells %d --gateways %d: expected at least 0, 1 and 1."
                    .formatted(pairs, cells, world.gateways));
        }
    }

    private void checkWindow(TrafficSource.Size size, List<LoseOption> losses) {
        if (size.requests() == 0) {
            throw new TypeConversionException("%s has no request%s."
                    .formatted(
                            traffic,
                            from.nanos() > 0 || length != null
                                    ? " in that window; expected --from and --for within it"
                                    : factor() < 1 ? " that --scale %s leaves".formatted(scale) : ""));
        }
        for (LoseOption loss : losses) {
            if (loss.at().nanos() > size.spanNanos()) {
                throw new TypeConversionException("--lose %s: the last request comes at %s; expected a time before it."
                        .formatted(loss.text(), Numbers.clock(size.spanNanos() / 1e9)));
            }
        }
    }

    /** An hour's run should not end in a folder that cannot be written. */
    private void checkOutputs() {
        for (Path folder : Stream.of(output, csv).filter(Objects::nonNull).toList()) {
            try {
                Files.createDirectories(folder);
            } catch (IOException unmade) {
                throw new CommandException("Cannot make the folder %s: %s.".formatted(folder, Reasons.of(unmade)));
            }
            if (!Files.isWritable(folder)) {
                throw new CommandException("The folder %s may not be written.".formatted(folder));
            }
        }
        Path page = html;
        if (page != null) {
            Path folder = Objects.requireNonNullElse(page.toAbsolutePath().getParent(), page);
            if (Files.isDirectory(page) || !Files.isDirectory(folder) || !Files.isWritable(folder)) {
                throw new CommandException(
                        "--html %s: expected a file in a folder that is there and may be written.".formatted(page));
            }
        }
    }

    private void checkCells(Path file, Fleet fleet) {
        String why = SimulationRuns.uncuttable(fleet, cells);
        if (why != null) {
            throw new TypeConversionException("--cells %d: in %s %s".formatted(cells, file, why));
        }
    }

    private List<String> notes(TrafficSource source, TrafficSource.Size size, List<Variant> variants) {
        List<String> notes = new ArrayList<>(Evidence.sentences(variants, size));
        if (!notes.isEmpty() && pairs == 0) {
            notes.add("How much that matters: --pairs 20 runs the same with chips as uncertain as that.");
        }
        notes.addAll(Evidence.unknownPower(variants));
        long left = source.clientsWithoutLengths();
        if (left > 0) {
            notes.add("%d client models were left out: nothing says how long their requests are.".formatted(left));
        }
        return notes;
    }

    private String conditions(TrafficSource.Size size) {
        return "%,d requests in %s (%s/s), prompts of %,d tokens (median; p99 %,d), answers of %,d (p99 %,d); seed %d%s%s%s."
                .formatted(
                        size.requests(),
                        Numbers.clock(size.spanNanos() / 1e9),
                        Numbers.plain(Math.rint(size.perSecond() * 10) / 10),
                        size.promptTokens().quantile(0.5),
                        size.promptTokens().quantile(0.99),
                        size.outputTokens().quantile(0.5),
                        size.outputTokens().quantile(0.99),
                        seed,
                        world.words() + routing.words(),
                        cells == 1 ? "" : ", %d cells".formatted(cells),
                        pairs == 0 ? "" : ", %d pairs (ranges: nine of ten)".formatted(pairs));
    }

    /** Of a variant; two files of one name in two folders are told apart by their number. */
    private static String name(List<Path> files, int index, Policy policy, List<Policy> tried) {
        String stem = stem(files.get(index));
        long before = files.subList(0, index).stream()
                .filter(file -> stem(file).equals(stem))
                .count();
        String fleet = before == 0 ? stem : "%s (%d)".formatted(stem, before + 1);
        if (tried.size() == 1) {
            return fleet;
        }
        String policyName = PolicyNames.name(policy).replace('-', ' ');
        return files.size() == 1 ? policyName : fleet + ", " + policyName;
    }

    private static String names(List<Path> files) {
        return String.join(" and ", files.stream().map(SimulateCommand::stem).toList());
    }

    private static String stem(Path file) {
        return String.valueOf(file.getFileName()).replaceAll("\\.ya?ml$", "");
    }

    private static Fleet read(Path file) {
        return new FleetReader(CatalogueReader.shipped(), System.getenv()).read(file);
    }

    private void write(SimulateResult result) throws IOException {
        Path everything = output;
        if (everything != null) {
            Files.createDirectories(everything);
            Files.writeString(everything.resolve("report.txt"), SimulateText.of(result));
            Files.writeString(everything.resolve("report.json"), SimulateJson.of(result));
            Files.writeString(everything.resolve("report.html"), SimulatePage.html(result));
            SimulateCsv.write(result, everything);
        }
        if (csv != null) {
            SimulateCsv.write(result, csv);
        }
        if (html != null) {
            Files.writeString(html, SimulatePage.html(result));
        }
    }

    private CommandLine command() {
        if (spec == null) {
            throw new IllegalStateException("Not called by picocli.");
        }
        return spec.commandLine();
    }
}
