package io.polychip.emulator;

import io.netty.buffer.ByteBufUtil;
import io.polychip.net.HttpExchange;
import io.polychip.net.HttpHandler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The emulator's own API, under {@code /control} on each replica's port (about that replica unless {@code where} says
 * otherwise) and on the control port (about all).
 *
 * <ul>
 *   <li>{@code POST /control/faults} {@code {"kind": "cut", "after": 40, "where": {"pool": "h100", "replica": 0,
 *       "vendor": "nvidia", "labels": {"region": "us-east"}}, "probability": 0.5, "count": 3, "status": 429,
 *       "retryAfterSeconds": 7, "factor": 4}}: only {@code kind} is required; answers {@code {"id": 1}}. Kinds are
 *       {@link Fault.Kind} in lower case with hyphens; refuse, die and slow last until cleared.
 *   <li>{@code GET /control/faults}: those in force. {@code DELETE /control/faults} clears all (and revives the dead),
 *       {@code DELETE /control/faults/ID} one.
 *   <li>{@code POST /control/truth} {@code {"where": {...}, "factor": 1.4, "step": 1.4, "prefill": 1, "kv": 1,
 *       "driftPerMinute": 0.02}}: replaces the hidden truth there; {@code factor} is the default of the other three.
 *   <li>{@code GET /control/counters}: what each replica did so far. {@code GET /control/replicas}: where they listen.
 * </ul>
 *
 * Answers 400 with what was wrong.
 */
final class ControlApi implements HttpHandler {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String FAULTS = "/control/faults";
    private static final Set<String> FAULT_FIELDS =
            Set.of("kind", "where", "after", "status", "retryAfterSeconds", "factor", "probability", "count");
    private static final Set<String> TRUTH_FIELDS =
            Set.of("where", "factor", "step", "prefill", "kv", "driftPerMinute");
    private static final Set<String> WHERE_FIELDS = Set.of("pool", "replica", "vendor", "labels");

    private final Emulator emulator;
    private final Where here;

    ControlApi(Emulator emulator, Where here) {
        this.emulator = emulator;
        this.here = here;
    }

    @Override
    public void handle(HttpExchange exchange) {
        Outlet outlet = new Outlet(exchange, exchange.loop());
        try {
            route(exchange, outlet);
        } catch (EmulatorException wrong) {
            answer(outlet, 400, Map.of("error", String.valueOf(wrong.getMessage())));
        } catch (JacksonException noJson) {
            answer(outlet, 400, Map.of("error", "The body is not the JSON expected: " + noJson.getOriginalMessage()));
        }
    }

    private void route(HttpExchange exchange, Outlet outlet) {
        String call = exchange.method() + " " + exchange.path();
        switch (call) {
            case "POST " + FAULTS -> answer(outlet, 201, Map.of("id", emulator.inject(fault(body(exchange)))));
            case "GET " + FAULTS ->
                answer(
                        outlet,
                        200,
                        emulator.faults().stream().map(ControlApi::view).toList());
            case "DELETE " + FAULTS -> {
                emulator.clearAll();
                answer(outlet, 200, Map.of());
            }
            case "POST /control/truth" -> {
                emulator.truth(truth(body(exchange)));
                answer(outlet, 200, Map.of());
            }
            case "GET /control/counters" ->
                emulator.counters().thenAcceptAsync(all -> answer(outlet, 200, all), exchange.loop());
            case "GET /control/replicas" -> answer(outlet, 200, emulator.addresses());
            default -> {
                boolean one = call.startsWith("DELETE " + FAULTS + "/");
                boolean cleared = one && emulator.clear(number(exchange.path().substring(FAULTS.length() + 1)));
                answer(outlet, cleared ? 200 : 404, cleared ? Map.of() : Map.of("error", "Nothing at " + call + "."));
            }
        }
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException notOne) {
            throw new EmulatorException("%s is no fault's number. Maybe GET %s.".formatted(text, FAULTS));
        }
    }

    private static JsonNode body(HttpExchange exchange) {
        return JSON.readTree(ByteBufUtil.getBytes(exchange.body()));
    }

    private static void answer(Outlet outlet, int status, Object body) {
        outlet.json(status, JSON.writeValueAsString(body));
    }

    private static Map<String, Object> view(FaultBoard.Active active) {
        return Map.of(
                "id",
                active.id(),
                "kind",
                active.fault().kind().wireName(),
                "left",
                active.left().get(),
                "fault",
                active.fault());
    }

    private Fault fault(JsonNode body) {
        known(body, FAULT_FIELDS);
        Fault.Kind kind = kind(body.path("kind").asString(""));
        Fault plain = Fault.of(kind, where(body.path("where")));
        return new Fault(
                plain.where(),
                kind,
                body.path("after").asInt(plain.after()),
                body.path("status").asInt(plain.status()),
                body.path("retryAfterSeconds").asInt(plain.retryAfterSeconds()),
                body.path("factor").asDouble(plain.factor()),
                body.path("probability").asDouble(plain.probability()),
                body.path("count").asInt(plain.count()));
    }

    private static Fault.Kind kind(String name) {
        List<String> names = new ArrayList<>();
        for (Fault.Kind kind : Fault.Kind.values()) {
            if (kind.wireName().equals(name.toLowerCase(Locale.ROOT))) {
                return kind;
            }
            names.add(kind.wireName());
        }
        throw new EmulatorException(
                "kind \"%s\" is unknown; allowed are %s.".formatted(name, String.join(", ", names)));
    }

    private Truth truth(JsonNode body) {
        known(body, TRUTH_FIELDS);
        double factor = body.path("factor").asDouble(1);
        return new Truth(
                where(body.path("where")),
                body.path("step").asDouble(factor),
                body.path("prefill").asDouble(factor),
                body.path("kv").asDouble(factor),
                body.path("driftPerMinute").asDouble(0));
    }

    private Where where(JsonNode node) {
        if (node.isMissingNode() || node.isNull()) {
            return here;
        }
        known(node, WHERE_FIELDS);
        Map<String, String> labels = new HashMap<>();
        node.path("labels")
                .properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().asString()));
        return new Where(
                node.path("pool").asString(""),
                node.path("replica").asInt(-1),
                node.path("vendor").asString(""),
                labels);
    }

    private static void known(JsonNode node, Set<String> fields) {
        if (!node.isObject()) {
            throw new EmulatorException("%s is no JSON object with some of %s.".formatted(node, fields));
        }
        node.propertyNames().forEach(name -> {
            if (!fields.contains(name)) {
                throw new EmulatorException("%s is unknown; allowed are %s.".formatted(name, fields));
            }
        });
    }
}
