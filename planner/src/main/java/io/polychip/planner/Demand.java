package io.polychip.planner;

import io.polychip.fleet.RequestClass;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * What must be served: buckets of requests at a rate by the typical hour, the same day over and over, growing from
 * period to period; and training jobs.
 *
 * @param periods in order of time
 */
public record Demand(List<Bucket> buckets, List<Hour> hours, List<Period> periods, List<Training> trainings) {
    /** One period of one hour. */
    public static final List<Period> ONE_HOUR = List.of(new Period("now", LocalDate.EPOCH, LocalDate.EPOCH, 1, 1, 1));

    public Demand {
        buckets = List.copyOf(buckets);
        hours = List.copyOf(hours);
        periods = List.copyOf(periods);
        trainings = List.copyOf(trainings);
        if (hours.isEmpty() || periods.isEmpty()) {
            throw new PlanException("A demand needs at least one typical hour and one period, not %d and %d."
                    .formatted(hours.size(), periods.size()));
        }
        for (Hour hour : hours) {
            if (hour.perSecond().length != buckets.size()) {
                throw new PlanException("Hour %s gives %d rates for %d buckets."
                        .formatted(hour.name(), hour.perSecond().length, buckets.size()));
            }
        }
    }

    /**
     * A typical hour.
     *
     * @param weight how much of the day is like it, any unit
     * @param perSecond requests a second by bucket
     */
    public record Hour(String name, double weight, double[] perSecond) {}

    /**
     * A stretch of time over which counts stay the same.
     *
     * @param until last day
     * @param hours it has
     * @param growth its rates over the typical hour's
     * @param discount what a dollar then is worth now
     */
    public record Period(String name, LocalDate from, LocalDate until, double hours, double growth, double discount) {}

    /**
     * A training job.
     *
     * @param chipHours it takes on each chip that can do it, by chip
     * @param lastPeriod index of the period by whose end it is done
     */
    public record Training(String name, Map<String, Double> chipHours, int lastPeriod) {
        public Training {
            chipHours = Map.copyOf(chipHours);
        }
    }

    /** Requests a second of a bucket in an hour of a period. */
    public double rate(int period, int hour, int bucket) {
        return hours.get(hour).perSecond()[bucket] * periods.get(period).growth();
    }

    /** The share of a period's time that is like this hour. */
    public double share(int hour) {
        double sum = 0;
        for (Hour each : hours) {
            sum += each.weight();
        }
        return hours.get(hour).weight() / sum;
    }

    /** Hours of a period that are like this hour. */
    public double hours(int period, int hour) {
        return periods.get(period).hours() * share(hour);
    }

    /** Tokens of a period, prompts and answers. */
    public double tokens(int period) {
        double sum = 0;
        for (int hour = 0; hour < hours.size(); hour++) {
            sum += tokensPerSecond(period, hour) * 3600 * hours(period, hour);
        }
        return sum;
    }

    public double tokensPerSecond(int period, int hour) {
        double sum = 0;
        for (int bucket = 0; bucket < buckets.size(); bucket++) {
            sum += rate(period, hour, bucket) * buckets.get(bucket).tokens();
        }
        return sum;
    }

    /** Whether a bucket may wait for a better hour of the same day. */
    public boolean waits(int bucket) {
        return buckets.get(bucket).requestClass() == RequestClass.BATCH;
    }

    /** The same with hours of equal rates as one: any plan for one of them is a plan for all. */
    public Demand merged() {
        List<Hour> kept = new ArrayList<>();
        for (Hour hour : hours) {
            int same = 0;
            while (same < kept.size() && !Arrays.equals(kept.get(same).perSecond(), hour.perSecond())) {
                same++;
            }
            if (same == kept.size()) {
                kept.add(hour);
            } else {
                Hour first = kept.get(same);
                kept.set(same, new Hour(first.name(), first.weight() + hour.weight(), first.perSecond()));
            }
        }
        return new Demand(buckets, kept, periods, trainings);
    }

    /** The first of the hours that {@link #merged} made into that one. */
    public int original(int mergedHour) {
        String name = merged().hours().get(mergedHour).name();
        int hour = 0;
        while (!hours.get(hour).name().equals(name)) {
            hour++;
        }
        return hour;
    }

    /**
     * Hours that no other hour outdoes in every bucket: what survives in these survives always. At most {@code most},
     * those with the most tokens.
     */
    public List<Integer> peaks(int most) {
        List<Integer> peaks = new ArrayList<>();
        for (int hour = 0; hour < hours.size(); hour++) {
            boolean outdone = false;
            for (int other = 0; other < hours.size() && !outdone; other++) {
                outdone = other != hour && outdoes(other, hour) && (!outdoes(hour, other) || other < hour);
            }
            if (!outdone) {
                peaks.add(hour);
            }
        }
        peaks.sort((one, other) -> Double.compare(tokensPerSecond(0, other), tokensPerSecond(0, one)));
        return List.copyOf(peaks.subList(0, Math.min(most, peaks.size())));
    }

    private boolean outdoes(int one, int other) {
        for (int bucket = 0; bucket < buckets.size(); bucket++) {
            if (hours.get(one).perSecond()[bucket] < hours.get(other).perSecond()[bucket]) {
                return false;
            }
        }
        return true;
    }
}
