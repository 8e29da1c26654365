package io.polychip.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class GaugeScannerTest {
    private static final Map<String, Dialect> DIALECTS = Dialect.shipped();

    private static final String VLLM = """
        # HELP vllm:num_requests_running Number of requests in model execution batches.
        # TYPE vllm:num_requests_running gauge
        vllm:num_requests_running{engine="0",model_name="llama"} 7.0
        vllm:num_requests_running_something{engine="0"} 99.0
        vllm:num_requests_waiting{engine="0",model_name="llama"} 3.0
        vllm:kv_cache_usage_perc{engine="0",model_name="llama"} 0.25
        vllm:time_to_first_token_seconds_bucket{le="0.001"} 12
        """;

    private static GaugeScanner scan(String engine, String page, int pieceBytes) {
        GaugeScanner scanner = new GaugeScanner(Objects.requireNonNull(DIALECTS.get(engine), engine));
        byte[] bytes = page.getBytes(StandardCharsets.UTF_8);
        for (int from = 0; from < bytes.length; from += pieceBytes) {
            scanner.feed(bytes, from, Math.min(bytes.length, from + pieceBytes));
        }
        scanner.finish();
        return scanner;
    }

    @Test
    void findsTheLoadHoweverThePageIsCut() {
        for (int pieceBytes = 1; pieceBytes <= VLLM.length(); pieceBytes++) {
            GaugeScanner found = scan("vllm", VLLM, pieceBytes);
            assertThat(found.running()).isEqualTo(7);
            assertThat(found.waiting()).isEqualTo(3);
            assertThat(found.kvUsed()).isEqualTo(0.25);
        }
    }

    @Test
    void sumsCountsOverDataParallelEnginesAndTakesTheFullestCache() {
        GaugeScanner found = scan("vllm", VLLM + VLLM.replace("\"0\"", "\"1\"").replace("0.25", "0.75"), 4096);
        assertThat(found.running()).isEqualTo(14);
        assertThat(found.kvUsed()).isEqualTo(0.75);
    }

    @Test
    void readsEveryDialect() {
        assertThat(scan(
                                "sglang",
                                "sglang:num_running_reqs{a=\"b\"} 2\nsglang:num_queue_reqs 1\nsglang:token_usage 0.5",
                                9)
                        .waiting())
                .isEqualTo(1);
        assertThat(scan("tensorrt-llm", "trtllm_num_requests_running 4\n", 99).running())
                .isEqualTo(4);
        assertThat(scan("llama.cpp", "llamacpp:requests_processing 1\nllamacpp:requests_deferred 5\n", 99)
                        .waiting())
                .isEqualTo(5);
        assertThat(scan("vllm", "vllm:gpu_cache_usage_perc 0.4\n", 99).kvUsed())
                .as("older name")
                .isEqualTo(0.4);
    }

    @Test
    void whatThePageDoesNotSayIsNegative() {
        GaugeScanner found = scan("vllm", "nothing here\nvllm:num_requests_running NaN\n" + "x".repeat(5000), 100);
        assertThat(found.running()).isNegative();
        assertThat(found.waiting()).isNegative();
        assertThat(found.kvUsed()).isNegative();
    }
}
