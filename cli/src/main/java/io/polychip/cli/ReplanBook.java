package io.polychip.cli;

import io.polychip.fleet.Objective;
import io.polychip.fleet.RequestClass;
import io.polychip.planner.Bucket;
import io.polychip.planner.Capacity;
import io.polychip.planner.Demand;
import io.polychip.planner.Plan;
import io.polychip.planner.PlannedFleet;
import io.polychip.planner.Planner;
import io.polychip.planner.Problem;
import io.polychip.planner.Replan;
import io.polychip.planner.Search;
import io.polychip.planner.Solver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A plan held to what a gateway saw.
 *
 * @param rates requests a second, forecast and seen
 * @param shares of the tokens by vendor, planned and seen
 * @param attained by class, what was promised and seen
 * @param counts replicas by pool in that hour, planned and wanted now
 * @param bound committed pools
 * @param drifts whether the counts are worth changing
 * @param keptUsd a month of the planned counts under the present demand; infinite where they serve it no more
 * @param wantedUsd a month of the counts wanted now
 */
record ReplanBook(
        LiveFigures live,
        String hour,
        double tolerance,
        double under,
        List<Rate> rates,
        List<Share> shares,
        List<Attained> attained,
        List<Count> counts,
        List<Bound> bound,
        boolean drifts,
        double keptUsd,
        double wantedUsd) {
    /** @param seen requests a second */
    record Rate(LiveFigures.Kind kind, double forecast, double seen) {
        /** Above 0: more came than was forecast. */
        double off() {
            return forecast == 0 ? Double.POSITIVE_INFINITY : seen / forecast - 1;
        }
    }

    /** Of all tokens, 0 to 1. */
    record Share(String vendor, double planned, double seen) {}

    /** Shares of requests, 0 to 1. */
    record Attained(RequestClass requestClass, double promised, double seen) {
        boolean kept() {
            return seen >= promised;
        }
    }

    /** Replicas. */
    record Count(String pool, long planned, long wanted) {}

    /**
     * A commitment.
     *
     * @param used tokens it served over those the plan put on it
     * @param wastedUsd a month, of its cost for what it did not serve
     */
    record Bound(String pool, double used, double usdPerMonth, double wastedUsd) {}

    static ReplanBook of(
            ReplanOptions options, PlanInputs inputs, Planner.Question question, Search search, Solver.Effort effort)
            throws IOException {
        String source = options.source;
        Path against = options.against;
        if (source == null || against == null) {
            throw new picocli.CommandLine.TypeConversionException(
                    "--replan: nothing says which plan to hold to it. Maybe --against plan/, as -o wrote it.");
        }
        PlanRecord planned = PlanRecord.read(against);
        String hour = hour(options, planned);
        LiveFigures live = live(source, options, inputs.service().objectives());
        int period = planned.period(live.day());
        double tolerance = PlanChecks.percent("--tolerance", options.tolerance);
        double under = PlanChecks.percent("--under", options.under);
        List<PlanRecord.PlannedPool> pools = planned.pools(period, hour);
        List<Rate> rates = rates(planned.forecast(period, hour), live);
        Problem present = present(question.problem(), planned, rates);
        Demand demand = present.demand().merged();
        Replan replan = Replan.of(present, planned.counts(demand), planned.begun(period), search, effort);
        int at = demand.hours().stream().map(Demand.Hour::name).toList().indexOf(hour);
        double months =
                demand.periods().stream().mapToDouble(Demand.Period::hours).sum() / (365.25 * 24 / 12);
        return new ReplanBook(
                live,
                hour,
                tolerance,
                under,
                rates,
                shares(pools, live),
                attained(inputs.service().objectives(), live),
                counts(pools, replan.wanted(), period, at),
                bound(pools, live, under),
                replan.drifts(),
                replan.keptUsd() / months,
                replan.wanted().usd() / months);
    }

    private static LiveFigures live(String source, ReplanOptions options, Map<RequestClass, Objective> objectives)
            throws IOException {
        try {
            return source.matches("https?://.*")
                    ? MetricsFigures.read(source, options.window, options.since, objectives)
                    : LogFigures.of(Path.of(source), objectives);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException("Stopped before the second reading.");
        }
    }

    private static String hour(ReplanOptions options, PlanRecord planned) {
        SortedSet<String> hours = planned.hours();
        String asked = options.hour;
        if (asked == null && hours.size() == 1) {
            return hours.first();
        }
        if (asked == null || !hours.contains(asked)) {
            throw new picocli.CommandLine.TypeConversionException(
                    "--hour%s: expected the typical hour the figures are of, one of %s. Maybe --hour %s."
                            .formatted(asked == null ? "" : " " + asked, String.join(", ", hours), hours.first()));
        }
        return asked;
    }

    private static List<Rate> rates(Map<LiveFigures.Kind, Double> forecast, LiveFigures live) {
        TreeSet<LiveFigures.Kind> kinds = new TreeSet<>(forecast.keySet());
        kinds.addAll(live.perSecond().keySet());
        return kinds.stream()
                .map(kind -> new Rate(
                        kind, forecast.getOrDefault(kind, 0.0), live.perSecond().getOrDefault(kind, 0.0)))
                .toList();
    }

    /** The demand by what came of each model and class, in all hours; the head-room that the plan took. */
    private static Problem present(Problem asked, PlanRecord planned, List<Rate> rates) {
        Map<LiveFigures.Kind, Double> factors = new TreeMap<>();
        rates.stream()
                .filter(rate -> rate.forecast() > 0)
                .forEach(rate -> factors.put(rate.kind(), rate.seen() / rate.forecast()));
        List<Bucket> buckets = asked.demand().buckets();
        double[] factor = buckets.stream()
                .mapToDouble(bucket ->
                        factors.getOrDefault(new LiveFigures.Kind(bucket.model(), bucket.requestClass()), 1.0))
                .toArray();
        Map<String, Double> room = planned.room();
        List<Capacity> capacities = asked.capacities().stream()
                .map(capacity -> capacity.scaled(room.getOrDefault(capacity.name(), 1.0)))
                .toList();
        return asked.withCapacities(capacities).with(Replan.scaled(asked.demand(), factor));
    }

    private static List<Share> shares(List<PlanRecord.PlannedPool> pools, LiveFigures live) {
        double all = pools.stream()
                .mapToDouble(PlanRecord.PlannedPool::tokensPerSecond)
                .sum();
        Map<String, Double> planned = new TreeMap<>();
        pools.forEach(pool -> planned.merge(pool.vendor(), pool.tokensPerSecond() / all, Double::sum));
        Map<String, Double> seen = live.shares();
        TreeSet<String> vendors = new TreeSet<>(planned.keySet());
        vendors.addAll(seen.keySet());
        return vendors.stream()
                .map(vendor -> new Share(vendor, planned.getOrDefault(vendor, 0.0), seen.getOrDefault(vendor, 0.0)))
                .filter(share -> share.planned() > 5e-4 || share.seen() > 5e-4)
                .toList();
    }

    private static List<Attained> attained(Map<RequestClass, Objective> objectives, LiveFigures live) {
        return live.attained().entrySet().stream()
                .map(each -> new Attained(
                        each.getKey(),
                        objectives.getOrDefault(each.getKey(), Objective.NONE).percentile() / 100,
                        each.getValue()))
                .toList();
    }

    private static List<Count> counts(List<PlanRecord.PlannedPool> pools, Plan wanted, int period, int hour) {
        Map<String, long[]> counts = new TreeMap<>();
        pools.stream()
                .filter(pool -> pool.count() > 0)
                .forEach(pool -> counts.computeIfAbsent(pool.name(), _ -> new long[2])[0] += pool.count());
        for (Plan.Replicas each : wanted.replicas()) {
            if (each.period() == period && each.hour() == hour) {
                counts.computeIfAbsent(PlannedFleet.name(wanted, each), _ -> new long[2])[1] += each.count();
            }
        }
        List<Count> all = new ArrayList<>();
        counts.forEach((pool, count) -> all.add(new Count(pool, count[0], count[1])));
        return all;
    }

    private static List<Bound> bound(List<PlanRecord.PlannedPool> pools, LiveFigures live, double under) {
        List<Bound> bound = new ArrayList<>();
        for (PlanRecord.PlannedPool pool : pools) {
            LiveFigures.OfPool seen = live.pools().get(pool.name());
            if (pool.committed() && pool.tokensPerSecond() > 0) {
                double used = (seen == null ? 0 : seen.tokensPerSecond()) / pool.tokensPerSecond();
                double wasted = used < under ? pool.usdPerMonth() * (1 - used) : 0;
                bound.add(new Bound(pool.name(), used, pool.usdPerMonth(), wasted));
            }
        }
        return bound;
    }

    /** What somebody is to look at; empty: all is as planned. */
    List<String> alerts() {
        return ReplanPages.alerts(this);
    }
}
