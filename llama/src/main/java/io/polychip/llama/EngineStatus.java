package io.polychip.llama;

/**
 * Where an engine stands. Sums since start.
 *
 * @param running answers that hold a slot
 * @param waiting answers that wait for one
 * @param promptTokens computed, so without those still in memory
 * @param promptNanos time of steps, split between prompt and answer by their tokens
 * @param steps batches computed
 * @param busySlotSteps slots with work, summed over the steps
 * @param longestContext most tokens that one sequence has had
 */
public record EngineStatus(
        int slots,
        int running,
        int waiting,
        long promptTokens,
        long promptNanos,
        long answerTokens,
        long answerNanos,
        long steps,
        long busySlotSteps,
        int longestContext) {

    static EngineStatus idle(int slots) {
        return new EngineStatus(slots, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    EngineStatus with(Intake.Load load) {
        return new EngineStatus(
                slots,
                load.running(),
                load.waiting(),
                promptTokens,
                promptNanos,
                answerTokens,
                answerNanos,
                steps,
                busySlotSteps,
                longestContext);
    }

    /** After a step with at least one token. */
    EngineStatus plusStep(int promptCount, int answerCount, long nanos, int busySlots, int longest) {
        long forPrompt = nanos * promptCount / (promptCount + answerCount);
        return new EngineStatus(
                slots,
                running,
                waiting,
                promptTokens + promptCount,
                promptNanos + forPrompt,
                answerTokens + answerCount,
                answerNanos + nanos - forPrompt,
                steps + 1,
                busySlotSteps + busySlots,
                Math.max(longestContext, longest));
    }
}
