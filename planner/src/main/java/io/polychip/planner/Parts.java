package io.polychip.planner;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A programme as parts that hang together little: hours, or the hours of a period where commitments join them. Each is
 * a small programme whose whole numbers a solver has soon.
 *
 * <p>Whatever a part's columns are weighed by, all that its own rows allow weighs at least what is proven for it alone:
 * a row that cuts off no plan. Weighed by what the columns cost less what rows of several parts pay for them, at their
 * prices with fractions, such rows of all parts together are the bound of Lagrange (Geoffrion 1974). With fractions a
 * fleet of three chips costs a tenth less than it can; with these rows it does not.
 */
final class Parts {
    /** More hours than these, or hours of more whole numbers, are parts of their own: together they took too long. */
    private static final int MOST_HOURS = 4;

    private static final int MOST_WHOLE = 250;

    /** Weights below this share of a part's greatest are noise of the prices. */
    private static final double NOISE = 1e-9;

    /** A part is solved so exactly, or as far as time allows: what is proven counts in any case. */
    private static final double EXACT = 1e-3;

    /** As far as a solver's own tolerances may have raised what it proved. */
    private static final double TOLERANCE = 1e-6;

    /** A row is added where it cuts off so much of what fractions say of its part. */
    private static final double LEAST_CUT = 1e-5;

    private final Milp milp;
    private final Relaxation relaxed;
    private final List<Part> parts = new ArrayList<>();

    /** By column and by row: parts it is of. */
    private final int[] partsOfColumn;

    private final int[] partsOfRow;

    /** By part: what its columns cost as it sees them. */
    private final List<double[]> weights;

    /**
     * One part.
     *
     * @param rows all that speak of its columns alone, its commitments' among them
     * @param commitments rows that hold replicas within the chips bound; those chips may be of several parts
     */
    record Part(List<Integer> rows, List<Integer> commitments, Set<Integer> columns) {}

    /**
     * What the parts say together.
     *
     * @param milp the programme with a row for each part
     * @param cuts by part: its row, -1 where there is none, and what the row was divided by
     * @param chosen of columns of one part only what that part chose; empty where some part found nothing
     */
    record Tight(Milp milp, List<Cut> cuts, double[] chosen) {
        /** How much more a part costs in these values than is proven that it must. */
        double slack(int part, double[] values) {
            Cut cut = cuts.get(part);
            return cut.row() < 0 ? Double.POSITIVE_INFINITY : (milp.activity(cut.row(), values) - 1) * cut.scale();
        }
    }

    record Cut(int row, double scale) {}

    /** @param relaxed the programme's best with fractions */
    Parts(Milp milp, Relaxation relaxed) {
        this.milp = milp;
        this.relaxed = relaxed;
        Map<Integer, List<Integer>> hours = new TreeMap<>();
        for (int row = 0; row < milp.rows(); row++) {
            if (milp.part(row) != Milp.WHOLE) {
                hours.computeIfAbsent(milp.part(row), part -> new ArrayList<>()).add(row);
            }
        }
        Map<Integer, Integer> commitments = Knapsacks.boundsOfCommitments(milp);
        joined(List.copyOf(hours.values())).forEach(rows -> parts.add(part(rows, commitments)));
        partsOfColumn = new int[milp.columns()];
        partsOfRow = new int[milp.rows()];
        for (Part part : parts) {
            part.columns().forEach(column -> partsOfColumn[column]++);
            part.rows().forEach(row -> partsOfRow[row]++);
        }
        weights = weights();
    }

    List<Part> all() {
        return parts;
    }

    /** Whether a column is of one part and no other. */
    boolean own(int column) {
        return partsOfColumn[column] == 1;
    }

    private Set<Integer> columns(Iterable<Integer> rows) {
        Set<Integer> columns = new LinkedHashSet<>();
        for (int row : rows) {
            for (int entry = milp.rowStart(row); entry < milp.rowStart(row + 1); entry++) {
                columns.add(milp.entryColumn(entry));
            }
        }
        return columns;
    }

