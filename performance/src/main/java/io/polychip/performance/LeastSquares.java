package io.polychip.performance;

import java.util.ArrayList;
import java.util.List;
import org.ojalgo.matrix.store.R064Store;
import org.ojalgo.optimisation.Optimisation;
import org.ojalgo.optimisation.convex.ConvexSolver;

/**
 * Weighted least squares over non-negative unknowns: times cannot be negative, and a form whose terms may not cancel
 * each other predicts better outside the points it saw. Solved as a convex quadratic programme by ojAlgo's active-set
 * method. Rows are accumulated; a dozen unknowns and hundreds of rows take a few milliseconds.
 */
public final class LeastSquares {
    private final int unknowns;
    private final List<double[]> rows = new ArrayList<>();
    private final List<Double> wanted = new ArrayList<>();

    public LeastSquares(int unknowns) {
        this.unknowns = unknowns;
    }

    /** Asks that {@code row . x = value}, give or take {@code sigma}. */
    public void add(double[] row, double value, double sigma) {
        if (row.length != unknowns || !(sigma > 0) || !Double.isFinite(value)) {
            throw new ProfileException("A row of %d terms, value %s and sigma %s does not fit %d unknowns."
                    .formatted(row.length, value, sigma, unknowns));
        }
        double[] scaled = new double[unknowns];
        for (int i = 0; i < unknowns; i++) {
            scaled[i] = row[i] / sigma;
        }
        rows.add(scaled);
        wanted.add(value / sigma);
    }

    /** The non-negative x that fits best. Columns are brought to one size first, so units do not matter. */
    public double[] solve() {
        double[] size = new double[unknowns];
        for (double[] row : rows) {
            for (int i = 0; i < unknowns; i++) {
                size[i] += row[i] * row[i];
            }
        }
        R064Store quadratic = R064Store.FACTORY.make(unknowns, unknowns);
        R064Store linear = R064Store.FACTORY.make(unknowns, 1);
        R064Store negative = R064Store.FACTORY.make(unknowns, unknowns);
        for (int i = 0; i < unknowns; i++) {
            size[i] = size[i] > 0 ? StrictMath.sqrt(size[i]) : 1;
            negative.set(i, i, -1);
        }
        for (int r = 0; r < rows.size(); r++) {
            double[] row = rows.get(r);
            for (int i = 0; i < unknowns; i++) {
                double a = row[i] / size[i];
                linear.add(i, 0, a * wanted.get(r));
                for (int j = 0; j < unknowns; j++) {
                    quadratic.add(i, j, a * row[j] / size[j]);
                }
            }
        }
        for (int i = 0; i < unknowns; i++) {
            quadratic.add(i, i, 1e-12); // an unknown no row speaks of stays at 0
        }
        Optimisation.Result result = ConvexSolver.newBuilder()
                .objective(quadratic, linear)
                .inequalities(negative, R064Store.FACTORY.make(unknowns, 1))
                .solve();
        if (!result.getState().isFeasible()) {
            throw new ProfileException(
                    "No fit was found over %d rows (%s). Maybe add points of other concurrencies and lengths."
                            .formatted(rows.size(), result.getState()));
        }
        double[] x = new double[unknowns];
        for (int i = 0; i < unknowns; i++) {
            x[i] = Math.max(0, result.doubleValue(i)) / size[i];
        }
        return x;
    }
}
