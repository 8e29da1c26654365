package io.polychip.performance;

import io.polychip.fleet.Deployment;
import io.polychip.fleet.ProfileEntry;
import io.polychip.fleet.Source;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns measured points into a profile by non-negative least squares on relative errors.
 *
 * <p>What few points leave open is drawn towards the physical form of that chip and model: all of its coefficients
 * together by a common factor (one sigma: 1), each for itself by half as much. A handful of points thus moves the whole
 * form, and enough of them outvote it. Where chip or model is unknown to physics the shortest measured times take its
 * place. Timing of a measurement is taken to be good to 3 %.
 *
 * <p>Bare decode steps, where they were seen, say what a batch costs: then the form's own rise from batch to batch,
 * which leaves out what hosts and samplers add, hardly counts.
 *
 * <p>The band is the error at points left out of the fit, one after the other, at least 5 %; with fewer than four
 * points the physical form's own band, narrowed by what they add.
 */
public final class Fit {
    private static final double MEASUREMENT_SIGMA = 0.03;
    /** Of a mean over many bare steps: nothing waits in it, so only the clock and other work blur it. */
    private static final double STEP_SIGMA = 0.01;

    private static final double SHAPE_SIGMA = 0.5;
    /** The same of reading caches and of attention where physics knows nothing: only their size is guessed. */
    private static final double GUESS_SIGMA = 50;

    private static final double SCALE_SIGMA = 1;
    private static final double LEAST_BAND = 0.05;
    private static final int MOST_KNOTS = 6;
    private static final double PICOS_PER_NANO = 1000;
    private static final double PICOS = 1e12;

    private final Deployment deployment;
    private final Batching batching;
    private final int[] knots;
    private final ClosedLoad load;
    private final StepTime prior;
    private final double priorBand;
    private final boolean physical;
    private final List<MeasuredStep> steps;

    private Fit(Deployment deployment, Batching batching, List<MeasuredPoint> points, List<MeasuredStep> steps) {
        this.steps = List.copyOf(steps);
        this.deployment = deployment;
        this.batching = batching;
        this.knots = knots(points);
        this.load = new ClosedLoad(knots, batching.chunkedPrefill() ? batching.stepTokens() : Integer.MAX_VALUE);
        PhysicalForm physics = new PhysicalForm(deployment);
        Dialect dialect = Dialect.of(deployment.engine().name());
        this.physical = physics.known();
        this.prior = physical ? physics.stepTime(batching, dialect.arrivalPicos()) : guess(batching, points);
        this.priorBand = physical ? physics.band() : 1;
    }

    /** A profile of a deployment that batches as its engine does by default. */
    public static Fitted points(Deployment deployment, List<MeasuredPoint> points) {
        Batching batching = Dialect.of(deployment.engine().name()).batching();
        int most = points.stream().mapToInt(MeasuredPoint::concurrency).max().orElse(1);
        return points(deployment, batching.withMaxSequences(Math.max(batching.maxSequences(), most)), 0, points);
    }

    /**
     * A profile from points of a closed load.
     *
     * @param kvTokens cache capacity of the replica, 0: as the chip's memory and the engine's habits leave
     */
    public static Fitted points(Deployment deployment, Batching batching, long kvTokens, List<MeasuredPoint> points) {
        return points(deployment, batching, kvTokens, points, List.of());
    }

    /**
     * A profile from points of a closed load and from bare decode steps seen in it.
     *
     * @param steps of batch sizes that points have too; they say what a batch costs without a prompt in the way
     */
    public static Fitted points(
            Deployment deployment,
            Batching batching,
            long kvTokens,
            List<MeasuredPoint> points,
            List<MeasuredStep> steps) {
        if (points.isEmpty()) {
            throw new ProfileException("A fit needs at least 1 measured point; 8 to 16 over several concurrencies and"
                    + " prompt lengths make a good one.");
        }
        int most = points.stream().mapToInt(MeasuredPoint::concurrency).max().orElse(1);
        if (most > batching.maxSequences()) {
            throw new ProfileException(("A point has %d requests under way but the engine decodes %d at once: the rest"
                            + " would wait. Maybe measure at most %d.")
                    .formatted(most, batching.maxSequences(), batching.maxSequences()));
        }
        return new Fit(deployment, batching, points, steps).fitted(points, kvTokens);
    }

