package io.polychip.planner;

/**
 * A row that the one who asks could give way on, in words.
 *
 * @param row in the programme
 * @param kind what sort of promise it is; rows of one kind and subject are given way on together
 * @param subject whose: an offer, a label's value, a class
 * @param unit of the row's right-hand side, for a person
 * @param perUnit how many of those one unit of the row is
 */
public record Promise(int row, Kind kind, String subject, String unit, double perUnit) {
    /** What can be given way on. */
    public enum Kind {
        SURVIVAL,
        AVAILABILITY,
        SHARE_CAP,
        SHARE_FLOOR,
        QUOTA,
        BUDGET,
        POWER,
        CARBON,
        DEADLINE,
        CONTRACT,
        DEMAND
    }
}
