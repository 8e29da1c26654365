package io.polychip.emulator;

import io.netty.buffer.ByteBufUtil;
import io.polychip.net.HttpExchange;
import io.polychip.net.HttpHandler;
import io.polychip.simulator.Where;
import java.util.Map;
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
            case "POST " + FAULTS ->
                answer(outlet, 201, Map.of("id", emulator.inject(ControlReader.fault(body(exchange), here))));
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
                emulator.truth(ControlReader.truth(body(exchange), here));
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
}
