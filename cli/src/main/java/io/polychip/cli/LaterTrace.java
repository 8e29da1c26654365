package io.polychip.cli;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Fleet;
import io.polychip.planner.Planner;
import io.polychip.planner.Search;
import io.polychip.planner.Solver;
import io.polychip.planner.Stop;
import io.polychip.planner.Trial;
import io.polychip.simulator.Report;
import io.polychip.simulator.Scenario;
import io.polychip.simulator.Simulation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A plan made on the first half of a recorded trace and held to the second: its fleet simulated on what came later.
 *
 * @param promisedUsd an hour, by the plan
 * @param laterUsd an hour, as simulated on the second half, tokens bought as the router bought them
 * @param promisedMet share of requests that met their objective when the plan was checked on the first half
 */
record LaterTrace(String trace, double promisedUsd, double laterUsd, double promisedMet, double laterMet) {
    /** Largest difference in cost, and in the share that met the objective where that fell. */
    static final double COST = 0.05;

    static final double MET = 0.005;

    /** So that a replica more or less is not half the fleet. */
    private static final String SCALE = "20x";

    private static final String MODEL = "meta-llama/Llama-3.1-8B-Instruct";
    private static final String ALONE =
            "Maybe plan it alone to see what is short: polychip plan FILE --model %s --scale %s --lose vendor@80%%."
                    .formatted(MODEL, SCALE);
    private static final Solver.Effort EFFORT = new Solver.Effort(15, 0.005);
    private static final Duration ALL = Duration.ofDays(36_500);

    double offBy() {
        return laterUsd / promisedUsd - 1;
    }

    boolean held() {
        return Math.abs(offBy()) <= COST && laterMet >= promisedMet - MET;
    }

    /** The traces of a data folder that have an hour to be cut in two; none where it has no such folder. */
    static List<Path> traces(Path data) {
        Path folder = data.resolve("traces").resolve("azure-2023");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".csv"))
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            throw new CommandException("Cannot read the folder %s: %s.".formatted(folder, Reasons.of(unreadable)));
        }
    }

    static LaterTrace of(Path trace, Catalogue catalogue, Terminal terminal) {
        long half = new TrafficSource(trace, 1, Duration.ZERO, ALL, 1, Map.of())
                        .measure()
                        .spanNanos()
                / 2;
        PlanOptions options = new PlanOptions();
        options.demand = trace;
        options.model = MODEL;
        options.scale = SCALE;
        options.length = new TimeSpan(half);
        options.lose = List.of("vendor@80%");
        PlanInputs inputs = options.read(catalogue);
        Planner.Question question = inputs.question();
        Stop never = new Stop();
        Search search = Search.best();
        PlanTrials trials = new PlanTrials(inputs.demand(), question.problem().demand(), 1, never, terminal);
        Planner planner = new Planner(search, EFFORT, trials, Planner.Watch.SILENT, never);
        if (!(planner.plan(question) instanceof Planner.Answer.Found(Planner.Verified best, var _))) {
            throw new CommandException("%s: no plan was found for its first half. %s".formatted(trace, ALONE));
        }
        Trial.Outcome checked = best.normal(0, 0);
        if (checked == null) {
            throw new CommandException("%s: the plan for its first half was not simulated. %s".formatted(trace, ALONE));
        }
        PlanBook book = PlanBook.of(inputs, question, best, search, EFFORT, never);
        Report later = later(trace, checked.trial().fleet().fleet(), half);
        return new LaterTrace(
                trace.getFileName().toString(),
                book.promisedUsdPerMonth() * 12 / (365.25 * 24),
                later.usd() / Figure.hours(later),
                checked.report().attainment(),
                later.attainment());
    }

    private static Report later(Path trace, Fleet fleet, long half) {
        double scale = Double.parseDouble(SCALE.replace("x", ""));
        TrafficSource rest = new TrafficSource(trace, scale, Duration.ofNanos(half), ALL, 2, Map.of());
        return rest.use(traffic -> Simulation.run(Scenario.of(fleet).withSeed(2), traffic));
    }
}
