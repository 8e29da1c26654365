package io.polychip.simulator;

import io.polychip.fleet.Pool;
import io.polychip.performance.Energy;
import io.polychip.performance.Profile;
import io.polychip.performance.StepTime;
import io.polychip.routing.Roster;

/** One replica as it really is: its backend, its hidden truth, whether it is there. */
final class Machine {
    private static final long PICOS = 1000;
    private static final double NANOS_PER_MINUTE = 60e9;

    /** Where a replica is in its life. */
    enum State {
        SERVING,
        /** Refuses every request and scrape. */
        DOWN,
        /** Takes requests and answers nothing. */
        SILENT
    }

    final int index;
    final int pool;
    final boolean hosted;
    final long latencyNanos;

    private final Pool description;
    private final int number;
    private final Profile profile;
    private final Truth truth;
    private final int hashBlocks;
    private StepTime stepTime;
    Backend backend;
    State state = State.SERVING;
    private double slowness = 1;

    /** Outages that hold it down. */
    private int losses;

    long attempts;
    double sampledRunning;
    private long steps;
    private long preemptions;
    private long busyPicos;
    private long decodePicos;
    private long downSinceNanos = -1;
    private long downNanos;

    /**
     * One that serves.
     *
     * @param number within its pool
     * @param contentTokens prompt tokens one content hash stands for
     */
    Machine(Roster.Target target, int number, Truth truth, long latencyNanos, int contentTokens) {
        this.index = target.replicas().get(number).index();
        this.pool = target.index();
        this.description = target.pool();
        this.number = number;
        this.profile = target.profile();
        this.hosted = description.hosted() != null;
        this.latencyNanos = latencyNanos;
        this.truth = truth;
        this.hashBlocks = contentTokens % profile.blockTokens() == 0 ? contentTokens / profile.blockTokens() : 0;
        this.stepTime = this.truth.of(profile.stepTime(), 0);
        this.backend = newBackend();
    }

    private Backend newBackend() {
        return hosted
                ? new HostedApi(stepTime, profile.maxSequences(), description.quota())
                : new Engine(stepTime, profile.batching(), profile.kvTokens(), Math.max(1, hashBlocks));
    }

    boolean matches(Where where) {
        return where.matches(description, number);
    }

    /** Does all that is due up to that time. */
    void advance(long nowNanos, Sink sink) {
        backend.advance(nowNanos * PICOS, sink);
    }

    /** When it wants to be advanced: the first nanosecond at which what happens next has happened. */
    long dueNanos() {
        long change = backend.nextChange();
        return change == Backend.NEVER ? Long.MAX_VALUE : Math.ceilDiv(change, PICOS);
    }

    /** Takes a request, or says with which HTTP status not, and when to come again. */
    HostedApi.Admission submit(long id, Arrival arrival, long[] hashes, long nowNanos) {
        int output = Math.max(1, arrival.outputTokens());
        return switch (backend) {
            case Engine engine -> {
                long[] known = hashBlocks == 0 ? Arrival.NO_BLOCKS : hashes;
                boolean taken = engine.submit(id, arrival.promptTokens(), output, known, nowNanos * PICOS);
                yield taken ? HostedApi.Admission.TAKEN : new HostedApi.Admission(400, 0);
            }
            case HostedApi api -> api.submit(id, arrival.promptTokens(), output, true, nowNanos * PICOS);
        };
    }

    void cancel(long id, long nowNanos) {
        backend.cancel(id, nowNanos * PICOS);
    }

    boolean drifts() {
        return truth.driftPerMinute() != 0;
    }

    /** What is true by then holds from the next step on. */
    void retime(long nowNanos) {
        stepTime = truth.of(profile.stepTime(), nowNanos / NANOS_PER_MINUTE);
        StepTime now = slowness == 1 ? stepTime : stepTime.scaled(slowness);
        switch (backend) {
            case Engine engine -> engine.retime(now);
            case HostedApi api -> api.retime(now);
        }
    }

    void slow(double factor, long nowNanos) {
        slowness = factor;
        retime(nowNanos);
    }

    /** It is lost with all that is in it. What a hosted account has used of its quota stays used. */
    void lose(State how, long nowNanos) {
        if (state == State.SERVING) {
            downSinceNanos = nowNanos;
        }
        losses++;
        state = how;
        if (backend instanceof Engine) {
            harvest();
            backend = newBackend();
        }
    }

    /** One outage no longer holds it down; it serves when none does. */
    void restart(double warmFactor, long nowNanos) {
        if (--losses > 0) {
            return;
        }
        downNanos += nowNanos - downSinceNanos;
        state = State.SERVING;
        slow(hosted ? 1 : warmFactor, nowNanos);
    }

    private void harvest() {
        if (backend instanceof Engine engine) {
            steps += engine.steps();
            preemptions += engine.preemptions();
            busyPicos += engine.busyPicos();
            decodePicos += engine.decodePicos();
        }
    }

    /** Steps its engines have begun. */
    long steps() {
        return steps + (backend instanceof Engine engine ? engine.steps() : 0);
    }

    long preemptions() {
        return preemptions + (backend instanceof Engine engine ? engine.preemptions() : 0);
    }

    /** Share of that time in which it computed. */
    double busyShare(long spanNanos) {
        long busy = busyPicos + (backend instanceof Engine engine ? engine.busyPicos() : 0);
        return spanNanos == 0 ? 0 : Math.min(1, busy / (double) PICOS / spanNanos);
    }

    /** What its boards drew while it was there; 0 for a hosted one, whose boards nobody sees. */
    double joules(long spanNanos) {
        long down = downNanos + (state == State.SERVING ? 0 : Math.max(0, spanNanos - downSinceNanos));
        double up = Math.max(0, spanNanos - down);
        if (hosted || up == 0) {
            return 0;
        }
        double busy = busyShare(spanNanos) * spanNanos / up;
        long decode = decodePicos + (backend instanceof Engine engine ? engine.decodePicos() : 0);
        double decodeShare = Math.min(busy, decode / (double) PICOS / up);
        return Energy.of(profile.deployment()).watts(decodeShare, busy - decodeShare) * up / 1e9;
    }

    /** What its boards draw from now on where nothing comes; 0 for one that is lost. */
    double idleWatts() {
        return hosted || state != State.SERVING
                ? 0
                : Energy.of(profile.deployment()).idleWatts();
    }
}
