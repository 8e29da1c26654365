package io.polychip.simulator;

import io.polychip.performance.Batching;
import io.polychip.performance.Profile;
import io.polychip.performance.StepTime;
import org.jspecify.annotations.Nullable;

/**
 * The truth about one replica: what is in its batch, its cache and its queue at every picosecond.
 *
 * <p>Steps are formed as vLLM v1 forms them. Running sequences first: each that decodes gets its token, then the one
 * whose prompt is unfinished takes what the budget of new tokens leaves. Then waiting ones, first come first served, as
 * far as sequences, budget and free cache blocks allow; a prompt's leading blocks that are cached under their hash are
 * not computed again. A sequence that finds no block evicts the newest running one, which goes back to the front of the
 * queue and later computes its tokens anew. Without chunked prefill (Neuron, JetStream) a waiting prompt is computed
 * whole and alone, and decoding waits for it. A request waits {@link StepTime#arrivalPicos} before it can be scheduled,
 * and with {@link Batching#schedulesAhead} for the step after the next, since the next is formed already.
 *
 * <p>Since the budget covers every decoding sequence, at most one prompt is unfinished and it is the newest running
 * one; hence all others form a {@link DecodeGroup} that leaps. A leap and the single steps in it agree to the
 * picosecond (the tests hold both against a naive oracle). Cost: constant per step that carries a prompt, constant per
 * leap, logarithmic in the batch per request, linear in a prompt's hashed blocks; nothing is allocated per step or
 * token.
 *
 * <p>Chosen differently from vLLM: blocks without reusable content are taken before cached ones are evicted (as SGLang
 * does), and answer blocks are cached only if the caller hashes them, once the request leaves the batch.
 */
public final class Engine implements Backend {
    private static final long UNMEASURED = -1;

    private final Batching batching;
    private final Batch batch;
    private final Sequences sequences;
    private final DecodeGroup decoding;
    private final Batch.Evictions evictions = this::evicted;
    private StepTime stepTime;
    private @Nullable TokenSink tokenSink;
    private @Nullable Sink listener;

    private boolean underWay;
    private long stepBegin;
    private long stepEnd;
    private long lastTokenAt;
    private long decodedAt;

    /**
     * How many steps follow the one under way before something else than tokens happens, and how long they take;
     * {@link #UNMEASURED} after anything that may have changed it. A simulation asks for it at least twice: when to
     * come, and when it has come.
     */
    private long leapSteps = UNMEASURED;

    private long leapPicos;

    private long steps;
    private long busyPicos;
    private long decodePicos;
    private long preemptions;

    public Engine(Profile profile) {
        this(profile.stepTime(), profile.batching(), profile.kvTokens());
    }

    /** @param stepTime the timing that is true here; a router may believe in another */
    public Engine(StepTime stepTime, Batching batching, long kvTokens) {
        this(stepTime, batching, kvTokens, 1);
    }

    /**
     * One whose requests' contents are known by runs of blocks, as traces tell them. A run is reused, and evicted, as a
     * whole; private blocks stay single ones.
     *
     * @param hashBlocks blocks one hash stands for
     */
    public Engine(StepTime stepTime, Batching batching, long kvTokens, int hashBlocks) {
        this.batching = batching;
        this.stepTime = longEnough(stepTime, batching);
        this.batch = new Batch(batching, kvTokens, hashBlocks);
        this.sequences = batch.sequences;
        this.decoding = batch.decoding;
    }

    /** True when a request could ever run here. */
    public boolean fits(int promptTokens, int outputTokens) {
        return batch.fits(promptTokens, outputTokens);
    }

    /**
     * Takes a request.
     *
     * @param id the caller's, unique among those inside
     * @param outputTokens 0 for a request that only reads its prompt (embeddings)
     * @param blockHashes content of each whole block of {@link Batching#blockTokens} (or run of them), chained: a hash
     *     stands for all before it too. May end early (the rest is not reusable) and may run on into the answer. Kept,
     *     not copied
     * @return false, and nothing is taken, when it can never fit
     */
    public boolean submit(long id, int promptTokens, int outputTokens, long[] blockHashes, long nowPicos) {
        if (promptTokens < 1 || outputTokens < 0) {
            throw new IllegalArgumentException(
                    "A request needs at least 1 prompt token and 0 answer tokens, not %d and %d."
                            .formatted(promptTokens, outputTokens));
        }
        requireAdvanced(nowPicos);
        if (sequences.slotById.get(id) != LongIntMap.NONE) {
            throw new IllegalArgumentException("Request %d is already here.".formatted(id));
        }
        if (!fits(promptTokens, outputTokens)) {
            return false;
        }
        leapSteps = UNMEASURED;
        batch.open(id, promptTokens, outputTokens, blockHashes, nowPicos + stepTime.arrivalPicos());
        return true;
    }

