package io.polychip.simulator;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Objective;
import io.polychip.fleet.Pool;
import io.polychip.fleet.Price;
import io.polychip.fleet.RequestClass;
import io.polychip.routing.Roster;
import io.polychip.routing.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counts for a {@link Report} what happens in a {@link Simulation}; nothing here grows with requests. */
final class Tally {
    private static final long PICOS = 1000;
    private static final double NANOS_PER_HOUR = 3600e9;

    private final Roster roster;
    private final OfClass[] classes = new OfClass[RequestClass.values().length];
    private final OfPool[] pools;
    private final OfOutage[] outages;
    private final Map<String, Long> refusals = new TreeMap<>();
    private final Series arrived = new Series();
    private final Series completed = new Series();
    private final Series met = new Series();
    private final Series refused = new Series();
    private final Series failed = new Series();
    private final Series waiting = new Series();
    private final Series samples = new Series();
    long requests;
    long calls;
    long attempts;
    long events;
    private long endedNanos;

    private static final class OfClass {
        final Objective objective;
        final Histogram ttft = new Histogram();
        final Histogram itl = new Histogram();
        final Histogram e2e = new Histogram();
        long arrived;
        long completed;
        long met;
        long refused;
        long failed;
        long abandoned;
        long excused;
        long promptTokens;
        long outputTokens;
        long goodPromptTokens;
        long goodTokens;

        OfClass(Objective objective) {
            this.objective = objective;
        }
    }

    private static final class OfPool {
        final Series running = new Series();
        final Series queued = new Series();
        final Series tokens = new Series();
        final Series sentOverTime = new Series();
        long sent;
        long completed;
        long failed;
        long cancelled;
        long promptTokens;
        long cachedTokens;
        long completionTokens;
        long wastedTokens;
        long goodTokens;
        double usd;
    }

    private static final class OfOutage {
        final Outage outage;
        final long[][] counts = new long[9][Report.OfOutage.BUCKETS];
        /** By class: ended, met, excused and cut since it began. */
        final long[][] after = new long[RequestClass.values().length][4];

        OfOutage(Outage outage) {
            this.outage = outage;
        }
    }

    /** Rows of {@link OfOutage#counts}. */
    private enum Row {
        ARRIVED,
        COMPLETED,
        MET,
        REFUSED,
        FAILED,
        BROKEN,
        RETRIED,
        TTFT,
        FIRST_TOKENS
    }

    Tally(Scenario scenario) {
        this.roster = scenario.roster();
        Fleet fleet = roster.fleet();
        for (RequestClass each : RequestClass.values()) {
            classes[each.ordinal()] = new OfClass(fleet.objective(each));
        }
        pools = new OfPool[roster.targets().size()];
        for (int i = 0; i < pools.length; i++) {
            pools[i] = new OfPool();
        }
        outages = scenario.outages().stream().map(OfOutage::new).toArray(OfOutage[]::new);
    }

    void arrived(Arrival arrival) {
        requests++;
        OfClass of = classes[arrival.requestClass().ordinal()];
        of.arrived++;
        arrived.add(arrival.arrivalNanos(), 1);
        around(Row.ARRIVED, arrival.arrivalNanos(), 1);
    }

    void sent(int pool, Arrival arrival, int attempt, long nowNanos) {
        attempts++;
        pools[pool].sent++;
        pools[pool].sentOverTime.add(nowNanos, 1);
        if (attempt > 0) {
            around(Row.RETRIED, arrival.arrivalNanos(), 1);
        }
    }

    void attemptFailed(int pool) {
        pools[pool].failed++;
    }

    void attemptCancelled(int pool) {
        pools[pool].cancelled++;
    }

    void charged(int pool, Usage usage, boolean complete, long nowNanos) {
        OfPool of = pools[pool];
        of.promptTokens += usage.promptTokens();
        of.cachedTokens += usage.cachedTokens();
        of.completionTokens += usage.completionTokens();
        of.wastedTokens += complete ? 0 : usage.completionTokens();
        if (usage.completionTokens() > 0) {
            of.tokens.add(nowNanos, usage.completionTokens());
        }
        if (roster.targets().get(pool).pool().price() instanceof Price.PerToken(double in, double cached, double out)) {
            of.usd += ((usage.promptTokens() - usage.cachedTokens()) * in
                            + usage.cachedTokens() * cached
                            + usage.completionTokens() * out)
                    / 1e6;
        }
    }

