package io.polychip.load;

import io.polychip.performance.MeasuredStep;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Some short prompts sent at once, watched until the first of their answers ends; the others are then hung up on. */
final class Burst {
    private final Caller caller;
    private final int words;
    private final int requests;
    private final long beganNanos;
    private final StepTally steps;
    private final Set<ReplayCall> begun = new LinkedHashSet<>();
    private final CompletableFuture<Seen> done = new CompletableFuture<>();
    private long lastBegunNanos;
    private boolean over;

    private Burst(Caller caller, int words, int requests) {
        this.caller = caller;
        this.words = words;
        this.requests = requests;
        this.beganNanos = caller.now();
        this.steps = new StepTally(requests);
    }

    static CompletableFuture<Seen> start(Caller caller, int words, int requests, int outputTokens) {
        Burst burst = new Burst(caller, words, requests);
        for (int i = 0; i < requests; i++) {
            ReplayCall call = caller.send(caller.freshWords(words), outputTokens, burst::ended);
            call.onEvent(events -> burst.event(call, events));
        }
        return burst.done;
    }

    /**
     * What was seen.
     *
     * @param begun answers under way when the first one ended
     * @param stoodStill nobody began for the last third of the time: the others wait for a place, not for their turn
     * @param step of all of them decoding; null for too few
     * @param trouble why the first to end failed; null when it did not
     */
    record Seen(
            int begun,
            boolean stoodStill,
            @Nullable MeasuredStep step,
            @Nullable String trouble) {}

    private void event(ReplayCall call, int events) {
        if (events == 1 && !over) {
            begun.add(call);
            lastBegunNanos = caller.now();
        }
        if (events == 2 && begun.size() == requests && begun.stream().allMatch(each -> each.visible() > 1)) {
            steps.open(begun);
        }
    }

    private void ended(ReplayCall call, Answer answer) {
        if (over) {
            return;
        }
        over = true;
        double prompt = words * caller.tokensPerWord() + caller.templateTokens();
        steps.close(begun.stream().mapToDouble(each -> prompt + each.visible()).sum());
        boolean still = (caller.now() - lastBegunNanos) * 3 > caller.now() - beganNanos;
        String words = answer.detail().isEmpty() ? answer.outcome() : answer.outcome() + ", " + answer.detail();
        Seen seen = new Seen(begun.size(), still, steps.step(caller.tokensPerEvent()), answer.ok() ? null : words);
        caller.loop().execute(() -> {
            caller.hangUp();
            done.complete(seen);
        });
    }
}
