package io.polychip.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.EmptyByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.net.ClientTls;
import io.polychip.net.HttpClient;
import io.polychip.routing.Dispatcher;
import io.polychip.routing.Ending;
import io.polychip.routing.Roster;
import io.polychip.routing.Usage;
import java.net.URI;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop has of the gateway: its dispatcher, its connections to replicas, what it has learned, its part of
 * the log. Requests stay on the loop they arrived on, so nothing in here is shared and nothing is locked. On its loop
 * only.
 */
final class Lane {
    private static final int SCRATCH_BYTES = 1024 * 1024;
    private static final char[] HEX = "0123456789abcdef".toCharArray();

    private final EventLoop loop;
    private final ByteBufAllocator allocator;
    private final ByteBuf nothing;
    private final InstantSource wallClock;
    private final HttpClient client;
    private final Map<ClientTls, HttpClient> privateClients = new HashMap<>();
    private final Function<ClientTls, HttpClient> clients;
    private final Metrics metrics;
    private final CallLog log;
    private final SplittableRandom random;
    private final TokenRatio ratio = new TokenRatio();
    private final Dispatcher dispatcher;
    private final @Nullable String adminKey;
    private final Set<ClientCall> open = new HashSet<>();
    private FleetView view;
    private Keyring keyring;
    private byte[] scratch = new byte[16 * 1024];
    private boolean draining;
    private @Nullable Runnable onEmpty;

    Lane(LaneParts parts, FleetView view) {
        this.loop = parts.loop();
        this.allocator = parts.network().allocator();
        this.nothing = new EmptyByteBuf(allocator);
        this.wallClock = parts.network().wallClock();
        this.client = parts.client();
        this.clients = parts::client;
        this.metrics = parts.metrics();
        this.log = new CallLog(parts.loop(), parts.log(), wallClock);
        this.random = new SplittableRandom(parts.seed());
        this.adminKey = parts.adminKey();
        this.view = view;
        this.keyring = new Keyring(view.fleet().keys(), adminKey);
        this.dispatcher = parts.dispatcher(new NettyHost(), view.roster(), random.nextLong());
    }

    EventLoop loop() {
        return loop;
    }

    long now() {
        return loop.ticker().nanoTime();
    }

    InstantSource wallClock() {
        return wallClock;
    }

    ByteBufAllocator allocator() {
        return allocator;
    }

    /** An empty buffer. */
    ByteBuf nothing() {
        return nothing;
    }