    /** What a profile predicts for points of a closed load, against what was measured. */
    public static List<Fitted.Residual> residuals(Profile profile, List<MeasuredPoint> points) {
        Fit fit = new Fit(profile.deployment(), profile.batching(), points, List.of());
        StepTime time = profile.stepTime();
        double[] x = new double[fit.load.unknowns()];
        x[ClosedLoad.ARRIVAL] = time.arrivalPicos();
        x[ClosedLoad.PROMPT_STEP] = time.alphaPicos(0);
        x[ClosedLoad.TOKEN] = time.tokenPicos();
        x[ClosedLoad.PAIR] = time.pairPicos();
        x[ClosedLoad.KV] = time.kvPicos();
        for (int j = 0; j < fit.knots.length; j++) {
            x[ClosedLoad.FIRST_ALPHA + j] =
                    time.alphaPicos(fit.knots[j]) - (j == 0 ? 0 : time.alphaPicos(fit.knots[j - 1]));
        }
        return points.stream().map(point -> fit.residual(x, point)).toList();
    }

    private Fitted fitted(List<MeasuredPoint> points, long kvTokens) {
        double[] x = solve(points);
        List<Fitted.Residual> residuals =
                points.stream().map(p -> residual(x, p)).toList();
        double fitError = rootMeanSquare(residuals);
        double heldOut = heldOutError(points);
        double band = Double.isNaN(heldOut)
                ? Math.max(Math.max(LEAST_BAND, fitError), priorBand / StrictMath.sqrt(1 + points.size()))
                : Math.max(LEAST_BAND, heldOut);
        String provenance = provenance(points, fitError, heldOut);
        StepTime stepTime = stepTime(x);
        long memory = kvTokens > 0 ? kvTokens : Memory.of(deployment).kvTokens();
        long blocks = Math.max(1, memory / batching.blockTokens());
        Source source = source(points);
        Profile profile = new Profile(
                deployment,
                stepTime,
                batching,
                blocks * batching.blockTokens(),
                band,
                Profile.Evidence.MEASURED,
                source);
        return new Fitted(
                profile,
                entry(stepTime, kvTokens, band, provenance, source),
                residuals,
                fitError,
                heldOut,
                band,
                provenance);
    }

    /** Whether a lone prompt is hidden behind the reading of weights depends on the result, hence three rounds. */
    private double[] solve(List<MeasuredPoint> points) {
        double[] x = priorVector();
        for (int round = 0; round < 3; round++) {
            x = solve(points, x);
        }
        return x;
    }

    private double[] solve(List<MeasuredPoint> points, double[] before) {
        double[] expected = priorVector();
        int unknowns = load.unknowns();
        LeastSquares squares = new LeastSquares(unknowns + 1);
        for (MeasuredPoint point : points) {
            if (point.itlNanos() > 0) {
                squares.add(wide(load.itlRow(point)), picos(point.itlNanos()), sigma(point.itlNanos()));
            }
            if (point.ttftNanos() > 0) {
                double[] row = load.ttftRow(point, floored(before, point));
                squares.add(wide(row), picos(point.ttftNanos()), sigma(point.ttftNanos()));
            }
        }
        for (MeasuredStep step : steps) {
            double[] row = new double[unknowns + 1];
            load.alpha(row, step.sequences(), 1);
            row[ClosedLoad.KV] = step.kvTokens();
            double picos = step.nanos() * PICOS_PER_NANO;
            squares.add(row, picos, STEP_SIGMA * picos);
        }
        for (int i = 0; i < unknowns; i++) {
            double[] row = new double[unknowns + 1];
            boolean rise = i > ClosedLoad.FIRST_ALPHA && !steps.isEmpty();
            double unit = rise ? Math.max(expected[i], expected[ClosedLoad.FIRST_ALPHA]) : expected[i];
            row[i] = 1 / unit;
            row[unknowns] = i == ClosedLoad.ARRIVAL ? 0 : -expected[i] / unit;
            squares.add(row, i == ClosedLoad.ARRIVAL ? 1 : 0, priorSigma(i));
        }
        double[] scale = new double[unknowns + 1];
        scale[unknowns] = 1;
        squares.add(scale, 1, SCALE_SIGMA);
        return Arrays.copyOf(squares.solve(), unknowns);
    }

