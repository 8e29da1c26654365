package io.polychip.llama;

import java.util.Locale;

/**
 * An engine's standing under the names that llama.cpp's own server uses ({@code --metrics}), so that one scraper reads
 * both. Rates are averages since start.
 */
final class LlamaMetrics {
    private final StringBuilder text = new StringBuilder();

    private LlamaMetrics() {}

    static String of(EngineStatus status) {
        double promptSeconds = status.promptNanos() / 1e9;
        double answerSeconds = status.answerNanos() / 1e9;
        LlamaMetrics metrics = new LlamaMetrics();
        metrics.counter("prompt_tokens_total", "Prompt tokens computed.", status.promptTokens());
        metrics.counter("prompt_seconds_total", "Time spent on prompts.", promptSeconds);
        metrics.counter("tokens_predicted_total", "Tokens generated.", status.answerTokens());
        metrics.counter("tokens_predicted_seconds_total", "Time spent on generating.", answerSeconds);
        metrics.counter("n_decode_total", "Batches computed.", status.steps());
        metrics.gauge("n_tokens_max", "Most tokens one sequence has had.", status.longestContext());
        metrics.gauge("n_busy_slots_per_decode", "Busy slots per batch.", ratio(status.busySlotSteps(), (double)
                status.steps()));
        metrics.gauge(
                "prompt_tokens_seconds", "Prompt tokens per second.", ratio(status.promptTokens(), promptSeconds));
        metrics.gauge("predicted_tokens_seconds", "Tokens per second.", ratio(status.answerTokens(), answerSeconds));
        metrics.gauge("requests_processing", "Answers that hold a slot.", status.running());
        metrics.gauge("requests_deferred", "Answers that wait for a slot.", status.waiting());
        return metrics.text.toString();
    }

    private static double ratio(long value, double by) {
        return by == 0 ? 0 : value / by;
    }

    private void counter(String name, String help, Number value) {
        sample(name, help, "counter", value);
    }

    private void gauge(String name, String help, Number value) {
        sample(name, help, "gauge", value);
    }

    private void sample(String name, String help, String type, Number value) {
        text.append("# HELP llamacpp:%s %s\n# TYPE llamacpp:%s %s\n".formatted(name, help, name, type));
        String number = value instanceof Double real ? String.format(Locale.ROOT, "%.6g", real) : value.toString();
        text.append("llamacpp:").append(name).append(' ').append(number).append('\n');
    }
}
