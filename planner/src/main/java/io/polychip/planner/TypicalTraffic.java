package io.polychip.planner;

import io.polychip.fleet.RequestClass;
import io.polychip.fleet.Workload;
import io.polychip.routing.Mix;
import io.polychip.simulator.Arrival;
import io.polychip.simulator.Traffic;
import java.util.List;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/** Requests of a demand file's typical hour: they come at random (Poisson), with lengths of its distributions. */
public final class TypicalTraffic implements Traffic {
    private static final int KIND_DRAW = 1;
    private static final int GAP_DRAW = 2;
    private static final int INPUT_DRAW = 3;
    private static final int OUTPUT_DRAW = 4;
    private static final double NANOS = 1e9;
    private static final long[] NO_BLOCKS = {};

    private final List<Workload.Traffic> kinds;
    private final double[] rates;
    private final double perSecond;
    private final long untilNanos;
    private final long seed;
    private double now;
    private long number;

    /**
     * Poisson's, of one hour.
     *
     * @param growth what the file's rates are multiplied by
     * @param batch requests of that class over those of a mean hour of the day, since they wait for better hours
     */
    public TypicalTraffic(Workload workload, int hour, double growth, double batch, long untilNanos, long seed) {
        this.kinds = workload.traffic();
        this.untilNanos = untilNanos;
        this.seed = seed;
        this.rates = kinds.stream()
                .mapToDouble(kind -> growth
                        * (kind.requestClass() == RequestClass.BATCH
                                ? mean(kind, workload.hours()) * batch
                                : kind.perSecond().get(hour)))
                .toArray();
        this.perSecond = DoubleStream.of(rates).sum();
    }

    @Override
    public @Nullable Arrival next() {
        if (!(perSecond > 0)) {
            return null;
        }
        long draws = Mix.scramble(seed ^ Mix.scramble(number++));
        now -= StrictMath.log(1 - Mix.unit(draws, GAP_DRAW)) / perSecond;
        long at = (long) (now * NANOS);
        if (at >= untilNanos) {
            return null;
        }
        Workload.Traffic kind = kind(Mix.unit(draws, KIND_DRAW) * perSecond);
        return new Arrival(
                at,
                kind.model(),
                "",
                kind.requestClass(),
                tokens(kind.input(), Mix.unit(draws, INPUT_DRAW)),
                tokens(kind.output(), Mix.unit(draws, OUTPUT_DRAW)),
                0,
                0,
                NO_BLOCKS);
    }

    private static int tokens(Workload.Lengths lengths, double draw) {
        return (int) Math.max(1, Math.round(lengths.quantile(draw)));
    }

    private static double mean(Workload.Traffic kind, List<Workload.Hour> hours) {
        double requests = 0;
        double day = 0;
        for (int hour = 0; hour < hours.size(); hour++) {
            requests += kind.perSecond().get(hour) * hours.get(hour).ofDay();
            day += hours.get(hour).ofDay();
        }
        return requests / day;
    }

    private Workload.Traffic kind(double place) {
        double left = place;
        for (int kind = 0; kind < rates.length; kind++) {
            left -= rates[kind];
            if (left < 0) {
                return kinds.get(kind);
            }
        }
        return kinds.getLast();
    }
}
