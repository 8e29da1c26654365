package io.polychip.simulator;

import io.polychip.fleet.Objective;
import io.polychip.fleet.RequestClass;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What came of a {@link Simulation}. A request counts as having met its objective when it was completed, its first
 * token came within the allowance for its prompt's uncached tokens, counted from its client's first try, and the mean
 * time between its tokens within its own; whatever was refused or failed has missed.
 *
 * <p>A load over time is a sum of samples; {@link #mean} divides it. Size does not grow with requests; reports of
 * several cells, or of several seeds of one scenario, are put together by {@link #merge}.
 *
 * @param spanNanos from the start to the last ending
 * @param classes those that occurred, most urgent first
 * @param pools in the order of the fleet
 * @param refusals requests by the reason of their last refusal; clients' retries are counted in {@link Work}
 * @param outages in the order of the scenario
 * @param whole all classes together over time
 */
public record Report(
        long spanNanos,
        List<OfClass> classes,
        List<OfPool> pools,
        Map<String, Long> refusals,
        List<OfOutage> outages,
        Whole whole,
        Work work) {
    private static final double NANOS_PER_HOUR = 3600e9;
    private static final double SECONDS_PER_HOUR = 3600;

    public Report {
        classes = List.copyOf(classes);
        pools = List.copyOf(pools);
        refusals = new TreeMap<>(refusals);
        outages = List.copyOf(outages);
    }

    /**
     * Requests of one class, each counted once however often its client asked.
     *
     * @param met kept their objective
     * @param refused and not completed on a later try
     * @param failed likewise, with an error
     * @param abandoned the client hung up
     * @param excused of these, those who did before their objective was broken: neither met nor missed
     * @param goodPromptTokens prompts of those that met it
     * @param goodTokens answers of those that met it: goodput
     * @param itlNanos mean time between the tokens of one answer, one value per request
     */
    public record OfClass(
            RequestClass requestClass,
            Objective objective,
            long arrived,
            long completed,
            long met,
            long refused,
            long failed,
            long abandoned,
            long excused,
            long promptTokens,
            long outputTokens,
            long goodPromptTokens,
            long goodTokens,
            Histogram ttftNanos,
            Histogram itlNanos,
            Histogram e2eNanos) {
        /** Share that met the objective; 1 when nothing counted. */
        public double attainment() {
            long counted = arrived - excused;
            return counted == 0 ? 1 : met / (double) counted;
        }

        OfClass plus(OfClass other) {
            return new OfClass(
                    requestClass,
                    objective,
                    arrived + other.arrived,
                    completed + other.completed,
                    met + other.met,
                    refused + other.refused,
                    failed + other.failed,
                    abandoned + other.abandoned,
                    excused + other.excused,
                    promptTokens + other.promptTokens,
                    outputTokens + other.outputTokens,
                    goodPromptTokens + other.goodPromptTokens,
                    goodTokens + other.goodTokens,
                    sum(ttftNanos, other.ttftNanos),
                    sum(itlNanos, other.itlNanos),
                    sum(e2eNanos, other.e2eNanos));
        }
    }

    /**
     * What one pool did.
     *
     * @param replicas of the fleet, lost ones included
     * @param chips of one replica
     * @param sent attempts
     * @param promptTokens charged, of all attempts; so are the other tokens
     * @param wastedTokens answer tokens charged to attempts that did not complete
     * @param goodTokens answer tokens of requests it completed within their objective
     * @param usd rent of its replicas for the whole span, or the tokens bought
     * @param rentUsdPerHour of all its replicas; 0 where tokens are bought
     * @param joules of its boards
     * @param powerKnown its boards draw what is in {@code joules}, which may be nothing where all are lost; nobody
     *     knows a hosted pool's, nor those of chips whose power is not published
     * @param idleWatts of those of its replicas that are there at the end, with nothing to do
     * @param steps engine steps
     * @param busyShare share of the time its replicas computed; 0 for hosted ones
     * @param requestsByReplica attempts
     * @param runningByReplica mean requests in each engine, waiting ones included
     * @param running in its engines over time, sampled; see {@link Report#mean}
     * @param queued of these, those waiting in the engines' own queues, sampled
     * @param tokens answer tokens over time
     * @param sentOverTime attempts over time
     */
    public record OfPool(
            String pool,
            String vendor,
            Map<String, String> labels,
            boolean hosted,
            int replicas,
            int chips,
            long sent,
            long completed,
            long failed,
            long cancelled,
            long promptTokens,
            long cachedTokens,
            long completionTokens,
            long wastedTokens,
            long goodTokens,
            double usd,
            double rentUsdPerHour,
            double joules,
            boolean powerKnown,
            double idleWatts,
            long steps,
            long preemptions,
            double busyShare,
            List<Long> requestsByReplica,
            List<Double> runningByReplica,
            Series running,
            Series queued,
            Series tokens,
            Series sentOverTime) {
        public OfPool {
            labels = Map.copyOf(labels);
            requestsByReplica = List.copyOf(requestsByReplica);
            runningByReplica = List.copyOf(runningByReplica);
        }

        /** All tokens charged. */
        public long allTokens() {
            return promptTokens + completionTokens;
        }

        OfPool plus(OfPool other, double myIdleHours, double otherIdleHours) {
            int both = hosted ? replicas : replicas + other.replicas; // every cell's hosted pool is the same account
            return new OfPool(
                    pool,
                    vendor,
                    labels,
                    hosted,
                    both,
                    chips,
                    sent + other.sent,
                    completed + other.completed,
                    failed + other.failed,
                    cancelled + other.cancelled,
                    promptTokens + other.promptTokens,
                    cachedTokens + other.cachedTokens,
                    completionTokens + other.completionTokens,
                    wastedTokens + other.wastedTokens,
                    goodTokens + other.goodTokens,
                    usd + rentUsdPerHour * myIdleHours + other.usd + other.rentUsdPerHour * otherIdleHours,
                    rentUsdPerHour + other.rentUsdPerHour,
                    joules
                            + idleWatts * myIdleHours * SECONDS_PER_HOUR
                            + other.joules
                            + other.idleWatts * otherIdleHours * SECONDS_PER_HOUR,
                    powerKnown,
                    idleWatts + other.idleWatts,
                    steps + other.steps,
                    preemptions + other.preemptions,
                    hosted || both == 0 ? 0 : (busyShare * replicas + other.busyShare * other.replicas) / both,
                    joined(requestsByReplica, other.requestsByReplica),
                    joined(runningByReplica, other.runningByReplica),
                    running.plus(other.running),
                    queued.plus(other.queued),
                    tokens.plus(other.tokens),
                    sentOverTime.plus(other.sentOverTime));
        }
    }

    /**
     * All classes together, by the time a request arrived.
     *
     * @param waiting calls waiting in gateways, sampled
     * @param samples how often was looked, to divide what is sampled by
     */
    public record Whole(
            Series arrived,
            Series completed,
            Series met,
            Series refused,
            Series failed,
            Series waiting,
            Series samples) {
        Whole plus(Whole other) {
            Series seen = samples.coarsened(Math.max(samples.widthNanos(), other.samples.widthNanos()));
            return new Whole(
                    arrived.plus(other.arrived),
                    completed.plus(other.completed),
                    met.plus(other.met),
                    refused.plus(other.refused),
                    failed.plus(other.failed),
                    waiting.plus(other.waiting),
                    seen.values().length >= other.samples.values().length ? seen : other.samples);
        }
    }

    /**
     * What an outage did to requests by their arrival: from one minute before it to ten minutes after, in buckets of
     * {@value #BUCKET_NANOS} nanoseconds; all lists have {@value #BUCKETS} entries.
     *
     * @param broken answers that ended with an error after text was shown
     * @param retried attempts beyond the first, hidden from the client
     * @param ttftNanos sum over those that got a first token, and how many they are
     * @param after what became of the requests of each class from the outage's beginning to the run's end
     */
    public record OfOutage(
            Outage outage,
            List<Long> arrived,
            List<Long> completed,
            List<Long> met,
            List<Long> refused,
            List<Long> failed,
            List<Long> broken,
            List<Long> retried,
            List<Long> ttftNanos,
            List<Long> firstTokens,
            Map<RequestClass, After> after) {
        public static final long BEFORE_NANOS = 60_000_000_000L;
        public static final long BUCKET_NANOS = 5_000_000_000L;
        public static final int BUCKETS = 132;

        public OfOutage {
            arrived = List.copyOf(arrived);
            completed = List.copyOf(completed);
            met = List.copyOf(met);
            refused = List.copyOf(refused);
            failed = List.copyOf(failed);
            broken = List.copyOf(broken);
            retried = List.copyOf(retried);
            ttftNanos = List.copyOf(ttftNanos);
            firstTokens = List.copyOf(firstTokens);
            after = Map.copyOf(after);
        }

        /**
         * Requests of one class that ended when the outage had begun: those in flight then, and all later ones.
         *
         * @param excused as {@link OfClass#excused}
         * @param cut had asked before it, and broke off after text was shown
         */
        public record After(long ended, long met, long excused, long cut) {
            After plus(After other) {
                return new After(ended + other.ended, met + other.met, excused + other.excused, cut + other.cut);
            }
        }

        OfOutage plus(OfOutage other) {
            return new OfOutage(
                    outage,
                    added(arrived, other.arrived),
                    added(completed, other.completed),
                    added(met, other.met),
                    added(refused, other.refused),
                    added(failed, other.failed),
                    added(broken, other.broken),
                    added(retried, other.retried),
                    added(ttftNanos, other.ttftNanos),
                    added(firstTokens, other.firstTokens),
                    added(after, other.after));
        }
    }

    /**
     * How much was done.
     *
     * @param requests that arrived
     * @param calls accepted by dispatchers: requests and their clients' retries
     * @param attempts sent to replicas
     * @param events handled
     * @param engineSteps steps of all engines, leapt ones included
     */
    public record Work(long requests, long calls, long attempts, long events, long engineSteps) {
        Work plus(Work other) {
            return new Work(
                    requests + other.requests,
                    calls + other.calls,
                    attempts + other.attempts,
                    events + other.events,
                    engineSteps + other.engineSteps);
        }
    }

    /** Reports of the cells of one world, or of several runs, as one. There must be at least one. */
    public static Report merge(List<Report> reports) {
        Report sum = reports.getFirst();
        for (Report report : reports.subList(1, reports.size())) {
            sum = sum.plus(report);
        }
        return sum;
    }

    /** A sampled series as means: what was there at a typical moment of each bucket. */
    public double[] mean(Series sampled) {
        long width = Math.max(sampled.widthNanos(), whole.samples.widthNanos());
        double[] sums = sampled.coarsened(width).values();
        double[] samples = whole.samples.coarsened(width).values();
        for (int i = 0; i < sums.length; i++) {
            sums[i] = i < samples.length && samples[i] > 0 ? sums[i] / samples[i] : 0;
        }
        return sums;
    }

    /** Share of all requests that met their objective; 1 when none counted. */
    public double attainment() {
        long met = 0;
        long counted = 0;
        for (OfClass each : classes) {
            met += each.met;
            counted += each.arrived - each.excused;
        }
        return counted == 0 ? 1 : met / (double) counted;
    }

    /** Answer tokens of requests that met their objective. */
    public long goodTokens() {
        return classes.stream().mapToLong(OfClass::goodTokens).sum();
    }

    /** All that was spent: rent, idle or not, and tokens bought. */
    public double usd() {
        double usd = 0;
        for (OfPool pool : pools) {
            usd += pool.usd;
        }
        return usd;
    }

    /** Dollars per million answer tokens that met their objective; infinite without any. */
    public double usdPerMillionGood() {
        long good = goodTokens();
        return good == 0 ? Double.POSITIVE_INFINITY : usd() / good * 1e6;
    }

    public double joules() {
        double joules = 0;
        for (OfPool pool : pools) {
            joules += pool.joules;
        }
        return joules;
    }

    /** Tokens charged, by vendor. */
    public Map<String, Long> tokensByVendor() {
        Map<String, Long> tokens = new TreeMap<>();
        for (OfPool pool : pools) {
            tokens.merge(pool.vendor, pool.allTokens(), Long::sum);
        }
        return tokens;
    }

    /** Dollars, by vendor. */
    public Map<String, Double> usdByVendor() {
        Map<String, Double> usd = new TreeMap<>();
        for (OfPool pool : pools) {
            usd.merge(pool.vendor, pool.usd, Double::sum);
        }
        return usd;
    }

    /** Largest mean load of a replica over the mean of its pool's, the worst pool; 1 when nothing ran. */
    public double imbalance() {
        double worst = 1;
        for (OfPool pool : pools) {
            double sum = 0;
            double most = 0;
            for (double running : pool.runningByReplica) {
                sum += running;
                most = Math.max(most, running);
            }
            if (sum > 0) {
                worst = Math.max(worst, most * pool.runningByReplica.size() / sum);
            }
        }
        return worst;
    }

    private Report plus(Report other) {
        Map<RequestClass, OfClass> byClass = new TreeMap<>();
        classes.forEach(each -> byClass.put(each.requestClass, each));
        other.classes.forEach(each -> byClass.merge(each.requestClass, each, OfClass::plus));
        long span = Math.max(spanNanos, other.spanNanos);
        double myIdleHours =
                (span - spanNanos) / NANOS_PER_HOUR; // a cell that is done early is paid and powered to the end
        double otherIdleHours = (span - other.spanNanos) / NANOS_PER_HOUR;
        List<OfPool> allPools = new ArrayList<>();
        for (int i = 0; i < pools.size(); i++) {
            allPools.add(pools.get(i).plus(other.pools.get(i), myIdleHours, otherIdleHours));
        }
        List<OfOutage> allOutages = new ArrayList<>();
        for (int i = 0; i < outages.size(); i++) {
            allOutages.add(outages.get(i).plus(other.outages.get(i)));
        }
        Map<String, Long> allRefusals = new TreeMap<>(refusals);
        other.refusals.forEach((reason, count) -> allRefusals.merge(reason, count, Long::sum));
        return new Report(
                span,
                List.copyOf(byClass.values()),
                allPools,
                allRefusals,
                allOutages,
                whole.plus(other.whole),
                work.plus(other.work));
    }

    private static Histogram sum(Histogram one, Histogram other) {
        Histogram both = one.copy();
        both.add(other);
        return both;
    }

    private static <T> List<T> joined(List<T> one, List<T> other) {
        List<T> both = new ArrayList<>(one);
        both.addAll(other);
        return both;
    }

    private static Map<RequestClass, OfOutage.After> added(
            Map<RequestClass, OfOutage.After> one, Map<RequestClass, OfOutage.After> other) {
        Map<RequestClass, OfOutage.After> sums = new TreeMap<>(one);
        other.forEach((requestClass, after) -> sums.merge(requestClass, after, OfOutage.After::plus));
        return sums;
    }

    private static List<Long> added(List<Long> one, List<Long> other) {
        List<Long> sums = new ArrayList<>();
        for (int i = 0; i < one.size(); i++) {
            sums.add(one.get(i) + other.get(i));
        }
        return sums;
    }
}
