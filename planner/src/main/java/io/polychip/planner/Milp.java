package io.polychip.planner;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * A linear programme, some of whose columns take whole numbers: minimise {@code cost * x} subject to {@code lower <= A
 * x <= upper} and bounds of each column. Immutable, sparse, by rows.
 *
 * <p>Infinite bounds are {@link Double#NEGATIVE_INFINITY} and {@link Double#POSITIVE_INFINITY}.
 */
public final class Milp {
    /** Of a row that is of no part alone. */
    static final int WHOLE = -1;

    private final double[] columnLower;
    private final double[] columnUpper;
    private final double[] cost;
    private final boolean[] whole;
    private final double[] rowLower;
    private final double[] rowUpper;
    private final int[] rowPart;
    private final int[] rowStart;
    private final int[] entryColumn;
    private final double[] entryValue;
    private final List<String> columnNames;
    private final List<String> rowNames;

    private Milp(
            double[] columnLower,
            double[] columnUpper,
            double[] cost,
            boolean[] whole,
            double[] rowLower,
            double[] rowUpper,
            int[] rowPart,
            int[] rowStart,
            int[] entryColumn,
            double[] entryValue,
            List<String> columnNames,
            List<String> rowNames) {
        this.columnLower = columnLower;
        this.columnUpper = columnUpper;
        this.cost = cost;
        this.whole = whole;
        this.rowLower = rowLower;
        this.rowUpper = rowUpper;
        this.rowPart = rowPart;
        this.rowStart = rowStart;
        this.entryColumn = entryColumn;
        this.entryValue = entryValue;
        this.columnNames = columnNames;
        this.rowNames = rowNames;
    }

    public int columns() {
        return cost.length;
    }

    public int rows() {
        return rowLower.length;
    }

    /** Coefficients other than 0. */
    public int entries() {
        return entryColumn.length;
    }

    public double lower(int column) {
        return columnLower[column];
    }

    public double upper(int column) {
        return columnUpper[column];
    }

    public double cost(int column) {
        return cost[column];
    }

    public boolean whole(int column) {
        return whole[column];
    }

    public double rowLower(int row) {
        return rowLower[row];
    }

    public double rowUpper(int row) {
        return rowUpper[row];
    }

    /** The part of the programme that a row speaks of alone, an hour of a period; {@link #WHOLE}: of several. */
    int part(int row) {
        return rowPart[row];
    }

    /** First entry of a row; {@code rowStart(row + 1)} is one past its last. */
    public int rowStart(int row) {
        return rowStart[row];
    }

    public int entryColumn(int entry) {
        return entryColumn[entry];
    }

    public double entryValue(int entry) {
        return entryValue[entry];
    }

    public String columnName(int column) {
        return columnNames.get(column);
    }

    public String rowName(int row) {
        return rowNames.get(row);
    }

    public double objective(double[] values) {
        double sum = 0;
        for (int column = 0; column < cost.length; column++) {
            sum += cost[column] * values[column];
        }
        return sum;
    }

    public double activity(int row, double[] values) {
        double sum = 0;
        for (int entry = rowStart[row]; entry < rowStart[row + 1]; entry++) {
            sum += entryValue[entry] * values[entryColumn[entry]];
        }
        return sum;
    }

    /** The greatest violation of any row or bound, relative to the row's own size (at least 1). */
    public double violation(double[] values) {
        double worst = 0;
        for (int column = 0; column < cost.length; column++) {
            double scale = Math.max(1, Math.abs(values[column]));
            worst = Math.max(worst, (columnLower[column] - values[column]) / scale);
            worst = Math.max(worst, (values[column] - columnUpper[column]) / scale);
        }
        for (int row = 0; row < rowLower.length; row++) {
            double activity = 0;
            double scale = 1;
            for (int entry = rowStart[row]; entry < rowStart[row + 1]; entry++) {
                double term = entryValue[entry] * values[entryColumn[entry]];
                activity += term;
                scale = Math.max(scale, Math.abs(term));
            }
            worst = Math.max(worst, Math.max(rowLower[row] - activity, activity - rowUpper[row]) / scale);
        }
        return worst;
    }

    /** The same with the whole-number columns held at these values, rounded: a linear programme. */
    public Milp fixed(double[] values) {
        return held(values, column -> true).relaxed();
    }

    /** The same with those whole numbers held at these values, rounded. */
    Milp held(double[] values, IntPredicate which) {
        double[] lower = columnLower.clone();
        double[] upper = columnUpper.clone();
        for (int column = 0; column < whole.length; column++) {
            if (whole[column] && which.test(column)) {
                double rounded = Math.clamp(Math.rint(values[column]), lower[column], upper[column]);
                lower[column] = rounded;
                upper[column] = rounded;
            }
        }
        return with(lower, upper, whole);
    }

    /** The same where of the whole numbers all but these may be fractions. */
    Milp onlyWhole(IntPredicate which) {
        boolean[] wholes = new boolean[whole.length];
        for (int column = 0; column < wholes.length; column++) {
            wholes[column] = whole[column] && which.test(column);
        }
        return with(columnLower, columnUpper, wholes);
    }

    /** The same with these columns held at their lower bounds. */
    Milp without(boolean[] columns) {
        double[] upper = columnUpper.clone();
        for (int column = 0; column < columns.length; column++) {
            upper[column] = columns[column] ? columnLower[column] : upper[column];
        }
        return with(columnLower, upper, whole);
    }

    /** The same with each whole-number column at least the next whole number above these values; fractions allowed. */
    Milp raised(double[] values) {
        double[] lower = columnLower.clone();
        for (int column = 0; column < whole.length; column++) {
            if (whole[column]) {
                lower[column] = Math.clamp(Math.ceil(values[column] - 1e-6), lower[column], columnUpper[column]);
            }
        }
        return with(lower, columnUpper, new boolean[whole.length]);
    }

    /** The same where whole numbers may be fractions. */
    public Milp relaxed() {
        return with(columnLower, columnUpper, new boolean[whole.length]);
    }

    /** Whether a column says yes or no: a deal, or a step or condition of one. */
    private boolean choice(int column) {
        return whole[column] && columnLower[column] == 0 && columnUpper[column] == 1;
    }

    /** The same where of the whole numbers all but those that say yes or no may be fractions. */
    Milp choices() {
        return onlyWhole(this::choice);
    }

    boolean hasWhole() {
        for (boolean each : whole) {
            if (each) {
                return true;
            }
        }
        return false;
    }

    /** The same with each yes or no as in these values. */
    Milp chosen(double[] values) {
        return held(values, this::choice);
    }

    /** The same with other bounds on one column. */
    public Milp bounded(int column, double lower, double upper) {
        double[] lowers = columnLower.clone();
        double[] uppers = columnUpper.clone();
        lowers[column] = lower;
        uppers[column] = upper;
        return with(lowers, uppers, whole);
    }

    private Milp with(double[] lower, double[] upper, boolean[] wholes) {
        return new Milp(
                lower,
                upper,
                cost,
                wholes,
                rowLower,
                rowUpper,
                rowPart,
                rowStart,
                entryColumn,
                entryValue,
                columnNames,
                rowNames);
    }

    /** A builder that begins with all of this programme. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        for (int column = 0; column < cost.length; column++) {
            builder.column(
                    columnNames.get(column), columnLower[column], columnUpper[column], cost[column], whole[column]);
        }
        for (int row = 0; row < rowLower.length; row++) {
            builder.part(rowPart[row]).row(rowNames.get(row), rowLower[row], rowUpper[row]);
            for (int entry = rowStart[row]; entry < rowStart[row + 1]; entry++) {
                builder.term(row, entryColumn[entry], entryValue[entry]);
            }
        }
        return builder.part(WHOLE);
    }

    /** Grows column by column and row by row; terms may come in any order, terms of one place add up. */
    public static final class Builder {
        private final List<String> columnNames = new ArrayList<>();
        private final List<String> rowNames = new ArrayList<>();
        private double[] columnLower = new double[64];
        private double[] columnUpper = new double[64];
        private double[] cost = new double[64];
        private boolean[] whole = new boolean[64];
        private double[] rowLower = new double[64];
        private double[] rowUpper = new double[64];
        private int[] rowPart = new int[64];
        private int part = WHOLE;
        private int[] row = new int[256];
        private int[] column = new int[256];
        private double[] value = new double[256];
        private int entries;

        public int column(String name, double lower, double upper, double costEach, boolean isWhole) {
            int index = columnNames.size();
            if (!(lower <= upper)) {
                throw new PlanException(
                        "Column %s may be from %s to %s: nothing lies between.".formatted(name, lower, upper));
            }
            if (index == cost.length) {
                columnLower = Arrays.copyOf(columnLower, index * 2);
                columnUpper = Arrays.copyOf(columnUpper, index * 2);
                cost = Arrays.copyOf(cost, index * 2);
                whole = Arrays.copyOf(whole, index * 2);
            }
            columnNames.add(name);
            columnLower[index] = lower;
            columnUpper[index] = upper;
            cost[index] = costEach;
            whole[index] = isWhole;
            return index;
        }

        /** Rows from now on are of this part; {@link #WHOLE}: of several. */
        Builder part(int of) {
            part = of;
            return this;
        }

        public int row(String name, double lower, double upper) {
            int index = rowNames.size();
            if (index == rowLower.length) {
                rowLower = Arrays.copyOf(rowLower, index * 2);
                rowUpper = Arrays.copyOf(rowUpper, index * 2);
                rowPart = Arrays.copyOf(rowPart, index * 2);
            }
            rowNames.add(name);
            rowLower[index] = lower;
            rowUpper[index] = upper;
            rowPart[index] = part;
            return index;
        }

        public int atMost(String name, double upper) {
            return row(name, Double.NEGATIVE_INFINITY, upper);
        }

        public int atLeast(String name, double lower) {
            return row(name, lower, Double.POSITIVE_INFINITY);
        }

        public Builder term(int rowIndex, int columnIndex, double coefficient) {
            if (coefficient == 0) {
                return this;
            }
            if (!Double.isFinite(coefficient)) {
                throw new PlanException("The coefficient of %s in %s is %s; it must be finite."
                        .formatted(columnNames.get(columnIndex), rowNames.get(rowIndex), coefficient));
            }
            if (entries == value.length) {
                row = Arrays.copyOf(row, entries * 2);
                column = Arrays.copyOf(column, entries * 2);
                value = Arrays.copyOf(value, entries * 2);
            }
            row[entries] = rowIndex;
            column[entries] = columnIndex;
            value[entries] = coefficient;
            entries++;
            return this;
        }

        public Builder addCost(int columnIndex, double more) {
            cost[columnIndex] += more;
            return this;
        }

        /** Replaces a column's cost. */
        public Builder cost(int columnIndex, double costEach) {
            cost[columnIndex] = costEach;
            return this;
        }

        public int columns() {
            return columnNames.size();
        }

        public int rows() {
            return rowNames.size();
        }

        public Milp build() {
            int rows = rowNames.size();
            int[] start = new int[rows + 1];
            for (int i = 0; i < entries; i++) {
                start[row[i] + 1]++;
            }
            for (int r = 0; r < rows; r++) {
                start[r + 1] += start[r];
            }
            int[] next = start.clone();
            int[] byRowColumn = new int[entries];
            double[] byRowValue = new double[entries];
            for (int i = 0; i < entries; i++) {
                int place = next[row[i]]++;
                byRowColumn[place] = column[i];
                byRowValue[place] = value[i];
            }
            return summed(start, byRowColumn, byRowValue);
        }

        /** Adds up terms of one place. */
        private Milp summed(int[] start, int[] columns, double[] values) {
            int rows = rowNames.size();
            int[] rowStart = new int[rows + 1];
            int[] seenAt = new int[columnNames.size()];
            Arrays.fill(seenAt, -1);
            int kept = 0;
            for (int r = 0; r < rows; r++) {
                int first = kept;
                for (int i = start[r]; i < start[r + 1]; i++) {
                    int at = seenAt[columns[i]];
                    if (at >= first) {
                        values[at] += values[i];
                    } else {
                        seenAt[columns[i]] = kept;
                        columns[kept] = columns[i];
                        values[kept++] = values[i];
                    }
                }
                rowStart[r + 1] = kept;
            }
            int n = columnNames.size();
            return new Milp(
                    Arrays.copyOf(columnLower, n),
                    Arrays.copyOf(columnUpper, n),
                    Arrays.copyOf(cost, n),
                    Arrays.copyOf(whole, n),
                    Arrays.copyOf(rowLower, rows),
                    Arrays.copyOf(rowUpper, rows),
                    Arrays.copyOf(rowPart, rows),
                    rowStart,
                    Arrays.copyOf(columns, kept),
                    Arrays.copyOf(values, kept),
                    List.copyOf(columnNames),
                    List.copyOf(rowNames));
        }
    }
}
