package io.polychip.cli;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.Pool;
import io.polychip.load.Measure;
import io.polychip.load.MeasureException;
import io.polychip.load.MeasureOptions;
import io.polychip.load.Measurement;
import io.polychip.load.ProfileText;
import io.polychip.net.SocketNetwork;
import io.polychip.performance.Batching;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code polychip measure}: the profile of any OpenAI-compatible endpoint, with its error. */
@Command(
        name = "measure",
        mixinStandardHelpOptions = true,
        description = {
            "Profile an OpenAI-compatible endpoint: load it at several concurrencies and lengths, fit its timing,",
            "write the profile, and print how far it is off at points it was not fitted on.",
            "The endpoint should serve nobody else meanwhile."
        },
        footer = {
            "",
            "Example:",
            "  polychip llama --port 8081 &",
            "  polychip measure http://127.0.0.1:8081 --quick -o smollm2.profile.yaml",
            "then, in the pool of a fleet file:  profile: smollm2.profile.yaml",
            "",
            "Ctrl-C fits what was measured so far; a second one stops at once."
        })
final class MeasureCommand implements Callable<Integer> {
    @Parameters(paramLabel = "URL", description = "Endpoint without /v1, http://127.0.0.1:8000.")
    private URI target = URI.create("");

    @Option(names = "--model", paramLabel = "NAME", description = "Default: the endpoint's only model.")
    private @Nullable String model;

    @Option(
            names = "--key",
            paramLabel = "KEY",
            defaultValue = "${env:POLYCHIP_KEY}",
            description = "Bearer key; default: $POLYCHIP_KEY.")
    private @Nullable String key;

    @Option(names = "--quick", description = "Fewer points and answers: 2.5 minutes instead of 10.")
    private boolean quick;

    @Option(names = "--minutes", paramLabel = "N", description = "Time for all of it. Default: 10, with --quick 2.5.")
    private @Nullable Double minutes;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Write the profile here. Default: MODEL.profile.yaml.")
    private @Nullable Path output;

    @Option(
            names = "--fleet",
            paramLabel = "FLEET",
            description = "Fleet file that has this endpoint: what runs there is then known, and fewer points suffice.")
    private @Nullable Path fleetFile;

    @Option(names = "--pool", paramLabel = "NAME", description = "Its pool. Default: the one with this URL.")
    private @Nullable String poolName;

