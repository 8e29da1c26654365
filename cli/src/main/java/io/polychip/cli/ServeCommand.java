package io.polychip.cli;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.Pool;
import io.polychip.fleet.Price;
import io.polychip.gateway.Gateway;
import io.polychip.gateway.GatewayOptions;
import io.polychip.net.SocketNetwork;
import io.polychip.net.TlsException;
import io.polychip.performance.Profiles;
import io.polychip.routing.Policy;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code polychip serve FLEET}: the gateway, until it is told to stop. */
@Command(
        name = "serve",
        description = "Serves a fleet behind one OpenAI-compatible endpoint.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "SIGTERM and Ctrl-C drain: requests under way end, new ones are refused; a second one stops at once.",
            "SIGHUP reads the fleet file again, and that of --routing, as does every change of one of them.",
            "POLYCHIP_ADMIN_KEY opens /admin and /metrics to who carries it; from this machine they are always open."
        })
final class ServeCommand implements Callable<Integer> {
    @Spec
    private CommandSpec specification;

    @Parameters(paramLabel = "FLEET", description = "The fleet file.")
    private Path fleetFile = Path.of("");

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Listen here instead of the fleet's port; 0: any free one.")
    private @Nullable Integer port;

    @Option(
            names = "--admin-port",
            paramLabel = "N",
            description = "Also serve /admin, /metrics and /health on this port of 127.0.0.1, without a key.")
    private @Nullable Integer adminPort;

    @Option(
            names = "--policy",
            paramLabel = "NAME",
            converter = PolicyNames.class,
            description = "How replicas are picked: polychip, or for comparison a rival such as round-robin.")
    private Policy policy = Policy.POLYCHIP;

    @Mixin
    private RoutingOptions routing = new RoutingOptions();

    @Option(names = "--loops", paramLabel = "N", description = "Event loops; default: one per core.")
    private @Nullable Integer loops;

    @Option(
            names = "--log",
            paramLabel = "FILE",
            description = "Where the access log goes, one JSON object per request; - is standard output.")
    private String log = "-";

    @Option(
            names = "--scrape",
            paramLabel = "MS",
            defaultValue = "250",
            description = "Read each replica's load so often.")
    private int scrapeMillis;

    @Option(names = "--verbose", description = "Say how long each step of the start took.")
    private boolean verbose;

