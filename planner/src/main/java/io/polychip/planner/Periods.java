package io.polychip.planner;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A horizon cut into periods over which counts stay the same. */
public final class Periods {
    private static final double HOURS_PER_DAY = 24;
    private static final double DAYS_PER_YEAR = 365.25;
    private static final int QUARTER = 3;
    private static final int HALF_YEAR = 6;
    private static final int QUARTERS_UP_TO = 24;

    private Periods() {}

    /**
     * One period where nothing changes; else quarters up to two years, and half-years beyond.
     *
     * @param changing whether demand grows or offers have dates
     * @param yearlyGrowth 0.5 for half as much again; a period has its last day's rates, so that it lasts to its end
     * @param discountRate by which money a year later is worth less
     */
    public static List<Demand.Period> of(
            LocalDate from, int months, boolean changing, double yearlyGrowth, double discountRate) {
        int step = !changing ? months : months <= QUARTERS_UP_TO ? QUARTER : HALF_YEAR;
        List<Demand.Period> periods = new ArrayList<>();
        for (int start = 0; start < months; start += step) {
            LocalDate first = from.plusMonths(start);
            LocalDate next = from.plusMonths(Math.min(months, start + step));
            double days = next.toEpochDay() - first.toEpochDay();
            double middle = (first.toEpochDay() + days / 2 - from.toEpochDay()) / DAYS_PER_YEAR;
            double end = (next.toEpochDay() - from.toEpochDay()) / DAYS_PER_YEAR;
            periods.add(new Demand.Period(
                    String.format(Locale.ROOT, "%d-%02d", first.getYear(), first.getMonthValue()),
                    first,
                    next.minusDays(1),
                    days * HOURS_PER_DAY,
                    changing ? StrictMath.pow(1 + yearlyGrowth, end) : 1,
                    StrictMath.pow(1 + discountRate, -middle)));
        }
        return List.copyOf(periods);
    }
}
