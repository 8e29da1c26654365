package io.polychip.testkit;

import io.netty.channel.IoEventLoopGroup;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.ManualIoEventLoop;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * An event loop that runs when {@link SimulatedNetwork} says so and whose clock is the world's.
 *
 * <p>All loops of a world share one thread. {@link #inEventLoop()} therefore means "this loop is the one being run", so
 * that a call across loops is queued as it would be between threads.
 */
final class SimulatedLoop extends ManualIoEventLoop {
    private final SimulatedNetwork world;
    private final Events events;

    SimulatedLoop(@Nullable IoEventLoopGroup parent, SimulatedNetwork world) {
        this(parent, world, new Events());
    }

    private SimulatedLoop(@Nullable IoEventLoopGroup parent, SimulatedNetwork world, Events events) {
        super(parent, Thread.currentThread(), executor -> events, world.ticker());
        this.world = world;
        this.events = events;
    }

    /** Something the operating system would report at the loop's next turn. */
    void report(Runnable event) {
        events.queue.add(event);
    }

    /** Whether a turn would do anything now. */
    boolean ready() {
        return events.woken || !events.queue.isEmpty() || (deadline() >= 0 && deadline() <= world.nanos());
    }

    /** When its earliest timer is due; -1: none. */
    long deadline() {
        return nextScheduledTaskDeadlineNanos();
    }

    void turn() {
        events.woken = false;
        runNow();
    }

    @Override
    public boolean inEventLoop() {
        return world.running() == this;
    }

    /** Reports queued events at the start of a turn, in order: first I/O, then tasks, as real loops do. */
    private static final class Events implements IoHandler {
        private final Queue<Runnable> queue = new ArrayDeque<>();
        private boolean woken;

        @Override
        public int run(IoHandlerContext context) {
            int reported = queue.size();
            for (int i = 0; i < reported; i++) {
                queue.remove().run();
            }
            return reported;
        }

        @Override
        public IoRegistration register(IoHandle handle) {
            handle.registered();
            return new Registration(handle);
        }

        @Override
        public void wakeup() {
            woken = true;
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> handleType) {
            return SimulatedHandle.class.isAssignableFrom(handleType);
        }
    }

    /** Marks what may be registered here. */
    interface SimulatedHandle extends IoHandle {
        @Override
        void close();
    }

    private static final class Registration implements IoRegistration {
        private final IoHandle handle;
        private boolean valid = true;

        Registration(IoHandle handle) {
            this.handle = handle;
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // Netty's signature
        public <T> T attachment() {
            throw new IllegalStateException("A simulated registration has no attachment.");
        }

        @Override
        public long submit(IoOps ops) {
            throw new IllegalStateException("Simulated channels report by themselves; no operation is submitted.");
        }

        @Override
        public boolean isValid() {
            return valid;
        }

        @Override
        public boolean cancel() {
            boolean was = valid;
            valid = false;
            if (was) {
                handle.unregistered();
            }
            return was;
        }
    }
}
