package io.polychip.planner;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Lots that no plan needs, since another of the same chip on the same terms is had without limit, costs no more and is
 * told apart by no rule and no deal. A catalogue has many.
 */
final class Outdone {
    private final Problem problem;

    private Outdone(Problem problem) {
        this.problem = problem;
    }

    /** By lot. */
    static boolean[] in(Problem problem) {
        Outdone outdone = new Outdone(problem);
        List<Lot> lots = problem.lots();
        boolean[] out = new boolean[lots.size()];
        for (int lot = 0; lot < out.length; lot++) {
            for (int other = 0; other < out.length && !out[lot]; other++) {
                out[lot] = other != lot
                        && !out[other]
                        && lots.get(lot) instanceof Lot.Chips chips
                        && lots.get(other) instanceof Lot.Chips better
                        && outdone.does(better, chips);
            }
        }
        return out;
    }

    private boolean does(Lot.Chips better, Lot.Chips lot) {
        return better.chip().equals(lot.chip())
                && better.kind() == lot.kind()
                && better.termPeriods() == lot.termPeriods()
                && better.prepaid() == lot.prepaid()
                && better.usdPerChipHour() <= lot.usdPerChipHour()
                && better.usdPerKwh() <= lot.usdPerKwh()
                && better.kept() >= lot.kept()
                && lot.multiple() % better.multiple() == 0
                && better.leastChips() <= better.multiple()
                && better.firstPeriod() <= lot.firstPeriod()
                && better.lastPeriod() == lot.lastPeriod()
                && better.ownedChips() == 0
                && lot.ownedChips() == 0
                && unlimited(better)
                && alone(better)
                && alone(lot)
                && labels(better).equals(labels(lot));
    }

    private static boolean unlimited(Lot.Chips lot) {
        for (double most : lot.mostChips()) {
            if (most != Lot.NO_LIMIT) {
                return false;
            }
        }
        return true;
    }

    private boolean alone(Lot lot) {
        return problem.deals().deals().stream().noneMatch(deal -> deal.offers().contains(lot.name()))
                && problem.rules().stocks().stream()
                        .noneMatch(stock -> stock.lots().contains(lot.name()));
    }

    /** Values of the labels that rules speak of. */
    private List<String> labels(Lot lot) {
        Rules rules = problem.rules();
        List<String> names = new ArrayList<>();
        rules.shares().forEach(share -> names.add(share.label()));
        rules.survivals().forEach(survival -> names.add(survival.label()));
        rules.powers().forEach(power -> names.add(power.label()));
        if (rules.countsCarbon()) {
            names.add("region");
        }
        return names.stream()
                .map(name -> Objects.requireNonNullElse(lot.labels().get(name), ""))
                .toList();
    }
}