    @Override
    public Integer call() throws IOException, InterruptedException {
        PrintWriter out = specification.commandLine().getErr();
        Stopwatch watch = new Stopwatch(out, verbose);
        FleetReader reader = new FleetReader(CatalogueReader.shipped(), System.getenv());
        watch.lap("catalogue read");
        FileSource source = new FileSource(reader, fleetFile, routing);
        Fleet fleet = source.load();
        watch.lap("fleet read");
        try (SocketNetwork network =
                        SocketNetwork.open(loops == null ? Runtime.getRuntime().availableProcessors() : loops);
                OutputStream accessLog = openLog()) {
            watch.lap("event loops started");
            Gateway gateway = Gateway.start(network, fleet, options(fleet, source, accessLog))
                    .join();
            watch.lap("listening");
            CompletableFuture<Integer> stopped = onSignals(out, gateway);
            announce(out, fleet, gateway, network);
            unmeasured(out, fleet);
            out.flush();
            return stopped.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (CompletionException e) {
            throw new CommandException(explain(e.getCause() == null ? e : e.getCause(), fleet));
        } catch (TlsException e) {
            throw new CommandException(String.valueOf(e.getMessage()));
        }
    }

    private GatewayOptions options(Fleet fleet, FileSource source, OutputStream accessLog) {
        InetSocketAddress listen =
                port == null ? null : new InetSocketAddress(fleet.listen().getAddress(), port);
        InetSocketAddress admin =
                adminPort == null ? null : new InetSocketAddress(InetAddress.getLoopbackAddress(), adminPort);
        return GatewayOptions.standard(new SecureRandom().nextLong())
                .withListen(listen)
                .withAdmin(admin, System.getenv("POLYCHIP_ADMIN_KEY"))
                .withPolicy(policy)
                .withAccessLog(accessLog)
                .withScrapeEvery(Duration.ofMillis(scrapeMillis))
                .withSource(source);
    }

    private OutputStream openLog() throws IOException {
        return log.equals("-")
                ? new OpenOutput(System.out)
                : Files.newOutputStream(Path.of(log), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    /** @return the exit code, once stopped by signals */
    private static CompletableFuture<Integer> onSignals(PrintWriter out, Gateway gateway) {
        CompletableFuture<Integer> stopped = new CompletableFuture<>();
        Runnable stop = new Runnable() {
            private int asked;

            @Override
            public synchronized void run() {
                if (asked++ == 0) {
                    out.println("draining: requests under way end, new ones are refused. Once more to stop at once.");
                    out.flush();
                    gateway.drain().thenRun(() -> stopped.complete(0));
                } else {
                    gateway.close().thenRun(() -> stopped.complete(0));
                }
            }
        };
        Signals.on("TERM", stop);
        Signals.on("INT", stop);
        Signals.on("HUP", gateway::reload);
        return stopped;
    }

    private void announce(PrintWriter out, Fleet fleet, Gateway gateway, SocketNetwork network) {
        out.printf(
                "polychip listens on %s://%s:%d/v1 (%s, %d loops, policy %s)%n",
                fleet.tls() == null ? "http" : "https",
                host(gateway.address()),
                gateway.port(),
                network.transport(),
                loops == null ? Runtime.getRuntime().availableProcessors() : loops,
                PolicyNames.name(policy));
        if (adminPort != null) {
            out.printf("operators on http://127.0.0.1:%d/admin/state and /metrics%n", gateway.adminPort());
        }
        for (Pool pool : fleet.pools()) {
            out.printf(
                    "  %-10s %-16s %-20s %s%s%n",
                    pool.vendor(), pool.name(), pool.model(), capacity(pool), pool.enabled() ? "" : " (not enabled)");
        }
        if (fleet.keys().isEmpty()) {
            out.println("warning: the fleet has no keys; whoever reaches this address may use it.");
        }
        long upMillis = System.currentTimeMillis()
                - ManagementFactory.getRuntimeMXBean().getStartTime();
        out.printf("ready after %d ms%n", upMillis);
        out.flush();
    }

    /** Pools of which no profile is known, and what to measure of them: after readiness, since it takes a moment. */
    static void unmeasured(PrintWriter out, Fleet fleet) {
        Profiles profiles = new Profiles(fleet.catalogue());
        MostTelling telling = MostTelling.usual(fleet.catalogue());
        for (Pool pool : fleet.pools()) {
            if (pool.hosted() == null && !profiles.known(pool)) {
                out.printf(
                        "%s was never measured and is estimated; most would help, by polychip measure: %s%n",
                        pool.name(), telling.points(pool, profiles.of(pool)));
            }
        }
    }

    private static String host(InetSocketAddress address) {
        return address.getAddress().getHostAddress();
    }

    private static String capacity(Pool pool) {
        return switch (pool.price()) {
            case Price.PerChipHour hourly ->
                "%d %s of %d %s, $%.2f per chip and hour"
                        .formatted(
                                pool.replicas().size(),
                                pool.replicas().size() == 1 ? "replica" : "replicas",
                                pool.deployment().layout().chips(),
                                pool.deployment().chip().name(),
                                hourly.usd());
            case Price.PerToken tokens ->
                "hosted, $%.2f in and $%.2f out per million tokens"
                        .formatted(tokens.usdPerMillionInput(), tokens.usdPerMillionOutput());
        };
    }

    private String explain(Throwable cause, Fleet fleet) {
        InetSocketAddress wanted = fleet.listen();
        int wantedPort = port == null ? wanted.getPort() : port;
        return cause instanceof IOException
                ? "cannot listen on %s:%d: %s. Maybe another program has it; try --port 0 for any free port."
                        .formatted(wanted.getAddress().getHostAddress(), wantedPort, cause.getMessage())
                : String.valueOf(cause.getMessage());
    }
}
