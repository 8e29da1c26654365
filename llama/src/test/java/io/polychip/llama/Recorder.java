package io.polychip.llama;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A listener that keeps everything and lets a test wait for parts of it. */
final class Recorder implements GenerationListener {
    /** A whole answer. */
    record Told(String text, List<String> pieces, List<TokenLogprobs> logprobs, Finish finish, TokenUsage usage) {}

    private final StringBuilder text = new StringBuilder();
    private final List<String> pieces = new ArrayList<>();
    private final List<TokenLogprobs> logprobs = new ArrayList<>();
    private final CompletableFuture<Told> end = new CompletableFuture<>();
    private final CountDownLatch firstText = new CountDownLatch(1);
    private final @Nullable CountDownLatch gate;

    Recorder() {
        this(null);
    }

    /** @param gate what the engine's thread waits for at the first text, so that a test can look around meanwhile */
    Recorder(@Nullable CountDownLatch gate) {
        this.gate = gate;
    }

    @Override
    public void text(String more, List<TokenLogprobs> entries) {
        text.append(more);
        pieces.add(more);
        logprobs.addAll(entries);
        firstText.countDown();
        if (gate != null) {
            await(gate);
        }
    }

    @Override
    public void finished(Finish finish, TokenUsage usage) {
        end.complete(new Told(text.toString(), List.copyOf(pieces), List.copyOf(logprobs), finish, usage));
    }

    @Override
    public void failed(LlamaException why) {
        end.completeExceptionally(why);
    }

    Told told() {
        return end.orTimeout(120, TimeUnit.SECONDS).join();
    }

    boolean ended() {
        return end.isDone();
    }

    void awaitFirstText() {
        await(firstText);
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(120, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nothing within 120 s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
