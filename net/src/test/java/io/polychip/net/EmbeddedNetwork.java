package io.polychip.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * One channel without a socket: every read is exactly what a test says, time stands still until it is moved, and every
 * buffer is counted.
 */
final class EmbeddedNetwork implements Network {
    private final MockTicker ticker = Ticker.newMockTicker();
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final EmbeddedChannel channel =
            EmbeddedChannel.builder().ticker(ticker).build();

    EmbeddedNetwork() {
        channel.config().setAllocator(allocator);
    }

    EmbeddedChannel channel() {
        return channel;
    }

    /** One read with these bytes, unless the channel was closed. */
    void read(byte[] bytes) {
        if (channel.isOpen()) {
            channel.writeInbound(allocator.buffer(Math.max(1, bytes.length)).writeBytes(bytes));
        }
    }

    /** Everything sent since the last call. */
    String sent() {
        StringBuilder text = new StringBuilder();
        ByteBuf piece;
        while ((piece = channel.readOutbound()) != null) {
            text.append(piece.toString(StandardCharsets.ISO_8859_1));
            piece.release();
        }
        return text.toString();
    }

    /** Moves time and runs what became due. */
    void pass(Duration time) {
        ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    /** The connection ends; whatever happened on it, no buffer may be left and nothing may have been thrown. */
    void assertCleanEnd() {
        channel.finishAndReleaseAll();
        channel.checkException();
        assertThat(allocator.metric().usedDirectMemory() + allocator.metric().usedHeapMemory())
                .as("bytes of buffers not released")
                .isZero();
    }

    @Override
    public EventLoopGroup loops() {
        return channel.eventLoop();
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannels() {
        throw new UnsupportedOperationException("one connection only");
    }

    @Override
    public ChannelFactory<? extends Channel> clientChannels() {
        throw new UnsupportedOperationException("one connection only");
    }

    @Override
    public AddressResolverGroup<InetSocketAddress> resolver() {
        throw new UnsupportedOperationException("one connection only");
    }

    @Override
    public ByteBufAllocator allocator() {
        return allocator;
    }

    @Override
    public InstantSource wallClock() {
        return () -> Instant.EPOCH;
    }

    @Override
    public Executor blocking() {
        return Runnable::run;
    }
}
