package io.polychip.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.FastThreadLocal;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The machine's own sockets: one event loop per thread, buffers from one pool arena per loop.
 *
 * <p>Memory: an arena grows by chunks of 4 MiB. Chunks of 1 MiB were emptied, given back and zeroed anew all the time
 * where prompts are of 220 KB. {@code -XX:MaxDirectMemorySize} bounds the sum.
 */
public final class SocketNetwork implements Network, AutoCloseable {
    private static final int PAGE_BYTES = 8192;
    private static final int CHUNK_ORDER = 9;
    private static final int SMALL_CACHE = 64;
    private static final int NORMAL_CACHE = 16;

    /** Of the buffer that a loop uses again and again for what goes out. */
    static final int SMALL_BYTES = 1024;

    /** Unsent bytes the kernel may hold per connection; beyond it a slow reader shows as not writable. */
    private static final long KERNEL_UNSENT_BYTES = 128 * 1024;

    private final Transport transport;
    private final EventLoopGroup loops;
    private final ByteBufAllocator allocator;
    private final FastThreadLocal<ReusedBuffer> small;
    private final @Nullable SmallReads reads;
    private final ExecutorService blocking;
    private final AddressResolverGroup<InetSocketAddress> resolver;

    private SocketNetwork(int loopCount, Transport transport) {
        this.transport = transport;
        this.loops = new MultiThreadIoEventLoopGroup(
                loopCount, new DefaultThreadFactory("polychip-loop", true), transport.handlers());
        this.allocator = new PooledByteBufAllocator(
                true, 0, loopCount, PAGE_BYTES, CHUNK_ORDER, SMALL_CACHE, NORMAL_CACHE, false);
        this.small = ReusedBuffer.perLoop(allocator, SMALL_BYTES);
        this.reads = transport == Transport.IO_URING ? null : new SmallReads(allocator);
        this.blocking = Executors.newThreadPerTaskExecutor(
                Thread.ofVirtual().name("polychip-blocking-", 0).factory());
        this.resolver = new OffLoopResolverGroup(blocking);
    }

    /** Starts the loops on the best transport of this machine. */
    public static SocketNetwork open(int loopCount) {
        return open(loopCount, Transport.best());
    }

    /** Starts the loops. */
    public static SocketNetwork open(int loopCount, Transport transport) {
        if (loopCount < 1) {
            throw new IllegalArgumentException(
                    "%d event loops; allowed is 1 or more, best one per core.".formatted(loopCount));
        }
        if (!transport.available()) {
            throw new IllegalArgumentException("This machine has no %s; available is %s. Maybe leave the choice open."
                    .formatted(transport, Transport.best()));
        }
        return new SocketNetwork(loopCount, transport);
    }

    /** What carries the bytes. */
    public Transport transport() {
        return transport;
    }

    @Override
    public EventLoopGroup loops() {
        return loops;
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannels() {
        return transport.serverChannels();
    }

    @Override
    public ChannelFactory<? extends Channel> clientChannels() {
        return transport.clientChannels();
    }

    @Override
    public AddressResolverGroup<InetSocketAddress> resolver() {
        return resolver;
    }

    @Override
    public ByteBufAllocator allocator() {
        return allocator;
    }

    @Override
    public ByteBuf smallBuffer(int bytes) {
        return bytes <= SMALL_BYTES ? small.get().take() : allocator.buffer(bytes);
    }

    @Override
    public InstantSource wallClock() {
        return Clock.systemUTC();
    }

    @Override
    public Executor blocking() {
        return blocking;
    }

    @Override
    public void tune(Channel channel) {
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        channel.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, KERNEL_UNSENT_BYTES);
        if (reads != null) {
            channel.config().setRecvByteBufAllocator(reads);
        }
    }

    /** Stops the loops and waits up to 5 s for them; open connections are cut. */
    @Override
    public void close() {
        resolver.close();
        loops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        blocking.close();
    }
}
