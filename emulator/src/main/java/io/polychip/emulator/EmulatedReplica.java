package io.polychip.emulator;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.Hosted;
import io.polychip.fleet.Pool;
import io.polychip.fleet.Provider;
import io.polychip.net.HttpExchange;
import io.polychip.net.HttpHandler;
import io.polychip.net.Network;
import io.polychip.performance.Profile;
import io.polychip.protocol.Endpoint;
import io.polychip.protocol.Feature;
import io.polychip.protocol.Hash64;
import io.polychip.protocol.ModelList;
import io.polychip.protocol.OpenAiError;
import io.polychip.protocol.ProtocolException;
import io.polychip.simulator.HostedApi.Admission;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One replica: the HTTP side of its engine. A request is checked as its engine or provider would check it, given its
 * script, and handed to the {@link ChipDriver}; all of that on the home loop, whichever loop the connection lives on.
 */
final class EmulatedReplica implements HttpHandler {
    private static final System.Logger LOG = System.getLogger(EmulatedReplica.class.getName());
    private static final int CHOICE_BITS = 10;
    private static final long PICOS_PER_SECOND = 1_000_000_000_000L;

    final Pool pool;
    final int number;
    final Counters counters = new Counters();
    final ChipDriver driver;
    final EventLoop home;
    private final Network network;
    private final Profile profile;
    private final Dialect dialect;
    private final Set<String> models = new LinkedHashSet<>();
    private final List<String> unsupported;
    private final FaultBoard faults;
    private final HttpHandler control;
    private final long seed;
    private long requests;

    EmulatedReplica(
            Fleet fleet,
            Pool pool,
            int number,
            Profile profile,
            Network network,
            EventLoop home,
            FaultBoard faults,
            HttpHandler control,
            EmulatorOptions options) {
        this.pool = pool;
        this.number = number;
        this.profile = profile;
        this.network = network;
        this.home = home;
        this.faults = faults;
        this.control = control;
        this.dialect = Dialect.of(pool);
        this.driver = new ChipDriver(home, pool, profile, counters, options.grainNanos());
        this.seed = Hash64.join(Hash64.join(options.seed(), pool.name().hashCode()), number);
        Hosted hosted = pool.hosted();
        if (hosted != null) {
            models.add(hosted.model());
        }
        models.add(pool.model());
        models.add(pool.deployment().model().id());
        Provider provider =
                hosted == null ? null : fleet.catalogue().providers().get(hosted.provider());
        this.unsupported = provider == null ? List.of() : provider.unsupported();
    }

    @Override
    public void handle(HttpExchange exchange) {
        String path = exchange.path();
        if (path.startsWith("/control/")) {
            control.handle(exchange);
            return;
        }
        Outlet outlet = new Outlet(exchange, home);
        Endpoint endpoint = endpoint(path);
        if (endpoint != null && exchange.method().equals("POST")) {
            generate(exchange, outlet, endpoint);
        } else if (endpoint != null) {
            outlet.error(error(405, "Only POST is allowed here, not " + exchange.method(), null, null));
        } else if (path.endsWith("/models")) {
            outlet.json(200, new String(ModelList.of(models, pool.vendor(), 0), StandardCharsets.UTF_8));
        } else if (path.equals("/health") || path.equals("/health_generate")) {
            outlet.respond(200, Outlet.headers("text/plain"), "");
        } else if (!dialect.metricsPath().isEmpty() && path.equals(dialect.metricsPath())) {
            home.execute(() -> outlet.respond(200, Outlet.headers("text/plain; version=0.0.4"), metrics()));
        } else {
            outlet.error(error(404, "Not found: " + path, null, null));
        }
    }

    /** Providers serve the calls below a base path of their own, {@code /openai/v1}. */
    private static @Nullable Endpoint endpoint(String path) {
        for (Endpoint endpoint : Endpoint.values()) {
            if (path.endsWith(endpoint.path())) {
                return endpoint;
            }
        }
        return null;
    }

    private String metrics() {
        return MetricsPage.of(
                dialect, pool.model(), driver.backend(), counters, profile.kvTokens(), profile.blockTokens());
    }

    ReplicaCounters snapshot() {
        return new ReplicaCounters(
                pool.name(),
                number,
                counters.started.sum(),
                counters.finished.sum(),
                counters.cancelled.sum(),
                counters.refused.sum(),
                counters.promptTokens.sum(),
                counters.cachedTokens.sum(),
                counters.tokens.sum(),
                driver.backend().running(),
                driver.backend().waiting());
    }

    private void generate(HttpExchange exchange, Outlet outlet, Endpoint endpoint) {
        Order order;
        try {
            order = OrderReader.read(ByteBufUtil.getBytes(exchange.body()), endpoint);
        } catch (ProtocolException wrong) {
            refuse(outlet, wrong.error());
            return;
        }
        if (home.inEventLoop()) {
            take(order, outlet);
        } else {
            home.execute(() -> take(order, outlet));
        }
    }

    private void take(Order order, Outlet outlet) {
        long request = requests++;
        OpenAiError wrong = check(order);
        if (wrong != null) {
            refuse(outlet, wrong);
            return;
        }
        Fault fault = faults.draw(pool, number, request);
        if (fault != null && answeredBy(fault, order, outlet)) {
            LOG.log(System.Logger.Level.DEBUG, "{0}/{1}: request {2} met {3}", pool.name(), number, request, fault);
            return;
        }
        HttpHeaders headers =
                Outlet.headers(order.scan().stream() ? "text/event-stream; charset=utf-8" : "application/json");
        Reply reply = reply(order, outlet, fault, request, headers);
        Admission admission = driver.submit(reply);
        if (driver.chip() instanceof Chip.Rented rented) {
            RateLimits.describe(headers, pool.quota(), rented.api(), driver.nowPicos());
        }
        if (!admission.taken()) {
            refuse(outlet, headers, admission);
            return;
        }
        driver.begin(reply);
        outlet.onAbandoned(() -> driver.cancel(reply));
    }

