package io.polychip.load;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a trace is replayed.
 *
 * @param target the endpoint up to and without {@code /v1}, {@code http://127.0.0.1:8080}
 * @param key bearer key; null: none is sent
 * @param serviceTier OpenAI's {@code service_tier}; null: not set
 * @param exactLength asks for exactly the trace's answer length ({@code max_tokens} and {@code ignore_eos}); an
 *     endpoint that refuses {@code ignore_eos} wants false, then the length is only a cap
 * @param hangUpShare share of requests whose client hangs up at a random token of its streamed answer, 0 to 1
 * @param seed decides which those are, and where
 * @param templateTokens what the endpoint's chat template adds to a prompt; prompts are that much shorter, so that the
 *     engine computes the trace's lengths
 * @param patience after the last request was sent; what has not ended by then counts as {@code unfinished}
 */
public record ReplayOptions(
        URI target,
        String model,
        @Nullable String key,
        @Nullable String serviceTier,
        boolean stream,
        boolean exactLength,
        double hangUpShare,
        long seed,
        int templateTokens,
        Duration patience) {
    public static ReplayOptions of(URI target, String model) {
        return new ReplayOptions(target, model, null, null, true, true, 0, 0, 0, Duration.ofSeconds(60));
    }

    public ReplayOptions withHangUps(double share, long newSeed) {
        return new ReplayOptions(
                target, model, key, serviceTier, stream, exactLength, share, newSeed, templateTokens, patience);
    }
}
