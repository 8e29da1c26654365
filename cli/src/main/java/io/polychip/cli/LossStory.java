package io.polychip.cli;

import io.polychip.report.Numbers;
import io.polychip.simulator.Report;
import java.util.List;

/**
 * What one loss did to those who asked in its first ten minutes, or in as many as were run, and to those whose answers
 * it broke, who had asked before.
 *
 * @param before share that met its objective of those who asked from 60 to 30 s before; likewise the others;
 *     not-a-number where nobody asked
 * @param afterSeconds from the loss to the end of the ten minutes or of the run
 * @param refused from a minute before to ten minutes after; likewise failed, broken and retried
 * @param recoveredSeconds from the loss until half a minute began that was as good as before, less a point, as was all
 *     that followed together; negative: not within that time
 */
record LossStory(
        String name,
        double atSeconds,
        double before,
        double firstMinute,
        double after,
        double afterSeconds,
        long arrived,
        long refused,
        long failed,
        long broken,
        long retried,
        double recoveredSeconds) {
    private static final double NEAR = 0.01;
    private static final int STEADY_BUCKETS = 6;
    private static final double TEN_MINUTES = 600;

    static LossStory of(String name, Report.OfOutage outage) {
        int start = (int) (Report.OfOutage.BEFORE_NANOS / Report.OfOutage.BUCKET_NANOS);
        int end = end(outage);
        double before = met(outage, 0, start / 2);
        double good = (Double.isNaN(before) ? 1 : before) - NEAR;
        double recovered = -1;
        for (int i = start; i + STEADY_BUCKETS <= end && recovered < 0; i++) {
            if (met(outage, i, i + STEADY_BUCKETS) >= good && met(outage, i, end) >= good) {
                recovered = (i - start) * (Report.OfOutage.BUCKET_NANOS / 1e9);
            }
        }
        return new LossStory(
                name,
                outage.outage().atNanos() / 1e9,
                before,
                met(outage, start, 2 * start),
                met(outage, start, end),
                (end - start) * (Report.OfOutage.BUCKET_NANOS / 1e9),
                sum(outage.arrived(), start, end),
                sum(outage.refused(), 0, end),
                sum(outage.failed(), 0, end),
                sum(outage.broken(), 0, end),
                sum(outage.retried(), 0, end),
                recovered);
    }

    /** Buckets until nobody asked any more. */
    static int end(Report.OfOutage outage) {
        int start = (int) (Report.OfOutage.BEFORE_NANOS / Report.OfOutage.BUCKET_NANOS);
        int end = outage.arrived().size();
        while (end > start + 1 && outage.arrived().get(end - 1) == 0) {
            end--;
        }
        return end;
    }

    String sentence() {
        boolean ten = afterSeconds > TEN_MINUTES - 10;
        String recovery = recoveredSeconds < 0
                ? "Not back to what it was within %s.".formatted(ten ? "ten minutes" : "the run")
                : recoveredSeconds == 0
                        ? refused + failed == 0 ? "Clients hardly noticed." : "No lasting effect."
                        : "Back to what it was after %s.".formatted(Numbers.clock(recoveredSeconds));
        return "%s lost at %s: objective met by %s before, %s in the first minute, %s in %s; by then %,d refused, %,d failed of which %,d broke after text was shown, %,d tried again unseen. %s"
                .formatted(
                        name,
                        Numbers.clock(atSeconds),
                        Double.isNaN(before) ? "nobody (none asked)" : Numbers.percent(before) + " of requests",
                        Double.isNaN(firstMinute) ? "nobody (none asked)" : Numbers.percent(firstMinute),
                        Double.isNaN(after) ? "nobody" : Numbers.percent(after),
                        ten ? "the first ten" : "all %s of the run after it".formatted(Numbers.clock(afterSeconds)),
                        refused,
                        failed,
                        broken,
                        retried,
                        recovery);
    }

    private static double met(Report.OfOutage outage, int from, int to) {
        long arrived = sum(outage.arrived(), from, to);
        return arrived == 0 ? Double.NaN : sum(outage.met(), from, to) / (double) arrived;
    }

    private static long sum(List<Long> values, int from, int to) {
        return values.subList(from, Math.min(to, values.size())).stream()
                .mapToLong(each -> each)
                .sum();
    }
}
