package io.polychip.gateway;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.Fleet.Tls;
import io.polychip.net.ClientOptions;
import io.polychip.net.HttpServer;
import io.polychip.net.Network;
import io.polychip.net.Refusal;
import io.polychip.net.ServerLimits;
import io.polychip.net.ServerOptions;
import io.polychip.net.ServerTls;
import io.polychip.protocol.OpenAiError;
import io.polychip.routing.Board;
import io.polychip.routing.DecisionLog;
import io.polychip.routing.Options;
import io.polychip.routing.Reading;
import io.polychip.routing.Roster;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One service over all pools of a fleet, behind OpenAI's API. Start reading here, then {@link Routes},
 * {@link ChatHandler}, {@link ClientCall} and {@link Upstream}, which is the way of a request.
 *
 * <p>Each event loop has a {@link Lane} with a dispatcher and connections of its own; lanes share the board of
 * in-flight counts, metrics and the log. Time, sockets and blocking work come from the {@link Network}, randomness from
 * the seed, so all of it also runs on virtual time. Nothing here waits: starting and stopping return futures. Safe for
 * any thread.
 */
public final class Gateway {
    private static final long TICK_NANOS = 10_000_000_000L;

    private final Network network;
    private final GatewayOptions options;
    private final Metrics metrics = new Metrics();
    private final DecisionRing decisions = new DecisionRing();
    private final AccessLog accessLog;
    private final RunningFleet fleet;
    private final Lanes lanes;
    private final List<Scraper> scrapers = new ArrayList<>();
    private final Discoverer discoverer;
    private final @Nullable Reloader reloader;
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private @Nullable HttpServer server;
    private @Nullable HttpServer adminServer;
    private volatile boolean stopped;

    private Gateway(Network network, Fleet initial, GatewayOptions options, DecisionLog listener) {
        this.network = network;
        this.options = options;
        this.accessLog = new AccessLog(options.accessLog(), network.blocking());
        this.fleet = new RunningFleet(initial, metrics, network.wallClock());
        this.lanes = new Lanes(makeLanes(initial, listener));
        EventLoop first = lanes.all().getFirst().loop();
        this.discoverer = new Discoverer(fleet, network.blocking(), first);
        FleetSource source = options.source();
        this.reloader = source == null ? null : new Reloader(source, network.blocking(), first, metrics, this::replace);
    }

    /**
     * Listens and serves.
     *
     * @return completed once the port is bound; fails with the system's reason when it cannot be
     */
    public static CompletableFuture<Gateway> start(Network network, Fleet fleet, GatewayOptions options) {
        return start(network, fleet, options, decision -> {});
    }

    /** @param listener hears of every sampled decision, on the loop that made it */
    static CompletableFuture<Gateway> start(
            Network network, Fleet fleet, GatewayOptions options, DecisionLog listener) {
        Gateway gateway = new Gateway(network, fleet, options, listener);
        gateway.begin();
        return gateway.discoverer
                .start()
                .thenCompose(found -> gateway.listen(fleet))
                .whenComplete((listening, failure) -> {
                    if (failure != null) {
                        gateway.halt();
                    }
                })
                .thenApply(listening -> gateway);
    }

    private List<Lane> makeLanes(Fleet initial, DecisionLog listener) {
        List<EventLoop> loops = new ArrayList<>();
        for (EventExecutor executor : network.loops()) {
            loops.add((EventLoop) executor);
        }
        Board board = new Board(loops.size());
        Options routing = Options.DEFAULT.with(options.policy()).with(decision -> {
            decisions.decided(decision);
            listener.decided(decision);
        });
        ClientOptions client = ClientOptions.standard()
                .withSpare()
                .withConnectTimeout(Duration.ofNanos(initial.timeouts().connectNanos()));
        SplittableRandom seeds = new SplittableRandom(options.seed());
        List<Lane> made = new ArrayList<>();
        for (EventLoop loop : loops) {
            LaneParts parts = new LaneParts(
                    network,
                    loop,
                    client,
                    metrics,
                    accessLog,
                    board,
                    made.size(),
                    seeds.nextLong(),
                    routing,
                    options.adminKey());
            made.add(new Lane(parts, fleet.view()));
        }
        return made;
    }

    private CompletableFuture<Void> listen(Fleet initial) {
        Admin admin = new Admin(lanes, fleet, metrics, accessLog, decisions, () -> reloader, network.blocking());
        InetSocketAddress address = options.listen() == null ? initial.listen() : options.listen();
        CompletableFuture<Void> listening = HttpServer.start(
                        network, address, serverOptions(initial, initial.tls()), new Routes(lanes.all(), admin, false))
                .thenAccept(started -> server = started);
        InetSocketAddress adminAddress = options.admin();
        if (adminAddress == null) {
            return listening;
        }
        return listening.thenCompose(main -> HttpServer.start(
                        network, adminAddress, serverOptions(initial, null), new Routes(lanes.all(), admin, true))
                .thenAccept(started -> adminServer = started));
    }

    private ServerOptions serverOptions(Fleet initial, @Nullable Tls tls) {
        Fleet.Limits limits = initial.limits();
        ServerLimits server = ServerLimits.standard()
                .withMaxHeadBytes(limits.headerBytes())
                .withMaxBodyBytes(limits.bodyBytes())
                .withMaxConnections(limits.connections())
                .withIdleTimeout(Duration.ofNanos(limits.idleNanos()));
        return ServerOptions.standard()
                .withLimits(server)
                .withTls(tls == null ? null : new ServerTls(Path.of(tls.certificateFile()), Path.of(tls.keyFile())))
                .withRefusalBody(this::refused);
    }

