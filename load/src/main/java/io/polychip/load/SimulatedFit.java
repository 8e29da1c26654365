package io.polychip.load;

import io.polychip.fleet.Deployment;
import io.polychip.performance.Batching;
import io.polychip.performance.Fit;
import io.polychip.performance.Fitted;
import io.polychip.performance.MeasuredPoint;
import io.polychip.performance.MeasuredStep;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Fits a profile so that the simulator, run with it, repeats the measured cells.
 *
 * <p>{@link Fit} solves a closed form of a closed load, which is linear but only nearly what an engine does: prompts
 * wait for each other, phases bunch. So each fit is simulated, and every point is divided by what the simulation and
 * the closed form differ by there; a few rounds, and the best of them is kept.
 */
final class SimulatedFit {
    /** Enough for a profile that is kept. */
    static final int THOROUGH = 6;

    /** Enough to tell how long a cell will take. */
    static final int ROUGH = 1;

    private static final double DAMPING = 0.7;
    private static final double MOST_CORRECTION = 4;

    private SimulatedFit() {}

    static Fitted fit(
            Deployment deployment,
            Batching batching,
            long kvTokens,
            List<CellResult> cells,
            List<MeasuredStep> bursts,
            String source,
            int rounds) {
        List<MeasuredPoint> measured =
                cells.stream().map(cell -> cell.point(source)).toList();
        int most =
                cells.stream().mapToInt(cell -> cell.cell().concurrency()).max().orElse(1);
        List<MeasuredStep> steps = Stream.concat(
                        bursts.stream().filter(step -> step.sequences() <= most),
                        cells.stream().map(CellResult::step).filter(Objects::nonNull))
                .toList();
        List<MeasuredPoint> points = measured;
        Fitted best = Fit.points(deployment, batching, kvTokens, points, steps);
        double least = Double.POSITIVE_INFINITY;
        for (int round = 0; round < rounds; round++) {
            Fitted fitted = round == 0 ? best : Fit.points(deployment, batching, kvTokens, points, steps);
            List<MeasuredPoint> next = new ArrayList<>();
            double squares = 0;
            for (int i = 0; i < cells.size(); i++) {
                CellTally.Timing simulated = simulate(fitted, cells.get(i));
                MeasuredPoint truth = measured.get(i);
                squares += square(simulated.ttftNanos() / truth.ttftNanos());
                squares += square(simulated.itlNanos() / truth.itlNanos());
                MeasuredPoint point = points.get(i);
                Fitted.Residual residual = fitted.residuals().get(i);
                next.add(new MeasuredPoint(
                        point.concurrency(),
                        point.promptTokens(),
                        point.outputTokens(),
                        corrected(
                                point.ttftNanos(),
                                truth.ttftNanos(),
                                simulated.ttftNanos() / (point.ttftNanos() * (1 + residual.ttft()))),
                        corrected(
                                point.itlNanos(),
                                truth.itlNanos(),
                                simulated.itlNanos() / (point.itlNanos() * (1 + residual.itl()))),
                        source));
            }
            if (squares < least) {
                least = squares;
                best = fitted;
            }
            points = next;
        }
        return best;
    }

    static CellTally.Timing simulate(Fitted fitted, CellResult cell) {
        return ClosedLoop.run(fitted.profile(), cell.asMeasured(), cell.timing().answers())
                .timing();
    }

    private static double square(double ratio) {
        double log = Math.log(ratio);
        return log * log;
    }

    /** Part of the way from where a point was to where the closed form's error would be made good. */
    private static long corrected(long before, long truth, double formError) {
        double wanted = truth / Math.clamp(formError, 1 / MOST_CORRECTION, MOST_CORRECTION);
        return Math.max(1, Math.round(before * Math.pow(wanted / before, DAMPING)));
    }
}
