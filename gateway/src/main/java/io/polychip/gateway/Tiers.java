package io.polychip.gateway;

import io.polychip.fleet.RequestClass;
import io.polychip.protocol.OpenAiError;
import io.polychip.protocol.ProtocolException;

/** OpenAI's {@code service_tier} as a request class. */
final class Tiers {
    private Tiers() {}

    /**
     * A client may ask for less urgency than its key grants, never for more; as with OpenAI, too high a wish is quietly
     * lowered.
     *
     * @throws ProtocolException for a tier that does not exist
     */
    static RequestClass of(String serviceTier, RequestClass granted) {
        RequestClass asked = switch (serviceTier) {
            case "", "auto" -> granted;
            case "priority" -> RequestClass.PRIORITY;
            case "default", "scale" -> RequestClass.DEFAULT;
            case "flex" -> RequestClass.FLEX;
            case "batch" -> RequestClass.BATCH;
            default ->
                throw new ProtocolException(OpenAiError.invalid(
                        "Invalid value for 'service_tier': '%s'. Allowed are 'auto', 'default', 'priority', 'flex', 'scale' and 'batch'."
                                .formatted(serviceTier),
                        "service_tier",
                        "invalid_value"));
        };
        return asked.compareTo(granted) < 0 ? granted : asked;
    }
}
