package io.polychip.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.Quota;
import io.polychip.fleet.RequestClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Dispatchers under load on virtual time: what goes wrong in mixed fleets, each with what keeps it from happening. */
final class LoadTest {
    private static final long SECOND = 1_000_000_000L;

    private static World world(Fleets fleets, int gateways) {
        World world = new World(fleets.roster(), gateways, Options.DEFAULT);
        world.tickEvery(10 * SECOND);
        return world;
    }

    @Test
    void fourGatewaysWithLateViewsDoNotHerd() {
        World world = world(
                Fleets.of()
                        .owned("h100", "nvidia", 4, 1, 3)
                        .owned("mi300", "amd", 4, 1, 3)
                        .objective(RequestClass.DEFAULT, 1000, 50),
                4);
        world.scrapeEvery(SECOND, SECOND);
        world.arrivals(
                100,
                60,
                5,
                n -> world.gateways
                        .get((int) (n % 4))
                        .accept(Asks.plain().seed(n).output(100).ask()));
        world.run(70 * SECOND);
        assertThat(world.worstOverMean()).isLessThan(1.3);
    }

    @Test
    void anIdleCommittedPoolIsNotOverrunByAllGatewaysAtOnce() {
        World world = world(
                Fleets.of()
                        .owned("busy", "nvidia", 4, 1, 3)
                        .owned("idle", "amd", 4, 1, 3)
                        .objective(RequestClass.DEFAULT, 2000, 60),
                4);
        world.scrapeEvery(SECOND, SECOND);
        world.gateways.forEach(gateway -> gateway.dispatcher.enable("idle", false, world.now));
        world.arrivals(
                60,
                60,
                6,
                n -> world.gateways
                        .get((int) (n % 4))
                        .accept(Asks.plain().seed(n).output(200).ask()));
        world.at(
                world.now + 30 * SECOND,
                () -> world.gateways.forEach(g -> g.dispatcher.enable("idle", true, world.now)));
        world.run(80 * SECOND);
        List<Integer> peaks = world.engines.values().stream().map(e -> e.peak).toList();
        assertThat(peaks).allSatisfy(peak -> assertThat(peak).isLessThan(80));
    }

    @Test
    void longPromptsAreNotCountedAsOneRequestLikeAnyOther() {
        World world = world(Fleets.of().owned("h100", "nvidia", 4, 1, 3).objective(RequestClass.DEFAULT, 2000, 60), 1);
        world.arrivals(
                20,
                60,
                8,
                n -> world.gateways
                        .getFirst()
                        .accept(Asks.plain()
                                .seed(n)
                                .prompt(n % 10 == 0 ? 20_000 : 200)
                                .output(50)
                                .ask()));
        world.run(80 * SECOND);
        World.Gateway gateway = world.gateways.getFirst();
        World rival = new World(
                Fleets.of()
                        .owned("h100", "nvidia", 4, 1, 3)
                        .objective(RequestClass.DEFAULT, 2000, 60)
                        .roster(),
                1,
                Options.DEFAULT.with(Policy.ROUND_ROBIN));
        rival.arrivals(
                20,
                60,
                8,
                n -> rival.gateways
                        .getFirst()
                        .accept(Asks.plain()
                                .seed(n)
                                .prompt(n % 10 == 0 ? 20_000 : 200)
                                .output(50)
                                .ask()));
        rival.run(80 * SECOND);
        double ours = World.percentile(gateway.ttfts, 0.9);
        double theirs = World.percentile(rival.gateways.getFirst().ttfts, 0.9);
        assertThat(ours).isLessThan(0.75 * theirs);
    }

    @Test
    void oneTenantsFloodDoesNotStarveTheOthers() {
        World world = world(
                Fleets.of()
                        .owned("h100", "nvidia", 2, 1, 3)
                        .objective(RequestClass.DEFAULT, 2000, 40)
                        .queue(2_000, 30_000),
                1);
        World.Gateway gateway = world.gateways.getFirst();
        world.arrivals(
                200,
                30,
                9,
                n -> gateway.accept(
                        Asks.plain().seed(n).tenant("flood", 1).output(100).ask()));
        List<Call> small = new ArrayList<>();
        world.arrivals(
                2,
                30,
                10,
                n -> small.add(gateway.accept(Asks.plain()
                        .seed(n + 1_000_000)
                        .tenant("small", 1)
                        .output(100)
                        .ask())));
        world.run(70 * SECOND);
        long served = small.stream()
                .filter(call -> gateway.ends.get(call) instanceof Ending.Completed)
                .count();
        assertThat(served).isEqualTo(small.size());
    }