    /** Hours that share whole numbers become one part, where that stays small. */
    private List<List<Integer>> joined(List<List<Integer>> hours) {
        Map<Integer, Integer> first = new HashMap<>();
        int[] leader = new int[hours.size()];
        int[] together = new int[hours.size()];
        Map<Integer, List<Integer>> groups = new LinkedHashMap<>();
        for (int hour = 0; hour < leader.length; hour++) {
            leader[hour] = hour;
            for (int column : columns(hours.get(hour))) {
                Integer other = milp.whole(column) ? first.putIfAbsent(column, hour) : null;
                leader[hour] = other == null ? leader[hour] : Math.min(leader[hour], leader[other]);
            }
            together[leader[hour]]++;
            groups.computeIfAbsent(leader[hour], key -> new ArrayList<>()).addAll(hours.get(hour));
        }
        List<List<Integer>> all = new ArrayList<>();
        for (int hour = 0; hour < leader.length; hour++) {
            List<Integer> group = groups.getOrDefault(leader[hour], List.of());
            boolean small = together[leader[hour]] <= MOST_HOURS
                    && columns(group).stream().filter(this::open).count() <= MOST_WHOLE;
            if (!small || leader[hour] == hour) {
                all.add(small ? group : hours.get(hour));
            }
        }
        return all;
    }

    private boolean open(int column) {
        return milp.whole(column) && milp.lower(column) < milp.upper(column);
    }

    private Part part(List<Integer> own, Map<Integer, Integer> bounds) {
        Set<Integer> columns = columns(own);
        Set<Integer> commitments = new LinkedHashSet<>();
        for (int column : columns) {
            if (bounds.containsKey(column)) {
                commitments.add(bounds.get(column));
            }
        }
        columns.addAll(columns(commitments));
        List<Integer> rows = new ArrayList<>(own);
        for (int row = 0; row < milp.rows(); row++) {
            if (milp.part(row) == Milp.WHOLE && within(row, columns)) {
                rows.add(row);
            }
        }
        return new Part(List.copyOf(rows), List.copyOf(commitments), columns);
    }

    private boolean within(int row, Set<Integer> columns) {
        for (int entry = milp.rowStart(row); entry < milp.rowStart(row + 1); entry++) {
            if (!columns.contains(milp.entryColumn(entry))) {
                return false;
            }
        }
        return milp.rowStart(row) < milp.rowStart(row + 1);
    }

    /**
     * Solves each part alone and adds its row.
     *
     * @param seconds for all of them
     */
    Tight tightened(Solver solver, double seconds, Stop stop) {
        List<Solution> alone = alone(solver, new double[0], seconds, stop);
        Milp.Builder builder = milp.toBuilder();
        List<Cut> cuts = new ArrayList<>();
        for (int index = 0; index < parts.size(); index++) {
            cuts.add(cut(builder, index, alone.get(index).bound()));
        }
        return new Tight(builder.build(), cuts, chosen(alone));
    }

    /**
     * What each part chooses where what it shares with others is held at these values; empty: some part finds nothing.
     */
    double[] chosen(Solver solver, double[] shared, double seconds, Stop stop) {
        return chosen(alone(solver, shared, seconds, stop));
    }

    private List<Solution> alone(Solver solver, double[] shared, double seconds, Stop stop) {
        Deadline deadline = Deadline.in(seconds);
        List<Solution> found = new ArrayList<>();
        for (Part part : parts) {
            double left = deadline.secondsLeft();
            double share = 2 * left / (parts.size() - found.size() + 1);
            found.add(
                    left <= 0 || stop.stopped()
                            ? Solution.none(Solution.Status.UNKNOWN, Double.NEGATIVE_INFINITY)
                            : solver.solve(
                                    alone(part, weights.get(found.size()), shared),
                                    new double[0],
                                    new Solver.Effort(share, EXACT),
                                    stop));
        }
        return found;
    }

    private double[] chosen(List<Solution> alone) {
        double[] chosen = new double[milp.columns()];
        for (int index = 0; index < alone.size(); index++) {
            if (!alone.get(index).found()) {
                return new double[0];
            }
            int at = 0;
            for (int column : parts.get(index).columns()) {
                chosen[column] = alone.get(index).values()[at++];
            }
        }
        return chosen;
    }

