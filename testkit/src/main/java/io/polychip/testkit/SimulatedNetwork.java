package io.polychip.testkit;

import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.Ticker;
import io.polychip.net.Network;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A world of event loops and connections on virtual time: Netty handlers run unchanged, a minute takes milliseconds,
 * and the same seed gives the same bytes at the same nanosecond.
 *
 * <p>Each process under test gets its own {@link #node}; all of them share the clock. Connections have latency, windows
 * and odd segment sizes ({@link Weather}); addresses can refuse, swallow or reset ({@link #refuse}, {@link #blackHole},
 * {@link #reset}). One thread only: the one that made the world.
 *
 * <p>Caveats: a loop shut down gracefully would wait in real time, so close channels, run, and drop the world. Half
 * closure and packet loss are not modelled.
 */
public final class SimulatedNetwork {
    /** Zero and -1 mean "none" to Netty's timers. */
    private static final long START_NANOS = 1_000_000_000L;

    private static final Instant START_WALL = Instant.parse("2026-01-01T00:00:00Z");
    private static final int MOST_TURNS_WITHOUT_TIME = 2_000_000;

    private final SplittableRandom random;
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    private final List<SimulatedLoop> loops = new ArrayList<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final Map<Integer, SimulatedServerChannel> listeners = new HashMap<>();
    private final List<SimulatedChannel> connections = new ArrayList<>();
    private final Set<Integer> refusing = new HashSet<>();
    private final Set<Integer> swallowing = new HashSet<>();
    private final Clock clock = new Clock();
    private Weather weather;
    private @Nullable SimulatedLoop running;
    private long nanos = START_NANOS;
    private long order;
    private int turnsWithoutTime;
    private int lastPort = 40_000;
    private int lastChannel;

    public SimulatedNetwork(long seed, Weather weather) {
        this.random = new SplittableRandom(seed);
        this.weather = weather;
    }

    /** A process with that many event loops. */
    public Network node(int loopCount) {
        return new Node(loopCount);
    }

    /** Virtual time. */
    public long nanos() {
        return nanos;
    }

    /** For what is written from now on. */
    public void weather(Weather changed) {
        weather = changed;
    }

    Weather weather() {
        return weather;
    }

    /** New connections to that port are refused, or no longer. */
    public void refuse(int port, boolean refused) {
        if (refused) {
            refusing.add(port);
        } else {
            refusing.remove(port);
        }
    }

    /** Nothing reaches that port or comes back from it, and nobody is told. */
    public void blackHole(int port, boolean swallowed) {
        if (swallowed) {
            swallowing.add(port);
        } else {
            swallowing.remove(port);
        }
    }

    /** Breaks all connections to that port: both sides see a reset. */
    public void reset(int port) {
        for (SimulatedChannel connection : List.copyOf(connections)) {
            if (connection.servicePort() == port) {
                connection.breakDown();
            }
        }
    }

    /** Open connections to that port. */
    public int connections(int port) {
        return (int) connections.stream()
                        .filter(connection -> connection.servicePort() == port && connection.isOpen())
                        .count()
                / 2;
    }

    /** Bytes of buffers taken and not released. */
    public long buffersInUse() {
        return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
    }

    /** Runs that on no loop, after the delay. */
    public void after(long delayNanos, Runnable action) {
        events.add(new Event(nanos + delayNanos, order++, action));
    }

    /** Runs until nothing is left to do or the time has come; then it is that time. */
    public void runUntil(long untilNanos) {
        while (next() <= untilNanos) {
            step();
        }
        nanos = Math.max(nanos, untilNanos);
    }

    public void runFor(long durationNanos) {
        runUntil(nanos + durationNanos);
    }

    /** Runs until the condition holds. @throws IllegalStateException when it does not within that time */
    public void runUntil(BooleanSupplier condition, long withinNanos) {
        long limit = nanos + withinNanos;
        while (!condition.getAsBoolean()) {
            if (next() > limit) {
                throw new IllegalStateException("Not within %.3f virtual seconds; the next event is %s."
                        .formatted(withinNanos / 1e9, next() == Long.MAX_VALUE ? "never" : "later"));
            }
            step();
        }
    }

    /** When something happens next; {@link Long#MAX_VALUE}: never. */
    private long next() {
        long earliest = events.isEmpty() ? Long.MAX_VALUE : events.element().atNanos;
        for (SimulatedLoop loop : loops) {
            if (loop.ready()) {
                return nanos;
            }
            long deadline = loop.deadline();
            if (deadline >= 0) {
                earliest = Math.min(earliest, deadline);
            }
        }
        return Math.max(earliest, nanos);
    }

    /** One turn of one loop or one event of the network, whichever is due first; ties are drawn. */
    private void step() {
        long due = next();
        if (due > nanos) {
            nanos = due;
            turnsWithoutTime = 0;
        } else if (++turnsWithoutTime > MOST_TURNS_WITHOUT_TIME) {
            throw new IllegalStateException(
                    "Time stands still at %d ns: a task that submits itself again for ever?".formatted(nanos));
        }
        if (!events.isEmpty() && events.element().atNanos <= nanos) {
            events.remove().action.run();
            return;
        }
        int first = random.nextInt(loops.size());
        for (int i = 0; i < loops.size(); i++) {
            SimulatedLoop loop = loops.get((first + i) % loops.size());
            if (loop.ready()) {
                running = loop;
                try {
                    loop.turn();
                } finally {
                    running = null;
                }
                return;
            }
        }
    }

    @Nullable
    SimulatedLoop running() {
        return running;
    }

    Ticker ticker() {
        return clock;
    }

    SplittableRandom random() {
        return random;
    }

    ByteBufAllocator allocator() {
        return allocator;
    }

    int nextChannel() {
        return ++lastChannel;
    }

    int freePort() {
        return ++lastPort;
    }

    void listen(int port, SimulatedServerChannel listener) throws java.net.BindException {
        if (listeners.putIfAbsent(port, listener) != null) {
            throw new java.net.BindException("Address already in use: port " + port);
        }
    }

    void silence(int port) {
        listeners.remove(port);
    }

    @Nullable
    SimulatedServerChannel listener(int port) {
        return refusing.contains(port) ? null : listeners.get(port);
    }

    boolean swallows(int port) {
        return swallowing.contains(port);
    }

    void opened(SimulatedChannel connection) {
        connections.add(connection);
    }

    void closed(SimulatedChannel connection) {
        connections.remove(connection);
    }

    private record Event(long atNanos, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final class Clock implements Ticker {
        @Override
        public long initialNanoTime() {
            return START_NANOS;
        }

        @Override
        public long nanoTime() {
            return nanos;
        }

        @Override
        public void sleep(long delay, TimeUnit unit) {
            throw new IllegalStateException("Nothing may sleep on virtual time.");
        }
    }

    private final class Node implements Network {
        private final EventLoopGroup group;

        Node(int loopCount) {
            group = new Group(loopCount);
        }

        @Override
        public EventLoopGroup loops() {
            return group;
        }

        @Override
        public ChannelFactory<? extends ServerChannel> serverChannels() {
            return () -> new SimulatedServerChannel(SimulatedNetwork.this);
        }

        @Override
        public ChannelFactory<? extends Channel> clientChannels() {
            return () -> new SimulatedChannel(SimulatedNetwork.this);
        }

        @Override
        public AddressResolverGroup<InetSocketAddress> resolver() {
            return SimulatedNames.GROUP;
        }

        @Override
        public ByteBufAllocator allocator() {
            return allocator;
        }

        @Override
        public InstantSource wallClock() {
            return () -> START_WALL.plusNanos(nanos - START_NANOS);
        }

        @Override
        public Executor blocking() {
            return action -> after(0, action);
        }
    }

    private final class Group extends MultiThreadIoEventLoopGroup {
        Group(int loopCount) {
            super(loopCount, NO_THREADS, executor -> {
                throw new IllegalStateException("Loops of a simulated group bring their own handler.");
            });
        }

        @Override
        protected IoEventLoop newChild(Executor executor, IoHandlerFactory factory, Object... arguments) {
            SimulatedLoop loop = new SimulatedLoop(this, SimulatedNetwork.this);
            loops.add(loop);
            return loop;
        }
    }

    private static final Executor NO_THREADS = action -> {
        throw new IllegalStateException("A simulated group starts no thread.");
    };
}
