package io.polychip.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.Quota;
import io.polychip.fleet.RequestClass;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Any order of events, sensible or not: every call ends once and every count returns to zero. */
final class RandomWalkTest {
    private static final int WALKS = 25;
    private static final int EVENTS = 1500;

    private final List<Call> calls = new ArrayList<>();
    private RandomGenerator random = RandomGenerator.getDefault();
    private FakeHost host = new FakeHost();
    private Roster roster = fleets(0).roster();

    private static Fleets fleets(int variant) {
        Fleets fleets = Fleets.of()
                .owned("h100", "nvidia", 2 + variant % 3, Fleets.profile("h100", "nvidia", 1, 4, 20_000), 3)
                .hosted("groq", "groq", 0.05, 0.08, new Quota(120, 100_000, Quota.NONE, Quota.NONE), "logprobs")
                .objective(RequestClass.PRIORITY, 450, 40)
                .objective(RequestClass.DEFAULT, 2_000, 100)
                .queue(40, 4_000)
                .timeouts(2_000, 1_000, 20_000);
        return variant % 2 == 0
                ? fleets.owned("mi300", "amd", 1 + variant, Fleets.profile("mi300", "amd", 1, 4, 20_000), 2)
                : fleets;
    }

    @ParameterizedTest
    @EnumSource(Policy.class)
    void everyCallEndsOnceAndAllCountsReturnToZero(Policy policy) {
        for (int walk = 0; walk < WALKS; walk++) {
            random = RandomGeneratorFactory.of("L64X128MixRandom").create(walk);
            host = new FakeHost();
            calls.clear();
            roster = fleets(0).roster();
            host.serve(roster, new Options(policy, Tuning.DEFAULT, true, decision -> {}, 1 << 16));
            for (int event = 0; event < EVENTS; event++) {
                step();
            }
            settle(walk);
        }
    }

    private void step() {
        Dispatcher dispatcher = host.dispatcher();
        switch (random.nextInt(16)) {
            case 0, 1, 2 -> calls.add(host.accept(anyAsk()));
            case 3, 4 ->
                withAttempt((call, attempt) -> dispatcher.firstToken(call, attempt, random.nextBoolean(), host.now));
            case 5, 6 -> withAttempt((call, attempt) -> dispatcher.tokens(call, attempt, random.nextInt(30), host.now));
            case 7, 8 ->
                withAttempt((call, attempt) -> dispatcher.completed(
                        call,
                        attempt,
                        new Usage(call.ask().promptTokens(), random.nextInt(50), random.nextInt(500), false),
                        host.now));
            case 9, 10 -> withAttempt((call, attempt) -> dispatcher.failed(call, attempt, anyFault(), host.now));
            case 11 -> withAttempt((call, attempt) -> dispatcher.paused(call, attempt, random.nextBoolean(), host.now));
            case 12 -> {
                if (!calls.isEmpty()) {
                    Call call = calls.get(random.nextInt(calls.size()));
                    if (random.nextBoolean()) {
                        dispatcher.abandoned(call, host.now);
                    } else {
                        dispatcher.woken(call, host.now); // nobody asked for it
                    }
                }
            }
            case 13 ->
                dispatcher.observed(
                        random.nextInt(8),
                        new Reading(
                                host.now - random.nextInt(2_000_000_000),
                                random.nextInt(6) - 1,
                                random.nextInt(4) - 1,
                                random.nextDouble(),
                                random.nextInt(10) > 0,
                                random.nextInt(5) > 0),
                        host.now);
            case 14 -> host.pass(random.nextInt(800));
            case 15 -> {
                if (random.nextInt(5) == 0) {
                    Fleets changed = fleets(random.nextInt(4));
                    roster = changed.after(roster);
                    dispatcher.reload(roster, host.now);
                } else if (random.nextInt(3) == 0) {
                    dispatcher.enable("h100", random.nextBoolean(), host.now);
                } else {
                    dispatcher.tick(host.now);
                }
            }
            default -> throw new AssertionError("no such event");
        }
    }

    /** Any attempt ever sent, mostly a recent one: many are over, and their events are late or double. */
    private void withAttempt(BiConsumer<Call, Attempt> event) {
        if (host.sent.isEmpty()) {
            return;
        }
        int size = host.sent.size();
        int back = random.nextInt(10) == 0 ? random.nextInt(size) : random.nextInt(Math.min(size, 12));
        Attempt attempt = host.sent.get(size - 1 - back);
        event.accept(attempt.call(), attempt);
    }

    private Asks anyAsk() {
        return Asks.plain()
                .seed(random.nextInt(40))
                .model(random.nextInt(40) == 0 ? "unknown" : Fleets.MODEL)
                .tenant("tenant" + random.nextInt(4), 1 + random.nextInt(3))
                .requestClass(RequestClass.values()[random.nextInt(4)])
                .prompt(1 + random.nextInt(random.nextInt(20) == 0 ? 200_000 : 3_000))
                .maxTokens(random.nextBoolean() ? 0 : 1 + random.nextInt(1000))
                .output(random.nextInt(200))
                .needs(random.nextInt(8) == 0 ? Needs.bit("logprobs") : 0)
                .conversation(random.nextInt(5));
    }

    private Fault anyFault() {
        Fault.Kind[] kinds = Fault.Kind.values();
        Fault.Kind kind = kinds[random.nextInt(kinds.length)];
        int[] statuses = {0, 400, 401, 404, 429, 500, 503};
        return new Fault(
                kind, statuses[random.nextInt(statuses.length)], random.nextInt(3) == 0 ? 2_000_000_000L : 0, "random");
    }

    private void settle(int walk) {
        for (int round = 0; host.dispatcher().open() > 0 && round < 200; round++) {
            for (Call call : List.copyOf(calls)) {
                Attempt attempt = call.current;
                if (attempt != null && random.nextInt(3) > 0) {
                    host.complete(call, 5);
                }
            }
            host.pass(1_000);
        }
        assertThat(host.dispatcher().open()).as("open calls of walk %d", walk).isZero();
        assertThat(host.endings).hasSize(calls.size()).containsOnlyKeys(calls);
        assertThat(host.charges).hasSize(host.sent.size());
        Snapshot snapshot = host.dispatcher().snapshot(host.now);
        assertThat(snapshot.waiting()).isZero();
        assertThat(snapshot.pools()).allSatisfy(pool -> {
            assertThat(pool.inFlight()).isZero();
            assertThat(pool.replicas()).allSatisfy(replica -> {
                assertThat(replica.inFlight()).isZero();
                assertThat(replica.prefillTokens()).isZero();
                assertThat(replica.kvTokens()).isZero();
            });
            assertThat(pool.ejected()).isEqualTo((int) pool.replicas().stream()
                    .filter(r -> r.health().equals("ejected") || r.health().equals("probing"))
                    .count());
        });
        assertThat(snapshot.models()).allSatisfy(model -> {
            assertThat(model.waitingByTenant()).isEmpty();
            assertThat(model.waitingByClass().values()).containsOnly(0);
        });
        for (Attempt attempt : host.sent) {
            assertThat(attempt.where.belief.inFlight()).isZero();
            assertThat(attempt.where.belief.priorityInFlight()).isZero();
        }
    }
}
