package io.polychip.llama;

import io.polychip.llama.GenerationListener.Finish;
import io.polychip.llama.GenerationListener.TokenUsage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer a slot is working on: how far its prompt is, what was drawn, what was shown. Only for the engine's thread.
 */
final class Answer {
    private static final int NONE = -1;

    private final Generation generation;
    private final GenerationRequest request;
    private final Sampler sampler;
    private final TextStream text;
    private final int cachedTokens;
    private int drawn;
    private int pending = NONE;

    Answer(Generation generation, int cachedTokens) {
        this.generation = generation;
        this.request = generation.request();
        this.sampler = new Sampler(request.sampling());
        this.text = new TextStream(request.stops());
        this.cachedTokens = cachedTokens;
        for (int token : request.prompt()) {
            sampler.prompted(token);
        }
    }

    Generation generation() {
        return generation;
    }

    int[] prompt() {
        return request.prompt();
    }

    /** Whether the prompt is computed and the latest token waits to be. */
    boolean generating() {
        return pending != NONE;
    }

    /** The latest token, which is not in memory yet. */
    int pending() {
        return pending;
    }

    /**
     * Draws the next token and tells the listener what it shows.
     *
     * @param contextFull whether there is no room to compute anything after it
     * @return whether the answer is complete
     */
    boolean advance(float[] logits, LlamaModel model, boolean contextFull) {
        float @Nullable [] untouched = request.topLogprobs() >= 0 ? logits.clone() : null;
        if (request.ignoreEnd()) {
            model.forbidEnd(logits);
        }
        int token = sampler.next(logits);
        drawn++;
        if (model.endsGeneration(token)) {
            finish(Finish.STOP);
            return true;
        }
        @Nullable
        TokenLogprobs logprobs = untouched == null
                ? null
                : TokenLogprobs.of(untouched, token, request.topLogprobs(), other -> model.piece(other, true));
        show(text.append(model.piece(token, false), logprobs), text.shownLogprobs(false));
        if (text.stopped()) {
            finish(Finish.STOP);
            return true;
        }
        if (drawn >= request.mostTokens() || contextFull) {
            finish(Finish.LENGTH);
            return true;
        }
        pending = token;
        return false;
    }

    private void finish(Finish finish) {
        show(text.rest(), text.shownLogprobs(true));
        generation.listener().finished(finish, new TokenUsage(request.prompt().length, cachedTokens, drawn));
    }

    private void show(String visible, List<TokenLogprobs> logprobs) {
        if (!visible.isEmpty() || !logprobs.isEmpty()) {
            generation.listener().text(visible, logprobs);
        }
    }
}
