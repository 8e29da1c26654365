package io.polychip.planner;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.Deals;
import io.polychip.fleet.Model;
import io.polychip.fleet.Price;
import io.polychip.fleet.Span;
import io.polychip.fleet.Study;
import io.polychip.fleet.Supply;
import io.polychip.performance.TrainingJob;
import io.polychip.performance.TrainingModel;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A study of deals as a problem: a period a year, one typical hour, offers as lots, speeds as deployments. */
public final class StudyProblem {
    private static final double HOURS_PER_DAY = 24;

    private StudyProblem() {}

    public static Problem of(Study study, Deals deals, Rules rules, Catalogue catalogue) {
        List<Demand.Period> periods = periods(study, deals);
        return new Problem(
                demand(study, periods, deals, catalogue), capacities(study), lots(deals, periods), rules, deals);
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
        List<Demand.Training> trainings = study.training().stream()
                .map(job -> training(job, periods, deals, catalogue))
                .toList();
        return new Demand(buckets, List.of(new Demand.Hour("peak", 1, rates)), periods, trainings);
    }

    /** Chip-hours on every chip that an offer sells and a training speed is known or assumed of. */
    private static Demand.Training training(
            Study.Training job, List<Demand.Period> periods, Deals deals, Catalogue catalogue) {
        TrainingJob asked = job(job, catalogue);
        TrainingModel training = new TrainingModel(catalogue);
        Map<String, Double> chipHours = new HashMap<>();
        for (Supply offer : deals.offers()) {
            Chip chip = Objects.requireNonNull(catalogue.chips().get(offer.chip()));
            if (chip.teraflops(job.precision()) > 0) {
                double hours = training.estimate(asked, chip, asked.minimumChips(chip), deals.asOf(), 1)
                        .chipHours();
                chipHours.put(offer.chip(), hours);
            }
        }
        int last = 0;
        for (int period = 0; period < periods.size(); period++) {
            last = periods.get(period).until().isAfter(job.by()) ? last : period;
        }
        return new Demand.Training(job.name(), chipHours, last);
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

    private static List<Lot> lots(Deals deals, List<Demand.Period> periods) {
        List<Lot> lots = new ArrayList<>();
        for (Supply offer : deals.offers()) {
            int first = periods.size();
            int last = -1;
            for (int period = 0; period < periods.size(); period++) {
                Span span =
                        new Span(periods.get(period).from(), periods.get(period).until());
                LocalDate ready = deals.asOf().plusDays(offer.leadDays());
                boolean there = offer.available().daysWithin(span) > 0 && !ready.isAfter(span.until());
                first = there ? Math.min(first, period) : first;
                last = there ? period : last;
            }
            if (last >= 0) {
                lots.add(lot(offer, periods.size(), first, last));
            }
        }
        return lots;
    }

    private static Lot lot(Supply offer, int periods, int first, int last) {
        Map<String, String> labels = new HashMap<>(offer.labels());
        labels.put("vendor", offer.vendor());
        labels.put("provider", offer.provider());
        return switch (offer.price()) {
            case Price.PerChipHour hour -> {
                double[] most = new double[periods];
                Arrays.fill(
                        most, offer.maximumChips() == Supply.UNLIMITED ? Lot.NO_LIMIT : (double) offer.maximumChips());
                boolean term = offer.term().kind() == Supply.Term.Kind.COMMITTED;
                yield new Lot.Chips(
                        offer.name(),
                        offer.chip(),
                        term
                                ? Lot.Kind.COMMITTED
                                : offer.term().kind() == Supply.Term.Kind.SPOT ? Lot.Kind.SPOT : Lot.Kind.ON_DEMAND,
                        labels,
                        hour.usd(),
                        offer.minimumChips(),
                        most,
                        (int) offer.multipleChips(),
                        1 - offer.lostPerDay(),
                        offer.prepaid(),
                        first,
                        last,
                        Math.max(1, Math.round(offer.term().months() / 12f)),
                        0,
                        0);
            }
            case Price.PerToken tokens ->
                new Lot.Hosted(
                        offer.name(),
                        offer.chip(),
                        labels,
                        tokens.usdPerMillionInput(),
                        tokens.usdPerMillionOutput(),
                        Lot.NO_LIMIT,
                        Lot.NO_LIMIT,
                        first,
                        last);
        };
    }
}