    /** @param ttftNanos and others as the client saw them, from its first try */
    void completed(Arrival arrival, int pool, Usage usage, long ttftNanos, long itlNanos, long e2eNanos) {
        OfClass of = classes[arrival.requestClass().ordinal()];
        of.completed++;
        of.promptTokens += arrival.promptTokens();
        of.outputTokens += usage.completionTokens();
        of.ttft.add(ttftNanos);
        of.e2e.add(e2eNanos);
        if (usage.completionTokens() > 1) {
            of.itl.add(itlNanos);
        }
        pools[pool].completed++;
        long at = arrival.arrivalNanos();
        completed.add(at, 1);
        around(Row.COMPLETED, at, 1);
        around(Row.TTFT, at, ttftNanos);
        around(Row.FIRST_TOKENS, at, 1);
        boolean kept = ttftNanos <= of.objective.ttftNanos(arrival.promptTokens() - usage.cachedTokens())
                && itlNanos <= of.objective.itlNanos();
        if (kept) {
            of.met++;
            of.goodPromptTokens += arrival.promptTokens();
            of.goodTokens += usage.completionTokens();
            pools[pool].goodTokens += usage.completionTokens();
            met.add(at, 1);
            around(Row.MET, at, 1);
        }
        ended(at + e2eNanos);
        ended(arrival, at + e2eNanos, kept ? 1 : 0, 0, false);
    }

    void refused(Arrival arrival, String reason, long nowNanos) {
        classes[arrival.requestClass().ordinal()].refused++;
        refusals.merge(reason, 1L, Long::sum);
        refused.add(arrival.arrivalNanos(), 1);
        around(Row.REFUSED, arrival.arrivalNanos(), 1);
        ended(nowNanos);
        ended(arrival, nowNanos, 0, 0, false);
    }

    void failed(Arrival arrival, boolean shown, long nowNanos) {
        classes[arrival.requestClass().ordinal()].failed++;
        failed.add(arrival.arrivalNanos(), 1);
        around(Row.FAILED, arrival.arrivalNanos(), 1);
        if (shown) {
            around(Row.BROKEN, arrival.arrivalNanos(), 1);
        }
        ended(nowNanos);
        ended(arrival, nowNanos, 0, 0, shown);
    }

    /** @param firstPicos when its first token came, {@link Backend#NEVER} if none did */
    void abandoned(Arrival arrival, long firstPicos, long nowNanos) {
        OfClass of = classes[arrival.requestClass().ordinal()];
        of.abandoned++;
        long first = firstPicos == Backend.NEVER ? nowNanos : Math.ceilDiv(firstPicos, PICOS);
        boolean excused = first - arrival.arrivalNanos() <= of.objective.ttftNanos(arrival.promptTokens());
        of.excused += excused ? 1 : 0;
        ended(nowNanos);
        ended(arrival, nowNanos, 0, excused ? 1 : 0, false);
    }

    /** How long until the next look at loads: a quarter of a bucket. */
    long sampleNanos() {
        return samples.widthNanos() / 4;
    }

    void sample(Machine[] machines, int waitingCalls, long nowNanos) {
        samples.add(nowNanos, 1);
        waiting.add(nowNanos, waitingCalls);
        for (Machine machine : machines) {
            int queue = machine.backend.waiting();
            int all = machine.backend.running() + queue;
            machine.sampledRunning += all;
            pools[machine.pool].running.add(nowNanos, all);
            pools[machine.pool].queued.add(nowNanos, queue);
        }
    }

    Report report(Machine[] machines, long nowNanos) {
        long span = Math.max(1, endedNanos == 0 ? nowNanos : endedNanos);
        List<Report.OfClass> ofClasses = new ArrayList<>();
        for (RequestClass each : RequestClass.values()) {
            if (classes[each.ordinal()].arrived > 0) {
                ofClasses.add(report(each, classes[each.ordinal()]));
            }
        }
        List<Report.OfPool> ofPools = new ArrayList<>();
        for (Roster.Target target : roster.targets()) {
            ofPools.add(report(target, machines, span));
        }
        List<Report.OfOutage> ofOutages = new ArrayList<>();
        for (OfOutage outage : outages) {
            ofOutages.add(report(outage));
        }
        long steps = 0;
        for (Machine machine : machines) {
            steps += machine.steps();
        }
        Series none = new Series();
        return new Report(
                span,
                ofClasses,
                ofPools,
                refusals,
                ofOutages,
                new Report.Whole(
                        arrived.plus(none),
                        completed.plus(none),
                        met.plus(none),
                        refused.plus(none),
                        failed.plus(none),
                        waiting.plus(none),
                        samples.plus(none)),
                new Report.Work(requests, calls, attempts, events, steps));
    }

