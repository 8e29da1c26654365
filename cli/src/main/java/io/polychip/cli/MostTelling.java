package io.polychip.cli;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Deployment;
import io.polychip.fleet.Pool;
import io.polychip.performance.Estimates;
import io.polychip.performance.Estimates.Advice;
import io.polychip.performance.Estimates.Load;
import io.polychip.performance.Profile;
import java.util.ArrayList;
import java.util.List;

/** Which measured points would help most where a pool was not measured, in the words of the commands that say so. */
final class MostTelling {
    private static final int[] CONCURRENCIES = {1, 4, 16, 64, 256};
    private static final int MOST_POINTS = 3;

    /** Another point that narrows a band by less than a tenth is not worth its minutes. */
    private static final double WORTH = 0.9;

    private static final long MOST_TOKENS = 1 << 20;

    private final Estimates estimates;
    private final long promptTokens;
    private final long longPromptTokens;
    private final long answerTokens;

    /** @param longPromptTokens of the longest prompts that matter; the lengths of the traffic, or usual ones */
    MostTelling(Catalogue catalogue, long promptTokens, long longPromptTokens, long answerTokens) {
        this.estimates = new Estimates(catalogue);
        this.promptTokens = Math.clamp(promptTokens, 1, MOST_TOKENS);
        this.longPromptTokens = Math.clamp(longPromptTokens, this.promptTokens, MOST_TOKENS);
        this.answerTokens = Math.clamp(answerTokens, 2, MOST_TOKENS);
    }

    /** Where no traffic is known. */
    static MostTelling usual(Catalogue catalogue) {
        return new MostTelling(catalogue, 1024, 4096, 256);
    }

    /**
     * {@code concurrency 16 at 1,024 prompt and 256 answer tokens, then 1 at 4,096 and 256 (one sigma at such loads
     * from 31 % to 9 %)}.
     */
    String points(Pool pool, Profile profile) {
        Deployment deployment = pool.deployment();
        if (pool.hosted() != null) {
            return "one answer alone at %,d and at %,d prompt and %,d answer tokens"
                    .formatted(promptTokens, longPromptTokens, answerTokens);
        }
        List<Load> loads = loads(profile.maxSequences());
        if (!Estimates.possible(deployment)) {
            return "concurrency 1, %d and %d at %,d prompt and %,d answer tokens: of this chip nothing else is known"
                    .formatted(
                            loads.get(loads.size() / 2).concurrency(),
                            loads.getLast().concurrency(),
                            promptTokens,
                            answerTokens);
        }
        List<Advice> worth = new ArrayList<>();
        double band = Double.POSITIVE_INFINITY;
        for (Advice advice : estimates.advice(deployment, loads, MOST_POINTS)) {
            if (advice.bandAfter() > WORTH * band) {
                break;
            }
            band = advice.bandAfter();
            worth.add(advice);
        }
        Load first = worth.getFirst().load();
        StringBuilder text = new StringBuilder("concurrency %d at %,d prompt and %,d answer tokens"
                .formatted(first.concurrency(), first.promptTokens(), first.answerTokens()));
        for (Advice advice : worth.subList(1, worth.size())) {
            text.append(", then %d at %,d and %,d"
                    .formatted(
                            advice.load().concurrency(),
                            advice.load().promptTokens(),
                            advice.load().answerTokens()));
        }
        long from = Math.round(worth.getFirst().bandBefore() * 100);
        long to = Math.round(band * 100);
        return (to < from ? text.append(" (one sigma at such loads from %d %% to %d %%)".formatted(from, to)) : text)
                .toString();
    }

    private List<Load> loads(int most) {
        List<Load> loads = new ArrayList<>();
        for (int concurrency : CONCURRENCIES) {
            if (concurrency <= most) {
                loads.add(load(concurrency, promptTokens));
                if (longPromptTokens > promptTokens) {
                    loads.add(load(concurrency, longPromptTokens));
                }
            }
        }
        return loads;
    }

    private Load load(int concurrency, long prompt) {
        return new Load(concurrency, (int) prompt, (int) answerTokens);
    }
}
