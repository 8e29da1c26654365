package io.polychip.emulator;

import io.polychip.simulator.Truth;
import io.polychip.simulator.Where;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Hidden truths of a file: a JSON array of what {@code POST /control/truth} takes. */
public final class TruthFile {
    private TruthFile() {}

    /** @throws EmulatorException with what is wrong */
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
}