    private static Report.OfClass report(RequestClass requestClass, OfClass of) {
        return new Report.OfClass(
                requestClass,
                of.objective,
                of.arrived,
                of.completed,
                of.met,
                of.refused,
                of.failed,
                of.abandoned,
                of.excused,
                of.promptTokens,
                of.outputTokens,
                of.goodPromptTokens,
                of.goodTokens,
                of.ttft.copy(),
                of.itl.copy(),
                of.e2e.copy());
    }

    private Report.OfPool report(Roster.Target target, Machine[] machines, long span) {
        Pool pool = target.pool();
        OfPool of = pools[target.index()];
        int chips = pool.deployment().layout().chips();
        double rent = pool.price() instanceof Price.PerChipHour(double each, boolean _)
                ? each * chips * target.replicas().size()
                : 0;
        double looks = Math.max(1, samples.sum());
        double joules = 0;
        double idleWatts = 0;
        double busy = 0;
        long steps = 0;
        long preemptions = 0;
        List<Long> requestsByReplica = new ArrayList<>();
        List<Double> runningByReplica = new ArrayList<>();
        for (Roster.Replica replica : target.replicas()) {
            Machine machine = machines[replica.index()];
            joules += machine.joules(span);
            idleWatts += machine.idleWatts();
            busy += machine.busyShare(span) / target.replicas().size();
            steps += machine.steps();
            preemptions += machine.preemptions();
            requestsByReplica.add(machine.attempts);
            runningByReplica.add(machine.sampledRunning / looks);
        }
        Series none = new Series();
        return new Report.OfPool(
                pool.name(),
                pool.vendor(),
                pool.labels(),
                pool.hosted() != null,
                target.replicas().size(),
                chips,
                of.sent,
                of.completed,
                of.failed,
                of.cancelled,
                of.promptTokens,
                of.cachedTokens,
                of.completionTokens,
                of.wastedTokens,
                of.goodTokens,
                of.usd + rent * span / NANOS_PER_HOUR,
                rent,
                joules,
                pool.hosted() == null && pool.deployment().chip().powerWatts() > 0,
                idleWatts,
                steps,
                preemptions,
                busy,
                requestsByReplica,
                runningByReplica,
                of.running.plus(none),
                of.queued.plus(none),
                of.tokens.plus(none),
                of.sentOverTime.plus(none));
    }

    private static Report.OfOutage report(OfOutage of) {
        List<List<Long>> rows = new ArrayList<>();
        for (long[] counts : of.counts) {
            List<Long> row = new ArrayList<>();
            for (long count : counts) {
                row.add(count);
            }
            rows.add(row);
        }
        Map<RequestClass, Report.OfOutage.After> after = new TreeMap<>();
        for (RequestClass each : RequestClass.values()) {
            long[] counts = of.after[each.ordinal()];
            after.put(each, new Report.OfOutage.After(counts[0], counts[1], counts[2], counts[3]));
        }
        return new Report.OfOutage(
                of.outage,
                rows.get(Row.ARRIVED.ordinal()),
                rows.get(Row.COMPLETED.ordinal()),
                rows.get(Row.MET.ordinal()),
                rows.get(Row.REFUSED.ordinal()),
                rows.get(Row.FAILED.ordinal()),
                rows.get(Row.BROKEN.ordinal()),
                rows.get(Row.RETRIED.ordinal()),
                rows.get(Row.TTFT.ordinal()),
                rows.get(Row.FIRST_TOKENS.ordinal()),
                after);
    }

    private void around(Row row, long atNanos, long amount) {
        for (OfOutage of : outages) {
            long since = atNanos - of.outage.atNanos() + Report.OfOutage.BEFORE_NANOS;
            if (since >= 0 && since < Report.OfOutage.BUCKETS * Report.OfOutage.BUCKET_NANOS) {
                of.counts[row.ordinal()][(int) (since / Report.OfOutage.BUCKET_NANOS)] += amount;
            }
        }
    }

    private void ended(Arrival arrival, long nowNanos, int isMet, int isExcused, boolean broke) {
        for (OfOutage of : outages) {
            if (nowNanos >= of.outage.atNanos()) {
                long[] after = of.after[arrival.requestClass().ordinal()];
                after[0]++;
                after[1] += isMet;
                after[2] += isExcused;
                after[3] += broke && arrival.arrivalNanos() < of.outage.atNanos() ? 1 : 0;
            }
        }
    }

    private void ended(long nowNanos) {
        endedNanos = Math.max(endedNanos, nowNanos);
    }
}
