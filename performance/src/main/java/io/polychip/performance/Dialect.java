package io.polychip.performance;

import java.util.List;

/**
 * A serving engine and what it does when nobody configures it.
 *
 * <p>Sources: each engine's own defaults as of 2026 (vLLM v1 {@code max_num_seqs}, {@code max_num_batched_tokens},
 * block size and prefix caching on; SGLang {@code chunked_prefill_size} and page size; TensorRT-LLM
 * {@code max_num_tokens} and {@code tokens_per_block}; llama.cpp {@code n_batch}; JetStream and Neuron compiled
 * shapes). Arrival: 15.6 ms was fitted to vLLM 0.15 on H100, A100 and L40S (tokenizer, process hops and scheduling of
 * one request); the others are estimates from their architecture.
 *
 * @param engine as {@code fleet.yaml} names it
 * @param arrivalPicos once per request
 * @param memoryShare share of the chip's memory the engine lets itself use
 */
record Dialect(String engine, Batching batching, long arrivalPicos, double memoryShare) {
    private static final Dialect VLLM =
            new Dialect("vllm", new Batching(256, 8192, 16, true, false, true, 0), 15_563_000_000L, 0.90);
    private static final Dialect SGLANG =
            new Dialect("sglang", new Batching(256, 8192, 16, true, false, true, 0), 8_000_000_000L, 0.88);
    private static final Dialect TENSORRT_LLM =
            new Dialect("tensorrt-llm", new Batching(256, 8192, 32, true, false, true, 0), 6_000_000_000L, 0.90);
    private static final Dialect VLLM_NEURON =
            new Dialect("vllm-neuron", new Batching(32, 32, 32, false, true, false, 512), 15_563_000_000L, 0.90);
    private static final Dialect VLLM_TPU =
            new Dialect("vllm-tpu", new Batching(256, 8192, 32, true, false, true, 0), 15_563_000_000L, 0.90);
    private static final Dialect JETSTREAM =
            new Dialect("jetstream", new Batching(96, 96, 128, false, true, false, 256), 10_000_000_000L, 0.90);
    private static final Dialect LLAMA_CPP =
            new Dialect("llama.cpp", new Batching(4, 2048, 32, true, false, true, 0), 1_000_000_000L, 0.80);

    private static final List<Dialect> ALL =
            List.of(VLLM, SGLANG, TENSORRT_LLM, VLLM_NEURON, VLLM_TPU, JETSTREAM, LLAMA_CPP);

    /** The dialect of an engine's name; an unknown engine is taken to batch like vLLM, as most do. */
    static Dialect of(String engine) {
        for (Dialect dialect : ALL) {
            if (dialect.engine.equals(engine)) {
                return dialect;
            }
        }
        if (engine.contains("neuron")) {
            return VLLM_NEURON;
        }
        if (engine.startsWith("trt") || engine.startsWith("tensorrt")) {
            return TENSORRT_LLM;
        }
        return engine.startsWith("llama") ? LLAMA_CPP : VLLM;
    }
}
