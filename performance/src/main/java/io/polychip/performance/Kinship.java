package io.polychip.performance;

import io.polychip.fleet.Deployment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.ojalgo.matrix.decomposition.Cholesky;
import org.ojalgo.matrix.store.MatrixStore;
import org.ojalgo.matrix.store.R064Store;

/**
 * What the errors of a form at some points say about its error at others: errors are alike among points that share a
 * vendor, chip, model or engine, the more so the more terms of the form they share.
 *
 * <p>Gaussian process over logarithms of measured over predicted (kriging; Rasmussen and Williams, "Gaussian Processes
 * for Machine Learning", chapter 2). Covariance of two points: one variance for every {@link Relation} they share; one
 * times the product of their shares of time for the same chip, and for the same chip and model (their coefficients
 * differ from the pooled ones); one for a deployment's own curve, falling with the distance of load and lengths. The
 * variances maximise the likelihood of the given errors under a weak prior; where there are many, of a draw that has
 * each vendor as often as it can. A point, or a whole deployment, that lies more than three sigmas from what all the
 * others say is not trusted further than it lies. How many sigmas make a band is for {@link Bands} to find.
 */
public final class Kinship {
    /** What two points may have in common. */
    public enum Relation {
        VENDOR(0.3),
        CHIP(0.2),
        MODEL(0.1),
        CHIP_AND_MODEL(0.15),
        MODEL_AND_ENGINE(0.15),
        VENDOR_AND_ENGINE(0.1),
        VENDOR_AND_EXPERTS(0.15),
        VENDOR_AND_KIND(0.1),
        DEPLOYMENT(0.15);

        private final double usual;

        Relation(double usual) {
            this.usual = usual;
        }
    }

    /**
     * A point, apart from its error.
     *
     * @param groups by {@link Relation}: two points share one when the texts are equal
     * @param shares of each term of the form in the predicted time; they add up to 1
     * @param place logarithms of load and lengths
     */
    public record Trait(List<String> groups, double[] shares, double[] place) {
        public Trait {
            groups = List.copyOf(groups);
            if (groups.size() != Relation.values().length) {
                throw new ProfileException(
                        "A point has %d relations, not %d.".formatted(Relation.values().length, groups.size()));
            }
        }

        /**
         * What a deployment shares with others at some load.
         *
         * @param load kind of load it was measured under: one way of measuring has its own error
         * @param deployment points with the same text lie on one curve
         * @param terms of the form at that load, each multiplied with its coefficient
         */
        public static Trait of(Deployment of, String load, String deployment, double[] terms, double[] place) {
            String vendor = of.chip().vendor();
            String engine = of.engine().name();
            String model = of.model().id();
            List<String> groups = List.of(
                    vendor,
                    of.chip().id(),
                    model,
                    of.chip().id() + " " + model,
                    model + " " + engine + " " + of.precision(),
                    vendor + " " + engine,
                    vendor + " " + of.model().mixtureOfExperts(),
                    vendor + " " + load,
                    deployment);
            double all = Arrays.stream(terms).sum();
            return new Trait(
                    groups, Arrays.stream(terms).map(term -> term / all).toArray(), place);
        }

        public String group(Relation relation) {
            return groups.get(relation.ordinal());
        }
    }

    private static final int RELATIONS = Relation.values().length;
    private static final int CHIP_TERMS = RELATIONS;
    private static final int MODEL_TERMS = RELATIONS + 1;
    private static final int CURVE = RELATIONS + 2;
    private static final double CHIP_TERMS_USUAL = 0.3;
    private static final double MODEL_TERMS_USUAL = 0.2;
    private static final double CURVE_USUAL = 0.15;

    /** How sure the usual sigmas are: one sigma of their logarithm. */
    private static final double USUAL_SIGMA = 0.5;

    /** Distance over which a deployment's curve forgets: a factor of 4.5 in load or length. */
    private static final double REACH = 1.5;

    /** One sigma of the same benchmark run twice: submitters differ by 3 to 6 % (median, p90 11 to 17 %). */
    private static final double NOISE = 0.06;

    private static final double OUTLIER = 3;
    private static final int OUTLIER_ROUNDS = 3;
    private static final int LEARNT_FROM = 250;
    private static final double LEAST_SIGMA = 0.01;

    private final List<Trait> points;
    private final double[] errors;
    private final double[] sigmas;
    private final R064Store weights;
    private final Cholesky<Double> factor;

