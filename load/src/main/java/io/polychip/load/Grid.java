package io.polychip.load;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;

/**
 * Which cells to measure: every doubling of the concurrency by two or three prompt lengths, answers alternating between
 * two lengths, and between these, at random, the held-out ones. The corners come first, the rest in random order, so
 * that a drift of the endpoint is no effect of length. Pure.
 */
final class Grid {
    /** No cell may take more than this share of the time. */
    private static final double MOST_SHARE = 1 / 6.0;

    private static final int SHORT_PROMPT = 64;

    private final boolean quick;
    private final int most;
    private final int longest;
    private final int shortest;
    private final double budgetSeconds;
    private final ToDoubleFunction<Cell> seconds;
    private final Random random;
    private final List<Planned> corners = new ArrayList<>();
    private final List<Planned> rest = new ArrayList<>();
    private final List<Planned> dropped = new ArrayList<>();

    /** @param heldOut not to be fitted on */
    record Planned(Cell cell, boolean heldOut) {}

    /**
     * @param most concurrency
     * @param longest prompt in tokens
     * @param seconds how long a cell is expected to take
     */
    Grid(
            boolean quick,
            int most,
            int shortest,
            int longest,
            double budgetSeconds,
            ToDoubleFunction<Cell> seconds,
            long seed) {
        this.quick = quick;
        this.most = most;
        this.shortest = Math.min(Math.max(SHORT_PROMPT, shortest), longest);
        this.longest = longest;
        this.budgetSeconds = budgetSeconds;
        this.seconds = seconds;
        this.random = new Random(seed);
        plan();
    }

    /** In the order in which to measure. */
    List<Planned> cells() {
        List<Planned> all = new ArrayList<>(corners);
        all.addAll(rest);
        return all;
    }

    /** What the time does not suffice for. */
    List<Planned> dropped() {
        return dropped;
    }

    private void plan() {
        List<Integer> levels = levels(most);
        for (int i = 0; i < levels.size(); i++) {
            int level = levels.get(i);
            List<Integer> prompts = prompts(affordable(level));
            for (int j = 0; j < prompts.size(); j++) {
                Planned planned = new Planned(new Cell(level, prompts.get(j), answer(i + j)), false);
                boolean corner = (level == 1 || level == most) && (j == 0 || j == prompts.size() - 1);
                (corner ? corners : rest).add(planned);
            }
        }
        int heldOut = Math.max(3, (corners.size() + rest.size()) / 4);
        for (int i = 0; i < heldOut; i++) {
            rest.add(new Planned(between(), true));
        }
        Collections.shuffle(rest, random);
        shorten();
    }

    /** 1, 2, 4 and so on, and the most. */
    static List<Integer> levels(int most) {
        TreeSet<Integer> levels = new TreeSet<>();
        for (int level = 1; level < most; level *= 2) {
            levels.add(level);
        }
        levels.add(most);
        return List.copyOf(levels);
    }

    /** Longest prompt that so many at once can have in a cell's share of the time. */
    private int affordable(int level) {
        int prompt = longest;
        while (prompt / 2 >= 2 * shortest
                && seconds.applyAsDouble(new Cell(level, prompt, answer(1))) > budgetSeconds * MOST_SHARE) {
            prompt /= 2;
        }
        return prompt;
    }

    private List<Integer> prompts(int top) {
        TreeSet<Integer> prompts = new TreeSet<>(List.of(shortest, top));
        if (!quick) {
            prompts.add((int) Math.round(Math.sqrt((double) shortest * top)));
        }
        return List.copyOf(prompts);
    }

    private int answer(int turn) {
        int shorter = 32;
        return turn % 2 == 0 ? shorter : quick ? 2 * shorter : 4 * shorter;
    }

    private Cell between() {
        int level = (int) Math.round(logarithmic(1, most));
        int prompt = (int) Math.round(logarithmic(shortest, affordable(level)));
        return new Cell(level, prompt, (int) Math.round(logarithmic(answer(0), answer(1))));
    }

    private double logarithmic(double least, double greatest) {
        return least * Math.pow(greatest / least, random.nextDouble());
    }

    /** Leaves out the costliest of the rest until all fits, but not the last two held out. */
    private void shorten() {
        while (total() > budgetSeconds && !rest.isEmpty()) {
            long heldOut = rest.stream().filter(Planned::heldOut).count();
            Planned costliest = rest.stream()
                    .filter(planned -> !planned.heldOut() || heldOut > 2)
                    .max(Comparator.comparingDouble(planned -> seconds.applyAsDouble(planned.cell())))
                    .orElse(null);
            if (costliest == null) {
                return;
            }
            rest.remove(costliest);
            dropped.add(costliest);
        }
    }

    private double total() {
        return cells().stream()
                .mapToDouble(planned -> seconds.applyAsDouble(planned.cell()))
                .sum();
    }
}
