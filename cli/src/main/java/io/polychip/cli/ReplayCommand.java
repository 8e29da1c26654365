package io.polychip.cli;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.Objective;
import io.polychip.fleet.RequestClass;
import io.polychip.load.Replay;
import io.polychip.load.ReplayOptions;
import io.polychip.load.ReplayReport;
import io.polychip.net.SocketNetwork;
import io.polychip.simulator.Trace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code polychip replay}: a recorded trace against any OpenAI-compatible endpoint. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Replay a trace of requests against an OpenAI-compatible endpoint, open-loop.",
            "Latencies count from when a request was due; a generator that falls behind says so."
        })
final class ReplayCommand implements Callable<Integer> {
    @Parameters(paramLabel = "TRACE", description = "Azure 2023 CSV, Mooncake JSON lines, or a plain CSV.")
    private Path file = Path.of("");

    @Option(
            names = "--to",
            required = true,
            paramLabel = "URL",
            description = "Endpoint without /v1, http://127.0.0.1:8080.")
    private URI target = URI.create("");

    @Option(names = "--model", paramLabel = "NAME", description = "Default: the endpoint's only model.")
    private @Nullable String model;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            defaultValue = "${env:POLYCHIP_KEY}",
            description = "Bearer key; default: $POLYCHIP_KEY.")
    private @Nullable String key;

    @Option(names = "--scale", defaultValue = "1", description = "Times as many requests per second. Default: 1.")
    private double scale = 1;

    @Option(names = "--from", defaultValue = "0", paramLabel = "SECONDS", description = "Where in the trace to begin.")
    private double fromSeconds;

    @Option(names = "--for", paramLabel = "SECONDS", description = "How much of the trace to replay. Default: all.")
    private @Nullable Double forSeconds;

    @Option(
            names = "--class",
            defaultValue = "default",
            description = "service_tier to ask for: ${COMPLETION-CANDIDATES}.")
    private RequestClass requestClass = RequestClass.DEFAULT;

    @Option(names = "--no-stream", description = "Ask for whole answers.")
    private boolean whole;

    @Option(
            names = "--no-ignore-eos",
            description = "Let the model end its answer; the trace's length is then only a cap.")
    private boolean natural;

    @Option(
            names = "--abort-share",
            defaultValue = "0",
            paramLabel = "SHARE",
            description = "Share of clients, 0 to 1, that hang up at a random token of their answer. Default: 0.")
    private double abortShare;

    @Option(names = "--seed", defaultValue = "0", paramLabel = "N", description = "Decides who hangs up, and where.")
    private long seed;

    @Option(
            names = "--template-tokens",
            defaultValue = "0",
            paramLabel = "N",
            description = "What the endpoint's chat template adds, as measure finds it: prompts are so much shorter.")
    private int templateTokens;

    @Option(
            names = "--fleet",
            paramLabel = "FLEET",
            description = "Fleet file: objectives and prices for goodput and cost.")
    private @Nullable Path fleetFile;

    @Option(
            names = "--patience",
            defaultValue = "60",
            paramLabel = "SECONDS",
            description = "Wait for the last answers.")
    private long patienceSeconds = 60;

    @Option(names = "--json", description = "Print the report as JSON.")
    private boolean json;

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (!(abortShare >= 0 && abortShare <= 1) || (abortShare > 0 && whole)) {
            throw new CommandLine.ParameterException(
                    command(),
                    "--abort-share %s: allowed is a number from 0 to 1, and with streamed answers only."
                            .formatted(abortShare));
        }
        Fleet fleet =
                fleetFile == null ? null : new FleetReader(CatalogueReader.shipped(), System.getenv()).read(fleetFile);
        Objective objective = fleet == null ? Objective.NONE : fleet.objective(requestClass);
        Size size = measure();
        if (size.requests == 0) {
            throw new CommandLine.ParameterException(
                    command(), "%s has no request in that slice; it ends after %.0f s.".formatted(file, size.seconds));
        }
        try (SocketNetwork network = SocketNetwork.open(1);
                Stream<String> lines = Files.lines(file)) {
            String name =
                    model != null ? model : ServedModels.of(target, key).only().name();
            ReplayOptions options = new ReplayOptions(
                    target,
                    name,
                    key,
                    tier(),
                    !whole,
                    !natural,
                    abortShare,
                    seed,
                    templateTokens,
                    Duration.ofSeconds(patienceSeconds));
            Replay replay = new Replay(network, slice(lines), options, new ReplayReport(objective));
            Thread interrupt = Thread.ofPlatform().unstarted(replay::stop);
            Runtime.getRuntime().addShutdownHook(interrupt);
            ReplayReport report = watch(replay, size);
            System.out.print(json ? ReplayPage.json(report, fleet) : ReplayPage.text(report, fleet, objective));
            return report.failed() == 0 ? 0 : 1;
        }
    }

    private @Nullable String tier() {
        return requestClass == RequestClass.DEFAULT ? null : requestClass.name().toLowerCase(Locale.ROOT);
    }

    private CommandLine command() {
        if (spec == null) {
            throw new IllegalStateException("Not called by picocli.");
        }
        return spec.commandLine();
    }

    private Trace slice(Stream<String> lines) {
        Trace trace =
                Trace.read(file.getFileName().toString(), lines.iterator()).scaled(scale);
        Duration from = Duration.ofMillis(Math.round(fromSeconds * 1e3));
        return trace.slice(
                from, forSeconds == null ? Duration.ofDays(36_500) : Duration.ofMillis(Math.round(forSeconds * 1e3)));
    }

    /** Reads the whole slice once before anything is sent: a mistake in line 19,000 should not cost an hour. */
    private Size measure() {
        long requests = 0;
        long last = 0;
        try (Stream<String> lines = Files.lines(file)) {
            for (Trace trace = slice(lines); trace.hasNext(); requests++) {
                last = trace.next().arrivalNanos();
            }
        } catch (IOException | UncheckedIOException unreadable) {
            throw new CommandLine.ParameterException(
                    command(), "Cannot read the trace %s: %s.".formatted(file, Reasons.of(unreadable)));
        }
        return new Size(requests, last / 1e9);
    }

    private ReplayReport watch(Replay replay, Size size) throws InterruptedException, ExecutionException {
        Terminal terminal = Terminal.progress();
        CompletableFuture<ReplayReport> done = replay.start();
        long start = System.nanoTime();
        while (true) {
            try {
                ReplayReport report = done.get(200, TimeUnit.MILLISECONDS);
                terminal.clear();
                return report;
            } catch (TimeoutException running) {
                double elapsed = (System.nanoTime() - start) / 1e9;
                String text = replay.inspect(report -> "%d of %d sent, %d under way, %d failed, %.0f s left"
                                .formatted(
                                        report.sent(),
                                        size.requests,
                                        report.sent() - report.done(),
                                        report.failed(),
                                        Math.max(0, size.seconds - elapsed)))
                        .get();
                terminal.bar(size.seconds == 0 ? 1 : elapsed / size.seconds, text);
            }
        }
    }

    private record Size(long requests, double seconds) {}
}
