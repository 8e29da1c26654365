package io.polychip.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.RequestClass;
import io.polychip.fleet.RoutingStart;
import io.polychip.routing.Decision;
import io.polychip.routing.Reason;
import io.polychip.routing.Verdict;
import io.polychip.simulator.Outage;
import io.polychip.simulator.Truth;
import io.polychip.simulator.Where;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is simulated is what runs: the same decisions, one by one. */
@Tag("slow")
class TwinTest {
    private static final long SECOND = 1_000_000_000L;
    /** Five worlds: at least 100,000 decisions in all. */
    private static final int DECISIONS_OF_A_WORLD = 20_000;

    private static final List<Caller> KEYS = List.of(
            new Caller("acme", RequestClass.PRIORITY, 1),
            new Caller("blue", RequestClass.DEFAULT, 2),
            new Caller("coop", RequestClass.DEFAULT, 1));
    private static final String HEAD = """
        listen: 127.0.0.1:0
        keys:
          - {key: acme-0123456789abcdef, tenant: acme, class: priority}
          - {key: blue-0123456789abcdef, tenant: blue, class: default, weight: 2}
          - {key: coop-0123456789abcdef, tenant: coop, class: default}
        timeouts: {first-token: 3 s, stall: 2 s}
        limits: {queue-length: 400, queue-time: 4 s}
        models: [{name: llama, is: meta-llama/Llama-3.1-8B-Instruct}]
        objectives:
          priority: {ttft: 450 ms + 50 ms/1k, itl: 40 ms, percentile: 99}
          default: {ttft: 2 s + 100 ms/1k, itl: 100 ms, percentile: 99}
          flex: {ttft: 30 s}
        disclosure: {decision-sample: 100 %}
        pools:
        """;
    private static final String MI300X = """
          - {name: mi300x, model: llama, chip: amd/mi300x, precision: fp8, engine: vllm@0.15.1,
             price: {usd-per-chip-hour: 2.1}, replicas: [http://10.0.0.3:8000]}
        """;
    private static final String OWNED = """
          - {name: h100, model: llama, chip: nvidia/h100-sxm, precision: fp8, engine: vllm@0.15.1,
             price: {usd-per-chip-hour: 2.95}, replicas: [http://10.0.0.1:8000, http://10.0.0.2:8000]}
        """ + MI300X;
    private static final String HOSTED = """
          - {name: groq, model: llama, chip: groq/lpu,
             hosted: {provider: groq, model: llama-3.1-8b-instant, key: gsk-0123456789abcdef, url: "http://10.0.0.9:8000/openai/v1"},
             price: {usd-per-million-input: 0.05, usd-per-million-output: 0.08},
             quota: {requests-per-minute: 1000, tokens-per-minute: 150000}}
        """;
    private static final List<Truth> AS_PROFILED = List.of();
    private static final List<Outage> NO_LOSS = List.of();

    @Test
    void anOverloadedFleetQueuesAndRefusesTheSame() {
        TwinTrace.Shape shape = new TwinTrace.Shape(9_000, 450, 2, 200, 16, 0);
        Twin.Story story = compare(new Twin.Scene(HEAD + OWNED, KEYS, shape, 0, AS_PROFILED, NO_LOSS, 1));
        assertThat(story.endings()).anyMatch(ending -> ending.contains("refused no_capacity"));
    }

    @Test
    void readingsOfReplicasThatAreOtherThanTheirProfilesLeadToTheSameDecisions() {
        TwinTrace.Shape shape = new TwinTrace.Shape(9_000, 380, 3, 200, 16, 0);
        List<Truth> truths =
                List.of(Truth.factor(Where.pool("h100"), 1.4), Truth.factor(Where.replica("mi300x", 0), 0.9));
        compare(new Twin.Scene(HEAD + OWNED, KEYS, shape, SECOND / 4, truths, NO_LOSS, 2));
    }

    @Test
    void lostReplicasAreLeftProbedAndUsedAgainTheSame() {
        TwinTrace.Shape shape = new TwinTrace.Shape(9_000, 300, 3, 200, 16, 0);
        Outage.Restart atOnce = new Outage.Restart(0, 0, 1);
        List<Outage> outages = List.of(
                Outage.of(Where.replica("h100", 0), 4 * SECOND + 1, 5 * SECOND).with(atOnce),
                Outage.of(Where.vendor("amd"), 12 * SECOND + 1, 6 * SECOND).with(atOnce),
                Outage.of(Where.pool("h100"), 22 * SECOND + 1, 3 * SECOND).with(atOnce));
        Twin.Story story = compare(new Twin.Scene(HEAD + OWNED, KEYS, shape, SECOND / 4, AS_PROFILED, outages, 3));
        assertThat(retries(story)).isPositive();
        assertThat(count(story, decision -> decision.reason() == Reason.PROBE)).isPositive();
        assertThat(story.endings()).anyMatch(ending -> ending.contains("failed reset"));
    }

    @Test
    void aHostedApiWhoseQuotaIsSpentIsLeftTheSame() {
        TwinTrace.Shape shape = new TwinTrace.Shape(4_000, 30, 3, 200, 16, 0);
        Twin.Story story = compare(new Twin.Scene(HEAD + HOSTED, KEYS, shape, SECOND, AS_PROFILED, NO_LOSS, 4));
        assertThat(count(
                        story, decision -> decision.pools().stream().anyMatch(pool -> pool.verdict() == Verdict.QUOTA)))
                .isGreaterThan(1_000);
        assertThat(retries(story)).as("its own count keeps it from a 429").isZero();
    }

    @Test
    void conversationsStayWithTheirCacheTheSame() {
        TwinTrace.Shape shape = new TwinTrace.Shape(9_000, 380, 3, 120, 16, 80);
        Twin.Story story = compare(new Twin.Scene(HEAD + OWNED, KEYS, shape, SECOND, AS_PROFILED, NO_LOSS, 5));
        assertThat(story.endings())
                .filteredOn(ending -> !ending.endsWith(" 0 cached"))
                .hasSizeGreaterThan(1_000);
    }

    @Test
    void aPlansSharesAreFollowedTheSame() {
        TwinTrace.Shape shape = new TwinTrace.Shape(9_000, 300, 2, 200, 16, 0);
        RoutingStart.Kind kind =
                new RoutingStart.Kind("llama", RequestClass.DEFAULT, 300, 16, 100, Map.of("h100", 0.3, "mi300x", 0.7));
        RoutingStart start = new RoutingStart(Map.of("h100", 2.95, "mi300x", 1.0), List.of(kind));
        Twin.Story story = Twin.compare(
                new Twin.Scene(HEAD + OWNED, KEYS, shape, SECOND / 4, AS_PROFILED, NO_LOSS, 6).withStart(start));
        assertThat(count(story, decision -> decision.reason() == Reason.PLANNED))
                .isGreaterThan(500);
    }

    private static long retries(Twin.Story story) {
        return count(story, decision -> decision.attempt() > 0);
    }

    private static long count(Twin.Story story, Predicate<Decision> such) {
        return story.decisions().stream().filter(such).count();
    }

    private static Twin.Story compare(Twin.Scene scene) {
        Twin.Story story = Twin.compare(scene);
        assertThat(story.decisions()).hasSizeGreaterThanOrEqualTo(DECISIONS_OF_A_WORLD);
        return story;
    }
}
