package io.polychip.gateway;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.net.HttpExchange;
import io.polychip.protocol.OpenAiError;
import io.polychip.routing.Snapshot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The operator's paths: {@code /metrics} and {@code /admin/*}. For this machine and for holders of the operator's key;
 * behind a proxy on the same machine everybody would be local, so a forwarded request never counts as local.
 *
 * <p>What loops know is asked of them, and put together on the blocking executor.
 */
final class Admin {
    private static final List<String> FORWARDED = List.of("forwarded", "x-forwarded-for", "x-real-ip", "via");
    private static final int DECISIONS = 50;

    private final Lanes lanes;
    private final RunningFleet fleet;
    private final Metrics metrics;
    private final AccessLog accessLog;
    private final DecisionRing decisions;
    private final Supplier<@Nullable Reloader> reloader;
    private final Executor blocking;

    Admin(
            Lanes lanes,
            RunningFleet fleet,
            Metrics metrics,
            AccessLog accessLog,
            DecisionRing decisions,
            Supplier<@Nullable Reloader> reloader,
            Executor blocking) {
        this.lanes = lanes;
        this.fleet = fleet;
        this.metrics = metrics;
        this.accessLog = accessLog;
        this.decisions = decisions;
        this.reloader = reloader;
        this.blocking = blocking;
    }

    /** @param trusted the listener itself is for operators only */
    void handle(Lane lane, HttpExchange exchange, boolean trusted) {
        HttpHeaders headers = exchange.requestHeaders();
        if (!trusted && !local(exchange, headers) && !lane.keyring().admin(headers)) {
            refuse(
                    lane,
                    exchange,
                    new OpenAiError(
                            403,
                            "This path is the operator's: ask from the gateway's own machine, or with the operator's"
                                    + " key.",
                            OpenAiError.INVALID_REQUEST,
                            null,
                            "operator_only"));
            return;
        }
        String path = exchange.path();
        switch (path) {
            case "/metrics" -> get(lane, exchange, Metrics.CONTENT_TYPE, this::page);
            case "/admin/state" -> get(lane, exchange, Responses.JSON, this::state);
            case "/admin/decisions" -> get(lane, exchange, Responses.JSON, () -> decisions(exchange.query()));
            case "/admin/reload" -> post(lane, exchange, this::reload);
            default -> pool(lane, exchange, path);
        }
    }

    private static boolean local(HttpExchange exchange, HttpHeaders headers) {
        String remote = exchange.remoteAddress();
        boolean loopback = remote.startsWith("127.")
                || remote.startsWith("[::1]")
                || remote.startsWith("::1")
                || remote.startsWith("[0:0:0:0:0:0:0:1]")
                || remote.startsWith("0:0:0:0:0:0:0:1");
        return loopback && FORWARDED.stream().noneMatch(headers::contains);
    }

    private void pool(Lane lane, HttpExchange exchange, String path) {
        String[] parts = path.split("/", -1);
        boolean known = parts.length == 5
                && parts[2].equals("pools")
                && (parts[4].equals("drain") || parts[4].equals("enable"));
        if (!known) {
            refuse(
                    lane,
                    exchange,
                    new OpenAiError(
                            404,
                            "Unknown path %s. Known: /admin/state, /admin/decisions, /admin/reload, /admin/pools/NAME/drain, /admin/pools/NAME/enable."
                                    .formatted(path),
                            OpenAiError.INVALID_REQUEST,
                            null,
                            "unknown_url"));
            return;
        }
        post(
                lane,
                exchange,
                () -> CompletableFuture.supplyAsync(() -> toggle(parts[3], parts[4].equals("drain")), blocking));
    }

    private Outcome toggle(String pool, boolean out) {
        if (!fleet.drain(pool, out)) {
            return new Outcome(404, Map.of("error", "There is no pool '%s'.".formatted(pool)));
        }
        return new Outcome(200, Map.of("pool", pool, "in_rotation", !out));
    }

    private record Outcome(int status, Map<String, ?> body) {}

    private CompletableFuture<Outcome> reload() {
        Reloader source = reloader.get();
        if (source == null) {
            return CompletableFuture.completedFuture(
                    new Outcome(409, Map.of("error", "This gateway was started without a file to read again.")));
        }
        return source.reload()
                .thenApply(outcome -> new Outcome(
                        outcome.taken() ? 200 : 422, Map.of("taken", outcome.taken(), "message", outcome.message())));
    }

    // ---- what is told

    private CompletableFuture<byte[]> page() {
        return lanes.ask(lane -> lane.dispatcher().snapshot(lane.now())).thenApplyAsync(this::page, blocking);
    }

    private byte[] page(List<Snapshot> snapshots) {
        metrics.observe(snapshots);
        metrics.logDrops.set((double) accessLog.droppedLines());
        return metrics.page();
    }

    private CompletableFuture<byte[]> state() {
        return lanes.ask(lane -> lane.dispatcher().snapshot(lane.now()))
                .thenApplyAsync(snapshots -> AdminJson.write(AdminState.of(fleet, metrics, snapshots)), blocking);
    }

    private CompletableFuture<byte[]> decisions(String query) {
        int wanted = DECISIONS;
        if (query.matches("last=\\d{1,4}")) {
            wanted = Integer.parseInt(query.substring("last=".length()));
        }
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("sampled", fleet.view().fleet().disclosure().decisionSample());
        answer.put("decisions", decisions.last(wanted));
        return CompletableFuture.supplyAsync(() -> AdminJson.write(answer), blocking);
    }

    // ---- how it is told

    private static void get(Lane lane, HttpExchange exchange, String type, Supplier<CompletableFuture<byte[]>> source) {
        if (!exchange.method().equals("GET")) {
            Routes.wrongMethod(lane, exchange, "GET");
            return;
        }
        source.get()
                .whenComplete((bytes, failure) -> lane.loop().execute(() -> {
                    if (failure == null) {
                        answer(exchange, 200, type, bytes);
                    } else {
                        failed(lane, exchange, failure);
                    }
                }));
    }

    private static void post(Lane lane, HttpExchange exchange, Supplier<CompletableFuture<Outcome>> action) {
        if (!exchange.method().equals("POST")) {
            Routes.wrongMethod(lane, exchange, "POST");
            return;
        }
        action.get()
                .whenComplete((outcome, failure) -> lane.loop().execute(() -> {
                    if (failure == null) {
                        answer(exchange, outcome.status(), Responses.JSON, AdminJson.write(outcome.body()));
                    } else {
                        failed(lane, exchange, failure);
                    }
                }));
    }

    private static void failed(Lane lane, HttpExchange exchange, Throwable failure) {
        System.getLogger(Admin.class.getName())
                .log(System.Logger.Level.ERROR, "An operator's request failed.", failure);
        refuse(
                lane,
                exchange,
                new OpenAiError(500, "That failed; the log says why.", OpenAiError.SERVER, null, "internal_error"));
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body) {
        HttpHeaders headers = Responses.empty().set(HttpHeaderNames.CONTENT_TYPE, type);
        exchange.respond(status, headers, Unpooled.wrappedBuffer(body));
    }

    private static void refuse(Lane lane, HttpExchange exchange, OpenAiError error) {
        Routes.refuse(lane, exchange, lane.newRequestId(), error);
    }
}
