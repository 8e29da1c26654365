package io.polychip.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.routing.Options;
import io.polychip.routing.Policy;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Calls through real dispatchers over engines that fail, in virtual time. What is asserted on the way is in
 * {@link Ledger}: one ending each, nothing cut looks complete, charges equal what engines did, cancelled work stops.
 */
final class HostStormTest {
    private static final Fleet FLEET = new FleetReader(CatalogueReader.shipped(), Map.of()).read("storm.yaml", """
        timeouts: {first-token: 10 s, stall: 5 s, request: 2 min}
        models:
          - name: llama-3.1-8b
            is: meta-llama/Llama-3.1-8B-Instruct
        pools:
          - name: h100
            model: llama-3.1-8b
            chip: nvidia/h100-sxm
            precision: fp8
            engine: vllm@0.15.1
            price: {usd-per-chip-hour: 2.95, committed: true}
            replicas: [http://10.0.0.1:8000, http://10.0.0.2:8000]
          - name: mi300x
            model: llama-3.1-8b
            chip: amd/mi300x
            precision: fp8
            price: {usd-per-chip-hour: 1.85}
            replicas: [http://10.0.1.1:8000, http://10.0.1.2:8000]
          - name: trainium
            model: llama-3.1-8b
            chip: aws/trainium2
            engine: vllm-neuron@0.11
            price: {usd-per-chip-hour: 2.235}
            replicas: [http://10.0.2.1:8000, http://10.0.2.2:8000]
          - name: tpu
            model: llama-3.1-8b
            chip: google/tpu-v6e
            price: {usd-per-chip-hour: 2.70}
            replicas: [http://10.0.3.1:8000]
          - name: groq
            model: llama-3.1-8b
            chip: groq/lpu
            hosted: {provider: groq, model: llama-3.1-8b-instant, key: none, url: http://10.0.4.1:8000}
            price: {usd-per-million-input: 0.05, usd-per-million-output: 0.08}
            quota: {requests-per-minute: 1000, tokens-per-minute: 250000}
        objectives:
          priority: {ttft: 450 ms + 50 ms/1k, itl: 40 ms, percentile: 99}
          default: {ttft: 2 s + 100 ms/1k, itl: 100 ms, percentile: 99}
          flex: {ttft: 30 s}
        """);

    @Test
    void aHundredThousandCallsThroughFaultsKeepEveryPromise() {
        HostStorm storm = storm(81_733).rage(100_000, 150);
        Map<String, Integer> endings = storm.endings();
        assertThat(endings.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(100_000);
        assertThat(endings).doesNotContainKey("open");
        assertThat(endings.get("completed")).as("%s", endings).isGreaterThan(60_000);
        assertThat(endings)
                .as("the storm reached every kind of ending")
                .containsKeys(
                        "cancelled",
                        "failed CUT shown",
                        "failed RESET shown",
                        "failed STALL shown",
                        "refused 400 context_length_exceeded",
                        "refused 404 model_not_found");
    }

    @Test
    void theSameSeedGivesTheSameTranscriptAndAnotherSeedAnother() {
        long once = storm(7).rage(5_000, 150).host().transcript();
        long again = storm(7).rage(5_000, 150).host().transcript();
        long other = storm(8).rage(5_000, 150).host().transcript();
        assertThat(again).isEqualTo(once);
        assertThat(other).isNotEqualTo(once);
    }

    @Test
    void everyPolicyKeepsThePromisesOnOtherSeeds() {
        for (Policy policy : Policy.values()) {
            for (long seed = 100; seed < 108; seed++) {
                new HostStorm(FLEET, seed, Options.DEFAULT.with(policy)).rage(1_000, 100);
            }
        }
    }

    private static HostStorm storm(long seed) {
        return new HostStorm(FLEET, seed, Options.DEFAULT);
    }
}
