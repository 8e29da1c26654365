package io.polychip.planner;

import java.util.Arrays;

/** A linear expression over a programme's columns, as it is put together. */
final class Sum {
    private int[] columns = new int[8];
    private double[] factors = new double[8];
    private int size;

    Sum add(int column, double factor) {
        if (size == columns.length) {
            columns = Arrays.copyOf(columns, size * 2);
            factors = Arrays.copyOf(factors, size * 2);
        }
        columns[size] = column;
        factors[size++] = factor;
        return this;
    }

    Sum add(Sum other, double factor) {
        for (int i = 0; i < other.size; i++) {
            add(other.columns[i], other.factors[i] * factor);
        }
        return this;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Adds {@code factor} times this to a row. */
    void into(Milp.Builder builder, int row, double factor) {
        for (int i = 0; i < size; i++) {
            builder.term(row, columns[i], factors[i] * factor);
        }
    }

    /** Adds {@code factor} times this to the cost. */
    void cost(Milp.Builder builder, double factor) {
        for (int i = 0; i < size; i++) {
            builder.addCost(columns[i], factors[i] * factor);
        }
    }

    double value(double[] values) {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += factors[i] * values[columns[i]];
        }
        return sum;
    }
}
