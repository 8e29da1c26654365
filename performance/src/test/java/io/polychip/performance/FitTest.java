package io.polychip.performance;

import static io.polychip.performance.Samples.H100;
import static io.polychip.performance.Samples.LLAMA_8B;
import static io.polychip.performance.Samples.deployment;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.polychip.fleet.Deployment;
import io.polychip.fleet.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class FitTest {
    private static final double STEP = 9_000_000;
    private static final double PER_SEQUENCE = 40_000;
    private static final double PER_PROMPT_TOKEN = 30_000;
    private static final double PER_CACHED_TOKEN = 40;
    private static final double ARRIVAL = 12_000_000;

    private final Deployment h100 = deployment(LLAMA_8B, Precision.FP8, "vllm@0.15.1", H100, 1);

    @Test
    void theCoefficientsBehindNoisyPointsAreFoundAgain() {
        Fitted fitted = Fit.points(h100, grid(0.02, 1));
        StepTime time = fitted.profile().stepTime();
        assertThat(time.alphaPicos(1) / 1e3).isCloseTo(STEP + PER_SEQUENCE, within(0.06 * STEP));
        assertThat((time.alphaPicos(64) - time.alphaPicos(1)) / 63e3)
                .isCloseTo(PER_SEQUENCE, within(0.35 * PER_SEQUENCE));
        assertThat(time.tokenPicos() / 1e3).isCloseTo(PER_PROMPT_TOKEN, within(0.1 * PER_PROMPT_TOKEN));
        assertThat(time.kvPicos() / 1e3).isCloseTo(PER_CACHED_TOKEN, within(0.2 * PER_CACHED_TOKEN));
        assertThat(time.arrivalPicos() / 1e3).isCloseTo(ARRIVAL, within(0.25 * ARRIVAL));
        assertThat(fitted.fitError()).isLessThan(0.04);
        assertThat(fitted.residuals()).hasSize(16);
    }

    @Test
    void theBandHoldsWhatTheFitHasNotSeen() {
        int inside = 0;
        int all = 0;
        for (int seed = 1; seed <= 12; seed++) {
            List<MeasuredPoint> points = grid(0.06, seed);
            List<MeasuredPoint> seen = new ArrayList<>();
            List<MeasuredPoint> unseen = new ArrayList<>();
            for (int i = 0; i < points.size(); i++) {
                (i % 3 == 0 ? unseen : seen).add(points.get(i));
            }
            Fitted fitted = Fit.points(h100, seen);
            for (Fitted.Residual residual : Fit.residuals(fitted.profile(), unseen)) {
                inside += Math.abs(StrictMath.log1p(residual.itl())) <= 1.645 * fitted.band() ? 1 : 0;
                inside += Math.abs(StrictMath.log1p(residual.ttft())) <= 1.645 * fitted.band() ? 1 : 0;
                all += 2;
            }
        }
        assertThat(inside / (double) all).isBetween(0.85, 0.985);
    }

    @Test
    void fivePointsAreAlreadyCloserThanPhysicsAlone() {
        List<MeasuredPoint> points = grid(0.02, 3);
        Fitted few =
                Fit.points(h100, List.of(points.get(0), points.get(5), points.get(7), points.get(10), points.get(15)));
        assertThat(few.band()).isLessThan(0.25);
        double error = 0;
        for (Fitted.Residual residual : Fit.residuals(few.profile(), points)) {
            error += Math.abs(residual.itl());
        }
        assertThat(error / points.size()).isLessThan(0.10);
    }

    @Test
    void aPointAloneMovesTheWholeFormAndKeepsAWideBand() {
        MeasuredPoint point = new MeasuredPoint(8, 1000, 200, 0, 20_000_000, "test 2026-01");
        Fitted fitted = Fit.points(h100, List.of(point));
        assertThat(fitted.residuals().getFirst().itl()).isCloseTo(0, within(0.05));
        assertThat(fitted.residuals().getFirst().ttft()).isNaN();
        assertThat(fitted.band()).isGreaterThan(0.2);
        assertThat(fitted.heldOutError()).isNaN();
        assertThat(fitted.profile().source().date()).isEqualTo("2026-01");
    }

    @Test
    void theEntryCompilesToTheSameProfile() {
        Fitted fitted = Fit.points(h100, grid(0.02, 1));
        StepTime time = fitted.profile().stepTime();
        long[] table = Profiles.table(
                fitted.entry().batchSizes(),
                fitted.entry().stepPicos(),
                fitted.profile().batching());
        assertThat(table[0]).isEqualTo(time.alphaPicos(0));
        assertThat(table[40]).isCloseTo(time.alphaPicos(40), within(2L));
        assertThat((double) table[200]).isCloseTo((double) time.alphaPicos(200), within(1e-3 * time.alphaPicos(200)));
    }

    @Test
    void badPointsSayWhatIsWrongAndWhatToTry() {
        assertThatThrownBy(() -> Fit.points(h100, List.of()))
                .isInstanceOf(ProfileException.class)
                .hasMessageContaining("at least 1 measured point");
        assertThatThrownBy(() -> new MeasuredPoint(0, 10, 10, 1, 1, "x")).hasMessageContaining("not 0, 10 and 10");
        assertThatThrownBy(() -> new MeasuredPoint(1, 10, 10, 0, 0, "x")).hasMessageContaining("did not stream");
        assertThatThrownBy(() -> new MeasuredPoint(1, 10, 1, 0, 5, "x")).hasMessageContaining("ask for more tokens");
        Batching few = Dialect.of("vllm").batching().withMaxSequences(4);
        assertThatThrownBy(() -> Fit.points(h100, few, 0, grid(0, 1)))
                .isInstanceOf(ProfileException.class)
                .hasMessageContaining("Maybe measure at most 4");
    }

    @Test
    void leastSquaresKeepAHarmfulTermAtZero() {
        LeastSquares squares = new LeastSquares(2);
        for (int i = 1; i <= 10; i++) {
            squares.add(new double[] {1e9, i}, 5e9 - 2 * i, 1);
        }
        double[] x = squares.solve();
        assertThat(x[1]).isZero();
        assertThat(x[0]).isCloseTo(5, within(1e-6));
    }

    /** 4 concurrencies x 4 shapes of a known form, with the multiplicative noise of a measurement. */
    private static List<MeasuredPoint> grid(double noise, int seed) {
        Random random = new Random(seed);
        List<MeasuredPoint> points = new ArrayList<>();
        int[][] shapes = {{128, 128}, {1000, 200}, {3000, 100}, {500, 1000}};
        for (int n : new int[] {1, 4, 16, 64}) {
            for (int[] shape : shapes) {
                double prompt = PER_PROMPT_TOKEN * shape[0];
                double step = STEP + PER_SEQUENCE * n + PER_CACHED_TOKEN * n * (shape[0] + shape[1] / 2.0);
                double itl = step + prompt * (n - 1) / shape[1];
                double ttft = itl;
                for (int round = 0; round < 100; round++) {
                    double others = (n - 1) * ttft / (ttft + shape[1] * itl);
                    ttft = ARRIVAL + (n == 1 ? STEP / 2 : 1.5 * step) + prompt * (1 + others);
                }
                points.add(new MeasuredPoint(
                        n,
                        shape[0],
                        shape[1],
                        Math.round(ttft * StrictMath.exp(noise * random.nextGaussian())),
                        Math.round(itl * StrictMath.exp(noise * random.nextGaussian())),
                        "synthetic 2026-01"));
            }
        }
        return points;
    }
}
