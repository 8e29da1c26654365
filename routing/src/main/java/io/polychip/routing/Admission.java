package io.polychip.routing;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.Timeouts;
import org.jspecify.annotations.Nullable;

/** What is foreseen of a call when it comes: its length, its deadlines, and whether it had better not wait at all. */
final class Admission {
    private final Router router;
    private final long seed;
    private Fleet fleet;

    Admission(Fleet fleet, Router router, long seed) {
        this.fleet = fleet;
        this.router = router;
        this.seed = seed;
    }

    void reload(Fleet changed) {
        fleet = changed;
    }

    void describe(Call call, ModelState model, long now) {
        Ask ask = call.ask;
        OutputLengths lengths = model.lengths(ask);
        int cap = Outcomes.cap(ask);
        call.expectedOutput = ask.estimatedOutput() > 0 ? Math.min(ask.estimatedOutput(), cap) : lengths.mean(cap);
        call.highOutput = Math.max(call.expectedOutput, lengths.quantile(0.9, cap));
        long patience = queueNanos(ask);
        call.queueUntilNanos = now + patience;
        call.deadlineNanos =
                now + Math.min(patience, fleet.objective(ask.requestClass()).ttftNanos(ask.promptTokens()));
        call.totalUntilNanos = now + fleet.timeouts().requestNanos();
    }

    /** How long a call may wait here: the fleet's limit, or longer where its class is promised no more. */
    private long queueNanos(Ask ask) {
        long promised = fleet.objective(ask.requestClass()).ttftNanos();
        long patient = promised == Long.MAX_VALUE ? 0 : promised;
        return Math.max(fleet.limits().queueNanos(), patient);
    }

    /** Why a call may not wait; null when it may. */
    Ending.@Nullable Refused tooMany(Call call, ModelState model, int waiting, long now) {
        Ask ask = call.ask;
        double unit = Mix.unit(seed ^ ask.seed(), (int) call.acceptedNanos);
        int limit = fleet.limits().queuedRequests();
        double rate = model.finished.perSecond(now);
        double wait = model.finished.at(now) < 5 || rate <= 0 ? 0 : model.room.ahead(ask) * 1e9 / rate;
        if (waiting >= limit) {
            return Refusals.queueFull(waiting, wait, unit);
        }
        if (!model.room.mayJoin(ask.tenant(), limit - waiting)) {
            return Refusals.tenantQueue(ask, model.room.waiting(ask.tenant()), unit);
        }
        long limitNanos = call.queueUntilNanos - now;
        long opensNanos = router.onlyTimeHelps(model) ? router.opensAtNanos() - now : 0;
        double needed = Math.max(wait, (double) opensNanos);
        return needed > limitNanos ? Refusals.wouldWaitTooLong(ask.requestClass(), needed, limitNanos, unit) : null;
    }

    /** An answer that is not streamed shows its first byte when it is done. */
    long firstTokenPatience(Call call, Candidate choice) {
        Timeouts timeouts = fleet.timeouts();
        if (call.ask.stream()) {
            return timeouts.firstTokenNanos();
        }
        double whole = 10 * choice.itlNanos * call.highOutput * Math.max(1, call.ask.choices());
        boolean bounded = call.ask.maxTokens() > 0;
        return bounded
                ? (long) Math.min((double) timeouts.requestNanos(), timeouts.firstTokenNanos() + whole)
                : timeouts.requestNanos();
    }
}
