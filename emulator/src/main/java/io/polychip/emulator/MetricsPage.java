package io.polychip.emulator;

import io.polychip.simulator.Backend;

/**
 * A replica's load in its engine's own metric names (Prometheus text format 0.0.4), to the last digit as engines do.
 */
final class MetricsPage {
    private final StringBuilder out = new StringBuilder(4096);
    private final Backend backend;
    private final Counters counters;
    private final String labels;

    private MetricsPage(Backend backend, Counters counters, String labels) {
        this.backend = backend;
        this.counters = counters;
        this.labels = labels;
    }

    static String of(
            Dialect dialect, String model, Backend backend, Counters counters, long kvTokens, int blockTokens) {
        MetricsPage page = new MetricsPage(backend, counters, "model_name=\"%s\"".formatted(model));
        switch (dialect) {
            case VLLM -> page.vllm(kvTokens, blockTokens);
            case SGLANG -> page.sglang(kvTokens, blockTokens);
            case TENSORRT -> page.tensorrt();
            case LLAMA_CPP -> page.llamaCpp();
            case GROQ, CEREBRAS, HOSTED -> {} // nothing to scrape; the server answers 404 before
        }
        return page.out.toString();
    }

    private void vllm(long kvTokens, int blockTokens) {
        line("gauge", "vllm:num_requests_running", backend.running());
        line("gauge", "vllm:num_requests_waiting", backend.waiting());
        line("gauge", "vllm:kv_cache_usage_perc", backend.kvUsed());
        line("counter", "vllm:prompt_tokens_total", counters.promptTokens.sum());
        line("counter", "vllm:generation_tokens_total", counters.tokens.sum());
        line("counter", "vllm:prefix_cache_queries_total", counters.promptTokens.sum());
        line("counter", "vllm:prefix_cache_hits_total", counters.cachedTokens.sum());
        line("counter", "vllm:request_success_total", counters.finished.sum());
        out.append("# TYPE vllm:cache_config_info gauge\n")
                .append("vllm:cache_config_info{block_size=\"%d\",num_gpu_blocks=\"%d\"} 1.0\n"
                        .formatted(blockTokens, kvTokens / blockTokens));
        counters.firstToken.write(out, "vllm:time_to_first_token_seconds", labels);
        counters.betweenTokens.write(out, "vllm:inter_token_latency_seconds", labels);
    }

    private void sglang(long kvTokens, int blockTokens) {
        line("gauge", "sglang:num_running_reqs", backend.running());
        line("gauge", "sglang:num_queue_reqs", backend.waiting());
        line("gauge", "sglang:token_usage", backend.kvUsed());
        line("counter", "sglang:prompt_tokens_total", counters.promptTokens.sum());
        line("counter", "sglang:generation_tokens_total", counters.tokens.sum());
        line("gauge", "sglang:cache_hit_rate", ratio(counters.cachedTokens.sum(), counters.promptTokens.sum()));
        out.append("# TYPE sglang:cache_config_info gauge\n")
                .append("sglang:cache_config_info{page_size=\"%d\",num_pages=\"%d\"} 1.0\n"
                        .formatted(blockTokens, kvTokens / blockTokens));
        counters.firstToken.write(out, "sglang:time_to_first_token_seconds", labels);
        counters.betweenTokens.write(out, "sglang:inter_token_latency_seconds", labels);
    }

    private void tensorrt() {
        line("gauge", "trtllm_num_requests_running", backend.running());
        line("gauge", "trtllm_num_requests_waiting", backend.waiting());
        line("gauge", "trtllm_kv_cache_utilization", backend.kvUsed());
        line("counter", "trtllm_request_success_total", counters.finished.sum());
        counters.firstToken.write(out, "trtllm_time_to_first_token_seconds", labels);
        counters.betweenTokens.write(out, "trtllm_time_per_output_token_seconds", labels);
    }

    private void llamaCpp() {
        bare("gauge", "llamacpp:requests_processing", backend.running());
        bare("gauge", "llamacpp:requests_deferred", backend.waiting());
        bare("counter", "llamacpp:prompt_tokens_total", counters.promptTokens.sum());
        bare("counter", "llamacpp:tokens_predicted_total", counters.tokens.sum());
        bare("gauge", "llamacpp:n_busy_slots_per_decode", backend.running());
    }

    private static double ratio(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    private void line(String type, String name, double value) {
        out.append("# TYPE %s %s\n%s{%s} %s\n".formatted(name, type, name, labels, value));
    }

    private void line(String type, String name, long value) {
        line(type, name, (double) value);
    }

    private void bare(String type, String name, long value) {
        out.append("# TYPE %s %s\n%s %s\n".formatted(name, type, name, (double) value));
    }
}
