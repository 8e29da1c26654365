package io.polychip.performance;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@link Kinship} says of chips it knows nothing of, and then of the rest of their points once it was told a few:
 * those that it judged to tell most before any of them was known.
 */
public record Trial(List<Outcome> before, List<Outcome> after) {
    /** Points of each chip that are told. */
    public static final int TAKEN_IN = 5;

    /** A chip with fewer points left is not asked again. */
    private static final int LEFT = 3;

    /**
     * One point.
     *
     * @param off logarithm of predicted over measured
     * @param sigma that was expected of it
     */
    public record Outcome(double off, double sigma) {
        public double sigmas() {
            return Math.abs(off) / sigma;
        }
    }

    public Trial {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }

    /** Asks for each chip among points of which the kinship has none. */
    public static Trial of(Kinship kinship, List<Kinship.Trait> points, double[] errors) {
        Map<String, List<Integer>> chips = new TreeMap<>();
        for (int i = 0; i < errors.length; i++) {
            chips.computeIfAbsent(points.get(i).group(Kinship.Relation.CHIP), c -> new ArrayList<>())
                    .add(i);
        }
        List<Outcome> before = new ArrayList<>();
        List<Outcome> after = new ArrayList<>();
        for (List<Integer> chip : chips.values()) {
            double[] own = chip.stream().mapToDouble(i -> errors[i]).toArray();
            ask(kinship.posterior(chip.stream().map(points::get).toList()), own, before, after);
        }
        return new Trial(before, after);
    }

    private static void ask(Kinship.Posterior posterior, double[] errors, List<Outcome> before, List<Outcome> after) {
        for (int i = 0; i < errors.length; i++) {
            before.add(new Outcome(posterior.mean(i) - errors[i], posterior.sigma(i)));
        }
        if (errors.length < TAKEN_IN + LEFT) {
            return;
        }
        List<Integer> told = new ArrayList<>();
        for (int taken = 0; taken < TAKEN_IN; taken++) {
            int next = posterior.mostTelling(told);
            posterior.observe(next, errors[next]);
            told.add(next);
        }
        for (int i = 0; i < errors.length; i++) {
            if (!told.contains(i)) {
                after.add(new Outcome(posterior.mean(i) - errors[i], posterior.sigma(i)));
            }
        }
    }
}
