package io.polychip.validation;

import io.polychip.fleet.Catalogue;
import io.polychip.performance.Kinship;
import io.polychip.performance.LeastSquares;
import io.polychip.performance.PooledForm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Chips of a vendor predicted from those of all others: the pooled form is fitted without the vendor, and what its
 * errors at the others' points have in common gives a correction and a band. Then five points of each chip are taken
 * in, those that would tell most about the rest as judged before any is known, and the rest is predicted again.
 *
 * <p>Of the vendor neither coefficients nor the variances of {@link Kinship} know anything before. Which terms the form
 * has, and the weak prior of those variances, were settled with all vendors' points in sight.
 */
final class VendorCheck {
    private static final int FITTED_PER_GROUP = 5;
    private static final int CHECKED_PER_GROUP = 12;
    private static final int ROUNDS = 5;

    /** Weight of a coefficient's distance from {@link #ROUND} against a point's relative error. */
    private static final double PULL = 0.3;

    /**
     * What a fit is drawn to, in the order of {@link PooledForm.Term}: half as much again as an ideal chip needs, and
     * round figures for a host's work. Those of the datasheet form were found on one vendor's chips and would tell of
     * it.
     */
    private static final double[] ROUND = {50e-6, 20e-6, 5e-6, 1.5, 1.5, 1.5, 1.5, 1.5, 1.5, 0.015, 10e-6, 1.5};

    private static final double LEAST_SHARE = 1e-3;
    private static final int TAKEN_IN = 5;

    /** A chip with fewer points left is not asked for the error after {@link #TAKEN_IN}. */
    private static final int LEFT = 3;

    private static final double BAND_SIGMAS = 1.645;
    private static final double BAND_PERCENT = 90;
    private static final double BAND_LEEWAY = 5;
    private static final double MOST_ERROR = 12;

    /** With fewer points one of them alone moves the coverage by half of its leeway. */
    private static final int JUDGED = 40;

    /** Errors in percent and whether the band held, of one vendor. */
    private record Tally(List<Double> before, List<Boolean> held, List<Double> after, List<Boolean> heldAfter) {
        Tally() {
            this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        void add(Tally other) {
            before.addAll(other.before);
            held.addAll(other.held);
            after.addAll(other.after);
            heldAfter.addAll(other.heldAfter);
        }
    }

    private VendorCheck() {}

    static List<Figure> check(Path folder, Catalogue catalogue, List<String> notes) {
        List<ChipPoint> points = ChipPoints.read(folder, catalogue, notes);
        TreeSet<String> vendors = new TreeSet<>();
        points.forEach(point -> vendors.add(point.vendor()));
        List<Figure> figures = new ArrayList<>();
        Tally all = new Tally();
        for (String vendor : vendors) {
            Tally tally = without(vendor, points);
            all.add(tally);
            figures.addAll(figures(vendor, tally, tally.before().size() >= JUDGED));
        }
        figures.addAll(figures("every vendor in turn", all, true));
        return figures;
    }

    private static Tally without(String vendor, List<ChipPoint> points) {
        List<ChipPoint> others = ChipPoints.thinned(
                points.stream().filter(p -> !p.vendor().equals(vendor)).toList(), FITTED_PER_GROUP);
        List<ChipPoint> own = ChipPoints.thinned(
                points.stream().filter(p -> p.vendor().equals(vendor)).toList(), CHECKED_PER_GROUP);
        double[] coefficients = fit(others);
        Kinship kinship = Kinship.of(
                others.stream().map(p -> p.trait(coefficients)).toList(),
                others.stream().mapToDouble(p -> p.error(coefficients)).toArray());
        Map<String, List<ChipPoint>> chips = new TreeMap<>();
        own.forEach(p -> chips.computeIfAbsent(p.deployment().chip().id(), c -> new ArrayList<>())
                .add(p));
        Tally tally = new Tally();
        chips.values().forEach(chip -> score(chip, kinship, coefficients, tally));
        return tally;
    }