    private Kinship(List<Trait> points, double[] errors, double[] sigmas) {
        this.points = List.copyOf(points);
        this.errors = errors.clone();
        this.sigmas = sigmas;
        this.factor = Cholesky.R064.make();
        this.weights = R064Store.FACTORY.make(errors.length, 1);
        if (!points.isEmpty()) {
            R064Store shared = covariance(points, sigmas);
            factor.decompose(withNoise(shared, noise(shared)));
            weights.fillMatching(factor.getSolution(R064Store.FACTORY.column(errors)));
        }
    }

    /**
     * Learns from the errors of points.
     *
     * @param errors logarithm of measured over predicted, by point
     */
    public static Kinship of(List<Trait> points, double[] errors) {
        if (points.isEmpty() || points.size() != errors.length) {
            throw new ProfileException("Kinship needs one error per point and at least one, not %d errors of %d points."
                    .formatted(errors.length, points.size()));
        }
        return new Kinship(points, errors, learnt(points, errors));
    }

    /**
     * The same with sigmas that are known, perhaps without any point, in the order of {@link Relation} and then of
     * chip, model and curve.
     */
    static Kinship of(List<Trait> points, double[] errors, double[] sigmas) {
        return new Kinship(points, errors, sigmas);
    }

    /**
     * One sigma of each thing in common, as learnt: in the order of {@link Relation}, then of chip, model and curve.
     */
    public double[] sigmas() {
        return sigmas.clone();
    }

