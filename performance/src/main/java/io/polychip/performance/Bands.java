package io.polychip.performance;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many of its own sigmas {@link Kinship} must be given for a band that holds as often as it says.
 *
 * <p>Split conformal prediction by vendor (Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World"): each
 * known vendor is predicted from the others, and the band takes as many sigmas as would have held that share of all
 * their points. Errors have tails no Gaussian has (one vendor of five took four times as long as any other would have
 * made likely), so sigmas that must explain those are too wide for the rest.
 *
 * @param unmeasured sigmas for a chip of a vendor of which nothing was measured
 * @param measured the same once {@value Trial#TAKEN_IN} points of the chip were
 */
public record Bands(double unmeasured, double measured) {
    /** Of a Gaussian. */
    private static final double PLAIN_SIGMAS = 1.645;

    private static final double SHARE = 0.9;

    /** With fewer points to go by a share of nine tenths is a matter of luck. */
    private static final int LEAST_POINTS = 20;

    /** Learns from the errors of points, as {@link Kinship#of} does. One kinship per vendor: seconds. */
    public static Bands of(List<Kinship.Trait> points, double[] errors) {
        Map<String, List<Integer>> vendors = new TreeMap<>();
        for (int i = 0; i < errors.length; i++) {
            vendors.computeIfAbsent(points.get(i).group(Kinship.Relation.VENDOR), v -> new ArrayList<>())
                    .add(i);
        }
        List<Double> unmeasured = new ArrayList<>();
        List<Double> measured = new ArrayList<>();
        if (vendors.size() > 1) {
            for (List<Integer> vendor : vendors.values()) {
                List<Integer> others = new ArrayList<>();
                for (int i = 0; i < errors.length; i++) {
                    if (Collections.binarySearch(vendor, i) < 0) {
                        others.add(i);
                    }
                }
                Kinship kinship = Kinship.of(some(points, others), some(errors, others));
                Trial trial = Trial.of(kinship, some(points, vendor), some(errors, vendor));
                trial.before().forEach(outcome -> unmeasured.add(outcome.sigmas()));
                trial.after().forEach(outcome -> measured.add(outcome.sigmas()));
            }
        }
        return new Bands(quantile(unmeasured), quantile(measured));
    }

    private static List<Kinship.Trait> some(List<Kinship.Trait> points, List<Integer> which) {
        return which.stream().map(points::get).toList();
    }

    private static double[] some(double[] errors, List<Integer> which) {
        return which.stream().mapToDouble(i -> errors[i]).toArray();
    }

    private static double quantile(List<Double> sigmas) {
        if (sigmas.size() < LEAST_POINTS) {
            return PLAIN_SIGMAS;
        }
        Collections.sort(sigmas);
        return sigmas.get(Math.min(sigmas.size(), (int) Math.ceil(SHARE * (sigmas.size() + 1))) - 1);
    }
}
