package io.polychip.cli;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Workload;
import io.polychip.planner.Demand;
import io.polychip.planner.Lot;
import io.polychip.planner.TraceDemand;
import io.polychip.planner.TypicalTraffic;
import io.polychip.planner.WorkloadDemand;
import io.polychip.report.Numbers;
import io.polychip.simulator.Traffic;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.function.Function;

/** What {@code plan} is asked to serve: a recorded trace or a file of typical hours. */
sealed interface PlanDemand {
    Demand demand(List<Demand.Period> periods, List<Lot> lots, LocalDate asOf, Catalogue catalogue, int mostBuckets);

    /**
     * One part in so many of its requests in a typical hour of a period, handed over.
     *
     * @param batch requests of that class over those of a mean hour; a trace's come when they came
     */
    <T> T use(Demand.Period period, int hour, int parts, double batch, long seed, Function<Traffic, T> reader);

    /** Into how many equal parts an hour is best cut for a run of bearable length. */
    int parts(Demand.Period period, int hour);

    /** How long the requests of one typical hour come. */
    long spanNanos(int hour);

    /** Yearly, 0.5 for half as much again. */
    double growth();

    /** Tokens of a busy minute over those of a mean one. */
    double burst();

    /** One sentence. */
    String words();

    /** A trace. @param yearlyGrowth that its rates will grow by */
    record Recorded(TrafficSource source, TrafficSource.Size size, TraceDemand read, double yearlyGrowth)
            implements PlanDemand {
        private static final long HOUR_NANOS = 3_600_000_000_000L;
        private static final double MOST_REQUESTS = 400_000;

        @Override
        public Demand demand(
                List<Demand.Period> periods, List<Lot> lots, LocalDate asOf, Catalogue catalogue, int mostBuckets) {
            return read.cells().demand(read.hours(), read.seconds(), periods, List.of(), mostBuckets);
        }

        @Override
        public int parts(Demand.Period period, int hour) {
            double requests = size.requests() * period.growth() / read.hours().size();
            return (int) Math.max(1, Math.ceil(requests / MOST_REQUESTS));
        }

        @Override
        public <T> T use(
                Demand.Period period, int hour, int parts, double batch, long seed, Function<Traffic, T> reader) {
            boolean one = read.hours().size() == 1;
            TrafficSource part = new TrafficSource(
                    source.path(),
                    source.scale() * period.growth(),
                    one ? source.from() : source.from().plusHours(hour),
                    one ? source.length() : Duration.ofNanos(spanNanos(hour)),
                    source.seed(),
                    source.classes());
            return part.use(all -> reader.apply(parts == 1 ? all : all.cell(0, parts)));
        }

        @Override
        public long spanNanos(int hour) {
            return read.hours().size() == 1
                    ? size.spanNanos()
                    : Math.min(HOUR_NANOS, size.spanNanos() - hour * HOUR_NANOS);
        }

        @Override
        public double growth() {
            return yearlyGrowth;
        }

        @Override
        public double burst() {
            return read.burst();
        }

        @Override
        public String words() {
            return "%,d requests in %s (%.1f/s), prompts of %,d tokens (median; p99 %,d), answers of %,d (p99 %,d); a busy minute has %.2f times the tokens of a mean one"
                    .formatted(
                            size.requests(),
                            Numbers.clock(size.spanNanos() / 1e9),
                            size.perSecond(),
                            size.promptTokens().quantile(0.5),
                            size.promptTokens().quantile(0.99),
                            size.outputTokens().quantile(0.5),
                            size.outputTokens().quantile(0.99),
                            read.burst());
        }
    }

    /** A file of typical hours. */
    record Typical(Workload workload) implements PlanDemand {
        /** Long enough for a tail, short enough for a run. */
        private static final double REQUESTS = 60_000;

        private static final double MOST_REQUESTS = 200_000;

        private static final double LEAST_SECONDS = 600;
        private static final double MOST_SECONDS = 3600;

        @Override
        public Demand demand(
                List<Demand.Period> periods, List<Lot> lots, LocalDate asOf, Catalogue catalogue, int mostBuckets) {
            return WorkloadDemand.of(workload, periods, lots, asOf, catalogue, mostBuckets);
        }

        @Override
        public int parts(Demand.Period period, int hour) {
            double requests = rate(hour) * period.growth() * spanNanos(hour) / 1e9;
            return (int) Math.max(1, Math.ceil(requests / MOST_REQUESTS));
        }

        @Override
        public <T> T use(
                Demand.Period period, int hour, int parts, double batch, long seed, Function<Traffic, T> reader) {
            return reader.apply(
                    new TypicalTraffic(workload, hour, period.growth() / parts, batch, spanNanos(hour), seed));
        }

        private double rate(int hour) {
            return workload.traffic().stream()
                    .mapToDouble(traffic -> traffic.perSecond().get(hour))
                    .sum();
        }

        @Override
        public long spanNanos(int hour) {
            return (long) (Math.clamp(REQUESTS / Math.max(1e-9, rate(hour)), LEAST_SECONDS, MOST_SECONDS) * 1e9);
        }

        @Override
        public double growth() {
            return WorkloadDemand.growth(workload);
        }

        @Override
        public double burst() {
            return 1;
        }

        @Override
        public String words() {
            double least = Double.POSITIVE_INFINITY;
            double most = 0;
            for (int hour = 0; hour < workload.hours().size(); hour++) {
                least = Math.min(least, rate(hour));
                most = Math.max(most, rate(hour));
            }
            return "%s in %s, %s requests/s, growing %.0f %% a year, %s"
                    .formatted(
                            PlanText.some(workload.traffic().size(), "kind") + " of traffic",
                            PlanText.some(workload.hours().size(), "typical hour"),
                            least == most ? "%.1f".formatted(most) : "%.1f to %.1f".formatted(least, most),
                            growth() * 100,
                            PlanText.some(workload.training().size(), "training job"));
        }
    }
}