    /** Malformed HTTP and the like, turned down before any handler saw it: counted, and told as any other error. */
    private String refused(Refusal refusal) {
        metrics.refused(refusal.code());
        String type = refusal.status() >= 500 ? OpenAiError.SERVER : OpenAiError.INVALID_REQUEST;
        OpenAiError error = new OpenAiError(refusal.status(), refusal.message(), type, null, refusal.code());
        return new String(error.body(), StandardCharsets.UTF_8);
    }

    private void begin() {
        int count = lanes.all().size();
        Map<String, Dialect> dialects = Dialect.shipped();
        for (Lane lane : lanes.all()) {
            int shard = scrapers.size();
            scrapers.add(new Scraper(lane, dialects, options.scrapeEvery().toNanos(), this::observed));
            lane.loop().execute(() -> {
                scrapers.get(shard).watch(fleet.view().roster(), shard, count);
                tick(lane, TICK_NANOS * (shard + 1) / count);
            });
        }
        fleet.publishTo(this::publish);
        if (reloader != null) {
            reloader.start();
        }
    }

    private void tick(Lane lane, long delayNanos) {
        lane.loop()
                .schedule(
                        () -> {
                            if (!stopped) {
                                lane.dispatcher().tick(lane.now());
                                tick(lane, TICK_NANOS);
                            }
                        },
                        delayNanos,
                        TimeUnit.NANOSECONDS);
    }

    /** One loop has read a replica's load; every dispatcher wants to know. */
    private void observed(int replica, Reading reading) {
        for (Lane lane : lanes.all()) {
            if (lane.loop().inEventLoop()) {
                lane.dispatcher().observed(replica, reading, lane.now());
            } else {
                lane.loop().execute(() -> lane.dispatcher().observed(replica, reading, lane.now()));
            }
        }
    }

    private CompletableFuture<Void> publish(FleetView view) {
        Roster roster = view.roster();
        return lanes.tell(lane -> {
            lane.reload(view);
            int shard = lanes.all().indexOf(lane);
            scrapers.get(shard).watch(roster, shard, scrapers.size());
        });
    }

    private void replace(Fleet changed) {
        fleet.take(changed);
    }

    // ---- what the operator does

    Lanes lanes() {
        return lanes;
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        return listening(server).address();
    }

    public int port() {
        return address().getPort();
    }

    /** Of the operators' listener. @throws IllegalStateException when there is none */
    public int adminPort() {
        return listening(adminServer).port();
    }

    /** Puts a changed fleet to work on all loops; no request is dropped. Compiles it, so not for an event loop. */
    public CompletableFuture<Void> reload(Fleet changed) {
        return fleet.take(changed);
    }

    /** Reads the fleet's source again. @return whether it was taken; false with a log entry when it has mistakes */
    public CompletableFuture<Boolean> reload() {
        return reloader == null
                ? CompletableFuture.completedFuture(false)
                : reloader.reload().thenApply(Reloader.Outcome::taken);
    }

    /**
     * Takes no new requests, lets those under way end, however long they take, and then closes everything.
     *
     * @return completed when all is closed
     */
    public CompletableFuture<Void> drain() {
        List<CompletableFuture<Void>> empty = new ArrayList<>();
        for (Lane lane : lanes.all()) {
            CompletableFuture<Void> laneEmpty = new CompletableFuture<>();
            empty.add(laneEmpty);
            lane.loop().execute(() -> lane.drain(() -> laneEmpty.complete(null)));
        }
        CompletableFuture.allOf(empty.toArray(CompletableFuture[]::new))
                .thenCompose(none -> listening(server).drain())
                .thenRun(this::close);
        return drained;
    }

    /** Requests accepted and not ended, all loops together. */
    public CompletableFuture<Integer> open() {
        return lanes.ask(Lane::open)
                .thenApply(counts -> counts.stream().mapToInt(Integer::intValue).sum());
    }

    /**
     * Stops at once: whoever waits for an answer is told, then every connection is cut. @return completed when all is
     * closed
     */
    public CompletableFuture<Void> close() {
        if (!stopped) {
            HttpServer clients = listening(server);
            CompletableFuture<Void> closed = lanes.tell(Lane::stopCalls).thenCompose(told -> clients.close());
            HttpServer operators = adminServer;
            if (operators != null) {
                closed = closed.thenCompose(done -> operators.close());
            }
            closed.thenCompose(done -> halt()).thenRun(() -> drained.complete(null));
        }
        return drained;
    }

    /** Ends what goes on by itself. */
    private CompletableFuture<Void> halt() {
        stopped = true;
        discoverer.stop();
        if (reloader != null) {
            reloader.stop();
        }
        return lanes.tell(this::stop).thenCompose(done -> accessLog.written()); // whoever owns the log closes it now
    }

    private void stop(Lane lane) {
        scrapers.get(lanes.all().indexOf(lane)).stop();
        lane.close();
    }

    private static HttpServer listening(@Nullable HttpServer server) {
        if (server == null) {
            throw new IllegalStateException("The gateway has no such listener.");
        }
        return server;
    }
}