    @Override
    public boolean cancel(long id, long nowPicos) {
        requireAdvanced(nowPicos);
        int slot = sequences.slotById.get(id);
        if (slot == LongIntMap.NONE) {
            return false;
        }
        leapSteps = UNMEASURED;
        batch.remove(slot, underWay);
        return true;
    }

    @Override
    public void watch(long id, int tokens) {
        int slot = sequences.slotById.get(id);
        if (slot == LongIntMap.NONE) {
            return;
        }
        leapSteps = UNMEASURED;
        sequences.watched[slot] = tokens;
        if (sequences.decoding(slot)) {
            decoding.watch(slot);
        }
    }

    /** Another timing from the next step on: drift, throttling, a fault. */
    public void retime(StepTime changed) {
        leapSteps = UNMEASURED;
        stepTime = longEnough(changed, batching);
    }

    @Override
    public void advance(long untilPicos, Sink sink) {
        tokenSink = sink instanceof TokenSink wantsTokens ? wantsTokens : null;
        listener = sink;
        while (nextStep() <= untilPicos && nextStep() != NEVER) {
            if (!underWay) {
                begin(nextStep(), nextStep());
                continue;
            }
            leap(untilPicos);
            if (stepEnd <= untilPicos) {
                long at = stepEnd;
                long formed = batching.schedulesAhead() ? stepBegin : at;
                complete(at, sink);
                begin(at, formed);
                if (!underWay && formed < at) {
                    begin(at, at); // idle: nothing is ahead
                }
            }
        }
        if (tokenSink != null) {
            for (int slot = sequences.running.head; slot != Sequences.NONE; slot = sequences.next(slot)) {
                report(slot);
            }
        }
    }

    @Override
    public long nextChange() {
        if (!underWay) {
            return nextStep();
        }
        measureLeap();
        return stepEnd + leapPicos;
    }

    @Override
    public long nextStep() {
        if (underWay) {
            return stepEnd;
        }
        return sequences.arriving.size == 0 ? NEVER : sequences.eligible[sequences.arriving.head];
    }

    @Override
    public int running() {
        return sequences.running.size;
    }

    @Override
    public int waiting() {
        return sequences.waiting.size + sequences.arriving.size;
    }

    @Override
    public double kvUsed() {
        return 1 - batch.blocks.free() / (double) batch.blocks.total();
    }

    @Override
    public int produced(long id) {
        int slot = sequences.slotById.get(id);
        return slot == LongIntMap.NONE ? 0 : decoding.produced(slot);
    }

    /** Exact for a sequence that decodes and has more than its first token. */
    @Override
    public long lastTokenPicos(long id) {
        return decodedAt;
    }

    /** Cache capacity in tokens. */
    public long kvTokens() {
        return batch.blocks.total() * batching.blockTokens();
    }

    /** Steps begun so far. */
    public long steps() {
        return steps;
    }

    /** Time spent in steps so far, the one under way included. */
    public long busyPicos() {
        return busyPicos;
    }

    /** The part of {@link #busyPicos} in steps without a prompt: bound by memory, so they draw less power. */
    public long decodePicos() {
        return decodePicos;
    }

    /** Sequences thrown out for lack of cache so far. */
    public long preemptions() {
        return preemptions;
    }

    private static StepTime longEnough(StepTime stepTime, Batching batching) {
        if (stepTime.maxBatch() < batching.maxSequences()) {
            throw new IllegalArgumentException("The step table ends at %d sequences but %d may run. Maybe withMaxBatch."
                    .formatted(stepTime.maxBatch(), batching.maxSequences()));
        }
        return stepTime;
    }

    private void requireAdvanced(long nowPicos) {
        if (nextStep() <= nowPicos) {
            throw new IllegalStateException(
                    "Something is due at %d; advance to %d first.".formatted(nextStep(), nowPicos));
        }
    }

    /** Passes over steps in which nothing but tokens happens, leaving the last of them under way. */
    private void leap(long untilPicos) {
        measureLeap();
        if (leapSteps == 0) {
            return;
        }
        boolean whole = untilPicos - stepEnd >= leapPicos;
        long count = whole ? leapSteps : begunBy(untilPicos, leapSteps);
        if (count == 0) {
            return;
        }
        long picos = whole ? leapPicos : picos(count);
        leapSteps = sequences.arriving.size > 0 ? UNMEASURED : leapSteps - count;
        leapPicos -= picos;
        batch.blocks.take(decoding.blocksForNext(count, true));
        decoding.step(count);
        stepEnd += picos;
        stepBegin = stepEnd - stepTime.stepPicos(0, decoding.size(), decoding.reach());
        lastTokenAt = stepBegin;
        decodedAt = stepBegin;
        steps += count;
        busyPicos += picos;
        decodePicos += picos;
    }

