package io.polychip.planner;

import io.polychip.fleet.Objective;
import io.polychip.performance.Batching;
import io.polychip.performance.Profile;
import io.polychip.performance.StepTime;
import org.jspecify.annotations.Nullable;

/**
 * How many requests of one kind a replica serves at an objective: a search over its batch, from the profile's step
 * times.
 *
 * <p>With {@code n} sequences decoding on average, prompts of {@code P} and answers of {@code O} tokens, a decode step
 * takes {@code D(n) = alpha(n) + delta n (P + O/2)} and a prompt adds {@code W = beta P + eta P^2 / 2}. Each step
 * {@code n/O} answers end and as many prompts come in, so a step takes {@code D + n W / O} and the replica serves
 * {@code n / (O D + n W)} a second. How many are inside at once is taken as Poisson's, so that each limit is held at
 * {@code n + z sqrt(n)}: sequences, cache, time between tokens ({@code D + W (n + z sqrt n) / O}). The first token
 * waits for the step in flight, its own step and the prompts before it, an M/D/1 queue whose tail falls as {@code rho
 * exp(-2 (1 - rho) t / W)} (heavy traffic, Kingman 1961).
 *
 * @param perSecond 0 where even a lone request misses
 * @param batch sequences decoding on average
 * @param ttftNanos of all but the share that may miss; where nothing is served, of a lone request
 * @param itlNanos likewise
 */
public record ReplicaRate(double perSecond, double batch, double ttftNanos, double itlNanos, Limit limit) {
    /** What stops a replica from serving more. */
    public enum Limit {
        TTFT,
        ITL,
        SEQUENCES,
        CACHE
    }

    /** Share of requests that must keep the objective, refusals counted as misses, before the class asks for more. */
    public static final double KEPT = 0.995;

    /** Deviations beyond the mean that all but {@link #KEPT} stay below. */
    private static final double DEVIATIONS = 2.58;

    private static final double PICOS_PER_NANO = 1000;
    private static final double PICOS_PER_SECOND = 1e12;
    private static final int HALVINGS = 50;
    private static final double LEAST_BATCH = 1e-3;

    /** Up to so many, counts are Poisson's; beyond, near enough to normal. */
    private static final double FEW = 30;

    private static final int MANY = 200;

    /** The most a replica serves of one kind of request. Some fifty evaluations of a closed form. */
    public static ReplicaRate of(Profile profile, Objective objective, double inputTokens, double outputTokens) {
        Kind kind = new Kind(profile, objective, Math.max(1, inputTokens), Math.max(1, outputTokens));
        double most = profile.maxSequences();
        ReplicaRate lone = kind.at(LEAST_BATCH);
        if (kind.broken(LEAST_BATCH) != null) {
            return new ReplicaRate(0, 0, lone.ttftNanos, lone.itlNanos, lone.limit);
        }
        double low = LEAST_BATCH;
        double high = most;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (kind.broken(middle) == null) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return kind.at(low);
    }

    /** An API's answers take what they take, however many ask: it serves all its quota allows, or nothing. */
    public static ReplicaRate hosted(Profile profile, Objective objective, double inputTokens, double outputTokens) {
        Kind kind = new Kind(profile, objective, Math.max(1, inputTokens), Math.max(1, outputTokens));
        ReplicaRate lone = kind.at(LEAST_BATCH);
        boolean kept = kind.broken(LEAST_BATCH) == null;
        return new ReplicaRate(kept ? Double.POSITIVE_INFINITY : 0, 0, lone.ttftNanos, lone.itlNanos, lone.limit);
    }

    /** One kind of request on one replica; times in picoseconds. */
    private static final class Kind {
        private final StepTime steps;
        private final Batching batching;
        private final Objective objective;
        private final long kvTokens;
        private final double output;
        private final double reach;
        private final double held;
        private final double prompt;
        private final double stretch;
        private final double allowedTtft;
        private final double missed;

