package io.polychip.benchmarks;

import java.util.List;
import java.util.Locale;

/**
 * A page as vLLM 0.15 prints it on {@code /metrics}: its histograms, one line for each bucket, some 60 KB, and among
 * them the three gauges that say how loaded it is.
 */
final class MetricsPages {
    private static final String LABELS = "engine=\"0\",model_name=\"meta-llama/Llama-3.1-8B-Instruct\"";
    private static final List<String> HISTOGRAMS = List.of(
            "vllm:time_to_first_token_seconds",
            "vllm:inter_token_latency_seconds",
            "vllm:request_time_per_output_token_seconds",
            "vllm:e2e_request_latency_seconds",
            "vllm:request_queue_time_seconds",
            "vllm:request_inference_time_seconds",
            "vllm:request_prefill_time_seconds",
            "vllm:request_decode_time_seconds",
            "vllm:request_prompt_tokens",
            "vllm:request_generation_tokens",
            "vllm:request_max_num_generation_tokens",
            "vllm:request_params_n",
            "vllm:request_params_max_tokens",
            "vllm:request_prefill_kv_computed_tokens",
            "vllm:iteration_tokens_total",
            "vllm:kv_block_lifetime_seconds",
            "vllm:kv_block_idle_before_evict_seconds",
            "vllm:kv_block_reuse_gap_seconds",
            "http_request_duration_seconds",
            "http_request_duration_highr_seconds");
    private static final int BUCKETS = 22;

    private MetricsPages() {}

    static String vllm() {
        StringBuilder page = new StringBuilder();
        gauge(page, "vllm:num_requests_running", 12);
        gauge(page, "vllm:num_requests_waiting", 3);
        for (String histogram : HISTOGRAMS) {
            page.append("# HELP %s Histogram of %s.\n# TYPE %s histogram\n"
                    .formatted(histogram, histogram.replace('_', ' '), histogram));
            for (int i = 0; i < BUCKETS; i++) {
                page.append(String.format(
                        Locale.ROOT, "%s_bucket{%s,le=\"%s\"} %d.0\n", histogram, LABELS, 0.001 * (1 << i), 1000 * i));
            }
            page.append("%s_count{%s} 22000.0\n%s_sum{%s} 1834.5\n".formatted(histogram, LABELS, histogram, LABELS));
        }
        gauge(page, "vllm:kv_cache_usage_perc", 0.42);
        return page.toString();
    }

    private static void gauge(StringBuilder page, String name, double value) {
        page.append("# HELP %s What %s says.\n# TYPE %s gauge\n".formatted(name, name, name));
        page.append("%s{%s} %s\n".formatted(name, LABELS, value));
    }
}
