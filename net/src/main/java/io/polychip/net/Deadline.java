package io.polychip.net;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One moving deadline of one connection. Setting it later is a store: the timer, when it fires early, arms itself again
 * for the rest. So a keep-alive connection costs one timer per time-out period and none per request. On the loop only.
 */
final class Deadline {
    private final EventLoop loop;
    private final Runnable expired;
    private boolean set;
    private long dueNanos;
    private long timerNanos;
    private @Nullable ScheduledFuture<?> timer;

    Deadline(EventLoop loop, Runnable expired) {
        this.loop = loop;
        this.expired = expired;
    }

    void after(long nanos) {
        long now = loop.ticker().nanoTime();
        dueNanos = now + nanos;
        set = true;
        if (timer == null) {
            arm(now);
        } else if (dueNanos - timerNanos < 0) {
            timer.cancel(false);
            arm(now);
        }
    }

    void none() {
        set = false;
    }

    /** Nothing fires any more and nothing is left in the loop's queue. */
    void close() {
        set = false;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private void arm(long now) {
        timerNanos = dueNanos;
        timer = loop.schedule(this::fire, dueNanos - now, TimeUnit.NANOSECONDS);
    }

    private void fire() {
        timer = null;
        if (!set) {
            return;
        }
        long now = loop.ticker().nanoTime();
        if (dueNanos - now > 0) {
            arm(now);
        } else {
            set = false;
            expired.run();
        }
    }
}
