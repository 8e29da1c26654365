package io.polychip.routing;

/**
 * Lets retries be at most a tenth of traffic, plus a small floor, so that an outage is not answered with a storm.
 *
 * <p>A token bucket fed by accepted calls, not by failures (the form Finagle made common). It holds what ten seconds of
 * traffic earn, and never less than ten.
 */
final class RetryBudget {
    private static final double PER_CALL = 0.1;
    private static final double PER_SECOND = 0.5;
    private static final double LEAST_CAPACITY = 10;

    private final Fading calls;
    private double balance = LEAST_CAPACITY;
    private long atNanos;

    RetryBudget(long now) {
        calls = new Fading(10_000_000_000L, now);
        atNanos = now;
    }

    void earn(long now) {
        calls.add(1, now);
        refill(now);
        balance = Math.min(capacity(now), balance + PER_CALL);
    }

    boolean spend(long now) {
        refill(now);
        if (balance < 1) {
            return false;
        }
        balance--;
        return true;
    }

    double balance() {
        return balance;
    }

    private double capacity(long now) {
        return LEAST_CAPACITY + PER_CALL * calls.at(now);
    }

    private void refill(long now) {
        balance = Math.min(capacity(now), balance + PER_SECOND * Math.max(0, now - atNanos) / 1e9);
        atNanos = now; // also where the clock was set back
    }
}