    /** What each part's columns cost as it sees them. */
    private List<double[]> weights() {
        List<double[]> worths = parts.stream().map(this::worths).toList();
        double[] perChip = new double[milp.rows()]; // of a commitment, in all parts
        for (int index = 0; index < worths.size(); index++) {
            for (int row : parts.get(index).commitments()) {
                perChip[row] += perChip(row, worths.get(index));
            }
        }
        List<double[]> all = new ArrayList<>();
        for (int index = 0; index < worths.size(); index++) {
            all.add(weights(parts.get(index), worths.get(index), perChip));
        }
        return all;
    }

    private Cut cut(Milp.Builder builder, int index, double bound) {
        double[] costs = weights.get(index);
        double fractions = 0;
        for (int column : parts.get(index).columns()) {
            fractions += costs[column] * relaxed.solution().values()[column];
        }
        if (!Double.isFinite(bound) || bound <= 0 || bound <= fractions + LEAST_CUT * Math.abs(fractions)) {
            return new Cut(-1, 1);
        }
        double least = bound * (1 - TOLERANCE);
        int row = builder.atLeast("least of part " + index, 1);
        for (int column : parts.get(index).columns()) {
            builder.term(row, column, costs[column] / least);
        }
        return new Cut(row, least);
    }

    /** What columns are worth to a part by its own rows, all but commitments'. */
    private double[] worths(Part part) {
        double[] worths = new double[milp.columns()];
        for (int row : part.rows()) {
            if (!part.commitments().contains(row)) {
                add(row, relaxed.rowPrices()[row] / partsOfRow[row], worths);
            }
        }
        return worths;
    }

    private void add(int row, double price, double[] weights) {
        for (int entry = milp.rowStart(row); entry < milp.rowStart(row + 1) && price != 0; entry++) {
            weights[milp.entryColumn(entry)] += price * milp.entryValue(entry);
        }
    }

    /** Most that a chip of a commitment is worth to a part, under any of the replicas that may stand on it. */
    private double perChip(int row, double[] worths) {
        double most = 0;
        for (int entry = milp.rowStart(row); entry < milp.rowStart(row + 1); entry++) {
            if (milp.entryValue(entry) > 0) {
                most = Math.max(most, worths[milp.entryColumn(entry)] / milp.entryValue(entry));
            }
        }
        return most;
    }

    /**
     * What a part's columns cost as it sees them: a commitment is paid by the parts that use it, each as much as a chip
     * is worth to it.
     */
    private double[] weights(Part part, double[] worths, double[] perChip) {
        double[] costs = worths.clone();
        for (int row : part.commitments()) {
            double share = perChip[row] > 0 ? perChip(row, worths) / perChip[row] : 1.0 / partsOfRow[row];
            add(row, relaxed.rowPrices()[row] * share, costs);
        }
        double greatest = 0;
        for (int column : part.columns()) {
            costs[column] += relaxed.reducedCosts()[column] / partsOfColumn[column];
            greatest = Math.max(greatest, Math.abs(costs[column]));
        }
        for (int column : part.columns()) {
            costs[column] = Math.abs(costs[column]) < NOISE * greatest ? 0 : costs[column];
        }
        return costs;
    }

    /** The part alone, its columns in their order, at these costs. @param shared empty: nothing is held */
    private Milp alone(Part part, double[] costs, double[] shared) {
        Milp.Builder builder = new Milp.Builder();
        int[] at = new int[milp.columns()];
        for (int column : part.columns()) {
            boolean held = shared.length > 0 && milp.whole(column) && !own(column);
            double lower = held ? Math.rint(shared[column]) : milp.lower(column);
            double upper = held ? lower : milp.upper(column);
            String name = milp.columnName(column);
            at[column] = builder.column(name, lower, upper, costs[column], milp.whole(column));
        }
        for (int row : part.rows()) {
            int index = builder.row(milp.rowName(row), milp.rowLower(row), milp.rowUpper(row));
            for (int entry = milp.rowStart(row); entry < milp.rowStart(row + 1); entry++) {
                builder.term(index, at[milp.entryColumn(entry)], milp.entryValue(entry));
            }
        }
        return builder.build();
    }
}