        Kind(Profile profile, Objective objective, double input, double output) {
            this.steps = profile.stepTime();
            this.batching = profile.batching();
            this.objective = objective;
            this.kvTokens = profile.kvTokens();
            this.output = output;
            this.reach = input + output / 2;
            this.held = Math.ceil((input + output) / batching.blockTokens()) * batching.blockTokens();
            long padded = batching.paddedTokens(Math.round(input));
            this.prompt = Math.max(steps.prefillPicos(padded, 0), steps.floorPicos() - steps.alphaPicos(0));
            double chunk = (double) batching.stepTokens() * steps.tokenPicos();
            // While prompts queue each step carries as many as it may, and its decoding part comes on top.
            this.stretch = batching.chunkedPrefill() ? 1 / Math.max(prompt, chunk) : 1 / prompt;
            this.allowedTtft = objective.ttftNanos() == Long.MAX_VALUE
                    ? Double.POSITIVE_INFINITY
                    : objective.ttftNanos((int) Math.round(input)) * PICOS_PER_NANO;
            this.missed = 1 - Math.max(KEPT, objective.percentile() / 100);
        }

        ReplicaRate at(double batch) {
            Limit limit = broken(batch * 1.001 + LEAST_BATCH);
            return new ReplicaRate(
                    perPico(batch) * PICOS_PER_SECOND,
                    batch,
                    ttft(batch) / PICOS_PER_NANO,
                    itl(batch) / PICOS_PER_NANO,
                    limit == null ? Limit.SEQUENCES : limit);
        }

        private double perPico(double batch) {
            return batch / (output * decode(batch) + batch * prompt);
        }

        /** Share of the time that goes into prompts. */
        private double prompts(double batch) {
            return Math.min(0.999999, perPico(batch) * prompt);
        }

        /** Prompts stretch the stay of all, so that the count inside swings wider the more of them there are. */
        private double crowd(double batch) {
            return batch + DEVIATIONS * StrictMath.sqrt(batch / (1 - prompts(batch)));
        }

        /** A step of that many, between the whole numbers. */
        private double decode(double batch) {
            int most = steps.maxBatch();
            double within = Math.clamp(batch, 1, most);
            int below = (int) within;
            int above = Math.min(most, below + 1);
            double alpha =
                    steps.alphaPicos(below) + (within - below) * (steps.alphaPicos(above) - steps.alphaPicos(below));
            if (batching.staticBatch()) {
                alpha = steps.alphaPicos(most);
            }
            return alpha + steps.kvPicos() * reach * within;
        }

        /**
         * An answer of {@code g} gaps meets as many prompts as come during its life, which each of them lengthens: few
         * by Poisson's distribution, many by the root of {@code x = D + rho x + z W sqrt(lambda x / g)}.
         */
        private double itl(double batch) {
            double gaps = output - 1;
            if (gaps < 0.5) {
                return 0; // an answer of one token has no time between tokens
            }
            double step = decode(crowd(batch));
            double rate = perPico(batch);
            double share = prompts(batch);
            double met = rate * gaps * step / (1 - share);
            if (met > FEW) {
                double swing = DEVIATIONS * prompt * StrictMath.sqrt(rate / gaps);
                double root = (swing + StrictMath.sqrt(swing * swing + 4 * (1 - share) * step)) / (2 * (1 - share));
                return root * root;
            }
            int count = 0;
            while (count < MANY && tail(rate * (gaps * step + count * prompt), count) > missed) {
                count++;
            }
            return step + count * prompt / gaps;
        }

        /** How likely it is that more than so many come, by Poisson's distribution. */
        private static double tail(double mean, int most) {
            double term = StrictMath.exp(-mean);
            double sum = term;
            for (int k = 1; k <= most; k++) {
                term *= mean / k;
                sum += term;
            }
            return 1 - sum;
        }

        private double ttft(double batch) {
            double step = decode(crowd(batch));
            double own = prompt + step;
            double load = Math.min(0.999999, perPico(batch) * prompt * (1 + step * stretch));
            double tail = load <= missed
                    ? 0
                    : prompt * (1 + step * stretch) / (2 * (1 - load)) * StrictMath.log(load / missed);
            return steps.arrivalPicos() + own + step * Math.min(1, batch) + tail;
        }

        private @Nullable Limit broken(double batch) {
            if (ttft(batch) > allowedTtft) {
                return Limit.TTFT;
            }
            if (objective.itlNanos() != Long.MAX_VALUE && itl(batch) > objective.itlNanos() * PICOS_PER_NANO) {
                return Limit.ITL;
            }
            double crowd = crowd(batch);
            if (crowd > Math.max(1, batching.maxSequences())) {
                return Limit.SEQUENCES;
            }
            return Math.max(1, crowd) * held > kvTokens ? Limit.CACHE : null;
        }
    }
}
