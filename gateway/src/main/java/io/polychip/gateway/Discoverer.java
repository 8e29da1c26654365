package io.polychip.gateway;

import io.netty.channel.EventLoop;
import io.polychip.fleet.Discovery;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.Pool;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Finds the replicas of pools whose file names a place to look instead of URLs: all addresses of a DNS name, the lines
 * of a file, a headless Kubernetes service by its cluster name. Looks every five seconds, on the blocking executor. A
 * place that cannot be looked at, or that suddenly names nothing, changes nothing: losing a name server must not lose a
 * fleet.
 */
final class Discoverer {
    private static final Logger LOGGER = System.getLogger(Discoverer.class.getName());
    private static final long LOOK_NANOS = 5_000_000_000L;

    private final RunningFleet fleet;
    private final Executor blocking;
    private final EventLoop loop;
    private final Map<String, List<URI>> found = new HashMap<>();
    private volatile boolean stopped;

    Discoverer(RunningFleet fleet, Executor blocking, EventLoop loop) {
        this.fleet = fleet;
        this.blocking = blocking;
        this.loop = loop;
    }

    /** Looks for the first time, and then again and again. @return completed after the first look */
    CompletableFuture<Void> start() {
        CompletableFuture<Void> first =
                wanted(fleet.described()) ? CompletableFuture.runAsync(this::look, blocking) : done();
        loop.execute(this::later);
        return first;
    }

    void stop() {
        stopped = true;
    }

    private static CompletableFuture<Void> done() {
        return CompletableFuture.completedFuture(null);
    }

    private static boolean wanted(Fleet described) {
        return described.pools().stream().anyMatch(pool -> pool.discovery() != null);
    }

    private void later() {
        loop.schedule(
                () -> {
                    if (!stopped) {
                        if (wanted(fleet.described())) {
                            blocking.execute(this::look);
                        }
                        later();
                    }
                },
                LOOK_NANOS,
                TimeUnit.NANOSECONDS);
    }

    private synchronized void look() {
        Fleet described = fleet.described();
        found.keySet()
                .removeIf(name -> described.pools().stream()
                        .noneMatch(
                                pool -> pool.discovery() != null && pool.name().equals(name)));
        for (Pool pool : described.pools()) {
            Discovery place = pool.discovery();
            if (place != null) {
                look(pool.name(), place);
            }
        }
        fleet.found(found);
    }

    private void look(String pool, Discovery place) {
        try {
            List<URI> replicas = replicas(place);
            if (!replicas.isEmpty()) {
                found.put(pool, replicas);
            }
        } catch (IOException | IllegalArgumentException e) {
            LOGGER.log(
                    Level.WARNING,
                    "The replicas of pool {0} cannot be looked up at {1} ({2}); those known stay.",
                    pool,
                    place,
                    e.getMessage());
        }
    }

    private static List<URI> replicas(Discovery place) throws IOException {
        return switch (place) {
            case Discovery.Dns dns -> addresses(dns.scheme(), dns.host(), dns.port());
            case Discovery.Kubernetes service ->
                addresses("http", service.service() + "." + service.namespace() + ".svc", service.port());
            case Discovery.WatchedFile watched -> lines(Path.of(watched.file()));
        };
    }

    private static List<URI> addresses(String scheme, String host, int port) throws IOException {
        return Arrays.stream(InetAddress.getAllByName(host))
                .map(address -> address instanceof Inet6Address
                        ? "[" + address.getHostAddress() + "]"
                        : address.getHostAddress())
                .sorted()
                .map(address -> URI.create(scheme + "://" + address + ":" + port))
                .toList();
    }

    private static List<URI> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(line -> line.replaceAll("#.*", "").strip())
                .filter(line -> !line.isEmpty())
                .map(URI::create)
                .distinct()
                .toList();
    }
}
