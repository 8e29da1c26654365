package io.polychip.validation;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Pool;
import io.polychip.routing.Policy;
import io.polychip.routing.Tuning;
import java.util.ArrayList;
import java.util.List;

/**
 * A router in a contest with one of the settings it may be tuned to.
 *
 * @param setting in a few words, empty for the one its project ships
 */
record Entrant(Policy policy, Tuning tuning, String setting) {
    private static final double[] CAPS = {0.03, 0.06, 0.12, 0.25, 1};
    private static final double[][] SCORES = {{1, 2, 2}, {3, 1, 1}, {3, 2, 4}, {1, 1, 4}};
    private static final int[] GRID = {512, 2048};

    /** What its project ships. */
    static Entrant shipped(Policy policy) {
        return new Entrant(policy, Tuning.DEFAULT, "");
    }

    /**
     * Every setting a careful operator would try: those it has of its own, each also with caps and hosted pools last.
     */
    static List<Entrant> settings(Policy policy, Fleet fleet) {
        List<Entrant> own = own(policy, fleet);
        List<Entrant> all = new ArrayList<>(own);
        for (Entrant entrant : own) {
            for (double cap : CAPS) {
                String words = "%scap %.2f, hosted last"
                        .formatted(entrant.setting.isEmpty() ? "" : entrant.setting + ", ", cap);
                all.add(new Entrant(policy, entrant.tuning.withCap(cap, true), words));
            }
        }
        return all;
    }

    private static List<Entrant> own(Policy policy, Fleet fleet) {
        List<Entrant> own = new ArrayList<>();
        own.add(shipped(policy));
        switch (policy) {
            case WEIGHTED_SCORES -> {
                for (double[] weights : SCORES) {
                    own.add(new Entrant(
                            policy,
                            Tuning.DEFAULT.withScores(weights[0], weights[1], weights[2]),
                            "prefix %.0f queue %.0f cache %.0f".formatted(weights[0], weights[1], weights[2])));
                }
            }
            case PREDICTED_LATENCY ->
                own.add(new Entrant(policy, Tuning.DEFAULT.withTtftWeight(0.5), "first token 0.5"));
            case OVERLAP_AND_LOAD -> {
                for (double weight : new double[] {0.3, 3}) {
                    own.add(new Entrant(policy, Tuning.DEFAULT.withOverlap(weight), "overlap %.1f".formatted(weight)));
                }
            }
            case LENGTH_GRID -> own.addAll(grids(fleet));
            case POLYCHIP, ROUND_ROBIN, LEAST_REQUEST, TWO_CHOICES, LEAST_KV, CHEAPEST_LIST, CAPACITY_SPLIT -> {}
        }
        return own;
    }

    /** Short, middling and long prompts to every choice of owned pools; with fewer than three, one takes two kinds. */
    private static List<Entrant> grids(Fleet fleet) {
        List<String> names = fleet.pools().stream()
                .filter(pool -> pool.hosted() == null)
                .map(Pool::name)
                .toList();
        List<Entrant> grids = new ArrayList<>();
        for (String shortOnes : names) {
            for (String middling : names) {
                for (String longOnes : names) {
                    boolean different = !shortOnes.equals(longOnes);
                    boolean all = different && !shortOnes.equals(middling) && !middling.equals(longOnes);
                    if (all || (different && names.size() < 3)) {
                        List<Tuning.Row> rows = List.of(
                                new Tuning.Row(GRID[0], shortOnes),
                                new Tuning.Row(GRID[1], middling),
                                new Tuning.Row(Integer.MAX_VALUE, longOnes));
                        grids.add(new Entrant(
                                Policy.LENGTH_GRID,
                                Tuning.DEFAULT.withGrid(rows),
                                "grid %s, %s, %s".formatted(shortOnes, middling, longOnes)));
                    }
                }
            }
        }
        return grids;
    }
}