    @Option(
            names = "--engine",
            paramLabel = "NAME",
            description = "Serving engine, for how it batches: vllm, sglang, llama.cpp. Default: the endpoint's or the"
                    + " pool's word.")
    private @Nullable String engine;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            description = "Requests at once, at most. Default: 64, with --quick 16.")
    private @Nullable Integer concurrency;

    @Option(
            names = "--longest-prompt",
            paramLabel = "TOKENS",
            defaultValue = "2048",
            description = "Default: 2048, or less where that takes too long.")
    private int longestPrompt = 2048;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "Of prompts, order and held-out points.")
    private long seed = 1;

    @Option(names = "--json", description = "Print the result as JSON.")
    private boolean json;

    @CommandLine.Spec
    private CommandLine.Model.@Nullable CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        check();
        Pool pool = pool();
        String wanted = model != null || pool == null ? model : pool.model();
        ServedModels.Served served = ServedModels.of(target, key).choose(wanted);
        MeasureOptions options = options(served, pool);
        Path file =
                output != null ? output : Path.of(served.name().replaceAll("[^A-Za-z0-9._-]+", "-") + ".profile.yaml");
        try (SocketNetwork network = SocketNetwork.open(1)) {
            Measure measure = new Measure(network, options);
            Measurement measured = watch(measure);
            Files.writeString(file, ProfileText.of(measured));
            System.out.print(
                    json
                            ? MeasurePage.json(measured, file)
                            : MeasurePage.text(measured, file, pool == null ? null : pool.name()));
            return 0;
        } catch (IOException unwritable) {
            throw new CommandException(
                    "cannot write %s: %s. Maybe another folder, by -o FILE.".formatted(file, unwritable.getMessage()));
        }
    }

    private void check() {
        if (concurrency != null && (concurrency < 1 || concurrency > 1024)) {
            throw wrong("--concurrency %d: expected 1 to 1024.".formatted(concurrency));
        }
        if (longestPrompt < 64 || longestPrompt > 1 << 20) {
            throw wrong("--longest-prompt %d: expected 64 to 1048576 tokens.".formatted(longestPrompt));
        }
        if (minutes != null && !(minutes >= 0.2 && minutes <= 1440)) {
            throw wrong("--minutes %s: expected 0.2 to 1440.".formatted(minutes));
        }
        if (target.getHost() == null) {
            throw wrong("\"%s\" is not a URL; expected http://host:port. Maybe http://%s.".formatted(target, target));
        }
        if (poolName != null && fleetFile == null) {
            throw wrong("--pool %s: expected --fleet FLEET beside it, the file that has the pool.".formatted(poolName));
        }
    }

    private CommandLine.ParameterException wrong(String message) {
        if (spec == null) {
            throw new IllegalStateException("Not called by picocli.");
        }
        return new CommandLine.ParameterException(spec.commandLine(), message);
    }

    private @Nullable Pool pool() {
        if (fleetFile == null) {
            return null;
        }
        Fleet fleet = new FleetReader(CatalogueReader.shipped(), System.getenv()).read(fleetFile);
        List<Pool> found = fleet.pools().stream()
                .filter(pool -> poolName == null
                        ? pool.replicas().contains(target)
                        : pool.name().equals(poolName))
                .toList();
        if (found.isEmpty()) {
            throw wrong("no pool of %s %s; pools are %s. Choose one by --pool."
                    .formatted(
                            fleetFile,
                            poolName == null ? "has the replica " + target : "is called " + poolName,
                            String.join(
                                    ", ", fleet.pools().stream().map(Pool::name).toList())));
        }
        return found.getFirst();
    }

    private MeasureOptions options(ServedModels.Served served, @Nullable Pool pool) {
        Deployment deployment =
                pool == null ? Deployment.unknown(engine != null ? engine : served.engine()) : pool.deployment();
        Duration budget = minutes != null
                ? Duration.ofMillis(Math.round(minutes * 60_000))
                : quick ? MeasureOptions.QUICK : MeasureOptions.USUAL;
        return new MeasureOptions(
                target,
                served.name(),
                key,
                deployment,
                Batching.of(engine != null ? engine : deployment.engine().name()),
                pool == null ? Measure.AMPLE_CACHE : 0,
                budget,
                concurrency != null ? concurrency : quick ? 16 : 64,
                longestPrompt,
                quick,
                seed);
    }

    private static Measurement watch(Measure measure) throws InterruptedException {
        Terminal terminal = Terminal.progress();
        Signals.on("INT", new Runnable() {
            private boolean asked;

            @Override
            public synchronized void run() {
                if (asked) {
                    Runtime.getRuntime().halt(130);
                }
                asked = true;
                measure.stop();
            }
        });
        CompletableFuture<Measurement> done = measure.start();
        Measure.Progress last = measure.progress();
        long sinceNanos = System.nanoTime();
        while (true) {
            try {
                Measurement measured = done.get(200, TimeUnit.MILLISECONDS);
                terminal.clear();
                return measured;
            } catch (TimeoutException running) {
                Measure.Progress progress = measure.progress();
                if (!progress.equals(last)) {
                    last = progress;
                    sinceNanos = System.nanoTime();
                }
                double left = Math.max(0, progress.secondsLeft() - (System.nanoTime() - sinceNanos) / 1e9);
                terminal.bar(
                        progress.planned() == 0 ? 0 : progress.done() / (double) progress.planned(),
                        progress.planned() == 0
                                ? "%s, at most %.0f s left".formatted(progress.doing(), left)
                                : "%d of %d points, %s, %.0f s left"
                                        .formatted(progress.done(), progress.planned(), progress.doing(), left));
            } catch (ExecutionException failed) {
                terminal.clear();
                if (failed.getCause() instanceof MeasureException told) {
                    throw new CommandException(String.valueOf(told.getMessage()));
                }
                throw new IllegalStateException("The measurement failed by a defect.", failed.getCause());
            }
        }
    }
}
