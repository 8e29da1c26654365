package io.polychip.emulator;

import io.netty.channel.EventLoop;
import io.netty.util.collection.LongObjectHashMap;
import io.netty.util.concurrent.ScheduledFuture;
import io.polychip.fleet.Pool;
import io.polychip.performance.Profile;
import io.polychip.performance.StepTime;
import io.polychip.simulator.Backend;
import io.polychip.simulator.HostedApi.Admission;
import io.polychip.simulator.TokenSink;
import io.polychip.simulator.Truth;
import io.polychip.simulator.Where;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Drives one engine in the time of its home loop: advances it to the present before anything is asked of it, wakes up
 * when its next step ends, and hands what came out to the replies. Nothing here sleeps or reads another clock than the
 * loop's, so it runs on virtual time as well. Home loop only.
 *
 * <p>Hidden truth, drift and slowness are factors on the step time; drift is applied once a second.
 */
final class ChipDriver implements TokenSink {
    private static final long PICOS_PER_NANO = 1_000;
    private static final long RETIME_NANOS = 1_000_000_000;
    private static final double NANOS_PER_MINUTE = 60e9;
    private static final Admission TAKEN = new Admission(200, 0);

    private final EventLoop home;
    private final Pool pool;
    private final Profile profile;
    private final Counters counters;
    private final long grainNanos;
    private final long originNanos;
    private final LongObjectHashMap<Choice> choices = new LongObjectHashMap<>();
    private final List<Reply> touched = new ArrayList<>();
    private final List<Choice> unwanted = new ArrayList<>();

    private Chip chip;
    private Truth truth = Truth.factor(Where.EVERYWHERE, 1);
    private double slowness = 1;
    private long truthSinceNanos;
    private long retimedNanos;
    private long advancedPicos;
    private @Nullable ScheduledFuture<?> wake;
    private long wakeNanos = Long.MAX_VALUE;

    ChipDriver(EventLoop home, Pool pool, Profile profile, Counters counters, long grainNanos) {
        this.home = home;
        this.pool = pool;
        this.profile = profile;
        this.counters = counters;
        this.grainNanos = grainNanos;
        this.originNanos = home.ticker().nanoTime();
        this.chip = Chip.of(pool, profile);
    }

    Chip chip() {
        return chip;
    }

    Backend backend() {
        return chip.backend();
    }

    /** The present as the chip counts it. */
    long nowPicos() {
        return (home.ticker().nanoTime() - originNanos) * PICOS_PER_NANO;
    }

    /** Starts all choices of a reply, or none of them when the chip refuses one. */
    Admission submit(Reply reply) {
        long now = advance();
        for (Choice choice : reply.choices) {
            Admission admission = chip.submit(choice, now);
            if (!admission.taken()) {
                reply.close();
                reply.choices.forEach(this::drop);
                settle();
                return admission;
            }
            choice.submittedPicos = now;
            choice.running = true;
            choices.put(choice.id, choice);
            counters.started.increment();
            counters.promptTokens.add(reply.order.promptTokens(choice.index));
        }
        return TAKEN;
    }

    /** Begins what {@link #submit} took; apart from it so that the head of the answer can tell of what is left. */
    void begin(Reply reply) {
        reply.begin();
        settle();
    }

    /** Stops what still runs of a reply. */
    void cancel(Reply reply) {
        reply.close();
        advance();
        for (Choice choice : reply.choices) {
            drop(choice);
        }
        settle();
    }

    /** Everything inside is lost, the cache too; answers break off in the order they were asked for. */
    void lose() {
        List<Choice> lost = new ArrayList<>(choices.values());
        lost.sort(Comparator.comparingLong(choice -> choice.id));
        for (Choice choice : lost) {
            choice.reply.close();
            choice.reply.outlet.abort();
            choice.running = false;
            counters.cancelled.increment();
        }
        choices.clear();
        chip = Chip.of(pool, profile); // its clock starts anew, at the present
        retime();
        settle();
    }

    void truth(Truth changed) {
        advance();
        truth = changed;
        truthSinceNanos = home.ticker().nanoTime();
        retime();
        settle();
    }

    void slowness(double factor) {
        advance();
        slowness = factor;
        retime();
        settle();
    }

    @Override
    public void firstToken(long id, long atPicos) {
        Choice choice = choices.get(id);
        choice.firstPicos = atPicos;
        choice.lastPicos = atPicos;
        counters.firstToken.add((atPicos - choice.submittedPicos) / PICOS_PER_NANO, 1);
        produced(choice, 1);
    }

    @Override
    public void tokens(long id, int count, long atPicos) {
        Choice choice = choices.get(id);
        counters.betweenTokens.add((atPicos - choice.lastPicos) / PICOS_PER_NANO / count, count);
        choice.lastPicos = atPicos;
        produced(choice, count);
    }

    @Override
    public void finished(long id, int cachedTokens, long atPicos) {
        Choice choice = choices.remove(id);
        choice.running = false;
        choice.cachedTokens = cachedTokens;
        counters.finished.increment();
        counters.cachedTokens.add(cachedTokens);
        choice.reply.finished(choice);
        touched.add(choice.reply);
    }

    private void produced(Choice choice, int count) {
        counters.tokens.add(count);
        if (choice.reply.produced(choice, count)) {
            touched.add(choice.reply);
        } else {
            unwanted.add(choice);
        }
    }

    private long advance() {
        long nanos = home.ticker().nanoTime();
        advancedPicos = (nanos - originNanos) * PICOS_PER_NANO;
        if (truth.driftPerMinute() != 0 && nanos - retimedNanos >= RETIME_NANOS) {
            retime();
        }
        chip.backend().advance(advancedPicos, this);
        return advancedPicos;
    }

    /**
     * After anything happened: lets go of what nobody wants, sends what came out, in the order in which the engine told
     * of it, and sets the alarm.
     */
    private void settle() {
        for (Choice choice : unwanted) {
            choice.reply.choices.forEach(this::drop);
        }
        unwanted.clear();
        for (Reply reply : touched) {
            reply.send();
        }
        touched.clear();
        schedule();
    }

    private void drop(Choice choice) {
        if (choice.running) {
            choice.running = false;
            choices.remove(choice.id);
            chip.backend().cancel(choice.id, advancedPicos);
            counters.cancelled.increment();
        }
    }

    private void schedule() {
        long next = chip.backend().nextStep();
        if (next == Backend.NEVER) {
            return; // an alarm still set finds nothing to do
        }
        long due = originNanos + Math.ceilDiv(next, PICOS_PER_NANO);
        long now = home.ticker().nanoTime();
        long at = Math.max(due, now + grainNanos);
        ScheduledFuture<?> pending = wake;
        if (pending != null) {
            if (wakeNanos <= at) {
                return;
            }
            pending.cancel(false);
        }
        wakeNanos = at;
        wake = home.schedule(this::awake, at - now, TimeUnit.NANOSECONDS);
    }

    private void awake() {
        wake = null;
        wakeNanos = Long.MAX_VALUE;
        advance();
        settle();
    }

    private void retime() {
        retimedNanos = home.ticker().nanoTime();
        double minutes = (retimedNanos - truthSinceNanos) / NANOS_PER_MINUTE;
        StepTime there = truth.of(profile.stepTime(), minutes);
        chip.retime(slowness == 1 ? there : there.scaled(slowness));
    }
}
