package io.polychip.planner;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Rows that follow from a programme's own and speak of whole numbers alone: in each hour and state of failure what is
 * asked, each kind weighed by its price with fractions, is at most what the replicas and chips that are had can do of
 * it.
 *
 * <p>With fractions nothing changes; but a solver rounds such a row ("of these eights at least so many") where it finds
 * nothing in the dozen rows it comes from. Any weights are valid, the prices are those that cut deepest.
 */
final class Knapsacks {
    private static final double NOTHING = 1e-9;

    private final Milp milp;
    private final double[] prices;
    private final List<List<int[]>> places = new ArrayList<>();

    private Knapsacks(Milp milp, double[] prices) {
        this.milp = milp;
        this.prices = prices;
        for (int column = 0; column < milp.columns(); column++) {
            places.add(new ArrayList<>());
        }
        for (int row = 0; row < milp.rows(); row++) {
            for (int entry = milp.rowStart(row); entry < milp.rowStart(row + 1); entry++) {
                places.get(milp.entryColumn(entry)).add(new int[] {row, entry});
            }
        }
    }

    /** The programme with these rows at its end, columns as they were. @param relaxed its best with fractions */
    static Milp in(Milp milp, Relaxation relaxed) {
        return new Knapsacks(milp, relaxed.rowPrices()).all();
    }

    private Milp all() {
        Milp.Builder builder = milp.toBuilder();
        Map<Integer, Integer> bounds = boundsOfCommitments(milp);
        boolean[] seen = new boolean[milp.rows()];
        for (int row = 0; row < milp.rows(); row++) {
            if (asks(row) && !seen[row]) {
                add(builder, together(row, seen), bounds);
            }
        }
        return builder.build();
    }

    /** Something is to be served, whoever does it. */
    private boolean asks(int row) {
        return milp.rowLower(row) > 0 && !holds(milp, row, true) && holds(milp, row, false);
    }

    /** Its load is within what whole numbers carry. */
    private boolean carries(int row) {
        boolean carries = milp.rowUpper(row) == 0 && holds(milp, row, true) && holds(milp, row, false);
        for (int entry = milp.rowStart(row); entry < milp.rowStart(row + 1); entry++) {
            carries &= milp.whole(milp.entryColumn(entry)) == milp.entryValue(entry) < 0;
        }
        return carries;
    }

    private static boolean holds(Milp milp, int row, boolean whole) {
        for (int entry = milp.rowStart(row); entry < milp.rowStart(row + 1); entry++) {
            if (milp.whole(milp.entryColumn(entry)) == whole) {
                return true;
            }
        }
        return false;
    }

    /** Rows that ask of the same carriers as this one: those of its hour and state. */
    private List<Integer> together(int first, boolean[] seen) {
        List<Integer> asking = new ArrayList<>(List.of(first));
        seen[first] = true;
        for (int i = 0; i < asking.size(); i++) {
            for (int load : touching(asking.get(i), false)) {
                for (int other : touching(load, true)) {
                    if (!seen[other]) {
                        seen[other] = true;
                        asking.add(other);
                    }
                }
            }
        }
        return asking;
    }

    private List<Integer> touching(int row, boolean asking) {
        List<Integer> rows = new ArrayList<>();
        for (int entry = milp.rowStart(row); entry < milp.rowStart(row + 1); entry++) {
            for (int[] place : places.get(milp.entryColumn(entry))) {
                if (!milp.whole(milp.entryColumn(entry)) && (asking ? asks(place[0]) : carries(place[0]))) {
                    rows.add(place[0]);
                }
            }
        }
        return rows;
    }

    private void add(Milp.Builder builder, List<Integer> asking, Map<Integer, Integer> bounds) {
        double asked = 0;
        Map<Integer, Double> worths = new LinkedHashMap<>(); // of a column, in all rows that ask of it
        Map<Integer, Double> weights = new LinkedHashMap<>(); // of a row that carries
        Map<Integer, Double> terms = new LinkedHashMap<>();
        for (int row : asking) {
            double price = Math.max(0, prices[row]);
            asked += price * milp.rowLower(row);
            for (int entry = milp.rowStart(row); entry < milp.rowStart(row + 1); entry++) {
                worths.merge(milp.entryColumn(entry), price * milp.entryValue(entry), Double::sum);
            }
        }
        worths.forEach((column, worth) -> {
            int load = carrier(column);
            if (load < 0) {
                terms.merge(column, worth, Double::sum);
            } else {
                weights.merge(load, worth / value(load, column), Math::max);
            }
        });
        weights.forEach((load, weight) -> {
            for (int entry = milp.rowStart(load); entry < milp.rowStart(load + 1); entry++) {
                int column = milp.entryColumn(entry);
                if (milp.whole(column)) {
                    terms.merge(column, -weight * milp.entryValue(entry), Double::sum);
                }
            }
        });
        if (asked <= NOTHING) {
            return;
        }
        int row = builder.atLeast("all together by " + milp.rowName(asking.getFirst()), 1);
        double scale = asked;
        inChips(terms, bounds).forEach((column, each) -> builder.term(row, column, each / scale));
    }

    /** The row that bounds the load which this column is part of; -1 for tokens that are bought. */
    private int carrier(int column) {
        for (int[] place : places.get(column)) {
            if (carries(place[0])) {
                return place[0];
            }
        }
        return -1;
    }

    private double value(int row, int column) {
        for (int[] place : places.get(column)) {
            if (place[0] == row) {
                return milp.entryValue(place[1]);
            }
        }
        throw new IllegalStateException("Column %d is not in row %d.".formatted(column, row));
    }

    /** By replica of a commitment: the row that keeps all such replicas within the chips bound. */
    static Map<Integer, Integer> boundsOfCommitments(Milp milp) {
        Map<Integer, Integer> bounds = new HashMap<>();
        for (int row = 0; row < milp.rows(); row++) {
            if (milp.rowUpper(row) != 0 || holds(milp, row, false)) {
                continue;
            }
            for (int entry = milp.rowStart(row); entry < milp.rowStart(row + 1); entry++) {
                int column = milp.entryColumn(entry);
                if (milp.entryValue(entry) > 0 && milp.cost(column) == 0) {
                    bounds.put(column, row);
                }
            }
        }
        return bounds;
    }

    /** Replicas of a commitment, which cost nothing themselves, give way to the chips they stand on. */
    private Map<Integer, Double> inChips(Map<Integer, Double> terms, Map<Integer, Integer> bounds) {
        Map<Integer, Double> perChip = new LinkedHashMap<>();
        Map<Integer, Double> plain = new LinkedHashMap<>();
        terms.forEach((column, each) -> {
            Integer bound = bounds.get(column);
            if (bound == null) {
                plain.merge(column, each, Double::sum);
            } else {
                perChip.merge(bound, each / value(bound, column), Math::max);
            }
        });
        perChip.forEach((bound, each) -> {
            for (int entry = milp.rowStart(bound); entry < milp.rowStart(bound + 1); entry++) {
                if (milp.entryValue(entry) < 0) {
                    plain.merge(milp.entryColumn(entry), -each * milp.entryValue(entry), Double::sum);
                }
            }
        });
        return plain;
    }
}
