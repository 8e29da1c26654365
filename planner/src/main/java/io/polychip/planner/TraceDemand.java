package io.polychip.planner;

import io.polychip.simulator.Arrival;
import io.polychip.simulator.Traffic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A recorded trace as typical hours: up to two hours of it are one, a longer one has an hour for each of its day, over
 * all its days.
 *
 * @param seconds over which each hour was seen
 * @param burst tokens of a busy minute (the 95th of 100) over those of a mean one of its hour
 * @param requests it holds
 */
public record TraceDemand(DemandCells cells, List<Demand.Hour> hours, double[] seconds, double burst, long requests) {
    private static final long MINUTE = 60_000_000_000L;
    private static final long HOUR = 60 * MINUTE;
    private static final int DAY = 24;
    private static final double BUSY = 0.95;

    /**
     * Reads all of it.
     *
     * @param model what a request that names none asks for
     * @param spanNanos from its beginning to its last request
     */
    public static TraceDemand of(Traffic traffic, String model, long spanNanos) {
        boolean one = spanNanos <= 2 * HOUR;
        int count = one ? 1 : (int) Math.min(DAY, Math.ceilDiv(spanNanos, HOUR));
        DemandCells cells = new DemandCells(count);
        double[] minutes = new double[(int) (spanNanos / MINUTE) + 1];
        long requests = 0;
        for (Arrival next = traffic.next(); next != null; next = traffic.next()) {
            int hour = one ? 0 : (int) (next.arrivalNanos() / HOUR % DAY);
            cells.add(
                    hour,
                    next.model().isEmpty() ? model : next.model(),
                    next.requestClass(),
                    next.promptTokens(),
                    next.outputTokens(),
                    1);
            minutes[(int) Math.min(minutes.length - 1, next.arrivalNanos() / MINUTE)] +=
                    next.promptTokens() + next.outputTokens();
            requests++;
        }
        double[] seconds = new double[count];
        for (long at = 0; at < spanNanos; at += MINUTE) {
            seconds[one ? 0 : (int) (at / HOUR % DAY)] += Math.min(MINUTE, spanNanos - at) / 1e9;
        }
        List<Demand.Hour> hours = new ArrayList<>();
        for (int hour = 0; hour < count; hour++) {
            hours.add(new Demand.Hour(one ? "the trace" : "hour " + hour, 1, new double[0]));
        }
        return new TraceDemand(cells, List.copyOf(hours), seconds, burst(minutes, one), requests);
    }

    /** Whole minutes only: the last one is cut. */
    private static double burst(double[] minutes, boolean one) {
        int whole = minutes.length - 1;
        if (whole < 3) {
            return 1;
        }
        double[] sums = new double[one ? 1 : DAY];
        int[] counts = new int[sums.length];
        for (int minute = 0; minute < whole; minute++) {
            sums[minute / 60 % sums.length] += minutes[minute];
            counts[minute / 60 % sums.length]++;
        }
        double[] ratios = new double[whole];
        for (int minute = 0; minute < whole; minute++) {
            int hour = minute / 60 % sums.length;
            ratios[minute] = sums[hour] == 0 ? 1 : minutes[minute] * counts[hour] / sums[hour];
        }
        Arrays.sort(ratios);
        return Math.max(1, ratios[(int) Math.min(whole - 1, Math.floor(BUSY * whole))]);
    }
}
