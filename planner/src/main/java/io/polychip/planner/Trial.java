package io.polychip.planner;

import io.polychip.fleet.RequestClass;
import io.polychip.simulator.Outage;
import io.polychip.simulator.Report;
import io.polychip.simulator.Scenario;
import io.polychip.simulator.Where;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One run that a plan must stand: a typical hour as it is planned, or the same with something lost part of the way
 * through and never back, transient included.
 *
 * @param lost null: nothing
 * @param hour of the demand's merged hours
 * @param batch requests of that class over those of a mean hour of the day: it waits for better ones
 * @param promised whether the plan must keep what {@link Loss#phi} says; else the run only tells
 */
public record Trial(
        int period, int hour, PlannedFleet fleet, @Nullable Loss lost, boolean promised, double batch) {
    /** How much of a run passes before something is lost. */
    public static final double LOST_AFTER = 1 / 3.0;

    /**
     * One value of a label that goes.
     *
     * @param phi share of each class that is still to be served; what is not named need not be
     */
    public record Loss(String label, String value, Map<RequestClass, Double> phi) {
        public Loss {
            phi = Map.copyOf(phi);
        }

        public Where where() {
            return label.equals("vendor") ? Where.vendor(value) : Where.label(label, value);
        }
    }

    Trial without(Loss loss, boolean isPromised) {
        return new Trial(period, hour, fleet, loss, isPromised, batch);
    }

    /** The scenario. @param spanNanos how long requests come */
    public Scenario scenario(long spanNanos, long seed) {
        Scenario scenario = Scenario.of(fleet.fleet()).withSeed(seed);
        Loss loss = lost;
        return loss == null
                ? scenario
                : scenario.withOutages(
                        List.of(Outage.of(loss.where(), Math.round(spanNanos * LOST_AFTER), Long.MAX_VALUE)));
    }

    /** In words: {@code peak, 2027-01 without aws}. */
    public String name(Demand demand) {
        Loss loss = lost;
        return demand.hours().get(hour).name()
                + (demand.periods().size() > 1
                        ? ", " + demand.periods().get(period).name()
                        : "")
                + (loss == null ? "" : " without " + loss.label() + " " + loss.value());
    }

    /**
     * What a run showed.
     *
     * @param parts into how many equal parts the world was cut, of which one was run
     * @param attained share of each class that met its objective, refusals counted as misses; with a loss, of those
     *     that ended after it, answers it cut in flight counted as misses as well
     * @param needed the share it had to be
     * @param cut answers that the loss broke off after text was shown
     * @param guilty deployments whose replicas had too little room; none where nothing but cut answers was missed,
     *     which end however much room there is elsewhere
     */
    public record Outcome(
            Trial trial,
            Report report,
            int parts,
            Map<RequestClass, Double> attained,
            Map<RequestClass, Double> needed,
            long cut,
            List<String> guilty) {
        public Outcome {
            attained = Map.copyOf(attained);
            needed = Map.copyOf(needed);
            guilty = List.copyOf(guilty);
        }

        /** Whether each class kept what was promised; a run without promises always does. */
        public boolean kept() {
            return !trial.promised()
                    || attained.entrySet().stream()
                            .allMatch(each -> each.getValue() >= needed.getOrDefault(each.getKey(), 0.0));
        }

        /** The least by which a class is above what it needs; negative where one is below. */
        public double margin() {
            return attained.entrySet().stream()
                    .mapToDouble(each -> each.getValue() - needed.getOrDefault(each.getKey(), 0.0))
                    .min()
                    .orElse(0);
        }
    }

    /** Reads a report of a run that is all there is. */
    public Outcome outcome(Report report, int parts) {
        return outcome(report, parts, 1);
    }

    /**
     * Reads a report: who kept it, who had too little room.
     *
     * @param sampled how many times as long as the run is what it stands for, at least 1: an hour of which ten minutes
     *     were run has six times as many requests, but what a loss cuts it cuts once
     */
    public Outcome outcome(Report report, int parts, double sampled) {
        Map<RequestClass, Double> attained = new LinkedHashMap<>();
        Map<RequestClass, Double> needed = new LinkedHashMap<>();
        long cut = 0;
        boolean spared = lost != null;
        for (Report.OfClass each : report.classes()) {
            RequestClass requestClass = each.requestClass();
            Report.OfOutage.After after = after(report, requestClass);
            double need = needed(requestClass);
            attained.put(requestClass, after == null ? each.attainment() : share(after, sampled, after.cut()));
            needed.put(requestClass, need);
            cut += after == null ? 0 : after.cut();
            spared &= after == null || share(after, 1, 0) >= need;
        }
        return new Outcome(this, report, parts, attained, needed, cut, spared ? List.of() : guilty(report));
    }

    private Report.OfOutage.@Nullable After after(Report report, RequestClass requestClass) {
        return lost == null || report.outages().isEmpty()
                ? null
                : report.outages().getFirst().after().get(requestClass);
    }

    /** Share that met it of those that ended after the loss, each standing for several but those that were cut. */
    private static double share(Report.OfOutage.After after, double sampled, long cut) {
        double counted = (after.ended() - after.excused() - after.cut()) * sampled + cut;
        return counted <= 0 ? 1 : after.met() * sampled / counted;
    }

    /** {@link ReplicaRate#KEPT} of all, or of what a loss is to leave. */
    private double needed(RequestClass requestClass) {
        Loss loss = lost;
        return ReplicaRate.KEPT * (loss == null ? 1 : loss.phi().getOrDefault(requestClass, 0.0));
    }

    /** Pools with more misses than allowed, by the tokens they gave in time; where none stands out, all that remain. */
    private List<String> guilty(Report report) {
        List<String> late = new ArrayList<>();
        List<String> working = new ArrayList<>();
        for (Report.OfPool pool : report.pools()) {
            String capacity = fleet.capacities().get(pool.pool());
            if (capacity == null || pool.hosted() || pool.sent() == 0 || gone(pool)) {
                continue;
            }
            working.add(capacity);
            if (pool.goodTokens() < ReplicaRate.KEPT * (pool.completionTokens() - pool.wastedTokens())) {
                late.add(capacity);
            }
        }
        return (late.isEmpty() ? working : late).stream().distinct().toList();
    }

    private boolean gone(Report.OfPool pool) {
        Loss loss = lost;
        return loss != null
                && (loss.label().equals("vendor")
                        ? pool.vendor().equals(loss.value())
                        : loss.value().equals(pool.labels().get(loss.label())));
    }
}
