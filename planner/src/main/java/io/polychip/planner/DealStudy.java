package io.polychip.planner;

import io.polychip.fleet.Catalogue;
import io.polychip.fleet.Chip;
import io.polychip.fleet.Deal;
import io.polychip.fleet.Study;
import io.polychip.fleet.Supply;
import io.polychip.performance.ProfileException;
import io.polychip.performance.TrainingJob;
import io.polychip.performance.TrainingModel;
import io.polychip.performance.TrainingSpeed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** Weighs every deal of a problem and turns every knob that bears on it: its terms, demand, rivals' prices, speeds. */
public final class DealStudy {
    /** How far terms are turned, as a multiple of what they say. */
    private static final double TERMS = 4;

    private final DealValue value;
    private final Study study;
    private final Problem problem;
    private final Catalogue catalogue;

    public DealStudy(DealValue value, Study study, Problem problem, Catalogue catalogue) {
        this.value = value;
        this.study = study;
        this.problem = problem;
        this.catalogue = catalogue;
    }

    /**
     * What a chip of a deal must reach to train a job at the cheapest other offer's cost.
     *
     * @param share of its dense peak at which it costs the same
     * @param assumed share that this plan counts on
     * @param rival the offer it is held to
     */
    public record Training(
            String job, String chip, double share, double assumed, String rival, TrainingSpeed.Evidence evidence) {}

    /** @param insideBand whether a speed turns the decision within what its evidence allows */
    public record Turned(DealValue.Turn turn, boolean insideBand) {}

    /** One deal, weighed. */
    public record Verdict(DealValue.Worth worth, List<Turned> turns, List<Training> trainings) {
        public Verdict {
            turns = List.copyOf(turns);
            trainings = List.copyOf(trainings);
        }
    }

    public List<Verdict> run() {
        List<Verdict> verdicts = new ArrayList<>();
        for (Deal deal : problem.deals().deals()) {
            verdicts.add(verdict(deal));
        }
        return List.copyOf(verdicts);
    }

    private Verdict verdict(Deal deal) {
        DealValue.Worth worth = value.worth(problem, deal.name());
        List<Turned> turns = new ArrayList<>();
        if (worth.with().possible()) {
            for (Knob knob : Knob.terms(problem.deals(), deal.name(), TERMS)) {
                turns.add(new Turned(value.turn(problem, deal.name(), knob), false));
            }
            turns.add(new Turned(value.turn(problem, deal.name(), Knob.demand(0.1, TERMS)), false));
            List<String> own = deal.offers().stream()
                    .map(name -> Objects.requireNonNull(problem.deals().offer(name)))
                    .map(Supply::chip)
                    .distinct()
                    .sorted()
                    .toList();
            for (String vendor : rivals(deal)) {
                turns.add(new Turned(value.turn(problem, deal.name(), Knob.price(vendor, 0.1, TERMS)), false));
            }
            for (String chip : own) {
                turns.add(speed(deal, chip));
            }
        }
        return new Verdict(worth, turns, trainings(deal));
    }

    private List<Training> trainings(Deal deal) {
        List<Training> trainings = new ArrayList<>();
        for (Study.Training each : study.training()) {
            TrainingJob job = StudyProblem.job(each, catalogue);
            Supply rival = problem.deals().offers().stream()
                    .filter(offer -> !deal.offers().contains(offer.name()) && offer.usdPerChipHour() > 0)
                    .min(Comparator.comparingDouble(offer -> usdPerToken(job, offer)))
                    .orElse(null);
            for (String name : deal.offers().stream().sorted().toList()) {
                Supply own = Objects.requireNonNull(problem.deals().offer(name));
                if (rival != null
                        && Double.isFinite(usdPerToken(job, rival))
                        && Double.isFinite(usdPerToken(job, own))) {
                    Chip chip = chip(own);
                    TrainingSpeed speed = speed(job, chip);
                    double usd = usdPerToken(job, own);
                    trainings.add(new Training(
                            job.name(),
                            own.chip(),
                            TrainingModel.breakEvenShare(job, chip, own.usdPerChipHour(), usdPerToken(job, rival)),
                            TrainingModel.breakEvenShare(job, chip, own.usdPerChipHour(), usd),
                            rival.name(),
                            speed.evidence()));
                }
            }
        }
        return trainings;
    }

    /** Infinite where the chip's peak is not published. */
    private double usdPerToken(TrainingJob job, Supply offer) {
        try {
            return offer.usdPerChipHour() / 3600 / speed(job, chip(offer)).tokensPerSecondPerChip();
        } catch (ProfileException unknown) {
            return Double.POSITIVE_INFINITY;
        }
    }

    private TrainingSpeed speed(TrainingJob job, Chip chip) {
        return new TrainingModel(catalogue)
                .speed(job, chip, job.minimumChips(chip), problem.deals().asOf(), _ -> true);
    }

    private Chip chip(Supply offer) {
        return Objects.requireNonNull(catalogue.chips().get(offer.chip()));
    }

    /** Vendors of offers that are not the deal's. */
    private List<String> rivals(Deal deal) {
        return problem.deals().offers().stream()
                .filter(offer -> !deal.offers().contains(offer.name()))
                .map(Supply::vendor)
                .distinct()
                .sorted()
                .toList();
    }

    private Turned speed(Deal deal, String chip) {
        double low = 1;
        double high = 1;
        for (Study.Speed speed : study.speeds()) {
            if (speed.chip().equals(chip)) {
                low = Math.min(low, speed.low() / speed.tokensPerSecondPerChip());
                high = Math.max(high, speed.high() / speed.tokensPerSecondPerChip());
            }
        }
        DealValue.Turn turn = value.turn(problem, deal.name(), Knob.speed(chip, 0.1, TERMS));
        return new Turned(turn, turn.below() >= low || turn.above() <= high);
    }
}