    private double priorSigma(int unknown) {
        return switch (unknown) {
            case ClosedLoad.ARRIVAL -> SCALE_SIGMA;
            case ClosedLoad.PAIR, ClosedLoad.KV -> physical ? SHAPE_SIGMA : GUESS_SIGMA;
            default -> SHAPE_SIGMA;
        };
    }

    private static boolean floored(double[] x, MeasuredPoint point) {
        double tokens = point.promptTokens();
        return x[ClosedLoad.PROMPT_STEP] + x[ClosedLoad.TOKEN] * tokens + x[ClosedLoad.PAIR] * tokens * tokens / 2
                < x[ClosedLoad.FIRST_ALPHA];
    }

    private Fitted.Residual residual(double[] x, MeasuredPoint point) {
        double itl = point.itlNanos() == 0 ? Double.NaN : dot(load.itlRow(point), x) / picos(point.itlNanos()) - 1;
        double ttft = point.ttftNanos() == 0
                ? Double.NaN
                : dot(load.ttftRow(point, floored(x, point)), x) / picos(point.ttftNanos()) - 1;
        return new Fitted.Residual(point, ttft, itl);
    }

    private double heldOutError(List<MeasuredPoint> points) {
        if (points.size() < 4) {
            return Double.NaN;
        }
        List<Fitted.Residual> residuals = new ArrayList<>();
        for (int i = 0; i < points.size(); i++) {
            List<MeasuredPoint> others = new ArrayList<>(points);
            MeasuredPoint left = others.remove(i);
            residuals.add(residual(solve(others), left));
        }
        return rootMeanSquare(residuals);
    }

    private static double rootMeanSquare(List<Fitted.Residual> residuals) {
        double squares = 0;
        int count = 0;
        for (Fitted.Residual residual : residuals) {
            for (double error : new double[] {residual.ttft(), residual.itl()}) {
                if (!Double.isNaN(error)) {
                    squares += error * error;
                    count++;
                }
            }
        }
        return StrictMath.sqrt(squares / count);
    }

    private double[] priorVector() {
        double[] x = new double[load.unknowns()];
        x[ClosedLoad.ARRIVAL] = Math.max(1e9, (double) prior.arrivalPicos());
        x[ClosedLoad.PROMPT_STEP] = Math.max(1e8, (double) prior.alphaPicos(0));
        x[ClosedLoad.TOKEN] = Math.max(1e3, (double) prior.tokenPicos());
        x[ClosedLoad.PAIR] = Math.max(1.0, (double) prior.pairPicos());
        x[ClosedLoad.KV] = Math.max(1.0, (double) prior.kvPicos());
        for (int j = 0; j < knots.length; j++) {
            long rise = prior.alphaPicos(knots[j]) - (j == 0 ? 0 : prior.alphaPicos(knots[j - 1]));
            x[ClosedLoad.FIRST_ALPHA + j] = Math.max(1e6, (double) rise);
        }
        return x;
    }

    /**
     * Beyond the largest measured batch the table rises as the physical form does, by the same factor as at its end.
     */
    private StepTime stepTime(double[] x) {
        long[] alpha = new long[batching.maxSequences() + 1];
        alpha[0] = Math.round(x[ClosedLoad.PROMPT_STEP]);
        int last = knots[knots.length - 1];
        for (int n = 1; n < alpha.length; n++) {
            double[] row = new double[load.unknowns()];
            load.alpha(row, n, 1);
            alpha[n] = Math.max(1, Math.round(dot(row, x)));
        }
        double factor = alpha[last] / (double) prior.alphaPicos(last);
        for (int n = last + 1; n < alpha.length; n++) {
            alpha[n] = alpha[last] + Math.round(factor * (prior.alphaPicos(n) - prior.alphaPicos(last)));
        }
        return new StepTime(
                alpha,
                Math.round(x[ClosedLoad.TOKEN]),
                Math.round(x[ClosedLoad.PAIR]),
                Math.round(x[ClosedLoad.KV]),
                Math.round(x[ClosedLoad.ARRIVAL]),
                Math.max(alpha[0], alpha[1]));
    }

