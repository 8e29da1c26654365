package io.polychip.routing;

/** A mean that starts from a guess and then follows slowly: the last few hundred values count. */
final class Mean {
    private static final double SLOWEST = 0.004;
    /** Values the guess is worth. */
    private static final int GUESS = 10;

    private double value;
    private long values;

    Mean(double guess) {
        this.value = guess;
    }

    void add(double next) {
        values++;
        value += Math.max(SLOWEST, 1.0 / (GUESS + values)) * (next - value);
    }

    double value() {
        return value;
    }
}
