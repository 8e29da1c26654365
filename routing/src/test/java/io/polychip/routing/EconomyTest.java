package io.polychip.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.Quota;
import io.polychip.fleet.RequestClass;
import io.polychip.fleet.RoutingStart;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where the traffic goes: prices, quotas, shares, wrong profiles; on virtual time. */
final class EconomyTest {
    private static final long SECOND = 1_000_000_000L;

    private static World world(Fleets fleets, int gateways) {
        World world = new World(fleets.roster(), gateways, Options.DEFAULT);
        world.tickEvery(10 * SECOND);
        return world;
    }

    @Test
    void aHostedQuotaIsSpentEvenlyOverTheMinute() {
        World world = world(
                Fleets.of()
                        .hosted("groq", "groq", 0.05, 0.08, new Quota(600, Quota.NONE, Quota.NONE, Quota.NONE))
                        .queue(10_000, 20_000),
                1);
        World.HostedLimit limit = new World.HostedLimit(600);
        world.hosted.put("groq", limit);
        world.arrivals(
                15,
                180,
                7,
                n -> world.gateways.getFirst().accept(Asks.plain().seed(n).ask()));
        world.run(240 * SECOND);
        long[] perTen = new long[18];
        for (long time : limit.times) {
            perTen[(int) Math.min(17, (time - SECOND) / (10 * SECOND))]++;
        }
        assertThat(limit.refused).isLessThan(5);
        assertThat(Arrays.stream(perTen, 0, 17).boxed().toList())
                .allSatisfy(count -> assertThat(count).isBetween(75L, 130L));
    }

    @Test
    void aProfileFortyPercentTooGoodAttractsOnlyABoundedPartUntilItIsCorrected() {
        World world = world(
                Fleets.of()
                        .owned("liar", "nvidia", 4, 1.4, 3)
                        .owned("honest", "amd", 4, 1, 3)
                        .objective(RequestClass.DEFAULT, 1000, 30),
                1);
        for (int replica = 0; replica < 4; replica++) {
            Objects.requireNonNull(world.engines.get(replica)).slowness = 1.4 * 1.4;
        }
        World.Gateway gateway = world.gateways.getFirst();
        world.arrivals(
                100,
                120,
                13,
                n -> gateway.accept(Asks.plain().seed(n).output(100).ask()));
        world.run(10 * SECOND);
        double early = (double) gateway.sentTo("liar") / gateway.sends;
        world.run(105 * SECOND);
        Snapshot.PoolView liar = gateway.dispatcher.snapshot(world.now).pools().getFirst();
        double honest = gateway.dispatcher.snapshot(world.now).pools().getLast().itlFactor();
        assertThat(liar.itlFactor() / honest).isBetween(1.6, 2.8);
        assertThat(early).isLessThan(0.75);
        assertThat(gateway.sentTo("liar")).isLessThan(gateway.sentTo("honest"));
    }

    @Test
    void hostedCapacityIsBoughtOnlyOnceOwnedChipsAreFull() {
        Fleets fleets = Fleets.of()
                .owned("h100", "nvidia", 4, 1, 3)
                .hosted("groq", "groq", 0.5, 1, Quota.UNLIMITED)
                .objective(RequestClass.DEFAULT, 2000, 40);
        World calm = world(fleets, 1);
        calm.arrivals(
                10,
                60,
                18,
                n -> calm.gateways
                        .getFirst()
                        .accept(Asks.plain().seed(n).output(100).ask()));
        calm.run(80 * SECOND);
        World busy = world(fleets, 1);
        busy.arrivals(
                200,
                60,
                18,
                n -> busy.gateways
                        .getFirst()
                        .accept(Asks.plain().seed(n).output(100).ask()));
        busy.run(80 * SECOND);
        assertThat(calm.gateways.getFirst().sentTo("groq")).isLessThan(20);
        assertThat(busy.gateways.getFirst().sentTo("groq")).isGreaterThan(1000);
        assertThat(busy.gateways.getFirst().sentTo("h100")).isGreaterThan(3000);
    }

    /** The rent of idle chips is paid in any case; tokens that nobody needs to buy are not. */
    @Test
    void lookingAtADearApiCostsAFewRequestsInAThousandAndAtIdleChipsOneInAHundred() {
        World world = world(
                Fleets.of()
                        .owned("h100", "nvidia", 4, 1, 1)
                        .owned("idle", "amd", 4, 1, 9)
                        .hosted("groq", "groq", 5, 10, Quota.UNLIMITED)
                        .objective(RequestClass.DEFAULT, 2000, 40)
                        .start(new RoutingStart(Map.of("idle", 9.0), List.of())),
                1);
        World.Gateway gateway = world.gateways.getFirst();
        world.arrivals(
                40,
                600,
                21,
                n -> gateway.accept(Asks.plain().seed(n).output(100).ask()));
        world.run(600 * SECOND);
        double sends = gateway.sends;
        assertThat(gateway.sentTo("groq") / sends).isBetween(0.0007, 0.003);
        assertThat(gateway.sentTo("idle") / sends).isGreaterThan(0.006);
    }