    @Test
    void aScrapeOutageIsReadNeitherAsEmptyNorAsFull() {
        World world = world(
                Fleets.of()
                        .owned("h100", "nvidia", 4, 1, 3)
                        .owned("mi300", "amd", 4, 1, 3)
                        .objective(RequestClass.DEFAULT, 1000, 50),
                2);
        world.scrapeEvery(SECOND / 5, SECOND / 10);
        world.arrivals(
                100,
                60,
                11,
                n -> world.gateways
                        .get((int) (n % 2))
                        .accept(Asks.plain().seed(n).output(100).ask()));
        // from 20 s on, half of the replicas cannot be reached by scrapes any more
        Reading silence = new Reading(0, 0, 0, 0, false, false);
        world.at(
                world.now + 20 * SECOND,
                () -> world.every(
                        SECOND / 5,
                        () -> world.gateways.forEach(g -> {
                            for (int replica = 0; replica < 4; replica++) {
                                g.dispatcher.observed(replica, silence, world.now);
                            }
                        })));
        world.run(80 * SECOND);
        assertThat(world.worstOverMean()).isLessThan(1.3);
        assertThat(world.gateways).allSatisfy(g -> assertThat(g.completed()).isEqualTo(g.endings.size()));
    }

    @Test
    void aScrapeStampedAnHourAheadDoesNotKeepItsReplicaEmpty() {
        World world = world(Fleets.of().owned("h100", "nvidia", 4, 1, 3).objective(RequestClass.DEFAULT, 1000, 50), 2);
        world.scrapeEvery(SECOND / 5, SECOND / 10);
        world.arrivals(
                40,
                60,
                22,
                n -> world.gateways
                        .get((int) (n % 2))
                        .accept(Asks.plain().seed(n).output(100).ask()));
        Reading ahead = new Reading(world.now + 3_600 * SECOND, 500, 0, -1, true, true);
        world.at(
                world.now + 5 * SECOND,
                () -> world.gateways.forEach(gateway -> gateway.dispatcher.observed(0, ahead, world.now)));
        world.run(70 * SECOND);
        assertThat(world.worstOverMean()).isLessThan(1.15);
    }

    @Test
    void aCommonSystemPromptPullsNobodyAndAHotConversationIsBounded() {
        World world = world(Fleets.of().owned("h100", "nvidia", 8, 1, 3).objective(RequestClass.DEFAULT, 1000, 50), 1);
        world.arrivals(150, 40, 12, n -> {
            long user = Mix.below(60, 3, (int) (long) n);
            Asks asks = user < 20 // a third of the traffic is one hot prompt
                    ? Asks.plain().seed(n).prefix(new long[] {11, 22, 33}, new int[] {200, 300, 450})
                    : Asks.plain().seed(n).prefix(new long[] {11, 1000 + user, 2000 + user}, new int[] {200, 300, 450});
            world.gateways.getFirst().accept(asks.output(60).ask());
        });
        world.run(60 * SECOND);
        assertThat(world.worstOverMean()).isLessThan(1.3);
    }

    @Test
    void retriesInAnOutageStayWithinTheBudget() {
        World world = world(Fleets.of().owned("h100", "nvidia", 8, 1, 3), 1);
        world.engines.values().forEach(engine -> engine.dead = true);
        World.Gateway gateway = world.gateways.getFirst();
        world.arrivals(100, 60, 14, n -> gateway.accept(Asks.plain().seed(n).ask()));
        world.run(120 * SECOND);
        int calls = gateway.endings.size();
        assertThat(gateway.sends).isLessThan((int) (calls * 1.12) + 50);
        assertThat(gateway.dispatcher.open()).isZero();
    }

    @Test
    void theLossOfAVendorLeavesNoCallHangingAndItsReturnIsNoticed() {
        World world = world(
                Fleets.of()
                        .owned("h100", "nvidia", 4, 1, 3)
                        .owned("mi300", "amd", 4, 1, 3)
                        .objective(RequestClass.DEFAULT, 2000, 50),
                1);
        World.Gateway gateway = world.gateways.getFirst();
        world.arrivals(
                60,
                140,
                15,
                n -> gateway.accept(Asks.plain().seed(n).output(100).ask()));
        world.at(
                world.now + 30 * SECOND,
                () -> List.of(0, 1, 2, 3)
                        .forEach(i ->
                                Objects.requireNonNull(world.engines.get(i)).die()));
        world.at(
                world.now + 60 * SECOND,
                () -> List.of(0, 1, 2, 3).forEach(i -> Objects.requireNonNull(world.engines.get(i)).dead = false));
        world.run(31 * SECOND);
        long failedAtLoss =
                gateway.endings.stream().filter(Ending.Failed.class::isInstance).count();
        world.run(29 * SECOND);
        long failedAfter =
                gateway.endings.stream().filter(Ending.Failed.class::isInstance).count();
        int served = Objects.requireNonNull(world.engines.get(0)).served;
        world.run(120 * SECOND);
        int servedLater = Objects.requireNonNull(world.engines.get(0)).served;
        assertThat(gateway.dispatcher.open()).isZero();
        assertThat(failedAfter - failedAtLoss).isLessThanOrEqualTo(2);
        assertThat(servedLater).isGreaterThan(served + 50);
    }

