package io.polychip.planner;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.Deals;
import io.polychip.fleet.Model;
import io.polychip.fleet.Study;
import io.polychip.performance.TrainingJob;
import io.polychip.performance.TrainingModel;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** A study of deals as a problem: a period a year, one typical hour, offers as lots, speeds as deployments. */
public final class StudyProblem {
    private static final double HOURS_PER_DAY = 24;

    private StudyProblem() {}

    public static Problem of(Study study, Deals deals, Rules rules, Catalogue catalogue) {
        List<Demand.Period> periods = periods(study, deals);
        return new Problem(
                demand(study, periods, deals, catalogue),
                capacities(study),
                SupplyLots.of(deals, periods, false),
                rules,
                deals);
    }

    private static List<Demand.Period> periods(Study study, Deals deals) {
        double growth = study.traffic().stream()
                .mapToDouble(Study.Traffic::yearlyGrowth)
                .average()
                .orElse(0);
        boolean one = study.traffic().stream().allMatch(each -> Math.abs(each.yearlyGrowth() - growth) < 1e-9);
        if (!one) {
            throw new PlanException("The study's traffic grows at different speeds; one growth for all is known here.");
        }
        List<Demand.Period> periods = new ArrayList<>();
        for (int year = 0; year < study.years(); year++) {
            LocalDate from = study.from().plusYears(year);
            LocalDate until = study.from().plusYears(year + 1L).minusDays(1);
            double middle = (from.toEpochDay() + until.toEpochDay()) / 2.0
                    - deals.asOf().toEpochDay();
            periods.add(new Demand.Period(
                    String.valueOf(from.getYear()),
                    from,
                    until,
                    (until.toEpochDay() - from.toEpochDay() + 1) * HOURS_PER_DAY,
                    StrictMath.pow(1 + growth, year),
                    StrictMath.pow(1 + deals.discountRate(), -Math.max(0, middle / 365.25))));
        }
        return periods;
    }

    private static Demand demand(Study study, List<Demand.Period> periods, Deals deals, Catalogue catalogue) {
        List<Bucket> buckets = study.traffic().stream()
                .map(each -> new Bucket(
                        each.name(), each.model(), each.requestClass(), each.inputTokens(), each.outputTokens()))
                .toList();
        double[] rates =
                study.traffic().stream().mapToDouble(Study.Traffic::perSecond).toArray();
        Set<String> chips = new HashSet<>();
        deals.offers().forEach(offer -> chips.add(offer.chip()));
        List<Demand.Training> trainings = study.training().stream()
                .map(job -> training(job, periods, chips, deals.asOf(), catalogue))
                .toList();
        return new Demand(buckets, List.of(new Demand.Hour("peak", 1, rates)), periods, trainings);
    }

    /**
     * Chip-hours on every chip that is offered and computes in the job's precision.
     *
     * <p>A deadline within a period counts as the end of the one before; within the first, chips must do in the days up
     * to it what they would have had the whole period for.
     */
    static Demand.Training training(
            Study.Training job, List<Demand.Period> periods, Set<String> chips, LocalDate asOf, Catalogue catalogue) {
        Demand.Period first = periods.getFirst();
        if (job.by().isBefore(first.from())) {
            throw new PlanException(
                    "line %d: training %s is due %s, before the plan begins on %s; expected a later day."
                            .formatted(job.line(), job.name(), job.by(), first.from()));
        }
        double days = job.by().toEpochDay() - first.from().toEpochDay() + 1.0;
        double rush = Math.max(1, first.hours() / (days * HOURS_PER_DAY));
        Map<String, Double> chipHours = new HashMap<>();
        for (String id : chips) {
            Chip chip = Objects.requireNonNull(catalogue.chips().get(id));
            if (chip.teraflops(job.precision()) > 0) {
                chipHours.put(id, estimate(job, chip, asOf, catalogue).chipHours() * rush);
            }
        }
        if (chipHours.isEmpty()) {
            throw new PlanException(
                    "line %d: training %s is to compute in %s, which no chip that is offered does: %s. Maybe bf16."
                            .formatted(
                                    job.line(),
                                    job.name(),
                                    job.precision().id(),
                                    chips.isEmpty() ? "there is none" : String.join(", ", new TreeSet<>(chips))));
        }
        int last = 0;
        for (int period = 0; period < periods.size(); period++) {
            last = periods.get(period).until().isAfter(job.by()) ? last : period;
        }
        return new Demand.Training(job.name(), chipHours, last);
    }

    /** A job on the fewest chips whose memory holds it. */
    public static TrainingModel.Estimate estimate(Study.Training job, Chip chip, LocalDate when, Catalogue catalogue) {
        TrainingJob asked = job(job, catalogue);
        return new TrainingModel(catalogue).estimate(asked, chip, asked.minimumChips(chip), when, 1);
    }

    static TrainingJob job(Study.Training job, Catalogue catalogue) {
        Model model = Objects.requireNonNull(catalogue.models().get(job.model()));
        return new TrainingJob(
                job.name(),
                model,
                TrainingJob.Task.PRETRAIN,
                model.mixtureOfExperts() ? TrainingJob.Scaling.EXPERTS : TrainingJob.Scaling.FIXED_BATCH,
                job.precision(),
                job.tokens(),
                job.sequenceTokens());
    }

    private static List<Capacity> capacities(Study study) {
        Map<String, List<Study.Speed>> byChip = new LinkedHashMap<>();
        for (Study.Speed speed : study.speeds()) {
            byChip.computeIfAbsent(speed.chip() + " x" + speed.chips(), _ -> new ArrayList<>())
                    .add(speed);
        }
        List<Capacity> capacities = new ArrayList<>();
        byChip.forEach((name, speeds) -> {
            double[] perSecond = new double[study.traffic().size()];
            for (Study.Speed speed : speeds) {
                for (int bucket = 0; bucket < perSecond.length; bucket++) {
                    if (study.traffic().get(bucket).name().equals(speed.traffic())) {
                        perSecond[bucket] = speed.tokensPerSecondPerChip()
                                * speed.chips()
                                / study.traffic().get(bucket).outputTokens();
                    }
                }
            }
            String chip = speeds.getFirst().chip();
            capacities.add(new Capacity(
                    name,
                    chip,
                    speeds.getFirst().chips(),
                    perSecond,
                    Map.of("vendor", chip.substring(0, chip.indexOf('/')))));
        });
        return capacities;
    }
}
