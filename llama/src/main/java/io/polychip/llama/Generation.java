package io.polychip.llama;

/** A handle on one answer being generated. For any thread. */
public final class Generation {
    private final GenerationRequest request;
    private final GenerationListener listener;
    private final Runnable changed;
    private volatile boolean cancelled;
    private volatile boolean paused;

    Generation(GenerationRequest request, GenerationListener listener, Runnable changed) {
        this.request = request;
        this.listener = listener;
        this.changed = changed;
    }

    /** Frees its slot, or its place in the queue, before the engine's next step. Again and after the end: nothing. */
    public void cancel() {
        cancelled = true;
        changed.run();
    }

    /** Keeps its slot and generates nothing: for a reader that is slower than the model. Others go on. */
    public void pause() {
        paused = true;
    }

    public void resume() {
        if (paused) {
            paused = false;
            changed.run();
        }
    }

    boolean cancelled() {
        return cancelled;
    }

    boolean paused() {
        return paused;
    }

    GenerationRequest request() {
        return request;
    }

    GenerationListener listener() {
        return listener;
    }
}