    /** What is known of points before any of them was measured. */
    public Posterior posterior(List<Trait> targets) {
        int count = targets.size();
        R064Store cross = R064Store.FACTORY.make(points.size(), count);
        double[][] covariance = new double[count][count];
        double[] mean = new double[count];
        for (int j = 0; j < count; j++) {
            for (int i = 0; i < points.size(); i++) {
                double shared = covariance(points.get(i), targets.get(j), sigmas);
                cross.set(i, j, shared);
                mean[j] += shared * weights.doubleValue(i, 0);
            }
        }
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < count; j++) {
                covariance[i][j] = covariance(targets.get(i), targets.get(j), sigmas);
            }
        }
        if (!points.isEmpty()) {
            MatrixStore<Double> explained = cross.transpose().multiply(factor.getSolution(cross));
            for (int i = 0; i < count; i++) {
                for (int j = 0; j < count; j++) {
                    covariance[i][j] -= explained.doubleValue(i, j);
                }
            }
        }
        return new Posterior(mean, covariance);
    }

    /** Errors of some points as far as they are known; grows surer with every measured one. Not for several threads. */
    public static final class Posterior {
        private final double[] mean;
        private final double[][] covariance;

        private Posterior(double[] mean, double[][] covariance) {
            this.mean = mean;
            this.covariance = covariance;
        }

        /** Expected logarithm of measured over predicted. */
        public double mean(int point) {
            return mean[point];
        }

        /** One sigma of it, the measurement's own included. */
        public double sigma(int point) {
            return StrictMath.sqrt(Math.max(0, covariance[point][point]) + NOISE * NOISE);
        }

        /** The point whose measurement would tell most about all of them, other than those in {@code known}. */
        public int mostTelling(List<Integer> known) {
            int best = -1;
            double most = -1;
            for (int i = 0; i < mean.length; i++) {
                double told = 0;
                for (double shared : covariance[i]) {
                    told += shared * shared;
                }
                told /= covariance[i][i] + NOISE * NOISE;
                if (told > most && !known.contains(i)) {
                    most = told;
                    best = i;
                }
            }
            return best;
        }

        /** Takes in the error measured at a point. */
        public void observe(int point, double error) {
            double variance = covariance[point][point] + NOISE * NOISE;
            double surprise = error - mean[point];
            double[] shared = covariance[point].clone();
            for (int i = 0; i < mean.length; i++) {
                double gain = shared[i] / variance;
                mean[i] += gain * surprise;
                for (int j = 0; j < mean.length; j++) {
                    covariance[i][j] -= gain * shared[j];
                }
            }
        }
    }

    /** Variance of each point's own error, larger for those that the others contradict. */
    private double[] noise(R064Store shared) {
        double[] noise = new double[points.size()];
        Arrays.fill(noise, NOISE * NOISE);
        Map<String, List<Integer>> deployments = new TreeMap<>();
        for (int i = 0; i < noise.length; i++) {
            deployments
                    .computeIfAbsent(points.get(i).group(Relation.DEPLOYMENT), d -> new ArrayList<>())
                    .add(i);
        }
        for (int round = 0; round < OUTLIER_ROUNDS; round++) {
            Cholesky<Double> whole = Cholesky.R064.make();
            whole.decompose(withNoise(shared, noise));
            MatrixStore<Double> inverse = whole.getInverse();
            MatrixStore<Double> solved = inverse.multiply(R064Store.FACTORY.column(errors));
            double[] before = noise.clone();
            for (int i = 0; i < noise.length; i++) {
                double contradiction = contradiction(List.of(i), inverse, solved, before);
                noise[i] = Math.max(NOISE * NOISE, contradiction * contradiction);
            }
            for (List<Integer> deployment : deployments.values()) {
                double contradiction = contradiction(deployment, inverse, solved, before);
                for (int i : deployment) {
                    noise[i] = Math.max(noise[i], deployment.size() * contradiction * contradiction);
                }
            }
        }
        return noise;
    }

    /**
     * How far the mean of some points lies from what all others say of it, where that is too far to be chance; else 0.
     * The block of the inverse that belongs to them is the inverse of their covariance given the others.
     */
    private static double contradiction(
            List<Integer> some, MatrixStore<Double> inverse, MatrixStore<Double> solved, double[] noise) {
        int count = some.size();
        R064Store block = R064Store.FACTORY.make(count, count);
        R064Store right = R064Store.FACTORY.make(count, 1);
        for (int i = 0; i < count; i++) {
            right.set(i, 0, solved.doubleValue(some.get(i), 0));
            for (int j = 0; j < count; j++) {
                block.set(i, j, inverse.doubleValue(some.get(i), some.get(j)));
            }
        }
        Cholesky<Double> factor = Cholesky.R064.make();
        factor.decompose(block);
        MatrixStore<Double> given = factor.getInverse();
        MatrixStore<Double> left = given.multiply(right);
        double off = 0;
        double variance = 0;
        for (int i = 0; i < count; i++) {
            off += left.doubleValue(i, 0) / count;
            for (int j = 0; j < count; j++) {
                variance += given.doubleValue(i, j) / count / count;
            }
            variance += (NOISE * NOISE - noise[some.get(i)]) / count / count;
        }
        double ordinary = StrictMath.sqrt(Math.max(NOISE * NOISE / count, variance));
        return Math.abs(off) > OUTLIER * ordinary ? off : 0;
    }

    private static double[] usual() {
        double[] sigmas = new double[CURVE + 1];
        for (Relation relation : Relation.values()) {
            sigmas[relation.ordinal()] = relation.usual;
        }
        sigmas[CHIP_TERMS] = CHIP_TERMS_USUAL;
        sigmas[MODEL_TERMS] = MODEL_TERMS_USUAL;
        sigmas[CURVE] = CURVE_USUAL;
        return sigmas;
    }

    /** Coordinate search over the logarithms of the sigmas. */
    private static double[] learnt(List<Trait> points, double[] errors) {
        List<Integer> drawn = drawn(points);
        Likelihood likelihood = Likelihood.of(
                drawn.stream().map(points::get).toList(),
                drawn.stream().mapToDouble(i -> errors[i]).toArray());
        double[] sigmas = usual();
        double best = likelihood.cost(sigmas);
        for (double step = 0.5; step > 0.12; ) {
            boolean better = false;
            for (int i = 0; i < sigmas.length; i++) {
                for (double factor : new double[] {StrictMath.exp(step), StrictMath.exp(-step)}) {
                    double[] tried = sigmas.clone();
                    tried[i] *= factor;
                    double cost = tried[i] < LEAST_SIGMA ? Double.MAX_VALUE : likelihood.cost(tried);
                    if (cost < best - 1e-3) {
                        best = cost;
                        sigmas = tried;
                        better = true;
                        break;
                    }
                }
            }
            step = better ? step : step / 2;
        }
        return sigmas;
    }

    /** Vendors by turns as long as they have points, each one's in an order drawn with a fixed seed. */
    static List<Integer> drawn(List<Trait> points) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            order.add(i);
        }
        Collections.shuffle(order, new Random(LEARNT_FROM));
        Map<String, ArrayDeque<Integer>> vendors = new TreeMap<>();
        for (int i : order) {
            vendors.computeIfAbsent(points.get(i).group(Relation.VENDOR), v -> new ArrayDeque<>())
                    .add(i);
        }
        List<Integer> drawn = new ArrayList<>();
        while (drawn.size() < Math.min(LEARNT_FROM, points.size())) {
            for (ArrayDeque<Integer> vendor : vendors.values()) {
                if (!vendor.isEmpty() && drawn.size() < LEARNT_FROM) {
                    drawn.add(vendor.remove());
                }
            }
        }
        return drawn;
    }

    /**
     * Minus the logarithm of the likelihood of errors and of the sigmas themselves, but for a constant.
     *
     * @param alike by pair of points, the second not after the first: what each variance is multiplied with
     */
    private record Likelihood(double[] errors, double[][] alike) {
        static Likelihood of(List<Trait> points, double[] errors) {
            int count = points.size();
            double[][] alike = new double[count * (count + 1) / 2][];
            for (int i = 0, pair = 0; i < count; i++) {
                for (int j = 0; j <= i; j++, pair++) {
                    alike[pair] = Kinship.alike(points.get(i), points.get(j));
                }
            }
            return new Likelihood(errors, alike);
        }

        double cost(double[] sigmas) {
            int count = errors.length;
            R064Store matrix = R064Store.FACTORY.make(count, count);
            for (int i = 0, pair = 0; i < count; i++) {
                for (int j = 0; j <= i; j++, pair++) {
                    double shared = covariance(alike[pair], sigmas);
                    matrix.set(i, j, shared);
                    matrix.set(j, i, shared);
                }
                matrix.add(i, i, NOISE * NOISE);
            }
            Cholesky<Double> factor = Cholesky.R064.make();
            if (!factor.decompose(matrix)) {
                return Double.MAX_VALUE;
            }
            R064Store column = R064Store.FACTORY.column(errors);
            double cost =
                    column.transpose().multiply(factor.getSolution(column)).doubleValue(0, 0) / 2;
            MatrixStore<Double> lower = factor.getL();
            for (int i = 0; i < count; i++) {
                cost += StrictMath.log(lower.doubleValue(i, i));
            }
            double[] usual = usual();
            for (int i = 0; i < sigmas.length; i++) {
                double off = StrictMath.log(sigmas[i] / usual[i]) / USUAL_SIGMA;
                cost += off * off / 2;
            }
            return cost;
        }
    }

    private static R064Store covariance(List<Trait> points, double[] sigmas) {
        int count = points.size();
        R064Store matrix = R064Store.FACTORY.make(count, count);
        for (int i = 0; i < count; i++) {
            for (int j = 0; j <= i; j++) {
                double shared = covariance(points.get(i), points.get(j), sigmas);
                matrix.set(i, j, shared);
                matrix.set(j, i, shared);
            }
        }
        return matrix;
    }

    private static R064Store withNoise(R064Store shared, double[] noise) {
        R064Store matrix = shared.copy();
        for (int i = 0; i < noise.length; i++) {
            matrix.add(i, i, noise[i]);
        }
        return matrix;
    }

    private static double covariance(Trait a, Trait b, double[] sigmas) {
        return covariance(alike(a, b), sigmas);
    }

    private static double covariance(double[] alike, double[] sigmas) {
        double sum = 0;
        for (int i = 0; i < sigmas.length; i++) {
            sum += sigmas[i] * sigmas[i] * alike[i];
        }
        return sum;
    }

    /** How far two points share what each variance is of: 0 to 1. */
    private static double[] alike(Trait a, Trait b) {
        double[] alike = new double[CURVE + 1];
        for (int i = 0; i < RELATIONS; i++) {
            alike[i] = a.groups().get(i).equals(b.groups().get(i)) ? 1 : 0;
        }
        if (alike[Relation.CHIP.ordinal()] > 0) {
            for (int i = 0; i < a.shares().length; i++) {
                alike[CHIP_TERMS] += a.shares()[i] * b.shares()[i];
            }
            alike[MODEL_TERMS] = alike[Relation.CHIP_AND_MODEL.ordinal()] * alike[CHIP_TERMS];
        }
        if (alike[Relation.DEPLOYMENT.ordinal()] > 0) {
            double squares = 0;
            for (int i = 0; i < a.place().length; i++) {
                double apart = a.place()[i] - b.place()[i];
                squares += apart * apart;
            }
            alike[CURVE] = StrictMath.exp(-squares / (2 * REACH * REACH));
        }
        return alike;
    }
}
