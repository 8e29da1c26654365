package io.polychip.performance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class KinshipTest {
    private static final double[] HALVES = {0.5, 0.5};

    /** A point of one chip and model of a vendor; all else follows from them. */
    static Kinship.Trait trait(String vendor, String chip, String model, double load) {
        List<String> groups = List.of(
                vendor,
                chip,
                model,
                chip + model,
                model + "engine",
                vendor + "engine",
                vendor + "dense",
                vendor + "closed",
                chip + model + "deployment");
        return new Kinship.Trait(groups, HALVES, new double[] {load});
    }

    /** Three vendors of two chips and four models each; a chip's points are all off by the same. */
    private static Kinship learnt(double[] chipErrors, double oneOff) {
        List<Kinship.Trait> points = new ArrayList<>();
        List<Double> errors = new ArrayList<>();
        Random random = new Random(7);
        for (int chip = 0; chip < chipErrors.length; chip++) {
            for (int model = 0; model < 4; model++) {
                points.add(trait("v" + chip / 2, "c" + chip, "m" + model, 1));
                errors.add(chipErrors[chip] + 0.02 * random.nextGaussian());
            }
        }
        errors.set(0, errors.getFirst() + oneOff);
        return Kinship.of(points, errors.stream().mapToDouble(e -> e).toArray());
    }

    @Test
    void aVendorNeverSeenIsUnsureAndAKnownChipIsNot() {
        Kinship kinship = learnt(new double[] {0.5, 0.5, -0.4, -0.4, 0.1, 0.1}, 0);
        Kinship.Posterior posterior =
                kinship.posterior(List.of(trait("new", "c9", "m1", 1), trait("v0", "c0", "m7", 1)));
        assertThat(posterior.mean(0)).isCloseTo(0.07, within(0.2));
        assertThat(posterior.mean(1)).isCloseTo(0.5, within(0.1));
        assertThat(posterior.sigma(0)).isGreaterThan(2 * posterior.sigma(1)).isGreaterThan(0.25);
    }

    @Test
    void aMeasuredPointTellsMoreOfItsChipThanOfAnotherVendors() {
        Kinship kinship = learnt(new double[] {0.5, 0.4, -0.4, -0.5, 0.1, 0.0}, 0);
        List<Kinship.Trait> targets =
                List.of(trait("new", "c9", "m1", 1), trait("new", "c9", "m2", 1), trait("v1", "c2", "m7", 1));
        Kinship.Posterior posterior = kinship.posterior(targets);
        double before = posterior.sigma(1);
        double elsewhere = posterior.mean(2);
        posterior.observe(0, 0.9);
        assertThat(posterior.mean(0)).isCloseTo(0.9, within(0.05));
        assertThat(posterior.mean(1)).isCloseTo(0.9, within(0.25));
        assertThat(posterior.sigma(1)).isLessThan(before / 1.5);
        assertThat(posterior.mean(2)).isCloseTo(elsewhere, within(0.05));
    }

    @Test
    void thePointWorthMeasuringIsOneOfTheMany() {
        Kinship kinship = learnt(new double[] {0.5, 0.4, -0.4, -0.5, 0.1, 0.0}, 0);
        List<Kinship.Trait> targets = new ArrayList<>(List.of(trait("alone", "c8", "m1", 1)));
        targets.addAll(Collections.nCopies(5, trait("new", "c9", "m1", 1)));
        Kinship.Posterior posterior = kinship.posterior(targets);
        int first = posterior.mostTelling(List.of());
        assertThat(first).isNotZero();
        posterior.observe(first, 0.2);
        assertThat(posterior.mostTelling(List.of(first))).isZero();
    }

    @Test
    void aPointThatAllOthersContradictIsNotBelieved() {
        double[] chips = {0.1, 0.1, 0.1, 0.1, 0.1, 0.1};
        Kinship.Trait relative = trait("v0", "c0", "m0", 6); // as the strange point but for its load
        double without = learnt(chips, 0).posterior(List.of(relative)).mean(0);
        double with = learnt(chips, 2).posterior(List.of(relative)).mean(0);
        assertThat(with - without).isBetween(-0.05, 0.2);
    }

    @Test
    void pointsOfOneDeploymentDoNotVouchForEachOther() {
        List<Kinship.Trait> points = new ArrayList<>();
        List<Double> errors = new ArrayList<>();
        for (int chip = 0; chip < 6; chip++) {
            for (int model = 0; model < 4; model++) {
                points.add(trait("v" + chip / 2, "c" + chip, "m" + model, 1));
                errors.add(0.1);
            }
        }
        for (int load = 0; load < 6; load++) {
            points.add(trait("v0", "c0", "odd", load));
            errors.add(3.0);
        }
        Kinship.Posterior elsewhere = kinship(points, errors).posterior(List.of(trait("new", "c9", "odd", 1)));
        assertThat(elsewhere.mean(0)).isBetween(-0.5, 0.5); // 2.7 where they do
    }

    @Test
    void aVendorOfFewPointsIsDrawnAsOftenAsOneOfMany() {
        List<Kinship.Trait> points = new ArrayList<>(Collections.nCopies(1000, trait("many", "c0", "m0", 1)));
        points.addAll(Collections.nCopies(40, trait("few", "c1", "m0", 1)));
        List<Integer> drawn = Kinship.drawn(points);
        assertThat(drawn).hasSize(250).doesNotHaveDuplicates();
        assertThat(drawn.stream().filter(i -> i >= 1000)).hasSize(40);
    }

    private static Kinship kinship(List<Kinship.Trait> points, List<Double> errors) {
        return Kinship.of(points, errors.stream().mapToDouble(e -> e).toArray());
    }

    @Test
    void errorsAndPointsMustMatch() {
        assertThatThrownBy(() -> Kinship.of(List.of(), new double[0]))
                .isInstanceOf(ProfileException.class)
                .hasMessageContaining("at least one");
    }
}