    @Test
    void aVendorStaysBetweenItsFloorAndItsCap() {
        World world = world(
                Fleets.of()
                        .owned("cheap", "nvidia", 8, 1, 1)
                        .owned("dear", "amd", 4, 1, 9)
                        .owned("slow", "aws", 4, 0.5, 9)
                        .objective(RequestClass.DEFAULT, 4000, 80)
                        .shares(Map.of("nvidia", 0.5), Map.of("aws", 0.2)),
                1);
        World.Gateway gateway = world.gateways.getFirst();
        world.arrivals(
                40,
                600,
                19,
                n -> gateway.accept(Asks.plain().seed(n).output(100).ask()));
        world.run(600 * SECOND);
        List<Snapshot.VendorView> vendors =
                gateway.dispatcher.snapshot(world.now).vendors();
        assertThat(vendors)
                .filteredOn(v -> v.vendor().equals("nvidia"))
                .allSatisfy(v -> assertThat(v.share()).isLessThan(0.53));
        assertThat(vendors)
                .filteredOn(v -> v.vendor().equals("aws"))
                .allSatisfy(v -> assertThat(v.share()).isGreaterThan(0.17));
    }

    @Test
    void everyHealthyPoolKeepsBeingAsked() {
        World world = world(
                Fleets.of()
                        .owned("h100", "nvidia", 4, 1, 1)
                        .hosted("groq", "groq", 5, 10, Quota.UNLIMITED)
                        .objective(RequestClass.DEFAULT, 2000, 50),
                1);
        World.Gateway gateway = world.gateways.getFirst();
        world.arrivals(
                20, 300, 20, n -> gateway.accept(Asks.plain().seed(n).output(50).ask()));
        world.run(300 * SECOND);
        double share = (double) gateway.sentTo("groq") / gateway.sends;
        assertThat(share).isBetween(0.0015, 0.025);
    }

    /** Share of all calls whose answers kept their objective. */
    private static double kept(Policy policy, double perSecond, double truth) {
        Fleets fleets = Fleets.of()
                .owned("h100", "nvidia", 4, Fleets.profile("h100", "nvidia", 1.5, 128, 400_000), 3)
                .owned("mi300", "amd", 4, Fleets.profile("mi300", "amd", 1.2, 128, 800_000), 2)
                .owned("trn2", "aws", 4, Fleets.profile("trn2", "aws", 0.5, 32, 200_000), 1)
                .owned("tpu", "google", 4, Fleets.profile("tpu", "google", 0.8, 64, 200_000), 1.5)
                .hosted("groq", "groq", 0.05, 0.08, new Quota(1000, Quota.NONE, Quota.NONE, Quota.NONE))
                .objective(RequestClass.DEFAULT, 1000, 30);
        World world = new World(fleets.roster(), 2, Options.DEFAULT.with(policy));
        world.engines.forEach((index, engine) ->
                engine.slowness = StrictMath.exp(truth * 1.5 * (2 * Mix.unit(99, index / 4) - 1)));
        world.hosted.put("groq", new World.HostedLimit(1000));
        world.tickEvery(10 * SECOND);
        world.scrapeEvery(SECOND / 10, SECOND / 20);
        world.arrivals(perSecond, 60, 21, n -> {
            int prompt = 100 + (int) (StrictMath.pow(Mix.unit(5, (int) (long) n), 3) * 4000);
            int output = 20 + (int) (StrictMath.pow(Mix.unit(6, (int) (long) n), 2) * 500);
            world.gateways
                    .get((int) (n % 2))
                    .accept(Asks.plain().seed(n).prompt(prompt).output(output).ask());
        });
        world.run(100 * SECOND);
        int kept = world.gateways.stream().mapToInt(gateway -> gateway.kept).sum();
        int ended = world.gateways.stream()
                .mapToInt(gateway -> gateway.endings.size())
                .sum();
        return (double) kept / ended;
    }

    @ParameterizedTest(name = "{0} calls a second, profiles off by {1}")
    @CsvSource({"60, 0", "100, 0", "140, 0", "170, 0", "200, 0", "100, 0.3", "170, 0.3"})
    void ourPolicyKeepsMorePromisesThanItsRivalsFromCalmToOverload(double perSecond, double truth) {
        double ours = kept(Policy.POLYCHIP, perSecond, truth);
        assertThat(ours)
                .isGreaterThan(kept(Policy.ROUND_ROBIN, perSecond, truth))
                .isGreaterThan(kept(Policy.LEAST_REQUEST, perSecond, truth));
        if (perSecond <= 100) {
            assertThat(ours).isGreaterThan(0.98);
        }
    }
}
