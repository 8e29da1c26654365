package io.polychip.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.RequestClass;
import io.polychip.fleet.RoutingStart;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a plan leaves for the slow loop to begin from; on virtual time. */
final class PlannedStartTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int SHORT = 200;
    private static final int LONG = 4000;

    /** Short prompts mostly to one pool, long ones mostly to the other. */
    private static final RoutingStart PLAN =
            new RoutingStart(Map.of("h100", 2.0, "mi300x", 0.5), List.of(kind(SHORT, 0.8), kind(LONG, 0.1)));

    private static RoutingStart.Kind kind(int prompt, double toH100) {
        return new RoutingStart.Kind(
                Fleets.MODEL, RequestClass.DEFAULT, prompt, 100, 5, Map.of("h100", toH100, "mi300x", 1 - toH100));
    }

    private static Fleets fleets() {
        return Fleets.of()
                .owned("h100", "nvidia", 8, 1, 2)
                .owned("mi300x", "amd", 8, 1, 2)
                .objective(RequestClass.DEFAULT, 5000, 100);
    }

    private static World world(Fleets fleets) {
        World world = new World(fleets.roster(), 1, Options.DEFAULT);
        world.tickEvery(10 * SECOND);
        return world;
    }

    /** Share of the requests of a length that go to one pool in the next minute. */
    private static double toH100(World world, int prompt) {
        World.Gateway gateway = world.gateways.getFirst();
        int before = gateway.sentTo("h100");
        int all = gateway.sends;
        world.arrivals(
                10,
                60,
                3 + prompt,
                n -> gateway.accept(
                        Asks.plain().seed(n).prompt(prompt).output(100).ask()));
        world.run(65 * SECOND);
        return (gateway.sentTo("h100") - before) / (double) (gateway.sends - all);
    }

    @Test
    void theFirstDecisionsFollowThePlansSharesByKind() {
        World world = world(fleets().start(PLAN));
        assertThat(toH100(world, SHORT)).isCloseTo(0.8, within(0.1)); // part of them market by the minute's end
        assertThat(toH100(world(fleets().start(PLAN)), LONG)).isCloseTo(0.1, within(0.1));
        assertThat(toH100(world(fleets()), SHORT)).isCloseTo(0.5, within(0.1));
    }

    @Test
    void pricesBeginWhereThePlanFoundThem() {
        World.Gateway gateway = world(fleets().start(PLAN)).gateways.getFirst();
        assertThat(gateway.dispatcher.snapshot(SECOND).pools())
                .extracting(pool -> pool.usdPerChipSecond() * 3600)
                .containsExactly(2.0, 0.5);
    }

    @Test
    void afterMinutesThePlanCountsNoMore() {
        World world = world(fleets().start(new RoutingStart(Map.of(), PLAN.kinds())));
        world.run(300 * SECOND);
        assertThat(toH100(world, SHORT)).isCloseTo(0.5, within(0.1));
    }

    @Test
    void aReloadWithTheSamePlanDoesNotBeginAgainAndOneWithAnotherDoes() {
        Fleets planned = fleets().start(new RoutingStart(Map.of(), PLAN.kinds()));
        World world = world(planned);
        world.run(300 * SECOND);
        World.Gateway gateway = world.gateways.getFirst();
        Roster same = planned.after(gateway.roster);
        gateway.dispatcher.reload(same, world.now);
        assertThat(toH100(world, SHORT)).isCloseTo(0.5, within(0.1));
        gateway.dispatcher.reload(planned.start(PLAN).after(same), world.now);
        assertThat(toH100(world, SHORT)).isCloseTo(0.8, within(0.1));
    }

    @Test
    void aClockSetBackDoesNotProlongThePlan() {
        World world = world(fleets().start(new RoutingStart(Map.of(), PLAN.kinds())));
        world.run(200 * SECOND);
        world.jump(-3_600 * SECOND);
        world.run(110 * SECOND);
        assertThat(toH100(world, SHORT)).isCloseTo(0.5, within(0.1));
    }

    @Test
    void aClockSetBackDoesNotRevivePlansWithTheNextReload() {
        Fleets planned = fleets().start(new RoutingStart(Map.of(), PLAN.kinds()));
        World world = world(planned);
        world.run(310 * SECOND);
        world.jump(-3_600 * SECOND);
        World.Gateway gateway = world.gateways.getFirst();
        gateway.dispatcher.reload(planned.after(gateway.roster), world.now);
        assertThat(toH100(world, SHORT)).isCloseTo(0.5, within(0.1));
    }

    @Test
    void aPlannedPoolThatIsGoneLeavesItsShareToTheOthers() {
        World world =
                world(fleets().without("h100").owned("b200", "nvidia", 8, 1, 2).start(PLAN));
        World.Gateway gateway = world.gateways.getFirst();
        world.arrivals(
                10,
                30,
                5,
                n -> gateway.accept(
                        Asks.plain().seed(n).prompt(SHORT).output(100).ask()));
        world.run(40 * SECOND);
        assertThat(gateway.completed()).isGreaterThan(250);
        assertThat(gateway.sentTo("mi300x")).isGreaterThan(200);
    }
}
