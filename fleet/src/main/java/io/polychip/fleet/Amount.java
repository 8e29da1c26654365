package io.polychip.fleet;

/** How much of something a contract speaks of. */
public record Amount(Unit unit, double value) {
    /** US dollars of spend, chips in use, or gigawatts of chips in use at their all-in power. */
    public enum Unit {
        USD,
        CHIPS,
        GIGAWATTS
    }

    /**
     * Chips that the amount stands for; dollars stand for none.
     *
     * @param allInWatts of one chip with its share of host, network and facility
     */
    public double chips(double allInWatts) {
        return switch (unit) {
            case CHIPS -> value;
            case GIGAWATTS -> value * 1e9 / allInWatts;
            case USD -> throw new IllegalArgumentException("US dollars are no number of chips.");
        };
    }

    @Override
    public String toString() {
        return switch (unit) {
            case USD -> "%s USD".formatted(Units.large(value));
            case CHIPS -> "%s chips".formatted(Units.large(value));
            case GIGAWATTS -> "%s GW".formatted(Units.decimal(value));
        };
    }
}
