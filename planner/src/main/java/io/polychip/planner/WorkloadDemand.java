package io.polychip.planner;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Workload;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A demand file as a demand: its distributions are sampled on a grid of quantiles. */
public final class WorkloadDemand {
    /** Quantiles of each length: a prompt's and an answer's are independent. */
    private static final int QUANTILES = 24;

    private WorkloadDemand() {}

    /** The one growth of all traffic. @throws PlanException where there are several */
    public static double growth(Workload workload) {
        double first = workload.traffic().getFirst().yearlyGrowth();
        for (Workload.Traffic each : workload.traffic()) {
            if (Math.abs(each.yearlyGrowth() - first) > 1e-9) {
                throw new PlanException("Traffic %s grows by %.0f %% a year and %s by %.0f %%; one growth for all is"
                                .formatted(
                                        workload.traffic().getFirst().name(),
                                        first * 100,
                                        each.name(),
                                        each.yearlyGrowth() * 100)
                        + " known here. Maybe a demand file for each.");
            }
        }
        return first;
    }

    /**
     * @param lots what can be had: training takes its chips as answers do @param asOf of training speeds the nearest
     */
    public static Demand of(
            Workload workload,
            List<Demand.Period> periods,
            List<Lot> lots,
            LocalDate asOf,
            Catalogue catalogue,
            int mostBuckets) {
        Set<String> chips = new HashSet<>();
        lots.stream().filter(Lot.Chips.class::isInstance).forEach(lot -> chips.add(lot.chip()));
        DemandCells cells = new DemandCells(workload.hours().size());
        for (Workload.Traffic traffic : workload.traffic()) {
            for (int hour = 0; hour < workload.hours().size(); hour++) {
                add(cells, traffic, hour);
            }
        }
        double[] rates = new double[workload.hours().size()];
        Arrays.fill(rates, 1);
        return cells.demand(
                workload.hours().stream()
                        .map(hour -> new Demand.Hour(hour.name(), hour.ofDay(), new double[0]))
                        .toList(),
                rates,
                periods,
                workload.training().stream()
                        .map(job -> StudyProblem.training(job, periods, chips, asOf, catalogue))
                        .toList(),
                mostBuckets);
    }

    private static void add(DemandCells cells, Workload.Traffic traffic, int hour) {
        double rate = traffic.perSecond().get(hour) / (QUANTILES * QUANTILES);
        for (int in = 0; in < QUANTILES; in++) {
            for (int out = 0; out < QUANTILES; out++) {
                cells.add(
                        hour,
                        traffic.model(),
                        traffic.requestClass(),
                        traffic.input().quantile((in + 0.5) / QUANTILES),
                        traffic.output().quantile((out + 0.5) / QUANTILES),
                        rate);
            }
        }
    }
}
