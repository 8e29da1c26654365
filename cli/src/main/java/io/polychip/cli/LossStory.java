package io.polychip.cli;

import io.polychip.report.Numbers;
import io.polychip.simulator.Report;
import java.util.List;

/**
 * What one loss did to those who asked in its first ten minutes, or in as many as were run, and to those whose answers
 * it broke, who had asked before.
 *
 * @param before share that met its objective of those who asked from 60 to 30 s before; likewise the others
 * @param afterSeconds from the loss to the end of the ten minutes or of the run
 * @param refused from a minute before to ten minutes after; likewise failed, broken and retried
 * @param recoveredSeconds from the loss until half a minute began that was as good as before, less a point; negative:
 *     not within that time
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
        int end = Math.min(Report.OfOutage.BUCKETS, outage.arrived().size());
        while (end > start + 1 && outage.arrived().get(end - 1) == 0) {
            end--; // nobody asked any more
        }
        double before = met(outage, 0, start / 2);
        double recovered = -1;
        for (int i = start; i + STEADY_BUCKETS <= end && recovered < 0; i++) {
            if (sum(outage.arrived(), i, i + STEADY_BUCKETS) > 0
                    && met(outage, i, i + STEADY_BUCKETS) >= before - NEAR) {
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

    String sentence() {
        boolean ten = afterSeconds > TEN_MINUTES - 10;
        String recovery = recoveredSeconds < 0
                ? "Not back to what it was within %s.".formatted(ten ? "ten minutes" : "the run")
                : recoveredSeconds == 0
                        ? refused + failed == 0
                                ? "Clients hardly noticed."
                                : "The share that met it was back within the first half minute."
                        : "Back to what it was after %s.".formatted(Numbers.clock(recoveredSeconds));
        return "%s lost at %s: objective met by %s of requests before, %s in the first minute, %s in %s; %,d refused, %,d failed of which %,d broke after text was shown, %,d tried again unseen. %s"
                .formatted(
                        name,
                        Numbers.clock(atSeconds),
                        Numbers.percent(before),
                        Numbers.percent(firstMinute),
                        Numbers.percent(after),
                        ten ? "the first ten" : "all %s of the run after it".formatted(Numbers.clock(afterSeconds)),
                        refused,
                        failed,
                        broken,
                        retried,
                        recovery);
    }

    private static double met(Report.OfOutage outage, int from, int to) {
        long arrived = sum(outage.arrived(), from, to);
        return arrived == 0 ? 1 : sum(outage.met(), from, to) / (double) arrived;
    }

    private static long sum(List<Long> values, int from, int to) {
        return values.subList(from, Math.min(to, values.size())).stream()
                .mapToLong(each -> each)
                .sum();
    }
}
