package io.polychip.load;

import io.polychip.fleet.Objective;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/**
 * Running figures of a replay. Memory does not grow with the number of requests. Not thread-safe: written by the one
 * loop that replays.
 *
 * <p>Goodput counts answer tokens of requests that met both limits of the objective; a failed or refused request meets
 * nothing.
 */
public final class ReplayReport {
    private static final long HIGHEST_MICROS = 3_600_000_000L;

    private final Objective objective;
    private final Histogram ttft = new Histogram(HIGHEST_MICROS, 3);
    private final Histogram itl = new Histogram(HIGHEST_MICROS, 3);
    private final Histogram e2e = new Histogram(HIGHEST_MICROS, 3);
    private final Histogram lag = new Histogram(HIGHEST_MICROS, 3);
    private final Map<String, Long> outcomes = new TreeMap<>();
    private final Map<String, Route> routes = new TreeMap<>();
    private long sent;
    private long done;
    private long met;
    private long promptTokens;
    private long completionTokens;
    private long goodTokens;
    private long late;
    private long firstDueNanos = Long.MAX_VALUE;
    private long lastEndNanos;

    public ReplayReport(Objective objective) {
        this.objective = objective;
    }

    /** @param lagNanos how far behind its due time the request left this process */
    void sent(long dueNanos, long lagNanos) {
        sent++;
        firstDueNanos = Math.min(firstDueNanos, dueNanos);
        lag.recordValue(micros(lagNanos));
        if (lagNanos > 1_000_000) {
            late++;
        }
    }

    void ended(Answer answer) {
        done++;
        outcomes.merge(answer.outcome(), 1L, Long::sum);
        lastEndNanos = Math.max(lastEndNanos, answer.dueNanos() + answer.e2eNanos());
        Route route = routes.computeIfAbsent(answer.route(), name -> new Route());
        route.requests++;
        if (!answer.ok()) {
            return;
        }
        promptTokens += answer.promptTokens();
        completionTokens += answer.completionTokens();
        route.promptTokens += answer.promptTokens();
        route.completionTokens += answer.completionTokens();
        e2e.recordValue(micros(answer.e2eNanos()));
        if (answer.ttftNanos() >= 0) {
            ttft.recordValue(micros(answer.ttftNanos()));
            route.ttft.recordValue(micros(answer.ttftNanos()));
        }
        if (answer.itlNanos() >= 0) {
            itl.recordValue(micros(answer.itlNanos()));
            route.itl.recordValue(micros(answer.itlNanos()));
        }
        if (answer.ttftNanos() <= objective.ttftNanos(answer.promptTokens())
                && answer.itlNanos() <= objective.itlNanos()) {
            met++;
            goodTokens += answer.completionTokens();
            route.goodTokens += answer.completionTokens();
        }
    }

    private static long micros(long nanos) {
        return Math.clamp(nanos / 1000, 0, HIGHEST_MICROS);
    }

    public long sent() {
        return sent;
    }

    public long done() {
        return done;
    }

    public long failed() {
        return done - hungUp() - outcomes.getOrDefault(Answer.OK, 0L);
    }

    /** Requests whose client hung up on purpose. */
    public long hungUp() {
        return outcomes.getOrDefault(Answer.HUNG_UP, 0L);
    }

    /** Share of all ended requests, refused and failed ones included, that met the objective; not of those hung up. */
    public double attainment() {
        long stayed = done - hungUp();
        return stayed == 0 ? 0 : (double) met / stayed;
    }

    public long goodTokens() {
        return goodTokens;
    }

    public long completionTokens() {
        return completionTokens;
    }

    public long promptTokens() {
        return promptTokens;
    }

    /** Requests that left more than a millisecond after they were due. */
    public long late() {
        return late;
    }

    /** From the first request due to the last answer's end. */
    public double seconds() {
        return done == 0 ? 0 : (lastEndNanos - firstDueNanos) / 1e9;
    }

    public Map<String, Long> outcomes() {
        return Map.copyOf(outcomes);
    }

    /** By pool, from the route header of a gateway that discloses it; one entry with an empty name otherwise. */
    public Map<String, Route> routes() {
        return new TreeMap<>(routes);
    }

    /** In milliseconds. */
    public double ttftMillis(double percentile) {
        return ttft.getValueAtPercentile(percentile) / 1e3;
    }

    public double itlMillis(double percentile) {
        return itl.getValueAtPercentile(percentile) / 1e3;
    }

    /** Mean of the times to first token, in milliseconds; 0 without any. */
    public double meanTtftMillis() {
        return ttft.getMean() / 1e3;
    }

    /** Mean over answers of each one's mean time between tokens. */
    public double meanItlMillis() {
        return itl.getMean() / 1e3;
    }

    public double meanE2eMillis() {
        return e2e.getMean() / 1e3;
    }

    public double e2eMillis(double percentile) {
        return e2e.getValueAtPercentile(percentile) / 1e3;
    }

    public double lagMillis(double percentile) {
        return lag.getValueAtPercentile(percentile) / 1e3;
    }

    /** What one pool carried. */
    public static final class Route {
        private final Histogram ttft = new Histogram(HIGHEST_MICROS, 2);
        private final Histogram itl = new Histogram(HIGHEST_MICROS, 2);
        private long requests;
        private long promptTokens;
        private long completionTokens;
        private long goodTokens;

        public long requests() {
            return requests;
        }

        public double ttftMillis(double percentile) {
            return ttft.getValueAtPercentile(percentile) / 1e3;
        }

        public double itlMillis(double percentile) {
            return itl.getValueAtPercentile(percentile) / 1e3;
        }

        public long promptTokens() {
            return promptTokens;
        }

        public long completionTokens() {
            return completionTokens;
        }

        public long goodTokens() {
            return goodTokens;
        }
    }
}
