package io.polychip.routing;

/**
 * A sum that forgets: what was added {@code memoryNanos} ago counts half, twice as long ago a third.
 *
 * <p>Hyperbolic instead of exponential when left alone, close to exponential when fed often; needs nothing but exact
 * IEEE arithmetic, so every machine gets the same bits. O(1). Where the clock was set back, what was added ages from
 * then on.
 */
final class Fading {
    private final double memoryNanos;
    private double value;
    private long atNanos;

    Fading(long memoryNanos, long now) {
        this.memoryNanos = memoryNanos;
        this.atNanos = now;
    }

    void add(double amount, long now) {
        value = at(now) + amount;
        atNanos = now;
    }

    void clear() {
        value = 0;
    }

    double at(long now) {
        long age = now - atNanos;
        return age <= 0 || value == 0 ? value : value * (memoryNanos / (memoryNanos + age));
    }

    /** What arrives per second, if it has been arriving evenly for longer than the memory. */
    double perSecond(long now) {
        return at(now) / (memoryNanos / 1e9);
    }
}
