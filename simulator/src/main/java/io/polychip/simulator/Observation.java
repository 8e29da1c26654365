package io.polychip.simulator;

/**
 * What gateways see of replicas: scrapes, each gateway its own, that come late or not at all.
 *
 * @param intervalNanos each replica is read that often; 0: never
 * @param delayNanos from the moment a reading is true to the moment a gateway has it
 * @param jitterNanos up to that much later still, at random
 * @param loss share of the readings that never come
 */
public record Observation(long intervalNanos, long delayNanos, long jitterNanos, double loss) {
    public static final Observation NONE = new Observation(0, 0, 0, 0);

    /** As the gateway does it: once a second, a few milliseconds late. */
    public static final Observation USUAL = new Observation(1_000_000_000L, 2_000_000L, 8_000_000L, 0.001);

    public Observation {
        if (intervalNanos < 0 || delayNanos < 0 || jitterNanos < 0 || !(loss >= 0 && loss <= 1)) {
            throw new ScenarioException("Readings need times of at least 0 and a loss from 0 to 1: every %d ns, %d ns"
                            .formatted(intervalNanos, delayNanos)
                    + " late, %d ns of jitter, loss %s.".formatted(jitterNanos, loss));
        }
    }
}
