package io.polychip.benchmarks;

import io.polychip.routing.Mix;

/** Lengths like those of Azure's conversations of 2023, log-normal: the i-th request's, the same every time. */
final class Lengths {
    private static final double MEDIAN_PROMPT = 1000;
    private static final double MEDIAN_ANSWER = 130;

    private Lengths() {}

    static int prompt(int i) {
        return logNormal(i, 1, MEDIAN_PROMPT, 0.8, 8_000);
    }

    static int answer(int i) {
        return logNormal(i, 3, MEDIAN_ANSWER, 0.9, 850);
    }

    /** Box and Muller's normal. */
    private static int logNormal(int i, int draw, double median, double sigma, int most) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - Mix.unit(i, draw)));
        double normal = radius * StrictMath.cos(2 * Math.PI * Mix.unit(i, draw + 1));
        return (int) Math.clamp(median * StrictMath.exp(sigma * normal), 1, most);
    }
}