    private void measureLeap() {
        if (leapSteps == UNMEASURED) {
            leapSteps = leapable();
            leapPicos = picos(leapSteps);
        }
    }

    /** Time from the end of the step under way through that many more of the same group. */
    private long picos(long count) {
        long reach = decoding.reach() + decoding.size();
        return count == 0 ? 0 : stepTime.decodePicos(decoding.size(), reach, count);
    }

    /** How many steps can follow the one under way while nobody finishes, joins or runs out of blocks. */
    private long leapable() {
        if (!batch.isSteady()) {
            return 0;
        }
        long count = decoding.stepsToEvent() - 1;
        if (count > 0 && !batch.isHeadBlocked() && sequences.arriving.size > 0) {
            long arrival = sequences.eligible[sequences.arriving.head];
            long before = begunBy(arrival - 1, count);
            long formed = batching.schedulesAhead() && arrival > stepBegin ? 1 : 0;
            count = Math.min(count, before + formed);
        }
        return count == 0 ? 0 : decoding.stepsWithBlocks(batch.blocks.free(), count);
    }

    /** How many further steps of the same group, at most {@code limit}, begin at or before that time. */
    private long begunBy(long atPicos, long limit) {
        if (atPicos < stepEnd) {
            return 0;
        }
        long reach = decoding.reach() + decoding.size();
        return 1 + stepTime.decodeStepsWithin(decoding.size(), reach, atPicos - stepEnd, limit - 1);
    }

    /** The step under way ends: everybody in it has what it computed. */
    private void complete(long at, Sink sink) {
        underWay = false;
        leapSteps = UNMEASURED;
        if (batch.decodes()) {
            lastTokenAt = at;
            decodedAt = at;
            decoding.step(1);
            int done = decoding.findDone();
            for (int i = 0; i < done; i++) {
                finish(decoding.done(i), at, sink);
            }
        }
        for (int i = 0; i < batch.chunks(); i++) {
            int slot = batch.computed(i);
            if (slot != Sequences.NONE) {
                promptDone(slot, at, sink);
            }
        }
        for (int slot = decoding.reached(); slot != Sequences.NONE; slot = decoding.reached()) {
            sink.reached(sequences.id[slot], decoding.produced(slot), at);
        }
    }

    private void promptDone(int slot, long at, Sink sink) {
        if (sequences.output[slot] > 0) {
            lastTokenAt = at;
            sequences.produced[slot]++;
            if (sequences.produced[slot] == 1) {
                sequences.reported[slot] = 1;
                sink.firstToken(sequences.id[slot], at);
            }
        }
        if (sequences.produced[slot] == sequences.output[slot]) {
            finish(slot, at, sink);
            return;
        }
        if (sequences.produced[slot] == sequences.watched[slot]) {
            sequences.watched[slot] = 0;
            sink.reached(sequences.id[slot], sequences.produced[slot], at);
        }
        decoding.join(slot);
    }

    private void finish(int slot, long at, Sink sink) {
        report(slot);
        long id = sequences.id[slot];
        int cached = sequences.cached[slot];
        batch.remove(slot, false);
        sink.finished(id, cached, at);
    }

    /** Tells a token sink of what came out since it was last told. */
    private void report(int slot) {
        if (tokenSink == null) {
            return;
        }
        int produced = decoding.produced(slot);
        int count = produced - sequences.reported[slot];
        if (count > 0) {
            sequences.reported[slot] = produced;
            tokenSink.tokens(sequences.id[slot], count, lastTokenAt);
        }
    }

    /** Begins the next step, if there is anything to do, with those who had arrived when it was formed. */
    private void begin(long at, long formed) {
        while (sequences.arriving.size > 0 && sequences.eligible[sequences.arriving.head] <= formed) {
            sequences.move(sequences.arriving.head, sequences.waiting);
        }
        batch.form(stepTime, evictions);
        if (batch.isEmpty()) {
            return;
        }
        underWay = true;
        leapSteps = UNMEASURED;
        boolean decodes = batch.decodes();
        long picos =
                stepTime.stepPicos(batch.prefillPicos(), decodes ? decoding.size() : 0, decodes ? decoding.reach() : 0);
        stepBegin = at;
        stepEnd = at + picos;
        steps++;
        busyPicos += picos;
        decodePicos += batch.chunks() == 0 ? picos : 0;
    }

    private void evicted(int slot) {
        preemptions++;
        report(slot);
        if (listener != null && sequences.produced[slot] > 0) {
            listener.preempted(sequences.id[slot], sequences.produced[slot], decodedAt);
        }
    }
}
