package io.polychip.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.routing.Decision;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random small worlds, lived by the leaping simulation and by the naive one, which tells dispatchers of every token:
 * every decision with all its figures and every ending with its picoseconds must be the same. A failure names its seed.
 */
final class SimulationOracleTest {
    @Test
    void theLeapingSimulationAndTheNaiveOneAgreeOnThreeHundredWorlds() {
        int decisions = 0;
        for (long seed = 0; seed < 300; seed++) {
            decisions += compare(seed);
        }
        assertThat(decisions).isGreaterThan(5_000);
    }

    /**
     * Once a call whose time was up while it waited to be tried again asked to be woken at that very moment, for ever.
     */
    @Test
    void theyAgreeWhereTimeRunsOutBetweenTwoAttempts() {
        assertThat(compare(1_000_356)).isPositive();
    }

    @Test
    @Tag("slow")
    void theyAgreeOnTenThousandMore() {
        for (long seed = 1_000_000; seed < 1_010_000; seed++) {
            compare(seed);
        }
    }

    /** @return how many decisions were compared */
    private static int compare(long seed) {
        SmallWorld world = new SmallWorld(seed);
        List<Decision> decided = new ArrayList<>();
        List<NaiveSimulation.Ended> ended = new ArrayList<>();
        Scenario scenario = world.scenario.with(world.scenario.options().with(decided::add));
        Simulation simulation = new Simulation(
                scenario,
                world.traffic(),
                Asks.usual(scenario.roster().fleet().pools().getFirst().model()),
                (request, ending, first, at) -> ended.add(new NaiveSimulation.Ended(request, ending, first, at)));
        simulation.run(Long.MAX_VALUE);

        List<Decision> naivelyDecided = new ArrayList<>();
        List<NaiveSimulation.Ended> naivelyEnded = new NaiveSimulation(
                        world.scenario,
                        world.arrivals,
                        world.blockTokens(),
                        world.scenario.options().with(naivelyDecided::add))
                .live();
        same("decision", seed, decided, naivelyDecided);
        same("ending", seed, ended, naivelyEnded);
        return decided.size();
    }

    /** Fails with the first pair that differs: what follows from it says nothing. */
    private static <T> void same(String what, long seed, List<T> leapt, List<T> naive) {
        for (int i = 0; i < Math.min(leapt.size(), naive.size()); i++) {
            assertThat(leapt.get(i)).as("%s %d, seed %d", what, i, seed).isEqualTo(naive.get(i));
        }
        assertThat(leapt).as("%ss, seed %d", what, seed).hasSameSizeAs(naive);
    }
}