    /** Room for at least that many bytes, valid until the next use. */
    byte[] scratch(int bytes) {
        if (bytes <= scratch.length) {
            return scratch;
        }
        byte[] larger = new byte[Math.max(bytes, Math.min(2 * scratch.length, SCRATCH_BYTES))];
        if (larger.length <= SCRATCH_BYTES) {
            scratch = larger;
        }
        return larger;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    /** The client that trusts whom that pool's servers are certified by. */
    HttpClient client(UpstreamPlan plan) {
        ClientTls tls = plan.tls();
        return tls == null ? client : privateClients.computeIfAbsent(tls, clients);
    }

    Metrics metrics() {
        return metrics;
    }

    TokenRatio ratio() {
        return ratio;
    }

    FleetView view() {
        return view;
    }

    Keyring keyring() {
        return keyring;
    }

    long random() {
        return random.nextLong();
    }

    /** {@code req_} and 128 random bits. */
    String newRequestId() {
        char[] id = new char[36];
        "req_".getChars(0, 4, id, 0);
        for (int half = 0; half < 2; half++) {
            long bits = random.nextLong();
            for (int i = 0; i < 16; i++) {
                id[4 + 16 * half + i] = HEX[(int) (bits >>> (60 - 4 * i)) & 15];
            }
        }
        return new String(id);
    }

    UpstreamPlan plan(Roster.Replica replica) {
        UpstreamPlan plan = view.plan(replica.pool());
        if (plan == null) {
            throw new IllegalStateException("Pool %s was chosen but is not in the fleet.".formatted(replica.pool()));
        }
        return plan;
    }

    /** Puts an attempt on the wire, once more where a kept connection had died. */
    void send(Upstream upstream) {
        ClientCall call = upstream.client();
        URI replica = upstream.attempt().replica().url();
        HttpHeaders headers = Responses.empty();
        headers.set(HttpHeaderNames.CONTENT_TYPE, Responses.JSON);
        headers.set(HttpHeaderNames.ACCEPT, call.scan().stream() ? "text/event-stream" : Responses.JSON);
        headers.set("x-request-id", call.id());
        if (upstream.plan().authorization() != null) {
            headers.set(HttpHeaderNames.AUTHORIZATION, upstream.plan().authorization());
        }
        String trace = call.exchange().requestHeaders().get("traceparent");
        if (trace != null) {
            headers.set("traceparent", trace);
        }
        UpstreamPlan plan = upstream.plan();
        String path = plan.path(call.scan().endpoint());
        upstream.start(client(plan).send(replica, "POST", path, headers, call.upstreamBody(plan), upstream));
    }

    // ---- what is under way

    void began(ClientCall call) {
        open.add(call);
        metrics.requests(call.scan().model(), call.requestClass()).inc();
    }

    void charged(UpstreamPlan plan, Usage usage) {
        Metrics.OfPool pool = plan.metrics();
        pool.promptTokens.inc(usage.promptTokens());
        pool.cachedTokens.inc(usage.cachedTokens());
        pool.completionTokens.inc(usage.completionTokens());
        pool.cost.inc(plan.usd(usage));
    }

    void ended(ClientCall call, Ending ending, int status) {
        open.remove(call);
        Upstream last = call.upstream();
        if (ending instanceof Ending.Completed && last != null) {
            Metrics.OfPool pool = last.plan().metrics();
            pool.completed(call.requestClass());
            pool.firstToken(call.requestClass(), call.timeline().ttftNanos());
            if (call.timeline().itlNanos() > 0) {
                pool.betweenTokens(call.requestClass(), call.timeline().itlNanos());
            }
        } else {
            metrics.ended(
                    last == null ? "" : last.plan().pool().name(),
                    last == null ? "" : last.plan().pool().vendor(),
                    call.requestClass(),
                    CallLog.name(ending),
                    call.reason(ending));
        }
        metrics.queued(call.requestClass(), call.timeline().queuedNanos());
        metrics.overhead(call.timeline().overheadNanos());
        log.write(call, ending, status);
        if (draining && open.isEmpty() && onEmpty != null) {
            onEmpty.run();
        }
    }

    /** Requests accepted and not ended. */
    int open() {
        return open.size();
    }

    boolean draining() {
        return draining;
    }

    /** No new requests from now on. @param whenEmpty run once the last one has ended */
    void drain(Runnable whenEmpty) {
        draining = true;
        onEmpty = whenEmpty;
        if (open.isEmpty()) {
            whenEmpty.run();
        }
    }

    /** Ends what is under way, and tells every client that it is not complete. */
    void stopCalls() {
        draining = true;
        List.copyOf(open).forEach(ClientCall::stop);
    }

    void reload(FleetView next) {
        FleetView before = view;
        view = next;
        keyring = new Keyring(next.fleet().keys(), adminKey);
        dispatcher.reload(next.roster(), now());
        for (Roster.Replica replica : before.roster().replicas()) {
            if (!next.roster().replicas().contains(replica)) {
                client.forget(replica.url());
            }
        }
        privateClients.values().forEach(HttpClient::close); // certificates were read anew
        privateClients.clear();
    }

    /** Lets go of connections and writes what is left of the log. */
    void close() {
        client.close();
        privateClients.values().forEach(HttpClient::close);
        log.flush();
    }

    CallLog log() {
        return log;
    }
}