    private static void score(List<ChipPoint> chip, Kinship kinship, double[] coefficients, Tally tally) {
        double[] errors = chip.stream().mapToDouble(p -> p.error(coefficients)).toArray();
        Kinship.Posterior posterior =
                kinship.posterior(chip.stream().map(p -> p.trait(coefficients)).toList());
        for (int i = 0; i < errors.length; i++) {
            enter(posterior, i, errors[i], tally.before(), tally.held());
        }
        if (errors.length < TAKEN_IN + LEFT) {
            return;
        }
        List<Integer> known = new ArrayList<>();
        for (int taken = 0; taken < TAKEN_IN; taken++) {
            int next = posterior.mostTelling(known);
            posterior.observe(next, errors[next]);
            known.add(next);
        }
        for (int i = 0; i < errors.length; i++) {
            if (!known.contains(i)) {
                enter(posterior, i, errors[i], tally.after(), tally.heldAfter());
            }
        }
    }

    private static void enter(
            Kinship.Posterior posterior, int point, double error, List<Double> errors, List<Boolean> held) {
        double off = posterior.mean(point) - error;
        errors.add(100 * Math.abs(StrictMath.expm1(off)));
        held.add(Math.abs(off) <= BAND_SIGMAS * posterior.sigma(point));
    }

    /**
     * Coefficients by least squares on relative errors, each group of points weighing as the square root of their
     * number. Which batch a point ran at depends on them, hence the rounds, each going half of the way.
     */
    static double[] fit(List<ChipPoint> points) {
        Map<String, Integer> sizes = new HashMap<>();
        points.forEach(point -> sizes.merge(point.group(), 1, Integer::sum));
        double[] prior = ROUND.clone();
        double[] coefficients = prior.clone();
        for (int round = 0; round < ROUNDS; round++) {
            LeastSquares squares = new LeastSquares(prior.length);
            for (ChipPoint point : points) {
                ChipPoint.Operating operating = point.operating(coefficients);
                double seconds = point.measuredSeconds(operating);
                squares.add(
                        operating.terms(), seconds, seconds * StrictMath.sqrt(sizes.getOrDefault(point.group(), 1)));
            }
            for (int i = 0; i < prior.length; i++) {
                double[] row = new double[prior.length];
                row[i] = 1;
                squares.add(row, prior[i], prior[i] / PULL);
            }
            double[] found = squares.solve();
            for (int i = 0; i < prior.length; i++) {
                coefficients[i] = StrictMath.sqrt(coefficients[i] * Math.max(found[i], prior[i] * LEAST_SHARE));
            }
        }
        return coefficients;
    }

    private static List<Figure> figures(String vendor, Tally tally, boolean judged) {
        String check = "Across vendors, fitted without " + vendor;
        double covered = share(tally.held());
        List<Figure> figures = new ArrayList<>();
        Map<String, Double> points = Map.of("points", (double) tally.before().size());
        figures.add(new Figure(check, "median error", median(tally.before()), null, points));
        figures.add(new Figure(
                check,
                "90 % band: coverage away from 90",
                Math.abs(covered - BAND_PERCENT),
                judged ? BAND_LEEWAY : null,
                Map.of("covered", covered)));
        if (!tally.after().isEmpty()) {
            Map<String, Double> after = new TreeMap<>();
            after.put("points", (double) tally.after().size());
            after.put("covered", share(tally.heldAfter()));
            figures.add(new Figure(
                    check,
                    "median error with 5 points of each chip",
                    median(tally.after()),
                    judged ? MOST_ERROR : null,
                    after));
        }
        return figures;
    }

    private static double share(List<Boolean> held) {
        return 100.0 * held.stream().filter(h -> h).count() / held.size();
    }

    private static double median(List<Double> values) {
        return Statistics.median(values.stream().mapToDouble(v -> v).toArray());
    }
}
