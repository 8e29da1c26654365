package io.polychip.emulator;

import io.polychip.fleet.Hosted;
import io.polychip.fleet.Pool;
import java.util.Locale;
import java.util.Map;

/** How a pool's engine or provider departs from plain OpenAI: metric names, extra fields, errors. */
enum Dialect {
    VLLM("/metrics"),
    SGLANG("/metrics"),
    TENSORRT("/prometheus/metrics"),
    LLAMA_CPP("/metrics"),
    GROQ(""),
    CEREBRAS(""),
    HOSTED("");

    private static final Map<String, Dialect> ENGINES =
            Map.of("sglang", SGLANG, "sglang-jax", SGLANG, "tensorrt-llm", TENSORRT, "llama.cpp", LLAMA_CPP);

    private final String metricsPath;

    Dialect(String metricsPath) {
        this.metricsPath = metricsPath;
    }

    /** Empty where nothing can be scraped. */
    String metricsPath() {
        return metricsPath;
    }

    /** vLLM and its plug-ins for Neuron and TPU speak alike, and so does everything unknown. */
    static Dialect of(Pool pool) {
        Hosted hosted = pool.hosted();
        if (hosted != null) {
            return switch (hosted.provider()) {
                case "groq" -> GROQ;
                case "cerebras" -> CEREBRAS;
                default -> HOSTED;
            };
        }
        return ENGINES.getOrDefault(pool.deployment().engine().name().toLowerCase(Locale.ROOT), VLLM);
    }
}
