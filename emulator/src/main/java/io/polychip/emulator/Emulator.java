package io.polychip.emulator;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.Pool;
import io.polychip.net.HttpServer;
import io.polychip.net.Network;
import io.polychip.net.ServerOptions;
import io.polychip.performance.Profiles;
import io.polychip.simulator.Truth;
import io.polychip.simulator.Where;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A whole fleet on this machine: every replica of every pool as a local server that keeps its chip's timing. Faults and
 * hidden truth may be set at any time, from any thread, here or through the control API ({@link ControlApi}).
 *
 * <p>Each replica lives on one loop of the network; one loop is enough: 10,000 tokens a second over 200 streams took
 * 0.07 of a core. Monotonic time, sockets and memory all come from the {@link Network}, so a fleet runs on virtual time
 * unchanged.
 */
public final class Emulator {
    private static final List<String> LOOPBACK = List.of("127.0.0.1", "localhost", "[::1]");

    private final Fleet fleet;
    private final EmulatorOptions options;
    private final FaultBoard faults;
    private final List<EmulatedReplica> replicas = new ArrayList<>();
    private final List<Listening> ports = new ArrayList<>();
    private @Nullable HttpServer controlServer;

    /** One replica and where it listens. */
    public record Address(String pool, int replica, URI url) {}

    private Emulator(Fleet fleet, Network network, EmulatorOptions options) {
        this.fleet = fleet;
        this.options = options;
        this.faults = new FaultBoard(options.seed());
        List<EventLoop> loops = new ArrayList<>();
        for (EventExecutor loop : network.loops()) {
            loops.add((EventLoop) loop);
        }
        Profiles profiles = new Profiles(fleet.catalogue());
        for (Pool pool : fleet.pools()) {
            List<URI> urls = urls(pool);
            for (int number = 0; number < urls.size(); number++) {
                EmulatedReplica replica = new EmulatedReplica(
                        fleet,
                        pool,
                        number,
                        profiles.of(pool),
                        network,
                        loops.get(replicas.size() % loops.size()),
                        faults,
                        new ControlApi(this, Where.replica(pool.name(), number)),
                        options);
                ports.add(new Listening(replica, network, wantedPort(urls.get(number), replicas.size())));
                replicas.add(replica);
            }
        }
    }