    private @Nullable OpenAiError check(Order order) {
        if (!models.contains(order.scan().model())) {
            return error(
                    404,
                    "The model `%s` does not exist. Maybe %s."
                            .formatted(order.scan().model(), models.iterator().next()),
                    "model",
                    "model_not_found");
        }
        for (String field : unsupported) {
            if (asks(order, field)) {
                return error(400, "property '%s' is unsupported".formatted(field), field, null);
            }
        }
        for (int choice = 0; choice < order.choices(); choice++) {
            int prompt = order.promptTokens(choice);
            int least = order.embeddings() ? 0 : 1;
            if (prompt + least > pool.contextTokens() || !driver.chip().fits(prompt, least)) {
                return error(
                        400,
                        "This model's maximum context length is %d tokens. However, your prompt has %d."
                                .formatted(pool.contextTokens(), prompt),
                        order.chat() ? "messages" : "prompt",
                        "context_length_exceeded");
            }
        }
        return null;
    }

    private static boolean asks(Order order, String field) {
        for (Feature feature : Feature.values()) {
            if (feature.field().equals(field)) {
                return feature.in(order.scan().features());
            }
        }
        return order.scan().has(field);
    }

    /** Faults that need no engine. */
    private boolean answeredBy(Fault fault, Order order, Outlet outlet) {
        boolean stream = order.scan().stream();
        switch (fault.kind()) {
            case HANG -> outlet.onAbandoned(counters.cancelled::increment);
            case STATUS -> {
                counters.refused.increment();
                HttpHeaders headers = Outlet.headers("application/json");
                if (fault.retryAfterSeconds() > 0) {
                    headers.set("retry-after", fault.retryAfterSeconds());
                }
                OpenAiError error = error(fault.status(), "Injected fault.", null, statusCode(fault.status()));
                outlet.respond(fault.status(), headers, new String(error.body(), StandardCharsets.UTF_8));
            }
            case EMPTY -> outlet.respond(200, Outlet.headers(stream ? "text/event-stream" : "application/json"), "");
            case HTML -> outlet.respond(200, Outlet.headers("text/html"), ReplyText.PAGE);
            case REFUSE, DIE, SLOW, CUT, RESET, STALL, BROKEN, ERROR, WRONG_TEXT -> {
                return false;
            }
        }
        return true;
    }

    private static String statusCode(int status) {
        return switch (status) {
            case 413, 429 -> "rate_limit_exceeded";
            case 498 -> "capacity_exceeded";
            case 503 -> "service_unavailable";
            default -> "internal_error";
        };
    }

    private Reply reply(Order order, Outlet outlet, @Nullable Fault fault, long request, HttpHeaders headers) {
        String id = HexFormat.of().toHexDigits(Hash64.join(seed, request));
        long created = network.wallClock().instant().getEpochSecond();
        ReplyText text = new ReplyText(id, created, order.scan().model(), order, dialect);
        Reply reply = order.scan().stream() && !order.embeddings()
                ? new StreamReply(outlet, order, text, fault, network.allocator(), headers)
                : new WholeReply(outlet, order, text, fault, headers);
        boolean wrong = fault != null && fault.kind() == Fault.Kind.WRONG_TEXT;
        for (int choice = 0; choice < order.choices(); choice++) {
            Script script = order.embeddings()
                    ? Script.of(new ArrayList<>(), "stop", "")
                    : ScriptWriter.write(order, choice, room(order.promptTokens(choice)), wrong);
            reply.add(new Choice(reply, choice, script, (request << CHOICE_BITS) + choice));
        }
        return reply;
    }

    /** Answer tokens that fit behind a prompt, into the context and into the cache. */
    private int room(int promptTokens) {
        long room = Math.min(pool.contextTokens(), profile.kvTokens() - profile.blockTokens()) - (long) promptTokens;
        return (int) Math.max(1, room);
    }

    private void refuse(Outlet outlet, HttpHeaders headers, Admission refusal) {
        counters.refused.increment();
        long seconds = Math.ceilDiv(refusal.retryAfterPicos(), PICOS_PER_SECOND);
        headers.set("content-type", "application/json");
        if (seconds > 0) {
            headers.set("retry-after", seconds);
        }
        String message = switch (refusal.status()) {
            case 413 -> "Request too large for the quota of this model; reduce it.";
            case 498 -> "Flex capacity is exhausted at the moment.";
            default -> "Rate limit reached: please try again in %s.".formatted(RateLimits.duration((double) seconds));
        };
        OpenAiError error = error(refusal.status(), message, null, statusCode(refusal.status()));
        outlet.respond(refusal.status(), headers, new String(error.body(), StandardCharsets.UTF_8));
    }

    private void refuse(Outlet outlet, OpenAiError error) {
        counters.refused.increment();
        outlet.error(error);
    }

    private static OpenAiError error(int status, String message, @Nullable String param, @Nullable String code) {
        String type = switch (status) {
            case 429 -> OpenAiError.RATE_LIMIT;
            case 400, 404, 405 -> OpenAiError.INVALID_REQUEST;
            default -> OpenAiError.SERVER;
        };
        return new OpenAiError(status, message, type, param, code);
    }
}
