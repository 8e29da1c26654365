package io.polychip.cli;

import io.polychip.fleet.Fleet;
import io.polychip.routing.Policy;
import io.polychip.routing.Roster;
import io.polychip.simulator.Report;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * One column of a comparison: a fleet under a policy, and what came of it.
 *
 * @param report with the profiles as they stand
 * @param pairs the same under other seeds and, within the profiles' bands, other chips; those of equal index of two
 *     variants met the same conditions
 */
record Variant(String name, Fleet fleet, Roster roster, Policy policy, Report report, List<Report> pairs) {
    private static final double LOW = 0.05;
    private static final double HIGH = 0.95;

    double value(ToDoubleFunction<Report> figure) {
        return figure.applyAsDouble(report);
    }

    /** Where at least nine of ten runs lie; empty without pairs. */
    double[] range(ToDoubleFunction<Report> figure) {
        double[] values = pairs.stream().mapToDouble(figure).sorted().toArray();
        return values.length == 0 ? values : new double[] {at(values, LOW), at(values, HIGH)};
    }

    /** How this figure relates to another variant's in each pair: ratio minus 1, sorted; empty without pairs. */
    double[] relative(Variant other, ToDoubleFunction<Report> figure) {
        double[] ratios = new double[Math.min(pairs.size(), other.pairs.size())];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = figure.applyAsDouble(pairs.get(i)) / figure.applyAsDouble(other.pairs.get(i)) - 1;
        }
        Arrays.sort(ratios);
        return ratios;
    }

    /** The value that this share of all does not exceed: of few the first and the last, never one between them. */
    static double at(double[] sorted, double share) {
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length - 1e-9) - 1)];
    }
}
