package io.polychip.load;

import io.polychip.fleet.Deployment;
import io.polychip.performance.Batching;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What is measured, and how much of it.
 *
 * @param target the endpoint up to and without {@code /v1}
 * @param key bearer key; null: none is sent
 * @param deployment what runs there, as far as it is known; decides what few points leave open
 * @param batching how its engine forms steps, where the measurement finds nothing else
 * @param kvTokens cache capacity, 0: as memory leaves
 * @param budget time for all of it
 * @param mostConcurrency requests under way at once, at most
 * @param longestPrompt in tokens; less where that would take too long
 * @param quick fewer points and fewer answers for each
 * @param seed of prompts, held-out points and order
 */
public record MeasureOptions(
        URI target,
        String model,
        @Nullable String key,
        Deployment deployment,
        Batching batching,
        long kvTokens,
        Duration budget,
        int mostConcurrency,
        int longestPrompt,
        boolean quick,
        long seed) {
    public static final Duration USUAL = Duration.ofMinutes(10);
    public static final Duration QUICK = Duration.ofSeconds(150);
}
