package io.polychip.validation;

import io.polychip.fleet.Catalogue;
import io.polychip.performance.Bands;
import io.polychip.performance.Kinship;
import io.polychip.performance.PooledForm;
import io.polychip.performance.Trial;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Chips of a vendor predicted from those of all others: the pooled form with round coefficients, which speak of no
 * vendor, and what its errors at the others' points have in common, which gives a correction and a band. Then five
 * points of each chip are taken in, those that would tell most about the rest as judged before any is known, and the
 * rest is predicted again.
 *
 * <p>Of the vendor neither the variances of {@link Kinship} nor the width of {@link Bands} know anything before. Which
 * terms the form has, its round coefficients and the weak prior of those variances were settled with all vendors'
 * points in sight.
 */
final class VendorCheck {
    private static final int LEARNT_PER_GROUP = 5;
    private static final int CHECKED_PER_GROUP = 12;
    private static final double BAND_PERCENT = 90;
    private static final double BAND_LEEWAY = 5;
    private static final double MOST_ERROR = 12;

    /** With fewer points one of them alone moves the coverage by half of its leeway. */
    private static final int JUDGED = 40;

    /** What was said of a vendor from all others. */
    record Said(Trial trial, Bands bands) {}

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
            Tally tally = tally(without(vendor, points));
            all.add(tally);
            figures.addAll(figures(vendor, tally, tally.before().size() >= JUDGED));
        }
        figures.addAll(figures("every vendor in turn", all, true));
        List<ChipPoint> every = ChipPoints.thinned(points, LEARNT_PER_GROUP);
        notes.add("Across vendors, learnt from every vendor's points as Estimates has it: sigmas %s, %s"
                .formatted(
                        Arrays.stream(Kinship.of(traits(every), errors(every)).sigmas())
                                .mapToObj("%.2f"::formatted)
                                .collect(Collectors.joining(" ")),
                        Bands.of(traits(every), errors(every))));
        return figures;
    }

    static Said without(String vendor, List<ChipPoint> points) {
        List<ChipPoint> others = ChipPoints.thinned(
                points.stream().filter(p -> !p.vendor().equals(vendor)).toList(), LEARNT_PER_GROUP);
        List<ChipPoint> own = ChipPoints.thinned(
                points.stream().filter(p -> p.vendor().equals(vendor)).toList(), CHECKED_PER_GROUP);
        Kinship kinship = Kinship.of(traits(others), errors(others));
        return new Said(Trial.of(kinship, traits(own), errors(own)), Bands.of(traits(others), errors(others)));
    }

    private static Tally tally(Said said) {
        Tally tally = new Tally();
        enter(said.trial().before(), said.bands().unmeasured(), tally.before(), tally.held());
        enter(said.trial().after(), said.bands().measured(), tally.after(), tally.heldAfter());
        return tally;
    }

    private static void enter(List<Trial.Outcome> outcomes, double sigmas, List<Double> errors, List<Boolean> held) {
        for (Trial.Outcome outcome : outcomes) {
            errors.add(100 * Math.abs(StrictMath.expm1(outcome.off())));
            held.add(outcome.sigmas() <= sigmas);
        }
    }

    private static List<Kinship.Trait> traits(List<ChipPoint> points) {
        double[] round = PooledForm.round();
        return points.stream().map(point -> point.trait(round)).toList();
    }

    private static double[] errors(List<ChipPoint> points) {
        double[] round = PooledForm.round();
        return points.stream().mapToDouble(point -> point.error(round)).toArray();
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