    /** Starts everything; completed once every replica listens, or with the reason why one cannot. */
    public static CompletableFuture<Emulator> start(Fleet fleet, Network network, EmulatorOptions options) {
        Emulator emulator = new Emulator(fleet, network, options);
        List<CompletableFuture<?>> starts = new ArrayList<>();
        for (int i = 0; i < emulator.replicas.size(); i++) {
            starts.add(emulator.start(emulator.replicas.get(i), emulator.ports.get(i)));
        }
        if (options.controlPort() >= 0) {
            starts.add(HttpServer.start(
                            network,
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), options.controlPort()),
                            ServerOptions.standard(),
                            new ControlApi(emulator, Where.EVERYWHERE))
                    .thenAccept(server -> emulator.controlServer = server));
        }
        options.truths().forEach(emulator::truth);
        return CompletableFuture.allOf(starts.toArray(CompletableFuture[]::new)).handle((started, failure) -> {
            if (failure != null) {
                emulator.close();
                throw failure instanceof EmulatorException own ? own : unwrapped(failure);
            }
            return emulator;
        });
    }

    private CompletableFuture<Void> start(EmulatedReplica replica, Listening port) {
        CompletableFuture<Void> started = new CompletableFuture<>();
        replica.home.execute(() -> port.start().whenComplete((done, failure) -> {
            if (failure == null) {
                started.complete(null);
            } else {
                started.completeExceptionally(new EmulatorException(
                        "Replica %d of pool %s cannot listen on port %d: %s. Maybe another program does; try --port-base."
                                .formatted(replica.number, replica.pool.name(), port.port(), reason(failure)),
                        failure));
            }
        }));
        return started;
    }

    private static @Nullable String reason(Throwable failure) {
        Throwable cause = failure.getCause();
        return cause == null ? failure.getMessage() : cause.getMessage();
    }

    private static EmulatorException unwrapped(Throwable failure) {
        Throwable cause = failure.getCause();
        return cause instanceof EmulatorException own
                ? own
                : new EmulatorException("The emulator did not start: " + failure.getMessage(), failure);
    }

    /** A pool whose replicas are to be discovered has one here. */
    private static List<URI> urls(Pool pool) {
        return pool.replicas().isEmpty() ? List.of(URI.create("http://127.0.0.1")) : pool.replicas();
    }

    private int wantedPort(URI url, int index) {
        if (options.portBase() > 0) {
            return options.portBase() + index;
        }
        return LOOPBACK.contains(url.getHost()) && url.getPort() > 0 ? url.getPort() : 0;
    }

    /** Every replica, in the order of the fleet. */
    public List<Address> addresses() {
        List<Address> addresses = new ArrayList<>();
        for (int i = 0; i < replicas.size(); i++) {
            EmulatedReplica replica = replicas.get(i);
            URI original = urls(replica.pool).get(replica.number);
            addresses.add(new Address(
                    replica.pool.name(), replica.number, ports.get(i).url(original)));
        }
        return addresses;
    }

    /** The fleet with the URLs of this machine in place of its own: what a gateway in front of the emulator reads. */
    public Fleet fleet() {
        List<Pool> local = new ArrayList<>();
        for (Pool pool : fleet.pools()) {
            List<URI> urls = addresses().stream()
                    .filter(address -> address.pool().equals(pool.name()))
                    .map(Address::url)
                    .toList();
            local.add(new Pool(
                    pool.name(),
                    pool.model(),
                    pool.deployment(),
                    pool.price(),
                    pool.hosted(),
                    pool.quota(),
                    pool.labels(),
                    urls,
                    null,
                    pool.contextTokens(),
                    pool.maxSequences(),
                    pool.enabled(),
                    Pool.Access.OPEN,
                    pool.profile()));
        }
        return new Fleet(
                fleet.listen(),
                fleet.tls(),
                fleet.keys(),
                fleet.timeouts(),
                fleet.limits(),
                fleet.models(),
                local,
                fleet.objectives(),
                fleet.independence(),
                fleet.disclosure(),
                fleet.catalogue());
    }

    /** Port of the control API; fails where none was asked for. */
    public int controlPort() {
        HttpServer server = controlServer;
        if (server == null) {
            throw new EmulatorException("There is no control port. Maybe withControlPort(0).");
        }
        return server.port();
    }

    /** @return its number, for {@link #clear(int)} */
    public int inject(Fault fault) {
        if (matching(fault.where()).isEmpty()) {
            throw nothingThere(fault.where());
        }
        int id = faults.add(fault);
        apply(fault);
        return id;
    }

    /** @return false when there is no such fault any more */
    public boolean clear(int id) {
        for (FaultBoard.Active active : faults.all()) {
            if (active.id() == id && faults.remove(id)) {
                apply(active.fault());
                return true;
            }
        }
        return false;
    }

    /** Ends all faults: what was dead listens again. */
    public void clearAll() {
        List<FaultBoard.Active> were = faults.all();
        faults.clear();
        were.forEach(active -> apply(active.fault()));
    }

    List<FaultBoard.Active> faults() {
        return faults.all();
    }

    /** Replaces what is true of the replicas there. */
    public void truth(Truth truth) {
        List<EmulatedReplica> there = matching(truth.where());
        if (there.isEmpty()) {
            throw nothingThere(truth.where());
        }
        for (EmulatedReplica replica : there) {
            replica.home.execute(() -> replica.driver.truth(truth));
        }
    }

    /** What every replica did so far, taken on their loops. */
    public CompletableFuture<List<ReplicaCounters>> counters() {
        List<CompletableFuture<ReplicaCounters>> parts = replicas.stream()
                .map(replica -> CompletableFuture.supplyAsync(replica::snapshot, replica.home))
                .toList();
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .thenApply(all -> parts.stream().map(CompletableFuture::join).toList());
    }

    private void apply(Fault fault) {
        if (!fault.kind().isState()) {
            return;
        }
        for (int i = 0; i < replicas.size(); i++) {
            EmulatedReplica replica = replicas.get(i);
            Listening port = ports.get(i);
            if (fault.where().matches(replica.pool, replica.number)) {
                replica.home.execute(() -> apply(fault.kind(), replica, port));
            }
        }
    }

    private void apply(Fault.Kind kind, EmulatedReplica replica, Listening port) {
        if (kind == Fault.Kind.SLOW) {
            replica.driver.slowness(faults.slowness(replica.pool, replica.number));
            return;
        }
        boolean dead = faults.inForce(Fault.Kind.DIE, replica.pool, replica.number);
        boolean shut = faults.inForce(Fault.Kind.REFUSE, replica.pool, replica.number);
        port.apply(!dead && !shut, dead);
    }

    private List<EmulatedReplica> matching(Where where) {
        return replicas.stream()
                .filter(replica -> where.matches(replica.pool, replica.number))
                .toList();
    }

    private EmulatorException nothingThere(Where where) {
        return new EmulatorException("%s matches no replica; pools are %s."
                .formatted(where, fleet.pools().stream().map(Pool::name).toList()));
    }

    /** Stops listening and cuts everything. */
    public CompletableFuture<Void> close() {
        List<CompletableFuture<?>> closing = new ArrayList<>();
        for (int i = 0; i < replicas.size(); i++) {
            Listening port = ports.get(i);
            closing.add(CompletableFuture.supplyAsync(port::close, replicas.get(i).home)
                    .thenCompose(closed -> closed));
        }
        HttpServer control = controlServer;
        if (control != null) {
            closing.add(control.close());
        }
        return CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new));
    }
}