    /** One vendor's replicas, of which the first breaks before the clock jumps and is whole again after it. */
    private static World beforeAJump() {
        World world = world(
                Fleets.of()
                        .owned("h100", "nvidia", 4, 1, 3)
                        .hosted("groq", "groq", 0.05, 0.08, new Quota(1200, Quota.NONE, Quota.NONE, Quota.NONE))
                        .objective(RequestClass.DEFAULT, 2000, 50)
                        .queue(200, 5_000),
                1);
        world.scrapeEvery(SECOND, SECOND / 10);
        World.TestEngine first = Objects.requireNonNull(world.engines.get(0));
        world.at(world.now + 20 * SECOND, first::die);
        world.at(world.now + 32 * SECOND, () -> first.dead = false);
        world.arrivals(
                80,
                120,
                23,
                n -> world.gateways
                        .getFirst()
                        .accept(Asks.plain().seed(n).output(100).ask()));
        world.run(30 * SECOND);
        return world;
    }

    @Test
    void aClockSetBackAnHourLeavesQuotasAndBreakersWorking() {
        World undisturbed = beforeAJump();
        undisturbed.run(60 * SECOND);
        World world = beforeAJump();
        World.Gateway gateway = world.gateways.getFirst();
        world.jump(-3_600 * SECOND);
        int first = Objects.requireNonNull(world.engines.get(0)).served;
        world.run(60 * SECOND);
        int usual = undisturbed.gateways.getFirst().sentTo("groq");
        assertThat(gateway.sentTo("groq")).isBetween(usual * 9 / 10, usual * 11 / 10);
        assertThat(Objects.requireNonNull(world.engines.get(0)).served - first).isGreaterThan(100);
        assertThat(gateway.refused()).isZero();
    }

    @Test
    void aClockAnHourAheadCutsNoAnswerAndEjectsNobody() {
        World world = beforeAJump();
        World.Gateway gateway = world.gateways.getFirst();
        int waiting = gateway.dispatcher.snapshot(world.now).waiting();
        int ended = gateway.endings.size();
        int completed = gateway.completed();
        int first = Objects.requireNonNull(world.engines.get(0)).served;
        world.jump(3_600 * SECOND);
        world.run(SECOND);
        assertThat(gateway.dispatcher.snapshot(world.now).pools().getFirst().ejected())
                .as("only the one that is dead")
                .isLessThanOrEqualTo(1);
        world.run(60 * SECOND);
        assertThat(Objects.requireNonNull(world.engines.get(0)).served - first).isGreaterThan(100);
        assertThat(gateway.endings.size() - ended - (gateway.completed() - completed))
                .isLessThanOrEqualTo(waiting);
    }

    @Test
    void flexFillsWhatPriorityLeaves() {
        World world = world(
                Fleets.of()
                        .owned("h100", "nvidia", 2, 1, 3)
                        .objective(RequestClass.PRIORITY, 450, 40)
                        .objective(RequestClass.DEFAULT, 2000, 40)
                        .objective(RequestClass.FLEX, 30_000, 1000)
                        .queue(5_000, 60_000),
                1);
        World.Gateway gateway = world.gateways.getFirst();
        List<Call> urgent = new ArrayList<>();
        world.arrivals(
                60,
                60,
                16,
                n -> gateway.accept(Asks.plain()
                        .seed(n)
                        .requestClass(RequestClass.FLEX)
                        .output(200)
                        .ask()));
        world.arrivals(
                5,
                60,
                17,
                n -> urgent.add(gateway.accept(Asks.plain()
                        .seed(n + 1_000_000)
                        .requestClass(RequestClass.PRIORITY)
                        .output(100)
                        .ask())));
        world.run(70 * SECOND);
        long done = urgent.stream()
                .filter(c -> gateway.ends.get(c) instanceof Ending.Completed)
                .count();
        long queued = urgent.stream().filter(c -> c.state == Call.State.WAITING).count();
        assertThat(queued).isZero();
        assertThat(done).isEqualTo(urgent.size());
    }
}
