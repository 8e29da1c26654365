package io.polychip.validation;

import io.polychip.routing.Mix;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How one router did under every seed, beside ours under the same seeds.
 *
 * @param attainment mean share of requests that kept their objective
 * @param usdPerMillionGood mean cost per million goodput tokens
 * @param ratio of our cost to its, geometric mean over the seeds
 * @param low lower end of that ratio's interval
 * @param high upper end
 */
public record Standing(
        String policy,
        String setting,
        double attainment,
        double usdPerMillionGood,
        double ratio,
        double low,
        double high) {
    private static final int RESAMPLES = 2_000;
    private static final double TAIL = 0.025;

    static Standing of(Entrant entrant, List<Outcome> its, List<Outcome> ours) {
        String policy = entrant.policy().name().toLowerCase(Locale.ROOT).replace('_', '-');
        return of(policy, entrant.setting(), its, ours);
    }

    static Standing of(String policy, String setting, List<Outcome> its, List<Outcome> ours) {
        double[] logs = new double[its.size()];
        for (int i = 0; i < logs.length; i++) {
            logs[i] =
                    StrictMath.log(ours.get(i).usdPerMillionGood() / its.get(i).usdPerMillionGood());
        }
        double[] means = resampled(logs);
        return new Standing(
                policy,
                setting,
                its.stream().mapToDouble(Outcome::attainment).average().orElse(0),
                its.stream().mapToDouble(Outcome::usdPerMillionGood).average().orElse(0),
                StrictMath.exp(Arrays.stream(logs).average().orElse(0)),
                StrictMath.exp(means[(int) (TAIL * RESAMPLES)]),
                StrictMath.exp(means[(int) ((1 - TAIL) * RESAMPLES)]));
    }

    /** Means of samples drawn with replacement, ascending: the bootstrap's view of how sure the mean is. */
    private static double[] resampled(double[] values) {
        double[] means = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            double sum = 0;
            for (int j = 0; j < values.length; j++) {
                sum += values[Mix.below(values.length, Mix.decision(17, 0, i), j)];
            }
            means[i] = sum / values.length;
        }
        Arrays.sort(means);
        return means;
    }

    /** One run's two figures. */
    record Outcome(double attainment, double usdPerMillionGood) {}
}
