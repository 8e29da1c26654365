package io.polychip.load;

import io.netty.channel.EventLoop;
import io.polychip.fleet.ProfileEntry;
import io.polychip.fleet.Source;
import io.polychip.net.Network;
import io.polychip.performance.Batching;
import io.polychip.performance.Fitted;
import io.polychip.performance.ProfileException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * Profiles an endpoint within a given time: probes it, loads it at a grid of concurrencies and lengths, fits a profile
 * to what came back, and says how far the simulator is off with it at points that were not fitted on.
 *
 * <p>Closed loop: so many requests are always under way. Prompts are never repeated, so a prefix cache does not help.
 * Runs on one event loop; between two cells, while nothing is under way, the fit takes that loop's time.
 */
public final class Measure {
    /** Cache tokens to assume where nothing is known of the replica's memory: no point of the grid runs out of it. */
    public static final long AMPLE_CACHE = 1L << 24;

    private static final double LEAST_BAND = 0.05;
    private static final double ESTIMATE_MARGIN = 1.25;
    private static final double SETUP_SECONDS = 0.2;
    private static final int LEAST_POINTS = 3;

    private final EventLoop loop;
    private final Network network;
    private final MeasureOptions options;
    private final Caller caller;
    private final Findings findings = new Findings();
    private final List<Grid.Planned> tried = new ArrayList<>();
    private final List<CellResult> results = new ArrayList<>();
    private final Deque<Grid.Planned> ahead = new ArrayDeque<>();
    private final Deque<Grid.Planned> reserve = new ArrayDeque<>();
    private final CompletableFuture<Measurement> done = new CompletableFuture<>();
    private long startNanos;
    private Cell.Effort effort;
    private boolean stopped;
    private volatile Progress progress = new Progress(0, 0, "probing", 0);

    public Measure(Network network, MeasureOptions options) {
        this.network = network;
        this.loop = network.loops().next();
        this.options = options;
        this.effort = options.quick() ? Cell.Effort.QUICK : Cell.Effort.FULL;
        this.caller = new Caller(network, loop, options);
    }

    /** @param secondsLeft expected; 0 while that is unknown */
    public record Progress(int done, int planned, String doing, double secondsLeft) {}

    /** Begins. Fails with {@link MeasureException} where the endpoint cannot be measured. */
    public CompletableFuture<Measurement> start() {
        loop.execute(() -> {
            startNanos = caller.now();
            progress = new Progress(0, 0, "probing", options.budget().toNanos() / 1e9);
            new Probes(caller, options, findings)
                    .run()
                    .thenRun(this::plan)
                    .thenRun(this::next)
                    .exceptionally(this::fail);
        });
        return done;
    }

    /** Measures no further cell; what there is, is fitted. For any thread. */
    public void stop() {
        loop.execute(() -> stopped = true);
    }

    public Progress progress() {
        return progress;
    }

    private Void fail(Throwable failure) {
        Throwable thrown = failure.getCause() == null ? failure : failure.getCause();
        Throwable cause = thrown instanceof ProfileException unfit
                ? new MeasureException("No profile fits what was measured: " + unfit.getMessage())
                : thrown;
        caller.close();
        done.completeExceptionally(cause);
        return null;
    }

    private void plan() {
        Fitted first = fit(SimulatedFit.ROUGH);
        Grid grid = grid(first);
        if (!grid.dropped().isEmpty()) {
            effort = Cell.Effort.LEAN;
            grid = grid(first);
        }
        ahead.addAll(grid.cells());
        reserve.addAll(grid.dropped());
    }

    private Grid grid(Fitted first) {
        return new Grid(
                options.quick(),
                findings.mostConcurrency,
                (int) Math.round(caller.templateTokens() * 2),
                findings.longestPrompt,
                secondsLeft(),
                cell -> expectedSeconds(first, cell),
                options.seed());
    }

    private void next() {
        if (stopped || (ahead.isEmpty() && reserve.isEmpty())) {
            finish();
            return;
        }
        Fitted now = fit(SimulatedFit.ROUGH);
        if (ahead.isEmpty() && !takeFromReserve(now)) {
            finish();
            return;
        }
        Grid.Planned planned = ahead.poll();
        Cell cell = planned.cell();
        double expected = expectedSeconds(now, cell);
        double all = expected
                + ahead.stream()
                        .mapToDouble(later -> expectedSeconds(now, later.cell()))
                        .sum();
        progress = new Progress(
                results.size(), results.size() + ahead.size() + 1, cell.words(), Math.min(all, secondsLeft()));
        tried.add(planned);
        if (expected > secondsLeft()) {
            results.add(dropped(
                    cell, "would take %.0f s of the %.0f s left".formatted(expected, Math.max(0, secondsLeft()))));
            loop.execute(this::next);
            return;
        }
        Duration most = Duration.ofMillis(Math.round(1e3 * Math.min(secondsLeft() + 5, 3 * expected + 5)));
        CellRun.start(caller, cell, cell.answers(effort), most)
                .thenAccept(results::add)
                .thenRun(this::next)
                .exceptionally(this::fail);
    }

    /** First plans are cautious: what was left out comes after all, the cheapest first, while there is time. */
    private boolean takeFromReserve(Fitted now) {
        Grid.Planned cheapest =
                Collections.min(reserve, Comparator.comparingDouble(planned -> expectedSeconds(now, planned.cell())));
        if (expectedSeconds(now, cheapest.cell()) > secondsLeft()) {
            return false;
        }
        reserve.remove(cheapest);
        ahead.add(cheapest);
        return true;
    }

