package io.polychip.performance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class BandsTest {
    private static final double PLAIN = 1.645;

    private final List<Kinship.Trait> points = new ArrayList<>();
    private final List<Double> errors = new ArrayList<>();
    private final Random random = new Random(11);

    private void vendor(String name, double error) {
        for (int chip = 0; chip < 2; chip++) {
            for (int model = 0; model < 4; model++) {
                points.add(KinshipTest.trait(name, name + chip, "m" + model, 1));
                errors.add(error + 0.05 * random.nextGaussian());
            }
        }
    }

    private double[] errors() {
        return errors.stream().mapToDouble(e -> e).toArray();
    }

    @Test
    void oneVendorOutOfLineDoesNotWidenTheBandOfAllOthers() {
        for (int i = 0; i < 11; i++) {
            vendor("v" + i, 0.1 * random.nextGaussian());
        }
        vendor("slow", 1.5);
        Bands bands = Bands.of(points, errors());
        assertThat(bands.unmeasured()).isLessThan(0.8 * PLAIN);
        Kinship kinship = Kinship.of(points, errors());
        Kinship.Posterior usual = kinship.posterior(List.of(KinshipTest.trait("new", "c", "m1", 1)));
        assertThat(bands.unmeasured() * usual.sigma(0)).isLessThan(0.6).isGreaterThan(0.1);
    }

    @Test
    void nineTenthsOfThePointsOfVendorsLeftOutLieInsideTheirBand() {
        for (int i = 0; i < 4; i++) {
            vendor("v" + i, 0.3 * random.nextGaussian());
        }
        Bands bands = Bands.of(points, errors());
        int inside = 0;
        for (int left = 0; left < 4; left++) {
            String vendor = "v" + left;
            List<Integer> others = new ArrayList<>();
            List<Integer> own = new ArrayList<>();
            for (int i = 0; i < points.size(); i++) {
                (points.get(i).group(Kinship.Relation.VENDOR).equals(vendor) ? own : others).add(i);
            }
            Kinship kinship = Kinship.of(
                    others.stream().map(points::get).toList(),
                    others.stream().mapToDouble(errors::get).toArray());
            Kinship.Posterior said =
                    kinship.posterior(own.stream().map(points::get).toList());
            for (int i = 0; i < own.size(); i++) {
                double off = Math.abs(said.mean(i) - errors.get(own.get(i)));
                inside += off <= bands.unmeasured() * said.sigma(i) ? 1 : 0;
            }
        }
        assertThat(inside / (double) points.size()).isBetween(0.9, 0.95);
    }

    @Test
    void aSingleVendorTeachesNothingOfOthers() {
        vendor("only", 0.2);
        assertThat(Bands.of(points, errors())).isEqualTo(new Bands(PLAIN, PLAIN));
    }

    @Test
    void aChipIsToldFivePointsAndAskedForTheRest() {
        vendor("v0", 0.2);
        vendor("v1", -0.2);
        Kinship kinship = Kinship.of(points, errors());
        List<Kinship.Trait> other = new ArrayList<>();
        double[] slow = new double[9];
        for (int i = 0; i < 9; i++) {
            other.add(KinshipTest.trait("new", i < 7 ? "few" : "many", "m" + i, 1));
            slow[i] = 0.7;
        }
        assertThat(Trial.of(kinship, other.subList(0, 7), Arrays.copyOf(slow, 7))
                        .after())
                .isEmpty();
        other.addAll(List.of(KinshipTest.trait("new", "few", "m7", 1), KinshipTest.trait("new", "few", "m8", 1)));
        Trial trial = Trial.of(kinship, other, new double[] {.7, .7, .7, .7, .7, .7, .7, .7, .7, .7, .7});
        assertThat(trial.before()).hasSize(11);
        assertThat(trial.after()).hasSize(4);
        double before = trial.before().stream()
                .mapToDouble(o -> Math.abs(o.off()))
                .max()
                .orElseThrow();
        assertThat(trial.after()).allSatisfy(o -> assertThat(Math.abs(o.off())).isLessThan(before / 3));
    }
}
