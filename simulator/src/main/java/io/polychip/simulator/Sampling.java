package io.polychip.simulator;

import io.polychip.routing.Mix;

/** Draws from distributions by their shape, scaled to a mean of 1; the same bits on any machine. */
final class Sampling {
    private static final double[] LANCZOS = {
        676.5203681218851,
        -1259.1392167224028,
        771.3234287776531,
        -176.6150291621406,
        12.507343278686905,
        -0.13857109526572012,
        9.984369578019572e-6,
        1.5056327351493116e-7
    };
    private static final int FIRST_DRAW = 10;

    private Sampling() {}

    /** An interval of mean 1. @param draws seed of its draws, of its own */
    static double interval(boolean weibull, double shape, long draws) {
        return weibull ? weibull(shape, draws) : gamma(shape, draws) / shape;
    }

    private static double weibull(double shape, long draws) {
        double exponential = -StrictMath.log(1 - Mix.unit(draws, FIRST_DRAW));
        return StrictMath.pow(exponential, 1 / shape) / StrictMath.exp(logGamma(1 + 1 / shape));
    }

    /** Of scale 1. Marsaglia and Tsang, "A simple method for generating gamma variables", 2000. */
    private static double gamma(double shape, long draws) {
        double boosted = shape < 1 ? shape + 1 : shape;
        double d = boosted - 1.0 / 3;
        double c = 1 / StrictMath.sqrt(9 * d);
        for (int draw = FIRST_DRAW; ; draw += 3) {
            double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - Mix.unit(draws, draw)));
            double normal = radius * StrictMath.cos(2 * StrictMath.PI * Mix.unit(draws, draw + 1));
            double v = 1 + c * normal;
            if (v > 0) {
                double cube = v * v * v;
                double u = 1 - Mix.unit(draws, draw + 2);
                if (StrictMath.log(u) < 0.5 * normal * normal + d - d * cube + d * StrictMath.log(cube)) {
                    double boost = shape < 1 ? StrictMath.pow(1 - Mix.unit(draws, 1), 1 / shape) : 1;
                    return d * cube * boost;
                }
            }
        }
    }

    /** Natural logarithm of the gamma function for {@code x} of at least 1; Lanczos with g = 7, 15 digits. */
    static double logGamma(double x) {
        double z = x - 1;
        double sum = 0.9999999999998099;
        for (int i = 0; i < LANCZOS.length; i++) {
            sum += LANCZOS[i] / (z + i + 1);
        }
        double t = z + LANCZOS.length - 0.5;
        return 0.5 * StrictMath.log(2 * StrictMath.PI) + (z + 0.5) * StrictMath.log(t) - t + StrictMath.log(sum);
    }
}
