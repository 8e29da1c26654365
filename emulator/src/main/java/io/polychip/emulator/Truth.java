package io.polychip.emulator;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How the chips there really are, which no router is told: factors on the profile's coefficients.
 *
 * @param step on the time of a step and on arrival
 * @param prefill on the cost of prompt tokens
 * @param kv on the cost of reading the cache
 * @param driftPerMinute everything grows by this share of itself each minute, not compounded; may be negative
 */
public record Truth(Where where, double step, double prefill, double kv, double driftPerMinute) {
    public Truth {
        for (double factor : new double[] {step, prefill, kv}) {
            if (!(factor >= 0.01 && factor <= 100)) {
                throw new EmulatorException(
                        "A factor of %s on a coefficient is outside 0.01 to 100; 1.4 means 40 %% slower."
                                .formatted(factor));
            }
        }
        if (!(Math.abs(driftPerMinute) <= 1)) {
            throw new EmulatorException(
                    "A drift of %s per minute is outside -1 to 1; 0.02 means 2 %% a minute.".formatted(driftPerMinute));
        }
    }

    /**
     * Those of a file: a JSON array of what {@code POST /control/truth} takes.
     *
     * @throws EmulatorException with what is wrong
     */
    public static List<Truth> read(String json) {
        try {
            List<Truth> truths = new ArrayList<>();
            for (JsonNode each : JsonMapper.shared().readTree(json).values()) {
                truths.add(ControlReader.truth(each, Where.EVERYWHERE));
            }
            return truths;
        } catch (JacksonException noJson) {
            throw new EmulatorException("Not the JSON array expected: " + noJson.getOriginalMessage(), noJson);
        }
    }

    /** The same factor on everything. */
    public static Truth factor(Where where, double factor) {
        return new Truth(where, factor, factor, factor, 0);
    }
}
