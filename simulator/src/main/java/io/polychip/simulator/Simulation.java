package io.polychip.simulator;

/** A fleet's day in virtual time: the real dispatchers over engines. */
public final class Simulation {
    private final Scenario scenario;
    private final Traffic traffic;

    public Simulation(Scenario scenario, Traffic traffic) {
        this.scenario = scenario;
        this.traffic = traffic;
    }

    /** From start to end. */
    public static Report run(Scenario scenario, Traffic traffic) {
        Simulation simulation = new Simulation(scenario, traffic);
        simulation.run(Long.MAX_VALUE);
        return simulation.report();
    }

    /**
     * Goes on to that time.
     *
     * @return false once the traffic has ended and every request in it
     */
    public boolean run(long untilNanos) {
        throw new UnsupportedOperationException(scenario + " " + traffic + untilNanos);
    }

    /** Virtual time since the start. */
    public long nowNanos() {
        return 0;
    }

    /** What came of it so far. */
    public Report report() {
        throw new UnsupportedOperationException();
    }
}
