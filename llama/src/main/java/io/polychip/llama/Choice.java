package io.polychip.llama;

import io.polychip.llama.GenerationListener.Finish;
import io.polychip.llama.GenerationListener.TokenUsage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One of a reply's answers, as far as it has come. On the loop of its connection. */
final class Choice {
    private final StringBuilder text = new StringBuilder();
    private final List<TokenLogprobs> logprobs = new ArrayList<>();
    private @Nullable Finish finish;
    private TokenUsage usage = new TokenUsage(0, 0, 0);

    void append(String more, List<TokenLogprobs> entries) {
        text.append(more);
        logprobs.addAll(entries);
    }

    void finish(Finish why, TokenUsage taken) {
        finish = why;
        usage = taken;
    }

    StringBuilder text() {
        return text;
    }

    List<TokenLogprobs> logprobs() {
        return logprobs;
    }

    /** Null while it goes on. */
    @Nullable
    Finish finish() {
        return finish;
    }

    TokenUsage usage() {
        return usage;
    }
}
