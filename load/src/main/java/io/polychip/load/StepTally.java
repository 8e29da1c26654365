package io.polychip.load;

import io.polychip.performance.MeasuredStep;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Measures bare decode steps in a closed load: between the moment when the last waiting request has its first token and
 * the one when the next answer ends, every token of an answer is one step later than the one before.
 */
final class StepTally {
    private static final int LEAST_STEPS = 8;

    private final int concurrency;
    private final Map<ReplayCall, Mark> marks = new HashMap<>();
    private boolean bare;
    private double events;
    private double nanos;
    private double reach;

    StepTally(int concurrency) {
        this.concurrency = concurrency;
    }

    /** What a call had when the window began. */
    private record Mark(int events, long atNanos) {}

    /** Every request has had its first token: steps are bare from here on. */
    void open(Iterable<ReplayCall> calls) {
        marks.clear();
        calls.forEach(call -> marks.put(call, new Mark(call.visible(), call.lastNanos())));
        bare = true;
    }

    /**
     * An answer ended.
     *
     * @param reachTokens tokens in reach of all sequences now
     */
    void close(double reachTokens) {
        if (!bare) {
            return;
        }
        bare = false;
        double gaps = 0;
        for (Map.Entry<ReplayCall, Mark> mark : marks.entrySet()) {
            int count = mark.getKey().visible() - mark.getValue().events();
            gaps += count;
            nanos +=
                    count == 0 ? 0 : mark.getKey().lastNanos() - mark.getValue().atNanos();
        }
        events += gaps;
        reach += (reachTokens - gaps / 2) * gaps;
    }

    /**
     * Null where too few steps were bare.
     *
     * @param tokensPerEvent of the endpoint's stream
     */
    @Nullable
    MeasuredStep step(double tokensPerEvent) {
        return events < (double) LEAST_STEPS * concurrency
                ? null
                : new MeasuredStep(concurrency, Math.max(0, reach / events), nanos / events / tokensPerEvent);
    }
}
