package io.polychip.cli;

import io.polychip.fleet.Chip;
import io.polychip.fleet.Study;
import io.polychip.performance.TrainingSpeed;
import io.polychip.planner.Lot;
import io.polychip.planner.Plan;
import io.polychip.planner.StudyProblem;
import io.polychip.report.Numbers;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Which chips of a plan train, when, and what that costs. */
final class PlanTraining {
    private final PlanBook book;

    PlanTraining(PlanBook book) {
        this.book = book;
    }

    /**
     * Chips of one offer that train one job in one period.
     *
     * @param chips on average over the period
     * @param most in the hour that has most
     * @param hour that one
     * @param usdPerMonth what these chips cost beyond what the replicas on the same offer do: all of it by the hour, of
     *     a commitment what no replica stands on
     */
    record Share(String job, Lot lot, int period, double chips, double most, String hour, double usdPerMonth) {}

    /** In the order of jobs and offers. */
    List<Share> shares(int period) {
        Map<List<String>, double[]> byHour = new LinkedHashMap<>();
        Map<String, Double> ofLot = new LinkedHashMap<>();
        int hours = book.demand().hours().size();
        for (Plan.Trains trains : book.plan().trainings()) {
            if (trains.period() == period) {
                byHour.computeIfAbsent(List.of(trains.job(), trains.lot()), _ -> new double[hours])[trains.hour()] +=
                        trains.chips();
                ofLot.merge(trains.lot(), trains.chips() * book.demand().share(trains.hour()), Double::sum);
            }
        }
        Map<String, Double> beyond = book.beyondReplicas(period);
        List<Share> shares = new ArrayList<>();
        byHour.forEach((key, chips) -> {
            int most = 0;
            double mean = 0;
            for (int hour = 0; hour < hours; hour++) {
                most = chips[hour] > chips[most] ? hour : most;
                mean += chips[hour] * book.demand().share(hour);
            }
            String lot = key.getLast();
            double usd = beyond.getOrDefault(lot, 0.0) * mean / Math.max(1e-12, ofLot.getOrDefault(lot, mean));
            shares.add(new Share(
                    key.getFirst(),
                    book.lot(lot),
                    period,
                    mean,
                    chips[most],
                    book.demand().hours().get(most).name(),
                    usd));
        });
        return shares;
    }

    /** US dollars over the whole plan, not discounted. */
    double usd() {
        double usd = 0;
        for (int period = 0; period < book.demand().periods().size(); period++) {
            for (Share share : shares(period)) {
                usd += share.usdPerMonth() * book.months(period);
            }
        }
        return usd;
    }

    /** One line for each offer that trains in a period. */
    List<String> sentences(int period) {
        return shares(period).stream()
                .map(share -> "%s trains on %s: %s chips on average%s, %s"
                        .formatted(
                                share.job(),
                                share.lot().name(),
                                Numbers.plain(share.chips()),
                                share.most() > share.chips() * 1.001
                                        ? ", %s in hours like %s".formatted(Numbers.plain(share.most()), share.hour())
                                        : "",
                                share.usdPerMonth() < 0.5
                                        ? "idle ones of a commitment, at no further cost"
                                        : "%s a month".formatted(DealPages.usd(share.usdPerMonth()))))
                .toList();
    }

    /** What became of each job, and what its speed rests on. */
    List<String> jobs() {
        List<String> sentences = new ArrayList<>();
        if (book.inputs().demand() instanceof PlanDemand.Typical typical) {
            typical.workload().training().forEach(job -> sentences.add(job(job)));
        }
        return sentences;
    }

    private String job(Study.Training job) {
        Set<String> chips = new LinkedHashSet<>();
        LocalDate done = LocalDate.MIN;
        double usd = 0;
        for (int period = 0; period < book.demand().periods().size(); period++) {
            for (Share share : shares(period)) {
                if (share.job().equals(job.name())) {
                    chips.add(share.lot().chip());
                    done = book.demand().periods().get(period).until();
                    usd += share.usdPerMonth() * book.months(period);
                }
            }
        }
        List<String> speeds = chips.stream().map(chip -> speed(job, chip)).toList();
        return "Training %s, %s tokens of %s in %s, due %s: done by %s for %s. %s"
                .formatted(
                        job.name(),
                        Numbers.rounded(job.tokens()).replace(" G", " billion").replace(" T", " trillion"),
                        job.model(),
                        job.precision().name().toLowerCase(Locale.ROOT),
                        job.by(),
                        done,
                        DealPages.usd(usd),
                        String.join(" ", speeds));
    }

    private String speed(Study.Training job, String chip) {
        Chip of = book.inputs().service().catalogue().chips().get(chip);
        if (of == null) {
            throw new IllegalStateException(
                    "The plan trains on %s, which the catalogue does not know.".formatted(chip));
        }
        var estimate = StudyProblem.estimate(
                job, of, book.inputs().deals().asOf(), book.inputs().service().catalogue());
        TrainingSpeed speed = estimate.speed();
        return "%s: %s tokens a second and chip (%s to %s), %s; its memory asks for at least %s at a time."
                .formatted(
                        chip,
                        Numbers.plain(speed.tokensPerSecondPerChip()),
                        Numbers.plain(speed.low()),
                        Numbers.plain(speed.high()),
                        speed.evidence() == TrainingSpeed.Evidence.NONE
                                ? "an assumption: ask for a measured rate"
                                : "from " + speed.origin(),
                        PlanText.some(estimate.chips(), "chip"));
    }
}
