package io.polychip.llama;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Generates several answers at once with one model on the CPU: continuous batching.
 *
 * <p>One thread owns the context and repeats a step: seat waiting requests in free slots, put the latest token of every
 * generating answer and a chunk of prompt into one batch, compute it, draw a token for each answer, tell its listener.
 * A slot keeps what it has computed, and a request gets the slot that holds the longest beginning of its prompt. A
 * sequence's memory is its own, so an answer is the same whatever is computed beside it.
 *
 * <p>{@link #submit} and everything else may be called from any thread.
 */
public final class LlamaEngine implements AutoCloseable {
    private static final Logger LOGGER = System.getLogger(LlamaEngine.class.getName());
    private static final long STACK_BYTES = 16 << 20; // llama.cpp computes on this thread, too

    private final LlamaModel model;
    private final LlamaContext context;
    private final EngineOptions options;
    private final Intake intake;
    private final List<Slot> slots;
    private final float[] logits;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final Thread thread;
    private volatile EngineStatus sums;
    private long uses;

    private LlamaEngine(LlamaModel model, LlamaContext context, EngineOptions options) {
        this.model = model;
        this.context = context;
        this.options = options;
        intake = new Intake(options.queue(), options.slots());
        slots = new ArrayList<>();
        for (int i = 0; i < options.slots(); i++) {
            slots.add(new Slot(i, context.tokensPerSequence()));
        }
        logits = new float[model.vocabSize()];
        sums = EngineStatus.idle(options.slots());
        thread = Thread.ofPlatform()
                .name("llama")
                .daemon()
                .stackSize(STACK_BYTES)
                .unstarted(this::run);
    }

    /**
     * Loads library and model and starts the engine's thread.
     *
     * @param library directory of llama.cpp's shared libraries
     * @param model a GGUF file
     */
    public static LlamaEngine open(Path library, Path model, EngineOptions options) {
        LlamaModel loaded = LlamaModel.load(LlamaLibrary.load(library), model);
        try {
            int contextTokens = Math.min(options.contextTokens(), loaded.trainedContext());
            LlamaContext context =
                    new LlamaContext(loaded, options.slots(), contextTokens, options.batchTokens(), options.threads());
            LlamaEngine engine = new LlamaEngine(loaded, context, options);
            engine.thread.start();
            return engine;
        } catch (RuntimeException e) {
            loaded.close();
            throw e;
        }
    }

    /** Prompt and answer together cannot be longer. */
    public int contextTokens() {
        return context.tokensPerSequence();
    }

    public int vocabSize() {
        return model.vocabSize();
    }

    /** Such as "llama 256M Q4_1". */
    public String description() {
        return model.description();
    }

    /** The tokens of a text, control tokens in it included. Takes about a millisecond per 10 KB. */
    public int[] tokens(String text) {
        refuseHopeless(text.length());
        return model.tokens(text, true, true);
    }

    /**
     * The tokens of a conversation up to where the answer begins.
     *
     * @param continued the beginning of the answer, to be continued; empty for a new one
     */
    public int[] chatTokens(List<ChatMessage> messages, String continued) {
        long characters = continued.length();
        for (ChatMessage message : messages) {
            characters += message.content().length();
        }
        refuseHopeless(characters);
        return model.chatTokens(messages, continued);
    }

    private void refuseHopeless(long characters) {
        if (model.surelyLonger(characters, contextTokens())) {
            throw new ContextLengthException(
                    "The prompt has %d characters, more than %d tokens can hold. Maybe shorten it."
                            .formatted(characters, contextTokens()));
        }
    }

    /** One answer. See {@link #submit(List, List)}. */
    public Generation submit(GenerationRequest request, GenerationListener listener) {
        return submit(List.of(request), List.of(listener)).getFirst();
    }

    /**
     * Queues some answers, all or none.
     *
     * @throws EngineBusyException if the queue is full
     * @throws ContextLengthException if a prompt leaves no room for an answer
     * @throws LlamaException if the engine is closed
     */
    public List<Generation> submit(List<GenerationRequest> requests, List<? extends GenerationListener> listeners) {
        List<Generation> generations = new ArrayList<>();
        for (int i = 0; i < requests.size(); i++) {
            check(requests.get(i));
            generations.add(new Generation(requests.get(i), listeners.get(i), intake::ring));
        }
        intake.submit(generations);
        return generations;
    }

    private void check(GenerationRequest request) {
        int[] prompt = request.prompt();
        if (prompt.length > contextTokens()) {
            throw new ContextLengthException(
                    "The prompt has %d tokens; the context has %d for prompt and answer. Maybe shorten it."
                            .formatted(prompt.length, contextTokens()));
        }
        for (int token : prompt) {
            if (token < 0 || token >= model.vocabSize()) {
                throw new IllegalArgumentException(
                        "The prompt has token %d; tokens are 0 to %d.".formatted(token, model.vocabSize() - 1));
            }
        }
        for (int token : request.sampling().bias().keySet()) {
            if (token < 0 || token >= model.vocabSize()) {
                throw new IllegalArgumentException(
                        "logit_bias names token %d; tokens are 0 to %d.".formatted(token, model.vocabSize() - 1));
            }
        }
    }

    public EngineStatus status() {
        return sums.with(intake.load());
    }

    /** Whether the engine's thread runs. */
    public boolean alive() {
        return thread.isAlive() && !closing.get();
    }

    /** Fails what is queued or running and gives all memory back. */
    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            LlamaException why = new LlamaException("The engine is closing.");
            intake.close().forEach(generation -> fail(generation, why));
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try {
            while (!intake.closed()) {
                if (!step()) {
                    intake.awaitBell();
                }
            }
            failRunning(new LlamaException("The engine is closing."));
        } catch (RuntimeException | Error e) {
            LOGGER.log(Level.ERROR, "The engine stopped.", e);
            LlamaException why = new LlamaException("The engine stopped: " + e, e);
            intake.close().forEach(generation -> fail(generation, why));
            failRunning(why);
        } finally {
            context.close();
            model.close();
        }
    }

    /** One step. False if there was nothing to compute. */
    private boolean step() {
        freeCancelled();
        seatWaiting();
        long start = System.nanoTime();
        int[] outputs = new int[slots.size()];
        Arrays.fill(outputs, -1);
        context.clearBatch();
        int answerTokens = batchAnswers(outputs);
        int promptTokens = batchPrompts(outputs, answerTokens > 0 ? options.chunkTokens() : options.batchTokens());
        if (context.batchCount() == 0) {
            return false;
        }
        int busy = (int) slots.stream().filter(slot -> slot.answer() != null).count();
        int longest = slots.stream().mapToInt(Slot::heldCount).max().orElse(0);
        List<Slot> complete = new ArrayList<>();
        if (context.decode()) {
            for (Slot slot : slots) {
                if (outputs[slot.sequence()] >= 0 && advance(slot, outputs[slot.sequence()])) {
                    complete.add(slot);
                }
            }
        } else {
            // The arguments were checked and each sequence has its room, so this is not expected of any request.
            failRunning(new LlamaException(
                    "llama.cpp refused a batch: " + model.library().log().latestError()));
        }
        sums = sums.plusStep(promptTokens, answerTokens, System.nanoTime() - start, busy, longest);
        complete.forEach(this::free); // after the sums, so that whoever sees the slot free sees its tokens counted
        return true;
    }

    private void freeCancelled() {
        for (Slot slot : slots) {
            Answer answer = slot.answer();
            if (answer != null && answer.generation().cancelled()) {
                free(slot);
            }
        }
    }

    private void seatWaiting() {
        while (slots.stream().anyMatch(slot -> slot.answer() == null)) {
            Generation next = intake.poll();
            if (next == null) {
                return;
            }
            int[] prompt = next.request().prompt();
            Slot slot = slots.stream()
                    .filter(free -> free.answer() == null)
                    .max(Comparator.<Slot>comparingInt(free -> free.reusable(prompt))
                            .thenComparing(
                                    Comparator.comparingLong(Slot::lastUsed).reversed()))
                    .orElseThrow();
            int kept = slot.reusable(prompt);
            if (!context.forget(slot.sequence(), kept)) {
                context.forget(slot.sequence(), 0); // memory of recurrent models is all or nothing
                kept = 0;
            }
            slot.keep(kept);
            slot.begin(new Answer(next, kept), ++uses);
        }
    }

    /** The latest token of every generating answer. */
    private int batchAnswers(int[] outputs) {
        int count = 0;
        for (Slot slot : slots) {
            Answer answer = slot.answer();
            if (answer != null && answer.generating() && !answer.generation().paused()) {
                outputs[slot.sequence()] = add(slot, answer.pending(), true);
                count++;
            }
        }
        return count;
    }

    /** As much prompt as fits, who came first first. */
    private int batchPrompts(int[] outputs, int most) {
        int budget = Math.min(most, context.batchCapacity() - context.batchCount());
        int left = budget;
        List<Slot> byArrival =
                slots.stream().sorted(Comparator.comparingLong(Slot::lastUsed)).toList();
        for (Slot slot : byArrival) {
            Answer answer = slot.answer();
            if (answer == null || answer.generating()) {
                continue;
            }
            int[] prompt = answer.prompt();
            for (; left > 0 && slot.heldCount() < prompt.length; left--) {
                boolean last = slot.heldCount() == prompt.length - 1;
                int entry = add(slot, prompt[slot.heldCount()], last);
                if (last) {
                    outputs[slot.sequence()] = entry;
                }
            }
        }
        return budget - left;
    }

    private int add(Slot slot, int token, boolean output) {
        int entry = context.add(token, slot.heldCount(), slot.sequence(), output);
        slot.hold(token);
        return entry;
    }

    /** Draws a slot's next token. Returns whether its answer is over. */
    private boolean advance(Slot slot, int entry) {
        Answer answer = slot.answer();
        if (answer == null) {
            return false;
        }
        context.logits(entry, logits);
        try {
            return answer.advance(logits, model, slot.heldCount() == contextTokens());
        } catch (RuntimeException e) {
            LOGGER.log(Level.ERROR, "An answer failed.", e);
            fail(answer.generation(), new LlamaException("The answer failed: " + e, e));
            return true;
        }
    }

    private void free(Slot slot) {
        slot.end();
        intake.slotFreed();
    }

    private void failRunning(LlamaException why) {
        for (Slot slot : slots) {
            Answer answer = slot.answer();
            if (answer != null) {
                context.forget(slot.sequence(), 0);
                slot.keep(0);
                free(slot);
                fail(answer.generation(), why);
            }
        }
    }

    private static void fail(Generation generation, LlamaException why) {
        if (generation.cancelled()) {
            return;
        }
        try {
            generation.listener().failed(why);
        } catch (RuntimeException e) {
            LOGGER.log(Level.WARNING, "A listener could not be told of a failure.", e); // others still can
        }
    }
}