    private static CellResult dropped(Cell cell, String why) {
        return new CellResult(cell, new CellTally(cell, 0).timing(), null, 0, Map.of(), 0, 0, why);
    }

    private double secondsLeft() {
        return (options.budget().toNanos() - (caller.now() - startNanos)) / 1e9;
    }

    private double expectedSeconds(Fitted fitted, Cell cell) {
        ClosedLoop.Result result = ClosedLoop.run(fitted.profile(), cell, cell.answers(effort));
        return result.wallNanos() / 1e9 * ESTIMATE_MARGIN + SETUP_SECONDS;
    }

    /** To what there is by now; to lone requests as long as no cell was measured. */
    private Fitted fit(int rounds) {
        List<CellResult> cells = new ArrayList<>(fitted());
        if (cells.size() < LEAST_POINTS) {
            cells.addAll(findings.singles);
        }
        return SimulatedFit.fit(
                options.deployment(), batching(), options.kvTokens(), cells, findings.steps, source(), rounds);
    }

    private List<CellResult> fitted() {
        List<CellResult> cells = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i).dropped() == null && !tried.get(i).heldOut()) {
                cells.add(results.get(i));
            }
        }
        return cells;
    }

    private Batching batching() {
        Batching usual = options.batching();
        int sequences = findings.slots > 0 ? findings.slots : Math.max(usual.maxSequences(), options.mostConcurrency());
        Batching found = usual.withMaxSequences(sequences);
        return findings.stepTokens == 0 ? found : found.withStepTokens(Math.max(findings.stepTokens, sequences));
    }

    private String source() {
        return "polychip measure, model %s, %s".formatted(options.model(), date());
    }

    private LocalDate date() {
        return network.wallClock().instant().atZone(ZoneOffset.UTC).toLocalDate();
    }

    private void finish() {
        caller.close();
        if (!reserve.isEmpty()) {
            findings.note("Left out for lack of time: %s. Maybe more --minutes."
                    .formatted(String.join(
                            "; ",
                            reserve.stream()
                                    .map(planned -> planned.cell().words())
                                    .toList())));
        }
        if (fitted().size() < LEAST_POINTS) {
            String why = results.stream()
                    .filter(result -> result.dropped() != null)
                    .map(result -> result.cell().words() + " " + result.dropped())
                    .findFirst()
                    .orElse("it was stopped early");
            throw new MeasureException(
                    "Only %d points could be measured, too few for a profile: %s. Maybe more --minutes, a lower --concurrency, or shorter prompts by --longest-prompt."
                            .formatted(fitted().size(), why));
        }
        Fitted fitted = fit(SimulatedFit.THOROUGH);
        List<Measurement.Point> points = new ArrayList<>();
        for (int i = 0; i < results.size(); i++) {
            points.add(point(fitted, results.get(i), tried.get(i).heldOut()));
            results.get(i)
                    .failures()
                    .forEach((what, count) -> findings.note("%d of the requests failed: %s.".formatted(count, what)));
        }
        points.sort(Comparator.comparing(Measurement.Point::heldOut)
                .thenComparingInt(Measurement.Point::concurrency)
                .thenComparingInt(Measurement.Point::promptTokens));
        double band = band(points, fitted);
        done.complete(new Measurement(
                options.model(),
                entry(fitted, points, band),
                fitted.profile(),
                findings.slots,
                findings.stepTokens,
                findings.prefixCache,
                caller.tokensPerWord(),
                caller.templateTokens(),
                points,
                findings.notes,
                caller.requests(),
                caller.tokens(),
                (caller.now() - startNanos) / 1e9));
    }

    private static Measurement.Point point(Fitted fitted, CellResult result, boolean heldOut) {
        Cell cell = result.dropped() == null ? result.asMeasured() : result.cell();
        CellTally.Timing timing = result.timing();
        CellTally.Timing predicted = result.dropped() == null ? SimulatedFit.simulate(fitted, result) : timing;
        return new Measurement.Point(
                cell.concurrency(),
                cell.promptTokens(),
                cell.outputTokens(),
                timing.answers(),
                heldOut,
                timing.ttftNanos(),
                timing.ttftScatter(),
                timing.itlNanos(),
                predicted.ttftNanos(),
                predicted.itlNanos(),
                result.failed(),
                result.dropped());
    }

    /** Root mean square of the errors at held-out points; where there are none, the fit's own band. */
    private static double band(List<Measurement.Point> points, Fitted fitted) {
        double squares = 0;
        int count = 0;
        for (Measurement.Point point : points) {
            if (point.heldOut() && point.dropped() == null) {
                squares += point.ttftError() * point.ttftError() + point.itlError() * point.itlError();
                count += 2;
            }
        }
        return count == 0 ? fitted.band() : Math.max(LEAST_BAND, Math.sqrt(squares / count));
    }

    private ProfileEntry entry(Fitted fitted, List<Measurement.Point> points, double band) {
        ProfileEntry raw = fitted.entry();
        long counted = points.stream()
                .filter(point -> point.dropped() == null && !point.heldOut())
                .count();
        return new ProfileEntry(
                raw.model(),
                raw.chip(),
                raw.precision(),
                raw.engine(),
                raw.layout(),
                raw.batchSizes(),
                raw.stepPicos(),
                raw.prefillTokenPicos(),
                raw.pairPicos(),
                raw.kvTokenPicos(),
                raw.arrivalPicos(),
                raw.floorPicos(),
                findings.slots > 0 ? findings.slots : 0,
                batching().stepTokens(),
                0,
                band,
                "fitted to %d points of concurrency and lengths".formatted(counted),
                new Source(source(), date().toString(), Source.Confidence.HIGH));
    }
}