    private ProfileEntry entry(StepTime time, long kvTokens, double band, String provenance, Source source) {
        List<Integer> sizes = new ArrayList<>(List.of(0));
        Arrays.stream(knots).forEach(sizes::add);
        if (sizes.getLast() < batching.maxSequences()) {
            sizes.add(batching.maxSequences());
        }
        return new ProfileEntry(
                deployment.model().id(),
                deployment.chip().id(),
                deployment.precision(),
                deployment.engine(),
                deployment.layout(),
                sizes,
                sizes.stream().map(time::alphaPicos).toList(),
                time.tokenPicos(),
                time.pairPicos(),
                time.kvPicos(),
                time.arrivalPicos(),
                time.floorPicos(),
                batching.maxSequences(),
                batching.stepTokens(),
                kvTokens,
                band,
                provenance,
                source);
    }

    private static String provenance(List<MeasuredPoint> points, double fitError, double heldOut) {
        String error = "fitted to %d points with an error of %.1f %% (root mean square)"
                .formatted(points.size(), fitError * 100);
        return Double.isNaN(heldOut) ? error : error + ", %.1f %% at points left out".formatted(heldOut * 100);
    }

    private static Source source(List<MeasuredPoint> points) {
        String origin = points.stream()
                .map(MeasuredPoint::source)
                .distinct()
                .limit(3)
                .reduce((a, b) -> a + "; " + b)
                .orElse("");
        @Nullable
        String date =
                points.stream().map(MeasuredPoint::date).max(String::compareTo).orElse("");
        return new Source(origin, date, points.size() < 4 ? Source.Confidence.MEDIUM : Source.Confidence.HIGH);
    }

    /** At most {@value #MOST_KNOTS} of the measured batch sizes, first and last included. */
    private static int[] knots(List<MeasuredPoint> points) {
        int[] sizes = points.stream()
                .mapToInt(MeasuredPoint::concurrency)
                .sorted()
                .distinct()
                .toArray();
        if (sizes.length <= MOST_KNOTS) {
            return sizes;
        }
        int[] chosen = new int[MOST_KNOTS];
        Arrays.setAll(chosen, i -> sizes[i * (sizes.length - 1) / (MOST_KNOTS - 1)]);
        return chosen;
    }

    /**
     * Where physics knows nothing: half the shortest step seen, and prompts at the speed of the shortest first token.
     */
    private static StepTime guess(Batching batching, List<MeasuredPoint> points) {
        double step = PICOS;
        double token = PICOS;
        for (MeasuredPoint point : points) {
            step = Math.min(step, point.itlNanos() > 0 ? picos(point.itlNanos()) : step);
            token = Math.min(token, point.ttftNanos() > 0 ? picos(point.ttftNanos()) / point.promptTokens() : token);
        }
        long[] alpha = new long[batching.maxSequences() + 1];
        double first = step;
        Arrays.setAll(alpha, n -> Math.round(first * (n == 0 ? 0.5 : 1 + n / 64.0)));
        return new StepTime(
                alpha,
                Math.round(token),
                Math.round(token / 1e5),
                Math.round(step / 1e5),
                Math.round(step / 10),
                alpha[1]);
    }

    private static double[] wide(double[] row) {
        return Arrays.copyOf(row, row.length + 1);
    }

    private static double sigma(long nanos) {
        return MEASUREMENT_SIGMA * picos(nanos);
    }

    private static double picos(long nanos) {
        return nanos * PICOS_PER_NANO;
    }

    private static double dot(double[] row, double[] x) {
        double sum = 0;
        for (int i = 0; i < row.length; i++) {
            sum += row[i] * x[i];
        }
        return sum;
    }
}
